"""What is planted after a date changes nothing that is said on it: every relation, not only orders."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pandas.testing

from salesml.crm import CRM
from salesml.lifecycle.backtest import backtest
from tests.company import orders
from tests.lifecycle.backtest.conftest import quick_project

CRM_YAML = """\
version: 1
currency: EUR
timezone: UTC
accounts: {source: accounts.csv, id: id, acquired_at: acquired, ended_at: ended, attributes: [size]}
history: {source: history.csv, table: table, id: id, column: column, value: value, at: at}
contracts: {source: contracts.csv, account: account, start: start, end: end, plan: plan, amount: amount}
events:
  orders:
    source: orders.parquet
    account: customer_id
    at: ordered_at
    id: invoice
    measures: {revenue: quantity * unit_price}
  tickets: {source: tickets.csv, account: account, at: at}
"""
OWN = (
    "SELECT account AS entity_id, COUNT(*) AS seen, MAX(day) - MIN(day) AS span "
    "FROM events_tickets GROUP BY account"
)
DAY = dt.date(2025, 6, 1)


def project(folder: Path, *, planted: bool) -> Path:
    """A shop with contracts, tickets and a history of sizes; ``planted``: all of them tell more after DAY."""
    quick_project(folder, customers=60, train="[2025-01-01]", validate="[2025-03-01]", test=f"[{DAY}]")
    rng = np.random.default_rng(1)
    bought = orders(60)
    ids = np.array(sorted(bought["customer_id"].unique()))
    after = pd.Timestamp(DAY) + pd.to_timedelta(rng.integers(0, 90, len(ids)), unit="D")
    history = pd.DataFrame(
        {"table": "accounts", "id": ids, "column": "size", "value": "7", "at": "2024-06-01"}
    )
    contracts = pd.DataFrame({"account": ids, "start": "2024-01-05", "end": "2026-01-05", "plan": "a"})
    tickets = pd.DataFrame({"account": rng.choice(ids, 300), "at": pd.Timestamp("2024-05-01")})
    accounts = pd.DataFrame({"id": ids, "acquired": "2023-12-01", "ended": pd.NaT, "size": 9})
    if planted:
        history = pd.concat([history, history.assign(value="999", at=after)])
        contracts = pd.concat([contracts, contracts.assign(start=after, end="2027-01-01", plan="z")])
        tickets = pd.concat(
            [tickets, pd.DataFrame({"account": np.repeat(ids, 5), "at": np.repeat(after, 5)})]
        )
        accounts["ended"] = after
        bought.loc[bought["ordered_at"] >= pd.Timestamp(DAY), "unit_price"] *= 50
    contracts["amount"] = range(len(contracts))
    for name, table in {"history": history, "contracts": contracts, "tickets": tickets,
                        "accounts": accounts}.items():  # fmt: skip
        table.to_csv(folder / f"{name}.csv", index=False)
    bought.to_parquet(folder / "orders.parquet", index=False)
    (folder / "crm.yaml").write_text(CRM_YAML)
    (folder / "models" / "own.sql").write_text(OWN)
    with (folder / "models" / "churn.yaml").open("a") as spec:
        spec.write("features: {own: {sql: own.sql}}\n")
    return folder


def said(folder: Path) -> pd.DataFrame:
    done = backtest("churn", CRM.open(folder / "crm.yaml"), log=False)
    used = set(pd.read_parquet(done.folder / "importances.parquet")["feature"])
    assert {"account_size", "own_seen", "tickets_recency"} <= used
    assert any(name.startswith("contract_") for name in used)
    columns = ["as_of", "entity_id", "probability", "value", "model_digest"]
    losses = done.expected_losses()[columns]
    return losses[losses["as_of"] <= DAY].sort_values(["as_of", "entity_id"], ignore_index=True)


def test_contracts_history_tickets_ends_and_prices_of_later_days_change_nothing(tmp_path: Path) -> None:
    plain, planted = (
        said(project(tmp_path / name, planted=name == "planted")) for name in ("plain", "planted")
    )
    assert DAY in set(plain["as_of"])
    pandas.testing.assert_frame_equal(plain, planted)
