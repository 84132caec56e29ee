from __future__ import annotations

import pandas as pd

from salesml.scorecard.summary import alarms, headlines, joined, summary
from tests.scorecard.made import tables


def summed(made: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return summary(*(made[name] for name in ("figures", "definitions", "periods", "people")))


def test_there_is_a_row_for_each_check_whatever_is_missing() -> None:
    found = tables(3)["summary"].set_index("check")
    assert list(found.index) == [1, 2, 3, 4, 5, 6, 7]
    assert found.loc[2, "words"] == "Not computed, for want of prospects in crm.yaml."
    assert found.loc[2, "verdict"] == "missing"


def test_what_got_worse_stands_for_its_check() -> None:
    first = tables(3)["summary"].iloc[0]
    assert (first["metric"], first["verdict"]) == ("defection_of_best", "worse")
    assert first["words"].startswith("Best customers lost, per month, 2025 Q4: ")
    assert first["act"].startswith("Ask why the largest customers lost have left")


def test_the_newest_whole_quarter_is_looked_at() -> None:
    made = tables(3)
    heads = headlines(made["figures"], made["definitions"])
    assert set(zip(heads["kind"], heads["start"].astype(str), strict=True)) == {("quarter", "2025-10-01")}


def test_a_quarter_that_lacks_something_is_passed_over() -> None:
    made = tables(3)
    figures = made["figures"]
    figures.loc[figures["start"] == "2025-10-01", "lacks"] = "no rows of costs in November 2025"
    heads = headlines(figures, made["definitions"])
    assert set(heads["start"].astype(str)) == {"2025-07-01"}


def test_alarms_are_the_figures_of_the_company_that_got_worse() -> None:
    made = tables(40)
    made["figures"].loc[made["figures"]["level"] == "rep", "verdict"] = "worse"
    found = alarms(made["figures"], made["definitions"], made["periods"])
    assert list(found["metric"]) == ["defection_of_best"]
    assert found["words"].item() == "Best customers lost, per month, 2025 Q4: Words of company."


def test_what_got_worse_too_little_to_see_is_no_alarm_and_stands_for_no_check() -> None:
    made = tables(3)
    made["figures"]["before"] = made["figures"]["value"] * 1.001
    assert alarms(made["figures"], made["definitions"], made["periods"]).empty
    assert summed(made).iloc[0]["metric"] == "defection"


def test_reps_are_named_only_where_they_differ_by_more_than_luck() -> None:
    assert (
        "No rep differs from all by more than luck." in tables(40, differ=False)["summary"]["words"].iloc[0]
    )
    assert "Ask Rep" not in " ".join(tables(40, differ=False)["summary"]["act"])
    real = tables(40)
    acts = " ".join(real["summary"]["act"])
    assert "how they do it (better in: " in acts
    better = real["figures"].query("level == 'rep' and verdict == 'better' and kind == 'year'")
    assert any(f"Rep {each[1:]}" in acts for each in better["id"])


def test_without_any_figure_every_check_says_so() -> None:
    made = tables(3)
    made["figures"] = pd.DataFrame()
    assert set(summed(made)["verdict"]) == {"missing"}
    assert alarms(made["figures"], made["definitions"], made["periods"]).empty


def test_names_are_joined_as_one_says_them() -> None:
    assert [joined(list(names)) for names in ("A", "AB", "ABC")] == ["A", "A and B", "A, B and C"]
