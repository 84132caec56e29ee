"""Now, not yet, pointless: each with its reason."""

from __future__ import annotations

import datetime as dt

from salesml.model.bootstrap import Estimate
from salesml.monitoring.advice import Trial, advise
from salesml.monitoring.finding import Finding

DAY = dt.date(2026, 1, 1)


def finding(check: str, *, alarm: bool = True, value: float = 0.7, threshold: float = 0.78) -> Finding:
    return Finding(
        as_of=DAY, check=check, feature="orders" if check in ("feature", "missing") else "", value=value,
        threshold=threshold, alarm=alarm, sentence=f"{check} said so",
    )  # fmt: skip


def trial(low: float) -> Trial:
    return Trial(DAY, (DAY,), Estimate(low + 0.01, low, low + 0.02))


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


def test_too_few_new_outcomes() -> None:
    found = advise([finding("rate_kept")], 12, None, "")
    assert found.kind == "pointless"
    assert "only 12 outcomes" in found.text


def test_what_moved_has_no_outcomes_yet() -> None:
    found = advise([finding("feature")], 500, None, "No date has an outcome yet.")
    assert found.kind == "not yet"
    assert "No date has an outcome yet. Look again" in found.text
    assert advise([finding("feature")], 500, trial(-0.01), "").kind == "not yet"
