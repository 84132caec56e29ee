"""The list in a terminal: who, how likely, what it is worth, and why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from salesml.scoring import Scorer, rank
from salesml.scoring.show import show
from tests.scoring.made import bundle, rows


def reason(words: str, contribution: float, strength: str) -> dict[str, Any]:
    return {"words": words, "contribution": contribution, "strength": strength}


def row(**more: Any) -> dict[str, Any]:
    return {
        "rank": 1, "status": "scored", "task": "churn", "entity_id": "472", "as_of": dt.date(2018, 1, 1),
        "rep_id": None, "probability": 0.379, "band": "B", "value": 187.2, "expected_loss": 70.33,
        "reasons": [
            reason("No order for 58 days; usually every 8 days", 1.2, "strong"),
            reason("Orders on 1 of the last 60 days", 0.4, "moderate"),
            reason("Industry: retail", -0.1, "slight"),
            reason("One too many", 0.01, "slight"),
        ],
        **more,
    }  # fmt: skip


def test_the_whole_list() -> None:
    second = row(rank=12, entity_id="18", band="A", probability=0.7, value=None, rep_id="ann", reasons=[])
    shown = show(pd.DataFrame([row(), second]), 10, "USD", days=30)
    assert shown == (
        "Risk of leaving within 30 days, by what was known before 1 January 2018\n"
        "\n"
        "  1. 472   38% risk of leaving   $70 of $187 at stake   B: high risk\n"
        "      +++ No order for 58 days; usually every 8 days\n"
        "      ++  Orders on 1 of the last 60 days\n"
        "      -   Industry: retail\n"
        "\n"
        " 12. 18    70% risk of leaving                          A: highest risk   rep ann\n"
        "\n"
        "+ raises the risk of leaving, - lowers it; the more marks, the stronger."
    )


def test_no_line_is_wider_than_the_terminal() -> None:
    long = row(entity_id="x" * 60, reasons=[reason("word " * 40, 1.0, "strong")], rep_id="ann " * 10)
    shown = show(pd.DataFrame([long]), 1, "USD", 80)
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.count("word") == 40


def test_only_the_first_and_only_what_was_scored() -> None:
    table = pd.DataFrame([row(), row(rank=2, entity_id="b", status="not scored"), row(rank=3, entity_id="c")])
    shown = show(table, 2)
    assert "472" in shown
    assert " c " in shown
    assert " b " not in shown
    assert "c " not in show(table, 1)
    assert show(table.iloc[1:2], 5) == "Nobody could be scored."


def test_without_a_date_nothing_is_said_of_it() -> None:
    assert show(pd.DataFrame([row(as_of=None)]), 1).startswith("Risk of leaving\n")


def test_a_chance_of_winning_is_not_at_stake() -> None:
    won = row(task="conversion", expected_value=70.0)
    assert "38% chance of winning   $70 of $187 expected" in show(pd.DataFrame([won]), 1, "USD")


def test_a_list_as_it_is_made() -> None:
    shown = show(rank(Scorer(bundle(), threads=1).score(rows(50, 3))), 10, "GBP")
    assert shown.count("risk of leaving") == 11
    assert max(map(len, shown.splitlines())) <= 100


def test_only_what_is_listed_is_shown_and_lots_are_marked() -> None:
    table = pd.DataFrame(
        [row(picked="rank"), row(rank=2, picked="explore"), row(rank=None, entity_id="nobody")]
    )
    shown = show(table.astype({"rank": "Int64"}), 5)
    assert shown.count("drawn by lot") == 1
    assert "  2. 472" in shown
    assert "nobody" not in shown


def test_a_likeness_is_no_risk_and_expects_nothing() -> None:
    like = row(task="seeds", expected_value=float("nan"))
    shown = show(pd.DataFrame([like]), 1, "USD")
    assert "38% likeness to the best customers   B: alike" in shown
    assert "$" not in shown
    assert "B: good chance" in show(pd.DataFrame([row(task="fit", expected_value=70.0)]), 1, "USD")
