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

SAAS_KINDS = (
    "add_competitor", "add_contact", "add_lead", "advance_stage", "call_lead", "cancel_meeting",
    "create_list", "create_opportunity", "create_search", "delete_list", "delete_search",
    "disqualify_opportunity", "edit_contact", "edit_lead", "edit_meeting", "edit_search", "email_lead",
    "email_list", "lose_opportunity", "meeting", "quote", "schedule_meeting", "search",
    "unsub_lead", "win_opportunity",
)  # fmt: skip
"""The kinds of usage, each counted by features of our own."""

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
  usage:
    source: {data}/saas_simulated/events_daily.parquet
    account: account_id
    at: date
    measures: {{uses: n, users: n_users, amount: value}}
    categories: [event]
"""

SAAS_SPEC = """\
task: churn
label: {kind: contract}
horizon_days: 90
windows_days: [30, 90, 180]
as_of: {train: [2022-12-01, 2023-03-01, 2023-06-01], test: [2023-09-01]}
features:
  kinds: {sql: kinds.sql}
"""


def online_retail(folder: Path) -> tuple[Path, Path]:
    """Write the project of the gift wholesaler; returns the paths of crm.yaml and the spec."""
    return _write(folder, ONLINE_RETAIL_CRM.format(data=DATA), ONLINE_RETAIL_SPEC)


def saas_simulated(folder: Path) -> tuple[Path, Path]:
    """Write the project of the simulated software company, with features of our own per kind of usage."""
    paths = _write(folder, SAAS_CRM.format(data=DATA), SAAS_SPEC)
    columns = ",\n".join(
        f"  SUM(CASE WHEN c_event = '{kind}' AND day >= :as_of - {days} THEN m_uses ELSE 0 END) "
        f"AS {kind}_{days}d"
        for kind in SAAS_KINDS
        for days in (30, 90)
    )
    sql = f"SELECT account AS entity_id,\n{columns}\nFROM events_usage GROUP BY account\n"
    (folder / "models" / "kinds.sql").write_text(sql, encoding="utf-8")
    return paths


def _write(folder: Path, crm: str, spec: str) -> tuple[Path, Path]:
    (folder / "models").mkdir(parents=True, exist_ok=True)
    crm_path, spec_path = folder / "crm.yaml", folder / "models" / "churn.yaml"
    crm_path.write_text(crm, encoding="utf-8")
    spec_path.write_text(spec, encoding="utf-8")
    return crm_path, spec_path
