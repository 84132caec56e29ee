"""Contracts and specs for the real tables that lie beside the project in ../shared/data."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

ONLINE_RETAIL_CRM = """\
version: 1
currency: GBP
timezone: Europe/London
events:
  orders:
    source: {data}/online_retail/transactions.parquet
    account: CustomerID
    at: InvoiceDate
    id: InvoiceNo
    measures: {{revenue: Quantity * UnitPrice, items: Quantity}}
    categories: [Country, StockCode]
    where: '"CustomerID" is not null'
    returns: '"Quantity" < 0'
    words: order
"""

ONLINE_RETAIL_SPEC = """\
task: churn
label: {kind: inactivity, events: orders, inactive_days: 90, active_within_days: 180}
horizon_days: 90
value: orders.revenue
windows_days: [30, 60, 90, 180, 365]
as_of: {train: [2011-04-11, 2011-05-11], validate: [2011-06-09], test: [2011-09-09]}
"""

SAAS_KINDS = {
    "opportunities": ("create_opportunity", "win_opportunity", "lose_opportunity", "advance_stage"),
    "leads": ("add_lead", "edit_lead", "call_lead", "email_lead", "disqualify_opportunity", "unsub_lead"),
    "contacts": ("add_contact", "edit_contact", "add_competitor", "quote"),
    "meetings": ("schedule_meeting", "edit_meeting", "cancel_meeting", "meeting"),
    "searches": ("create_search", "edit_search", "search", "delete_search"),
    "lists": ("create_list", "delete_list", "email_list"),
}
"""The 25 kinds of usage by the thing they are done to."""

SAAS_LOG = """\
  {log}:
    source: {data}/saas_simulated/events_daily.parquet
    account: account_id
    at: date
    measures: {{uses: n, users: n_users, amount: value}}
    categories: [event]
"""

SAAS_CRM = """\
version: 1
currency: USD
timezone: UTC
observed_until: 2024-01-01
accounts:
  source: {data}/saas_simulated/accounts.parquet
  id: account_id
  acquired_at: signup_date
  ended_at: churn_date
  attributes: [channel, state, users, founded]
contracts:
  source: {data}/saas_simulated/subscriptions.parquet
  account: account_id
  start: start_date
  end: end_date
  plan: plan
  amount: mrr
  discount: discount
events:
{logs}"""

SAAS_SPEC = """\
task: churn
label: {kind: contract}
horizon_days: 90
windows_days: [30, 90, 180]
as_of: {train: [2022-12-01, 2023-03-01, 2023-06-01], test: [2023-09-01]}
"""


def online_retail(folder: Path) -> tuple[Path, Path]:
    """Write the project of the gift wholesaler; returns the paths of crm.yaml and the spec."""
    return _write(folder, ONLINE_RETAIL_CRM.format(data=DATA), ONLINE_RETAIL_SPEC)


def saas_simulated(folder: Path) -> tuple[Path, Path]:
    """Write the project of the simulated software company: usage as one log and by kind."""
    logs = SAAS_LOG.format(log="usage", data=DATA)
    for log, kinds in SAAS_KINDS.items():
        where = ", ".join(f"'{kind}'" for kind in kinds)
        logs += SAAS_LOG.format(log=log, data=DATA) + f'    where: "event in ({where})"\n'
    return _write(folder, SAAS_CRM.format(data=DATA, logs=logs), SAAS_SPEC)


def _write(folder: Path, crm: str, spec: str) -> tuple[Path, Path]:
    (folder / "models").mkdir(parents=True, exist_ok=True)
    crm_path, spec_path = folder / "crm.yaml", folder / "models" / "churn.yaml"
    crm_path.write_text(crm, encoding="utf-8")
    spec_path.write_text(spec, encoding="utf-8")
    return crm_path, spec_path
