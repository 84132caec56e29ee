from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from salesml.config import read_spec
from salesml.config.scorecard import ScorecardSpec
from salesml.crm import CRM
from salesml.scorecard import scorecard
from salesml.scorecard.ask import ask
from salesml.scorecard.cells import cells_of
from salesml.scorecard.checks import kept
from salesml.scorecard.data import Note, data_notes
from salesml.scorecard.facts import make_facts
from tests.scorecard.small import company, tables


def looked(folder: Path, given: dict[str, pd.DataFrame], **how: tuple[str, ...]) -> tuple[Note, ...]:
    """The notes on a company's tables."""
    return found_in(folder, given, **how)[0]


def found_in(
    folder: Path, given: dict[str, pd.DataFrame], level: str = "rep", **how: tuple[str, ...]
) -> tuple[tuple[Note, ...], dict[str, float]]:
    """The notes, and the customer months of 2025 of each rep or team."""
    crm = CRM.open(company(folder / "company", given, **how))
    asked = ask(ScorecardSpec(), read_spec(crm.folder / "models" / "churn.yaml"), crm)
    defection = kept.metrics(6)[0]
    with crm.connect(1) as con:
        make_facts(con, asked)
        notes = data_notes(con, asked)
        cells = cells_of(con, defection.base, [defection])
    here = cells[(cells["kind"] == "year") & (cells["start"] == "2025-01-01") & (cells["level"] == level)]
    return notes, dict(zip(here["id"], here["d"], strict=True))


def noted(notes: tuple[Note, ...], code: str) -> Note:
    """The only note of a kind."""
    found = [each for each in notes if each.code == code]
    assert len(found) == 1, notes
    return found[0]


def test_tables_in_order_have_no_note(tmp_path: Path) -> None:
    assert looked(tmp_path, tables()) == ()


def test_one_rep_alone_is_compared_with_nobody(tmp_path: Path) -> None:
    given = tables()
    for name, table in given.items():
        if "rep" in table:
            given[name] = table.assign(rep="R1").drop_duplicates()
    given["reps"] = given["reps"].head(1)
    found = scorecard(CRM.open(company(tmp_path / "company", given)), threads=1)
    notes = found.tables["data_notes"]
    assert "nobody to compare with" in notes.loc[notes["code"] == "one-rep", "words"].item()
    reps = found.tables["figures"].query("level == 'rep'")
    assert len(reps)
    assert not reps["verdict"].isin(["better", "worse", "higher", "lower"]).any()
    report = found.report()
    assert "nobody to compare with" in report
    assert "<h4>Reps" not in report
    assert "The reps differ" not in report


def test_a_company_without_reps_says_so(tmp_path: Path) -> None:
    given = tables()
    given["accounts"]["rep"] = None
    given["activities"]["rep"] = None
    without = ("reps", "assignments", "costs", "workload", "targets")
    notes, counted = found_in(tmp_path, given, without=without)
    assert "all figures are those of the company" in noted(notes, "no-rep").words
    assert counted == {"(nobody)": 144}


def test_a_rep_without_accounts_is_named(tmp_path: Path) -> None:
    given = tables()
    given["reps"].loc[2] = ["R3", "Cleo", "South"]
    note = noted(looked(tmp_path, given), "rep-without-accounts")
    assert note.words.startswith("1 rep has never had an account: ")
    assert note.examples == ("Cleo",)


def test_a_rep_that_the_table_of_reps_lacks(tmp_path: Path) -> None:
    given = tables()
    given["reps"] = given["reps"].head(1)
    note = noted(looked(tmp_path, given), "rep-unknown")
    assert (note.count, note.examples) == (1, ("R2",))


def test_accounts_without_rep_count_for_nobody(tmp_path: Path) -> None:
    given = tables()
    given["assignments"] = given["assignments"].iloc[2:]
    notes, counted = found_in(tmp_path, given)
    note = noted(notes, "account-without-rep")
    assert (note.count, note.examples) == (2, ("A00", "A01"))
    assert counted == {"(nobody)": 24, "R1": 60, "R2": 60}


