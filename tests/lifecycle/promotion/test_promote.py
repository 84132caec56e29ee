"""A version takes over only when it is better, or by force of somebody who says why."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from salesml.config import read_spec
from salesml.config.tracking import Tracking
from salesml.errors import DataError, OutsideError, SalesmlError, UsageError
from salesml.lifecycle.promotion import Promoted, promote
from salesml.tracking.champion import move, standing
from salesml.tracking.store import connected
from tests.lifecycle.promotion.conftest import BETTER, GOOD, NO_USE, POOR, SHIFTED, Registered, told

promote_module = importlib.import_module("salesml.lifecycle.promotion.promote")


def refused(shop: Registered, version: int | str, **how: object) -> SalesmlError:
    """What a promotion that cannot be judged says; nothing was moved."""
    before = shop.champion()
    with pytest.raises(SalesmlError) as caught:
        promote("churn", version, shop.crm, **how)  # type: ignore[arg-type]
    assert shop.champion() == before
    return caught.value


def line(done: Promoted, gate: str) -> str:
    assert done.judgement is not None
    return next(str(each) for each in done.judgement.lines if each.gate == gate)


def test_a_better_one_is_promoted_and_says_why(shop: Registered) -> None:
    done = promote("churn", GOOD, shop.crm, by="ann", reason="monthly retraining")
    assert done.outcome == "promoted", done.text()
    assert (shop.champion(), shop.before()) == (GOOD, (POOR,))
    assert "The challenger may take over: it passes every gate against the champion on" in done.text()
    assert "To undo it: salesml revert churn" in done.text()
    tags = shop.tags(GOOD)
    assert (tags["salesml.judged"], tags["salesml.judged.by"]) == ("promoted", "ann")
    assert tags["salesml.judged.reason"] == "monthly retraining"
    assert tags["salesml.judged.text"] == done.judgement.text  # type: ignore[union-attr]


def test_the_report_stands_with_the_run_and_names_nobody(shop: Registered, tmp_path: Path) -> None:
    done = promote("churn", GOOD, shop.crm, by="ann")
    with connected(shop.tracking) as client:
        run = client.get_model_version(shop.registered, str(GOOD)).run_id
        stamp = sorted(each.path for each in client.list_artifacts(run, "promotion"))[-1]
        folder = Path(client.download_artifacts(run, stamp, str(tmp_path)))
    kept = json.loads((folder / "promotion.json").read_text())
    assert kept["judgement"]["passed"] is True
    assert {each["gate"] for each in kept["judgement"]["gates"]} == {
        "fewest_outcomes", "log_loss_gain", "calibration_worse", "auc_worse", "value_worse", "new_suspects",
        "ranking_overlap", "reasons_kept",
    }  # fmt: skip
    text = (folder / "promotion.md").read_text()
    assert "| `log_loss_gain` | passed |" in text
    assert "C0" not in text + json.dumps(kept)
    assert done.at == kept["at"]


def test_one_that_is_no_better_stays_out_and_it_is_kept_that_it_was_judged(shop: Registered) -> None:
    done = promote("churn", POOR, shop.crm)
    assert done.outcome == "champion already"
    assert not done.moved
    promote("churn", GOOD, shop.crm)
    done = promote("churn", SHIFTED, shop.crm)
    assert done.refused
    assert shop.champion() == GOOD
    assert "The challenger is worse than the champion" in done.text()
    assert "salesml promote churn 4 --force --reason TEXT" in done.text()
    assert line(done, "log_loss_gain").startswith("FAILED")
    assert shop.tags(SHIFTED)["salesml.judged"] == "refused"


def test_a_difference_that_may_be_chance_is_called_so(shop: Registered) -> None:
    promote("churn", GOOD, shop.crm)
    twin = shop.log(told(shop.bundle, slope=1.001))
    done = promote("churn", twin, shop.crm)
    assert done.refused
    assert "FAILED" in line(done, "log_loss_gain")
    assert "passed" in line(done, "ranking_overlap")


def test_by_force_it_is_promoted_and_who_did_it_is_kept(shop: Registered) -> None:
    promote("churn", GOOD, shop.crm)
    done = promote("churn", SHIFTED, shop.crm, force=True, reason="the board wants it", by="bob")
    assert done.outcome == "forced"
    assert (shop.champion(), shop.before()) == (SHIFTED, (POOR, GOOD))
    tags = shop.tags(SHIFTED)
    assert (tags["salesml.judged"], tags["salesml.judged.by"]) == ("forced", "bob")
    assert tags["salesml.judged.reason"] == "the board wants it"
    assert "worse than the champion" in tags["salesml.judged.text"], "what the gates said is kept"


def test_force_without_a_reason_is_refused(shop: Registered) -> None:
    error = refused(shop, GOOD, force=True, reason=" ")
    assert isinstance(error, UsageError)
    assert "Say why with --reason TEXT" in str(error)


def test_a_dry_run_keeps_nothing(shop: Registered) -> None:
    done = promote("churn", "challenger", shop.crm, dry=True)
    assert done.outcome in ("allowed", "refused")
    assert promote("churn", GOOD, shop.crm, dry=True).outcome == "allowed"
    assert shop.champion() == POOR
    assert "salesml.judged" not in shop.tags(GOOD)


def test_the_first_champion_is_held_against_the_average_rate(shop: Registered) -> None:
    with connected(shop.tracking) as client:
        client.delete_registered_model_alias(shop.registered, "champion")
    done = promote("churn", GOOD, shop.crm)
    assert done.outcome == "promoted", done.text()
    assert "against the average rate" in done.text()
    assert "in the place of no version before it" in done.text()
    assert (shop.champion(), shop.before()) == (GOOD, ())


def test_each_further_try_on_the_same_rows_needs_more_confidence(shop: Registered) -> None:
    promote("churn", SHIFTED, shop.crm)
    promote("churn", SHIFTED, shop.crm)
    done = promote("churn", BETTER, shop.crm, dry=True)
    assert "with 98.8% confidence; one other challenger was judged on these rows before" in line(
        done, "log_loss_gain"
    )


def test_a_version_that_is_not_there(shop: Registered) -> None:
    error = refused(shop, 99)
    assert (error.code, error.exit_code) == ("no-version", 1)
    assert "The model salesml-churn has no version 99. It has 1, 2, 3, 4, 5" in str(error)
    assert "has no version nowhere" in str(refused(shop, "nowhere"))


def test_one_of_no_use_is_refused_unless_forced(shop: Registered) -> None:
    error = refused(shop, NO_USE)
    assert error.code == "not-of-use"
    assert "is 'no usable signal' by its own training" in str(error)
    done = promote("churn", NO_USE, shop.crm, force=True, reason="a drill", by="ann")
    assert done.outcome == "forced"
    assert "no usable signal" in done.unjudged


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"horizon_days": 60}, "The champion looks ahead so many days: 90, the challenger .* 60"),
        ({"gap_days": 14}, "The champion leaves a gap of so many days: 0, the challenger .* 14"),
    ],
)
def test_one_that_looks_ahead_otherwise_is_refused(
    shop: Registered, change: dict[str, Any], says: str
) -> None:
    learned = replace(shop.bundle.training, **change)
    meaning = {**shop.bundle.meaning, **{key: str(value) for key, value in change.items()}}
    other = shop.log(replace(shop.bundle, training=learned, meaning=meaning))
    error = refused(shop, other)
    assert error.code == "other-outcome"
    assert re.search(says, str(error)), str(error)


def test_one_of_other_features_is_refused_by_name(shop: Registered) -> None:
    meaning = {**shop.bundle.meaning, "features.support.sql": "SQL 123456789012"}
    error = refused(shop, shop.log(replace(shop.bundle, meaning=meaning)))
    assert error.code == "other-meaning"
    assert "Of the challenger: features.support.sql is not as in training" in str(error)


def test_columns_that_the_tables_no_longer_give_are_named(shop: Registered) -> None:
    features = tuple(
        replace(each, name="gone") if each.name == "orders_recency" else each for each in shop.bundle.features
    )
    columns = tuple(
        replace(each, name="gone") if each.name == "orders_recency" else each
        for each in shop.bundle.coding.columns
    )
    coding = replace(shop.bundle.coding, columns=columns)
    error = refused(shop, shop.log(replace(shop.bundle, features=features, coding=coding)))
    assert isinstance(error, DataError)
    assert "Of the challenger:" in str(error)
    assert "gone" in str(error)


def test_test_periods_that_do_not_overlap_are_refused_with_both_dates(shop: Registered) -> None:
    late = replace(shop.bundle.training, as_of=("2025-08-01",))
    error = refused(shop, shop.log(replace(shop.bundle, training=late)))
    assert error.code == "seen-rows"
    assert "The challenger learned from outcomes up to 2025-10-30" in str(error)
    assert "of dates after everything that either has learned from: 2025-10-30 or later" in str(error)


def test_labels_that_are_not_ripe_are_refused(shop: Registered) -> None:
    error = refused(shop, GOOD, as_of=[dt.date(2025, 12, 1)])
    assert error.code == "not-observed"
    assert "ends after" in str(error)


def test_one_of_a_flat_table_has_no_dates_to_judge_on(shop: Registered) -> None:
    flat = replace(shop.bundle, training=replace(shop.bundle.training, as_of=()))
    error = refused(shop, shop.log(flat))
    assert error.code == "no-dates"
    assert "--reason" in str(error)


def test_a_champion_that_no_longer_loads(shop: Registered) -> None:
    broken = shop.log(told(shop.bundle, slope=0.5))
    promote("churn", broken, shop.crm, force=True, reason="a drill", by="ann")
    with connected(shop.tracking) as client:
        run = client.get_model_version(shop.registered, str(broken)).run_id
        where = Path(client.get_run(run).info.artifact_uri.removeprefix("file://")) / "model"
    shutil.rmtree(where)
    error = refused(shop, GOOD)
    assert error.code == "cannot-load"
    assert f"The champion, version {broken} of salesml-churn, can no longer be loaded" in str(error)
    done = promote("churn", GOOD, shop.crm, force=True, reason="the champion is broken", by="ann")
    assert (done.outcome, shop.champion()) == ("forced", GOOD)
    assert "can no longer be loaded" in shop.tags(GOOD)["salesml.judged.text"]
    assert refused(shop, broken).code == "cannot-load", "one that does not load is never promoted"
    assert refused(shop, broken, force=True, reason="all the same").code == "cannot-load"


def test_a_registry_that_is_away(shop: Registered, tmp_path: Path) -> None:
    away = Tracking(tracking_uri="http://127.0.0.1:9", folder=tmp_path)
    with pytest.raises(OutsideError) as caught:
        promote("churn", GOOD, shop.crm, tracking=away)
    assert (caught.value.code, caught.value.exit_code) == ("tracking-away", 4)
    assert shop.champion() == POOR


def test_somebody_else_was_quicker(shop: Registered, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = promote_module.judge_pair

    def slowly(*args: object, **named: object) -> object:
        found = judged(*args, **named)
        with connected(shop.tracking) as client:
            now = standing(client, shop.registered)
            move(client, now, BETTER, (*now.chain, BETTER), why={})
        return found

    monkeypatch.setattr(promote_module, "judge_pair", slowly)
    with pytest.raises(OutsideError) as caught:
        promote("churn", GOOD, shop.crm)
    assert caught.value.code == "champion-moved"
    assert shop.champion() == BETTER
    assert "salesml.judged" not in shop.tags(GOOD)


def test_gates_of_the_spec_win_over_those_of_the_project(shop: Registered) -> None:
    spec = replace(read_spec(shop.folder / "models" / "churn.yaml"), gates={"log_loss_gain": 0.9})
    done = promote("churn", GOOD, shop.crm, spec=spec, dry=True)
    assert done.refused
    assert "better than the champion" in done.text()
    assert "but by too little to change models" in done.text()
    few = replace(spec, gates={"fewest_outcomes": 1000.0})
    assert line(promote("churn", GOOD, shop.crm, spec=few, dry=True), "fewest_outcomes").startswith("FAILED")
