"""Contracts for real tables: what their report says, and that it raises no false alarm."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from salesml.crm import CRM, Report
from tests.crm.conftest import Make
from tests.crm.test_rows import found

TODAY = dt.date(2026, 1, 1)

RETAIL = """
currency: GBP
timezone: Europe/London
events:
  orders:
    source: {data}/online_retail/transactions.parquet
    account: CustomerID
    at: InvoiceDate
    id: InvoiceNo
    measures: {{revenue: Quantity * UnitPrice}}
    categories: [Country]
    where: CustomerID is not null
    returns: Quantity < 0
"""
SAAS = """
accounts:
  source: {data}/saas_simulated/accounts.parquet
  id: account_id
  acquired_at: signup_date
  ended_at: churn_date
  attributes: [channel, founded, state, users]
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
    measures: {{times: n}}
    categories: [event]
"""
TELCO = """
accounts:
  source: {data}/telco_contracts/personal.csv
  id: customerID
  attributes: [gender, SeniorCitizen, Partner, Dependents]
contracts:
  source: {data}/telco_contracts/contract.csv
  account: customerID
  start: BeginDate
  end: EndDate
  plan: Type
  amount: MonthlyCharges
"""
FUNNEL = """
timezone: America/Sao_Paulo
prospects:
  source: {data}/olist_funnel/olist_marketing_qualified_leads_dataset.csv
  id: mql_id
  created_at: first_contact_date
  attributes: [landing_page_id, origin]
stages:
  source: {data}/olist_funnel/olist_closed_deals_dataset.csv
  prospect: mql_id
  stage: business_segment
  at: won_date
"""
PIPELINE = """
accounts:
  source: {data}/crm_pipeline/accounts.csv
  id: account
  attributes: [sector, year_established, revenue, employees, office_location]
reps: {{source: "{data}/crm_pipeline/sales_teams.csv", id: sales_agent, manager: manager}}
prospects:
  source: {data}/crm_pipeline/sales_pipeline.csv
  id: opportunity_id
  created_at: engage_date
  rep: sales_agent
  amount: close_value
  account: account
  attributes: [product, deal_stage]
"""


def report(make: Make, contract: str, data: Path) -> tuple[CRM, Report]:
    crm = make(contract.format(data=data))
    return crm, crm.check(TODAY)


def test_online_retail(make: Make, data: Path) -> None:
    crm, checked = report(make, RETAIL, data)
    assert checked.faults == ()
    assert checked.rows == (("events.orders", 406_829),)
    assert crm.observed_until() == dt.date(2011, 12, 10)
    with crm.connect() as con:
        row = con.execute(
            "SELECT count(*), min(acquired_at), count(*) FILTER (id LIKE '%.%') FROM accounts"
        ).fetchone()
        assert row == (4372, dt.date(2010, 12, 1), 0)
        assert con.execute(
            "SELECT count(DISTINCT event_id) FROM events_orders WHERE is_return"
        ).fetchone() == (3654,)


def test_online_retail_without_where_counts_rows_of_nobody(make: Make, data: Path) -> None:
    _, checked = report(make, RETAIL.replace("    where: CustomerID is not null\n", ""), data)
    assert [fault.code for fault in checked.faults] == ["null-link"]
    assert found(checked, "null-link").count == 135_080


def test_saas(make: Make, data: Path) -> None:
    crm, checked = report(make, SAAS, data)
    assert checked.faults == ()
    columns = crm.relations()["accounts"].columns
    assert (columns["a_users"], columns["a_founded"], columns["a_state"]) == ("DOUBLE", "DATE", "VARCHAR")


def test_telco_says_what_no_means_and_how_to_map_it(make: Make, data: Path) -> None:
    _, checked = report(make, TELCO, data)
    (fault,) = checked.faults
    assert (fault.code, fault.column, fault.count, fault.examples) == ("bad-date", "EndDate", 5174, ("'No'",))
    assert "`null_values: {EndDate: ['No']}`" in fault.do
    crm, mended = report(
        make, TELCO.replace("end: EndDate", "end: EndDate\n  null_values: {{EndDate: ['No']}}"), data
    )
    assert mended.faults == ()
    with crm.connect() as con:
        assert con.execute('SELECT count(*), count("end") FROM contracts').fetchone() == (7043, 1869)


def test_leads(make: Make, data: Path) -> None:
    _, checked = report(make, FUNNEL, data)
    assert not checked.fatal
    assert [fault.code for fault in checked.faults] == ["stopped", "before-start"]
    assert "The last row is of 2018-05-31" in found(checked, "stopped").found


def test_pipeline(make: Make, data: Path) -> None:
    crm, checked = report(make, PIPELINE, data)
    assert not checked.fatal
    assert [fault.code for fault in checked.faults] == ["null-date"]
    assert crm.relations()["accounts"].columns["a_revenue"] == "DOUBLE"
