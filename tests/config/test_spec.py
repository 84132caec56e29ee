"""models/NAME.yaml becomes a Spec, or every fault of it is named."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from salesml.config import read_spec
from salesml.config.spec import Spec
from salesml.errors import UsageError

CHURN = """\
task: churn
label: {kind: inactivity, events: orders, inactive_days: 90, active_within_days: 180}
horizon_days: 90
value: orders.revenue
"""


def read(tmp_path: Path, text: str) -> Spec:
    path = tmp_path / "churn.yaml"
    path.write_text(text)
    return read_spec(path)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_defaults(tmp_path: Path) -> None:
    spec = read(tmp_path, CHURN)
    assert spec.name == "churn"
    assert (spec.label.inactive_days, spec.label.active_within_days) == (90, 180)
    assert (spec.value_log, spec.value_measure) == ("orders", "revenue")
    assert spec.windows_days == (30, 90, 180, 365)
    assert (spec.as_of.every, spec.as_of.train, spec.as_of.explicit) == ("month", 6, False)
    assert spec.bands == {"A": 0.05, "B": 0.2, "C": 0.5}
    assert spec.text == CHURN


def test_horizon_defaults_to_the_inactive_days(tmp_path: Path) -> None:
    text = "task: churn\nlabel: {kind: inactivity, events: orders, inactive_days: 45}\n"
    spec = read(tmp_path, text)
    assert spec.horizon_days == 45
    assert spec.label.active_within_days == 90


def test_explicit_dates(tmp_path: Path) -> None:
    spec = read(tmp_path, CHURN + "as_of: {train: [2011-04-11, 2011-05-11], test: 2011-09-09}\n")
    assert spec.as_of.train_dates == (dt.date(2011, 4, 11), dt.date(2011, 5, 11))
    assert spec.as_of.test_dates == (dt.date(2011, 9, 9),)


def test_explicit_dates_need_a_test(tmp_path: Path) -> None:
    assert "need a date to test on" in refusal(tmp_path, CHURN + "as_of: {train: [2011-04-11]}\n")


def test_own_features_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "support.sql").write_text("select 1")
    spec = read(tmp_path, CHURN + "features: {support: {sql: support.sql, words: {n: tickets}}}\n")
    assert spec.features[0].sql == "select 1"
    assert spec.features[0].words == {"n": "tickets"}


def test_a_list_of_protected_attributes_excludes_them(tmp_path: Path) -> None:
    spec = read(tmp_path, CHURN + "protected: [gender, age]\n")
    assert (spec.protected, spec.checked, spec.used) == (("gender", "age"), (), ())


def test_a_mapping_says_what_becomes_of_each(tmp_path: Path) -> None:
    spec = read(tmp_path, CHURN + "protected: {faith: excluded, gender: checked, age: used}\n")
    assert spec.protected == ("faith", "gender")
    assert (spec.checked, spec.used) == (("gender",), ("age",))


def test_columns_to_leave_out_and_to_insist_on(tmp_path: Path) -> None:
    spec = read(tmp_path, CHURN + "exclude: [tags]\nallow: [tenure]\n")
    assert (spec.exclude, spec.allow) == (("tags",), ("tenure",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (CHURN + "protected: {gender: chekced}\n", "Did you mean 'checked'?"),
        (CHURN + "horizont: 3\n", "Did you mean 'horizon_days'?"),
        (CHURN.replace("churn", "chrun"), "Did you mean 'churn'?"),
        (CHURN.replace("inactive_days: 90", "inactive_days: 0"), "at least 1"),
        (CHURN.replace("kind: inactivity", "kind: won"), "Allowed: contract, inactivity"),
        (CHURN.replace("orders.revenue", "revenue"), "LOG.MEASURE"),
        (CHURN + "windows_days: [90, 30]\n", "It must be whole days, rising"),
        (CHURN + "bands: {A: 0.5, B: 0.2, C: 0.9}\n", "Cumulative shares of the list, rising"),
        (CHURN + "gates: {auc_worse: high}\n", "gates.auc_worse is 'high'"),
        (CHURN + "features: {support: {sql: nowhere.sql}}\n", "nowhere.sql, which is not in"),
        (CHURN + "as_of: {evry: month}\n", "Did you mean 'every'?"),
        ("label: {kind: inactivity, events: orders, inactive_days: 90}\n", "lacks the key 'task'"),
    ],
)
def test_faults(tmp_path: Path, text: str, says: str) -> None:
    assert says in refusal(tmp_path, text)


def test_all_faults_together(tmp_path: Path) -> None:
    message = refusal(tmp_path, CHURN + "windows_days: [0]\ngap_days: -1\nfoo: 1\n")
    assert message.startswith("3 faults:")


def test_ideal_label_and_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "fit.yaml"
    path.write_text("task: fit\nlabel: {kind: ideal, months: 6, hour_cost: 40}\n")
    spec = read_spec(path)
    assert spec.label.weights == dict.fromkeys(("margin", "repeat", "kept", "referrals"), 1.0)
    assert (spec.label.hour_cost, spec.label.top, spec.horizon_days) == (40, 0.2, 183)
    path.write_text("task: fit\nlabel: {kind: ideal, top: 1, weights: {margin: -1, repeats: 1}}\n")
    with pytest.raises(UsageError) as caught:
        read_spec(path)
    text = str(caught.value)
    assert "label.top is 1. It must lie between 0 and 1" in text
    assert "weights of margin is -1. It must be 0 or more" in text
    assert "the unknown part 'repeats'. Did you mean 'repeat'?" in text
    path.write_text("task: fit\nlabel: {kind: ideal, weights: {margin: 0}, months: 9999}\n")
    with pytest.raises(UsageError, match=r"weights are all 0\. At least one part must count"):
        read_spec(path)


def test_horizons_of_the_curve(tmp_path: Path) -> None:
    assert read(tmp_path, CHURN).horizons_days == ()
    assert read(tmp_path, CHURN + "horizons_days: [90, 120, 180]\n").horizons_days == (90, 120, 180)
    contract = "task: churn\nlabel: {kind: contract}\nhorizon_days: 60\nhorizons_days: [30, 60]\n"
    assert read(tmp_path, contract).horizons_days == (30, 60)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CHURN + "horizons_days: [180, 90]\n", "horizons_days is [180, 90]. It must be whole days, rising"),
        (CHURN + "horizons_days: [0, 90]\n", "horizons_days is [0, 90]. It must be whole days, rising"),
        (CHURN + "horizons_days: []\n", "horizons_days is []. It must be whole days, rising"),
        (CHURN + "horizons_days: [120, 180]\n", "without horizon_days, 90. It must hold 90"),
        (CHURN + "horizons_days: [30, 90]\n", "in fewer days nobody can be silent for so long"),
        (
            CHURN.replace("horizon_days: 90", "horizon_days: 120") + "horizons_days: [120]\n",
            "Both must be alike: an account has left once it is silent for 90 days",
        ),
        (CHURN + f"horizons_days: {list(range(90, 120))}\n", "It may have at most 24"),
        (
            "task: conversion\nlabel: {kind: won}\nhorizon_days: 90\nhorizons_days: [90, 180]\n",
            "Only accounts that may leave have a curve",
        ),
    ],
)
def test_horizons_that_cannot_be(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(tmp_path, text)
