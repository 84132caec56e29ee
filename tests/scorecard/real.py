"""Real companies as contracts: what their tables say is made ready in a folder of the test, never kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

PIPELINE = """
version: 1
currency: USD
timezone: America/New_York
accounts: {source: accounts.parquet, id: account, attributes: [sector, employees, office_location]}
events:
  orders: {source: won.parquet, account: account, at: close_date, id: opportunity_id,
    measures: {revenue: close_value}, words: order}
prospects: {source: opportunities.parquet, id: opportunity_id, created_at: engage_date, rep: sales_agent,
  won_at: won_at, lost_at: lost_at, account: account_won, amount: list_price, attributes: [product, sector]}
reps: {source: reps.parquet, id: sales_agent, name: sales_agent, team: manager}
"""

FUNNEL = """
version: 1
currency: BRL
timezone: America/Sao_Paulo
accounts: {source: sellers.parquet, id: seller_id, acquired_at: won_date, rep: sr_id,
  attributes: [business_segment, lead_type]}
events:
  orders: {source: sold.parquet, account: seller_id, at: won_date, measures: {revenue: product_revenue},
    words: sale}
prospects: {source: leads.parquet, id: mql_id, created_at: first_contact_date, rep: REP, won_at: won_date,
  account: seller_id, attributes: [landing_page_id, origin]}
"""

CHURN = """
task: churn
label: {{kind: contract}}
horizon_days: 90
value: orders.revenue
windows_days: [90]
as_of: {{train: [{train}], test: [{test}]}}
"""


def pipeline(data: Path, folder: Path) -> Path:
    """The opportunities of 30 agents; those that were never engaged have no beginning, and are left out."""
    source = data / "crm_pipeline"
    accounts = pd.read_csv(source / "accounts.csv")
    deals = pd.read_csv(source / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"])
    products = pd.read_csv(source / "products.csv").rename(columns={"sales_price": "list_price"})
    deals["product"] = deals["product"].replace("GTXPro", "GTX Pro")
    deals = deals[deals["engage_date"].notna()].merge(products, on="product", validate="many_to_one")
    deals = deals.merge(accounts[["account", "sector"]], on="account", how="left", validate="many_to_one")
    won, lost = deals["deal_stage"] == "Won", deals["deal_stage"] == "Lost"
    deals["won_at"] = deals["close_date"].where(won)
    deals["lost_at"] = deals["close_date"].where(lost)
    deals["account_won"] = deals["account"].where(won)
    accounts.to_parquet(folder / "accounts.parquet", index=False)
    deals.to_parquet(folder / "opportunities.parquet", index=False)
    deals[won].to_parquet(folder / "won.parquet", index=False)
    pd.read_csv(source / "sales_teams.csv").to_parquet(folder / "reps.parquet", index=False)
    return _project(folder, PIPELINE, CHURN.format(quiet=90, train="2017-06-01", test="2017-09-01"))


def funnel(data: Path, folder: Path, rep: str) -> Path:
    """The leads of a marketplace, by who closed them (``sr_id``) or who qualified them (``sdr_id``).

    Nobody is named on a lead that was not won. What a seller sold is known in total, and stands on the day on
    which it was won.
    """
    source = data / "olist_funnel"
    leads = pd.read_csv(
        source / "olist_marketing_qualified_leads_dataset.csv", parse_dates=["first_contact_date"]
    )
    deals = pd.read_csv(source / "olist_closed_deals_dataset.csv", parse_dates=["won_date"])
    sold = pd.read_csv(source / "seller_performance_delivered.csv")[["seller_id", "product_revenue"]]
    names = ["mql_id", "seller_id", "sdr_id", "sr_id", "won_date"]
    leads.merge(deals[names], on="mql_id", how="left", validate="one_to_one").to_parquet(
        folder / "leads.parquet", index=False
    )
    deals.to_parquet(folder / "sellers.parquet", index=False)
    deals[["seller_id", "won_date"]].merge(sold, on="seller_id", validate="one_to_one").to_parquet(
        folder / "sold.parquet", index=False
    )
    contract = FUNNEL.replace("REP", rep).replace("rep: sr_id", f"rep: {rep}")
    return _project(folder, contract, CHURN.format(quiet=180, train="2018-03-01", test="2018-06-01"))


def _project(folder: Path, contract: str, churn: str) -> Path:
    (folder / "models").mkdir()
    (folder / "crm.yaml").write_text(contract, encoding="utf-8")
    (folder / "models" / "churn.yaml").write_text(churn, encoding="utf-8")
    return folder / "crm.yaml"
