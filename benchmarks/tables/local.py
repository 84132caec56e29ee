"""Flat tables of the data folder beside the project."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.tables.sources import as_text, shared
from benchmarks.tables.table import Table

AFTER_CONTACT = ["Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"]
"""Columns of the online school that sales staff fill in once they have talked to the lead."""

WON_WITHIN_DAYS = 150
"""Deals are known to mid November 2018, so that every lead up to the end of May was watched as long."""


def telco() -> Table:
    """The telephone company; a blank total means that nothing has been billed yet."""
    table = pd.read_csv(shared("telco", "Telco-Customer-Churn.csv"))
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    return Table(
        "telco", as_text(table.drop(columns=["customerID", "Churn"])),
        (table["Churn"] == "Yes").to_numpy(np.int8),
        "IBM sample, a telephone company", "Apache-2.0", dev=True, split="five-fold", repeats=3,
    )  # fmt: skip


def x_education() -> Table:
    """Leads of an online school, without what is known only after contact and without duplicates."""
    table = pd.read_csv(shared("x_education", "leads.csv")).replace("Select", np.nan)
    table = table.drop_duplicates(subset=table.columns.difference(["Prospect ID", "Lead Number"]))
    late = [*AFTER_CONTACT, *(name for name in table if name.startswith("Asymmetrique"))]
    X = table.drop(columns=["Prospect ID", "Lead Number", "Converted", *late])
    return Table(
        "x_education", as_text(X), table["Converted"].to_numpy(np.int8),
        "leads of an online school", "case study, test only", dev=True, split="five-fold",
    )  # fmt: skip


def olist_funnel() -> Table:
    """Leads of 2018, won within 150 days; learned from January to March, tested on April and May."""
    leads = pd.read_csv(
        shared("olist_funnel", "olist_marketing_qualified_leads_dataset.csv"),
        parse_dates=["first_contact_date"],
    )
    deals = pd.read_csv(shared("olist_funnel", "olist_closed_deals_dataset.csv"), parse_dates=["won_date"])
    leads = leads[leads["first_contact_date"] >= "2018-01-01"].merge(
        deals[["mql_id", "won_date"]], how="left", on="mql_id"
    )
    contact = leads["first_contact_date"]
    won = leads["won_date"] - contact <= pd.Timedelta(days=WON_WITHIN_DAYS)
    X = leads[["landing_page_id", "origin"]].assign(
        day=(contact - pd.Timestamp("2018-01-01")).dt.days, weekday=contact.dt.day_name()
    )
    part = np.where(contact < "2018-04-01", np.datetime64("2018-01-01"), np.datetime64("2018-04-01"))
    return Table(
        "olist_funnel", as_text(X), won.to_numpy(np.int8), "leads of a marketplace for shops",
        "CC BY-NC-SA 4.0", dev=True, split="time", as_of=part,
    )  # fmt: skip


def _email(outcome: str) -> Table:
    table = pd.read_parquet(shared("email_test", "email_test.parquet"))
    X = table.drop(columns=["visit", "conversion", "spend"])
    return Table(
        f"email_{outcome}", as_text(X), table[outcome].to_numpy(np.int8),
        "Hillstrom's e-mail test", "public challenge", dev=True, split="70/30",
    )  # fmt: skip


def email_visit() -> Table:
    """Whether a customer who was or was not written to visits the shop within two weeks."""
    return _email("visit")


def email_conversion() -> Table:
    """Whether the customer buys: nine in a thousand."""
    return _email("conversion")


def crm_pipeline() -> Table:
    """Closed opportunities with what is known of account and agent; there is no signal in them."""
    deals = pd.read_csv(shared("crm_pipeline", "sales_pipeline.csv"))
    deals = deals[deals["deal_stage"].isin(["Won", "Lost"])]
    deals = deals.merge(pd.read_csv(shared("crm_pipeline", "accounts.csv")), how="left", on="account")
    deals = deals.merge(pd.read_csv(shared("crm_pipeline", "sales_teams.csv")), how="left", on="sales_agent")
    hidden = ["opportunity_id", "deal_stage", "engage_date", "close_date", "close_value"]
    return Table(
        "crm_pipeline", as_text(deals.drop(columns=hidden)),
        (deals["deal_stage"] == "Won").to_numpy(np.int8),
        "a fictitious CRM without signal", "public domain", dev=True, split="five-fold",
    )  # fmt: skip
