"""A company with everything that can be wrong: each is named on the page, and none is averaged in unsaid."""

from __future__ import annotations

import html

import pandas as pd
import pytest

from salesml.crm import CRM
from salesml.scorecard import scorecard
from salesml.scorecard.run import Scorecard
from tests.scorecard.small import company, tables


def spoilt() -> dict[str, pd.DataFrame]:
    """Two years in which every kind of fault stands once."""
    given = tables()
    given["reps"].loc[2] = ["R3", "Cleo", "South"]
    given["assignments"] = given["assignments"].iloc[1:]
    old = given["assignments"]
    old["end"] = old["end"].astype("datetime64[ns]")
    leaving = old["rep"] == "R2"
    followed = old[leaving].assign(rep="R1", start=pd.Timestamp("2025-07-01"))
    old.loc[leaving, "end"] = pd.Timestamp("2025-07-01")
    given["assignments"] = pd.concat([old, followed])
    given["history"] = pd.DataFrame(
        [["reps", "R1", "team", "North", "2024-01-01"], ["reps", "R1", "team", "South", "2025-07-01"]],
        columns=["table", "id", "column", "value", "at"],
    )
    given["activities"].loc[:2, "hours"] = -4.0
    costs = given["costs"]
    costs["currency"] = ["EUR", *["GBP"] * (len(costs) - 1)]
    given["costs"] = costs[costs["period"] != "2025-03-01"]
    given["workload"] = pd.concat([given["workload"], given["workload"].head(1)])
    return given


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Scorecard:
    path = company(tmp_path_factory.mktemp("bad") / "company", spoilt())
    return scorecard(CRM.open(path), threads=1)


SAID = {
    "rep-without-accounts": "1 rep has never had an account",
    "account-without-rep": "1 customer has no rep today",
    "team-changed": "1 rep has changed teams. Each month counts for the team that the rep was in",
    "rep-left": "1 rep has left, or handed every account over",
    "negative-hours": "3 rows have hours below none, -12 in all. They are left out.",
    "two-currencies": "The column currency names 2 currencies.",
    "periods-overlap": "1 period of workload is stated more than once for the same rep.",
    "missing-month": "There are no rows of costs of kind hard in March 2025.",
}


@pytest.mark.parametrize("code", SAID)
def test_each_fault_is_named_in_the_last_section(found: Scorecard, code: str) -> None:
    text = found.report()
    section = html.unescape(text[text.index('id="data"') :])
    assert SAID[code] in section
    notes = found.tables["data_notes"]
    assert code in set(notes["code"])


def test_no_fault_is_said_that_is_none(found: Scorecard) -> None:
    assert set(found.tables["data_notes"]["code"]) == set(SAID)


def test_costs_of_two_currencies_are_compared_with_nothing(found: Scorecard) -> None:
    costs = found.tables["figures"].query("metric == 'cost_of_revenue' and level == 'company'")
    assert costs["lacks"].str.contains("amounts of costs are in 2 currencies").all()
    assert not costs["verdict"].isin(["better", "worse", "same"]).any()
    year = costs[(costs["kind"] == "year") & (costs["start"] == "2025-01-01")]["lacks"].item()
    assert "no rows of costs of kind hard in March 2025" in year


def test_who_left_and_who_moved_count_for_the_time_they_were_there(found: Scorecard) -> None:
    month = found.tables["figures"].query("metric == 'defection' and kind == 'month'")
    by_rep = month[month["level"] == "rep"].set_index(["id", "start"])["denominator"]
    assert ("R2", pd.Timestamp("2025-06-01")) in by_rep
    assert ("R2", pd.Timestamp("2025-07-01")) not in by_rep
    by_team = month[month["level"] == "team"].set_index(["id", "start"])["denominator"]
    assert by_team["North", pd.Timestamp("2025-06-01")] == 5
    assert ("North", pd.Timestamp("2025-07-01")) not in by_team


def test_hours_below_none_are_in_no_figure(found: Scorecard) -> None:
    hours = found.tables["figures"].query(
        "metric == 'margin_per_selling_hour' and kind == 'month' and level == 'company'"
    )
    january = hours[hours["start"] == "2024-01-01"].iloc[0]
    assert january["denominator"] == 12 * 2 - 2  # the third of them is of February
