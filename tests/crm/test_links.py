from __future__ import annotations

import datetime as dt

from salesml.crm import Report
from tests.crm.conftest import Make
from tests.crm.test_rows import found

TODAY = dt.date(2024, 6, 1)
CONTRACT = """
accounts: {source: accounts.csv, id: id, acquired_at: since, ended_at: until, rep: rep}
events: {orders: {source: orders.csv, account: who, at: at, measures: {n: n}, returns: n < 0}}
reps: {source: reps.csv, id: id, manager: boss}
contracts: {source: contracts.csv, account: who, start: a, end: b}
"""
ACCOUNTS = "id,since,until,rep\n1,2024-01-01,2024-02-01,r1\n2,2024-01-01,,r1\n"
ORDERS = "who,at,n\n1,2024-01-05,1\n2,2024-01-05,1\n"
REPS = "id,boss\nr1,x\n"
CONTRACTS = "who,a,b\n1,2024-01-01,2024-03-01\n"


def check(make: Make, **changed: str) -> Report:
    files = {"accounts_csv": ACCOUNTS, "orders_csv": ORDERS, "reps_csv": REPS, "contracts_csv": CONTRACTS}
    return make(CONTRACT, **(files | changed)).check(TODAY)


def test_nothing_wrong(make: Make) -> None:
    assert check(make).faults == ()


def test_orphans(make: Make) -> None:
    fault = found(check(make, orders_csv=ORDERS + "9,2024-01-05,1\n9,2024-01-06,1\n"), "orphan")
    assert (fault.table, fault.column, fault.count, fault.fatal) == ("events.orders", "who", 2, False)
    assert "1 of 3 ids, in 2 rows, not found in accounts" in fault.found


def test_ids_that_never_match_are_fatal(make: Make) -> None:
    fault = found(
        check(make, orders_csv=ORDERS.replace("\n1,", "\n001,").replace("\n2,", "\n002,")), "no-match"
    )
    assert fault.fatal
    assert "whose ids look like '1', '2'" in fault.found
    assert fault.examples == ("'001'", "'002'")


def test_orphan_reps(make: Make) -> None:
    assert found(check(make, accounts_csv=ACCOUNTS + "3,2024-01-01,,r9\n"), "orphan").column == "rep"


def test_events_outside_the_life_of_an_account(make: Make) -> None:
    report = check(
        make, orders_csv=ORDERS + "1,2023-12-31,1\n1,2024-02-02,1\n1,2024-02-01,1\n1,2024-02-09,-1\n"
    )
    assert found(report, "before-start").examples == ("'1: 2023-12-31, acquired_at 2024-01-01'",)
    late = found(report, "after-end")
    assert late.examples == ("'1: 2024-02-02, ended_at 2024-02-01'",)
    assert "1 row of 1 account lie after the account ended" in late.found


def test_a_prospect_comes_of_an_earlier_referral(make: Make) -> None:
    contract = """
    accounts: {source: a.csv, id: id}
    prospects: {source: p.csv, id: id, created_at: made}
    referrals: {source: r.csv, account: account, at: at, prospect: prospect}
    """
    report = make(
        contract,
        a_csv="id\n1\n",
        p_csv="id,made\na,2024-01-05\n",
        r_csv="account,at,prospect\n1,2024-01-01,a\n",
    ).check(TODAY)
    assert not report.faults


def test_things_that_end_before_they_start(make: Make) -> None:
    report = check(make, contracts_csv=CONTRACTS + "2,2024-03-01,2024-02-01\n")
    assert found(report, "end-before-start").examples == ("'2: 2024-03-01 to 2024-02-01'",)


def test_prospects_and_stages(make: Make) -> None:
    contract = """
    prospects: {source: p.csv, id: id, created_at: made, won_at: won}
    stages: {source: s.csv, prospect: p, stage: s, at: at}
    """
    report = make(
        contract,
        p_csv="id,made,won\na,2024-01-05,2024-01-01\nb,2024-01-05,\n",
        s_csv="p,s,at\na,open,2024-01-01\nc,open,2024-01-09\n",
    ).check(TODAY)
    assert {fault.code for fault in report.faults} == {"end-before-start", "before-start", "orphan"}
