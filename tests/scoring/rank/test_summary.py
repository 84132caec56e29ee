"""What `salesml rank` prints of its lists."""

from __future__ import annotations

from typing import Any

import pandas as pd

from salesml.scoring.rank import ranking
from salesml.scoring.rank.summary import SHOWN, summary
from tests.scoring.rank.made import drawn, prospects


def told(scores: pd.DataFrame, **limits: Any) -> str:
    done = ranking(scores, "conversion", **limits)
    return "\n".join(summary(done.lists, done.rules))


def test_hours_value_and_value_per_hour_of_each_list() -> None:
    scores = prospects([100, 90, 30, 60], [5, 3, 2, 4], ["ann", "ann", "bob", None])
    lines = told(scores, hours_per_rep=8).splitlines()
    assert " ".join(lines[0].split()) == "list hours used rows listed by lot expected per hour"
    assert lines[1].split() == ["ann", "8", "of", "8", "2", "2", "190", "23.75"]
    assert lines[2].split() == ["bob", "2", "of", "8", "1", "1", "30", "15"]
    assert lines[3].split() == ["unassigned", "no", "limit", "1", "1", "60"]
    text = " ".join(lines)
    assert "The 2 lists hold 10 of 16 hours and 220 expected, 22 per hour." in text
    assert "1 row of 'unassigned' has no rep, and so no limit: handed out, it comes in this order." in text


def test_what_was_drawn_by_lot_is_counted() -> None:
    text = told(drawn(300, 2, ["ann"]), places_per_rep=20, explore=0.1)
    assert "20 of 20" in text
    assert "2 rows by lot" in text
    assert "No list within these places could be expected to bring more than" in text


def test_many_lists_are_told_in_part() -> None:
    scores = drawn(400, 2, [f"r{number:03d}" for number in range(60)])
    text = told(scores, hours_per_rep=5)
    assert "and 30 more lists, all in the rules beside the list" in text
    assert text.count(" of 5 ") == SHOWN


def test_without_a_limit_there_is_nothing_to_tell_but_warnings() -> None:
    assert told(drawn(20, 1)) == ""
    assert told(prospects([0], [1])).startswith("Note: Every expected_value that is known is 0.")


def test_where_nothing_is_expected_no_amount_is_told() -> None:
    scores = drawn(40, 2, ["ann", "bob"]).assign(expected_value=None)
    scores["expected_value"] = scores["expected_value"].astype("float64")
    done = ranking(scores, "conversion", places_per_rep=5)
    assert done.rules["order"] == ["raw_score descending", "entity_id ascending"]
    text = "\n".join(summary(done.lists, done.rules))
    assert " ".join(text.splitlines()[0].split()) == "list places used rows listed by lot"
    assert "The 2 lists hold 10 of 10 places, in the order of the score alone." in text
    assert "expected" not in text