def test_a_rep_who_changed_teams_counts_for_the_team_of_the_time(tmp_path: Path) -> None:
    given = tables()
    given["history"] = pd.DataFrame(
        [["reps", "R1", "team", "North", "2024-01-01"], ["reps", "R1", "team", "South", "2025-07-01"]],
        columns=["table", "id", "column", "value", "at"],
    )
    notes, counted = found_in(tmp_path, given, "team")
    assert noted(notes, "team-changed").examples == ("R1",)
    assert counted == {"North": 6 * 6, "South": 6 * 6 + 6 * 12}


def test_moves_that_are_not_recorded_are_said_to_be_missing(tmp_path: Path) -> None:
    note = noted(looked(tmp_path, tables(), without=("history",)), "teams-not-dated")
    assert "the team the rep is in now" in note.words


def test_a_rep_who_left_keeps_the_past(tmp_path: Path) -> None:
    given = tables()
    old = given["assignments"]
    leaving = old["rep"] == "R2"
    old["end"] = old["end"].astype("datetime64[ns]")
    followed = old[leaving].assign(rep="R1", start=pd.Timestamp("2025-07-01"))
    old.loc[leaving, "end"] = pd.Timestamp("2025-07-01")
    given["assignments"] = pd.concat([old, followed])
    notes, counted = found_in(tmp_path, given)
    assert noted(notes, "rep-left").examples == ("R2",)
    assert counted == {"R1": 6 * 6 + 6 * 12, "R2": 6 * 6}


def test_negative_hours_are_named_and_left_out(tmp_path: Path) -> None:
    given = tables()
    given["activities"].loc[:2, "hours"] = -4.0
    note = noted(looked(tmp_path, given), "negative-hours")
    assert note.count == 3
    assert "3 rows have hours below none, -12 in all. They are left out." in note.words


def test_negative_overtime_is_named(tmp_path: Path) -> None:
    given = tables()
    given["workload"].loc[0, "overtime"] = -1.0
    note = noted(looked(tmp_path, given), "negative-hours")
    assert note.table == "workload"
    assert "They count as none." in note.words


def test_a_target_inside_the_period_of_another(tmp_path: Path) -> None:
    given = tables()
    inside = pd.DataFrame({"rep": ["R1"], "period": [pd.Timestamp("2025-05-01")], "amount": [3000.0]})
    given["targets"] = pd.concat([given["targets"], inside])
    note = noted(looked(tmp_path, given), "periods-overlap")
    assert note.words.startswith("2 targets are followed by the next one sooner than usual.")
    assert note.examples == ("R1, 2025-04-01", "R1, 2025-05-01")


def test_two_currencies_are_named_where_a_column_tells(tmp_path: Path) -> None:
    given = tables()
    given["orders"]["currency"] = ["GBP", *["EUR"] * (len(given["orders"]) - 1)]
    note = noted(looked(tmp_path, given), "two-currencies")
    assert (note.table, note.examples) == ("events.orders", ("EUR", "GBP"))
    assert note.spoils == ("events.orders",)
    assert note.short == "amounts of orders are in 2 currencies"


def test_one_currency_in_a_column_is_in_order(tmp_path: Path) -> None:
    given = tables()
    given["costs"]["currency"] = "GBP"
    assert looked(tmp_path, given) == ()


def test_costs_that_differ_a_thousandfold_between_months(tmp_path: Path) -> None:
    given = tables()
    given["costs"].loc[given["costs"]["period"] == "2025-06-01", "amount"] = 4_000_000.0
    note = noted(looked(tmp_path, given), "amounts-apart")
    assert "costs of kind hard is 4,000 in January 2024 and 4,000,000 in June 2025" in note.words


def test_a_single_cost_far_above_the_usual(tmp_path: Path) -> None:
    given = tables()
    given["costs"] = pd.concat([given["costs"]] * 2, ignore_index=True)
    given["costs"].loc[5, "amount"] = 4_000_000.0
    note = noted(looked(tmp_path, given), "amounts-apart")
    assert "1 row of costs of kind hard is 4,000,000 or more, where 4,000 is usual." in note.words
    assert (note.first, note.until) == (dt.date(2024, 6, 1), dt.date(2024, 7, 1))
    assert note.spoils == ("costs",)


