"""Now, not yet, pointless: each with its reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from salesml.model.bootstrap import Estimate
from salesml.monitoring.advice import Trial, advise
from salesml.monitoring.finding import Finding

DAY = dt.date(2026, 1, 1)


def finding(check: str, *, alarm: bool = True, value: float = 0.7, threshold: float = 0.78) -> Finding:
    return Finding(
        as_of=DAY, check=check, feature="orders" if check in ("feature", "missing") else "", value=value,
        threshold=threshold, alarm=alarm, sentence=f"{check} said so",
    )  # fmt: skip


def trial(low: float, learned: dt.date = DAY) -> Trial:
    return Trial(DAY, (learned,), Estimate(low + 0.01, low, low + 0.02), reach_days=90)


def test_nothing_moved() -> None:
    assert advise([finding("feature", alarm=False)], 500, None, "").kind == "not yet"
    found = advise([finding("auc_kept", alarm=False, value=0.8)], 500, None, "")
    assert found.kind == "not yet"
    assert "quality is what was promised" in found.text


def test_a_loss_that_chance_explains_is_not_chased() -> None:
    found = advise([finding("auc_kept", alarm=False, value=0.77)], 500, None, "")
    assert found.kind == "pointless"
    assert "chase noise" in found.text


def test_tables_are_mended_first() -> None:
    found = advise([finding("missing"), finding("auc_kept")], 500, trial(0.01), "")
    assert found.kind == "not yet"
    assert "orders may be broken" in found.text


def test_a_model_of_today_that_is_surely_better() -> None:
    found = advise([finding("auc_kept")], 500, trial(0.001), "")
    assert found.kind == "now"
    assert "auc_kept said so." in found.text
    assert "[-0.0210, -0.0010]" in found.text


def test_a_model_of_today_that_learned_the_same() -> None:
    assert advise([finding("auc_kept")], 500, trial(-0.001), "").kind == "pointless"


def test_a_model_of_today_that_could_not_learn_of_what_moved() -> None:
    """What it learned from is of before: that it is no better says nothing of the time after."""
    found = advise([finding("auc_kept")], 500, trial(-0.02, DAY - dt.timedelta(days=90)), "")
    assert found.kind == "not yet"
    assert (
        "learned from dates up to 2025-10-03, and quality is seen to have fallen from 2026-01-01"
        in found.text
    )
    assert "from 2026-06-30 on: train then" in found.text


def test_of_several_windows_the_earliest_date_counts() -> None:
    wide = replace(finding("auc_kept"), since=DAY - dt.timedelta(days=120))
    learned = DAY - dt.timedelta(days=90)
    assert advise([finding("auc_kept"), wide], 500, trial(-0.02, learned), "").kind == "pointless"


def test_too_few_new_outcomes() -> None:
    found = advise([finding("rate_kept")], 12, None, "")
    assert found.kind == "pointless"
    assert "only 12 outcomes" in found.text


def test_what_moved_has_no_outcomes_yet() -> None:
    found = advise([finding("feature")], 500, None, "No date has an outcome yet.")
    assert found.kind == "not yet"
    assert "No date has an outcome yet. Look again" in found.text
    assert advise([finding("feature")], 500, trial(-0.01), "").kind == "not yet"
