"""The answer in words, for every case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from salesml.lifecycle.tuning.answer import judge, learner_block
from salesml.lifecycle.tuning.compared import Compared, of_any_fit, paired
from salesml.lifecycle.tuning.luck import Luck
from salesml.model.bootstrap import Estimate

BETTER = Compared(
    gain=Estimate(0.005, 0.001, 0.009), by_seed=(0.004, 0.005, 0.006), defaults=0.55, tuned=0.545,
    rows=2_000, accounts=1_900, positives=400, fewest=395, looks=1,
)  # fmt: skip
LUCK = Luck(gain=0.0081, chance=0.031, usual=0.006, trials=39)


def test_a_gain_beyond_chance_under_every_seed_beats_the_defaults() -> None:
    answer = judge(BETTER, LUCK, others=40, tested_on="2025-10-03")
    assert answer.kind == "beat"
    assert answer.text.startswith("Tuning beat the defaults by more than chance: on 2,000 rows of 1,900")
    assert "(2025-10-03), log loss is 0.5500 with the defaults and 0.5450 with the best trial" in answer.text
    assert "a gain of +0.0050, 95 % interval +0.0010 to +0.0090" in answer.text
    assert "chosen as the best of 40, it gained +0.0081" in answer.text
    assert "probability of 0.031" in answer.text
    assert "nothing was promoted" in answer.text


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"gain": Estimate(0.001, -0.002, 0.004)}, "not shown", "a gain under about 0.0030 cannot be seen"),
        ({"by_seed": (0.005,)}, "not shown", "one seed only). Time allowed one fit of either"),
        ({"gain": Estimate(-0.005, -0.009, -0.001)}, "worse", "it lost against them"),
        ({"fewest": 19}, "too few", "With 19 accounts of the rarer outcome in the test nothing can be"),
    ],
)
def test_anything_less_is_said_to_be_less(change: dict[str, object], kind: str, words: str) -> None:
    answer = judge(replace(BETTER, **change), None, others=40, tested_on="2025-10-03")  # type: ignore[arg-type]
    assert answer.kind == kind
    assert answer.text.startswith("Tuning did not beat the defaults")
    assert words in answer.text
    assert "Keep the defaults" in answer.text


@pytest.mark.parametrize("fits", [0.0, 0.5, 1.0, 3.0])
def test_settings_that_are_no_better_beat_the_defaults_in_at_most_a_fortieth(fits: float) -> None:
    """Fits differ by luck from seed to seed, ``fits`` times as much as the test can tell apart."""
    rng = np.random.default_rng(0)
    wins = 0
    for _ in range(4_000):
        of_rows, of_fits = rng.normal(), fits * rng.normal(size=3)
        by_seed = tuple(of_rows + of_fits)
        mean = float(np.mean(by_seed))
        wins += of_any_fit(Estimate(mean, mean - 1.96, mean + 1.96), by_seed).low > 0
    assert wins <= 4_000 / 40 + 3 * np.sqrt(4_000 / 40)


def test_one_seed_has_the_interval_of_its_rows() -> None:
    gain = Estimate(0.3, 0.1, 0.5)
    assert of_any_fit(gain, (0.3,)) == gain
    assert of_any_fit(gain, (0.3, 0.3, 0.3)) == Estimate(0.3, pytest.approx(0.1), pytest.approx(0.5))  # type: ignore[arg-type]


def test_where_the_defaults_are_best_the_test_is_not_looked_at() -> None:
    answer = judge(None, None, others=12, tested_on="2025-10-03")
    assert answer.kind == "defaults"
    assert answer.text == (
        "Tuning did not beat the defaults: on the folds none of 12 other settings lost less. Keep them. "
        "The test rows were not looked at."
    )


@pytest.mark.parametrize(
    ("others", "words"),
    [
        (0, "nothing else was tried."),
        (1, "the one other setting lost no less."),
        (2, "none of 2 other settings"),
    ],
)
def test_few_other_settings_are_told_in_english(others: int, words: str) -> None:
    assert f"on the folds {words}" in judge(None, None, others=others, tested_on="x").text


def test_a_fine_interval_is_told_with_a_digit_more() -> None:
    fine = replace(BETTER, gain=Estimate(-0.00005, -0.00023, 0.00013))
    text = judge(fine, None, others=9, tested_on="2025-10-03").text
    assert "a gain of -0.00005, 95 % interval -0.00023 to +0.00013" in text
    assert "a gain under about 0.00018 cannot be seen" in text


def test_prospects_are_called_so() -> None:
    answer = judge(BETTER, None, others=9, tested_on="2025-10-03", many="prospects")
    assert "on 2,000 rows of 1,900 prospects that neither has seen" in answer.text
    assert "resampled by prospect, mean of 3 seeds" in answer.text


def test_looking_twice_at_the_same_rows_is_paid_for() -> None:
    answer = judge(replace(BETTER, looks=2), None, others=40, tested_on="2025-10-03")
    assert "97.5 % interval" in answer.text
    assert "It is the 2nd result of tuning that is compared on these rows" in answer.text
    rng = np.random.default_rng(0)
    difference, weight, owner = rng.normal(size=300), np.ones(300), np.arange(300)
    once, twice = (paired(difference, weight, owner, level=0.05 / looks) for looks in (1, 2))
    assert twice.low < once.low < once.high < twice.high


def test_rows_of_one_account_come_together() -> None:
    rng = np.random.default_rng(0)
    difference = np.repeat(rng.normal(size=100), 9)
    alone = paired(difference, np.ones(900), np.arange(900))
    together = paired(difference, np.ones(900), np.repeat(np.arange(100), 9))
    assert together.high - together.low == pytest.approx(3 * (alone.high - alone.low), rel=0.15)


def test_the_block_reads_back_as_the_spec_reads_it() -> None:
    import yaml

    learner = {"n_folds": 5, "learning_rate": 0.0431, "monotone": {"age": 1}, "base_rate": None}
    assert yaml.safe_load(learner_block(learner)) == {"learner": learner}