def test_an_account_with_two_reps_at_a_time(tmp_path: Path) -> None:
    given = tables()
    twice = given["assignments"].head(1).assign(rep="R2", start=pd.Timestamp("2025-01-01"))
    given["assignments"] = pd.concat([given["assignments"], twice])
    notes, counted = found_in(tmp_path, given)
    assert noted(notes, "assignments-overlap").examples == ("A00",)
    assert counted == {"R1": 5 * 12, "R2": 7 * 12}


def test_assignments_that_follow_one_another_do_not_overlap(tmp_path: Path) -> None:
    given = tables()
    first = given["assignments"]
    first["end"] = first["end"].astype("datetime64[ns]")
    first.loc[0, "end"] = pd.Timestamp("2025-01-01")
    after = first.head(1).assign(rep="R2", start=pd.Timestamp("2025-01-01"), end=pd.NaT)
    given["assignments"] = pd.concat([first, after])
    assert "assignments-overlap" not in {each.code for each in looked(tmp_path, given)}


@pytest.mark.parametrize("table", ["workload", "targets", "costs"])
def test_a_period_stated_twice(tmp_path: Path, table: str) -> None:
    given = tables()
    given[table] = pd.concat([given[table], given[table].head(1)])
    note = noted(looked(tmp_path, given), "periods-overlap")
    assert note.table == table
    assert note.words.startswith(f"1 period of {table} is stated more than once")


@pytest.mark.parametrize("table", ["costs", "workload", "activities"])
def test_a_month_without_rows(tmp_path: Path, table: str) -> None:
    given = tables()
    day = "day" if table == "activities" else "period"
    months = given[table][day].dt.to_period("M")
    given[table] = given[table][months != pd.Period("2025-03")]
    note = noted(looked(tmp_path, given), "missing-month")
    assert (note.table, note.count, note.first) == (table, 1, dt.date(2025, 3, 1))
    assert "in March 2025" in note.words


def test_figures_with_a_missing_month_are_marked_and_not_compared(tmp_path: Path) -> None:
    given = tables()
    months = given["orders"]["day"].dt.to_period("M")
    given["orders"] = given["orders"][months != pd.Period("2025-03")]
    found = scorecard(CRM.open(company(tmp_path / "company", given)), threads=1)
    company_wide = found.tables["figures"].query("metric == 'defection' and level == 'company'")
    marked = company_wide[company_wide["lacks"] != ""]
    assert set(marked["kind"] + " " + marked["start"].astype(str)) == {
        "month 2025-03-01", "quarter 2025-01-01", "year 2025-01-01", "all 2024-01-01",
    }  # fmt: skip
    year = company_wide[(company_wide["kind"] == "year") & (company_wide["start"] == "2025-01-01")].iloc[0]
    assert year["verdict"] == "incomplete"
    assert "Incomplete: no rows of orders in March 2025." in year["words"]
    assert "There are no rows of orders in March 2025." in found.report()


def test_a_period_that_is_not_over_is_named(tmp_path: Path) -> None:
    given = tables()
    extra = given["orders"].tail(12).assign(day=pd.Timestamp("2026-01-05"))
    given["orders"] = pd.concat([given["orders"], extra])
    partial = [each for each in looked(tmp_path, given) if each.code == "partial-period"]
    assert [each.words.split(":")[0] for each in partial] == [
        "January 2026 is not over", "2026 Q1 is not over", "2026 is not over",
    ]  # fmt: skip


def test_costs_that_begin_later_are_named(tmp_path: Path) -> None:
    given = tables()
    given["costs"] = given["costs"][given["costs"]["period"] >= "2025-01-01"]
    note = noted(looked(tmp_path, given), "starts-later")
    assert (note.count, note.until) == (12, dt.date(2025, 1, 1))
    assert "begin in January 2025" in note.words
