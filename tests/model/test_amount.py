"""The mean of an amount: found where the truth is known, one mean where nothing can be told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from salesml.errors import ModelError
from salesml.model.amount import AmountModel
from salesml.model.amount_calibration import Curve
from salesml.model.amount_fit import FEWEST, FittedAmount, fit_amount
from salesml.model.coding import Coding
from salesml.model.faults import InputError

Floats = NDArray[np.float64]


def company(
    rows: int, seed: int, *, told: float = 1.0, owners: int = 0
) -> tuple[pd.DataFrame, Floats, Floats, NDArray[np.intp]]:
    """Features, amounts, true means and owners: zero by a chance, else log-normal, both moved by features."""
    rng = np.random.default_rng(seed)
    size, visits = rng.normal(size=rows), rng.poisson(3, rows).astype(float)
    trade = rng.choice(["shop", "bank", "farm"], rows)
    chance = 1 / (1 + np.exp(0.4 - told * (0.4 * (visits - 3) + np.where(trade == "bank", 1.0, 0.0))))
    log_size = 5 + told * 0.8 * size
    amount = (rng.random(rows) < chance) * np.exp(log_size + rng.normal(size=rows))
    X = pd.DataFrame({"size": size, "visits": visits, "trade": trade, "noise": rng.normal(size=rows)})
    X.loc[rng.random(rows) < 0.1, "size"] = np.nan
    return X, amount, chance * np.exp(log_size + 0.5), rng.integers(0, owners or rows, rows)


def fitted(X: pd.DataFrame, amount: Floats, **options: Any) -> tuple[FittedAmount, Coding, Floats]:
    coding = Coding.learn(X)
    coded = coding.encode(X)
    return fit_amount(coded, amount, coding, **options), coding, coded


@pytest.fixture(scope="module")
def learned() -> tuple[FittedAmount, Coding]:
    X, amount, _, owner = company(4_000, 0)
    found, coding, _ = fitted(X, amount, groups=owner)
    return found, coding


def test_true_means_are_found(learned: tuple[FittedAmount, Coding]) -> None:
    found, coding = learned
    X, _, truth, _ = company(4_000, 1)
    said = found.model.mean(coding.encode(X))
    assert np.corrcoef(np.log(said), np.log(truth))[0, 1] > 0.9
    assert said.sum() / truth.sum() == pytest.approx(1, abs=0.12)


def test_every_tenth_of_new_rows_is_near_its_true_mean(learned: tuple[FittedAmount, Coding]) -> None:
    found, coding = learned
    X, _, truth, _ = company(4_000, 2)
    said = found.model.mean(coding.encode(X))
    for tenth in np.array_split(np.argsort(said), 10):
        assert said[tenth].mean() / truth[tenth].mean() == pytest.approx(1, abs=0.35)


def test_the_unseen_total_of_training_is_that_of_the_amounts(learned: tuple[FittedAmount, Coding]) -> None:
    _, amount, _, _ = company(4_000, 0)
    assert learned[0].out_of_fold.sum() == pytest.approx(amount.sum(), rel=1e-6)


def test_the_interval_holds_the_true_mean_of_tenths() -> None:
    held = []
    for seed in range(4):
        X, amount, _, _ = company(1_200, 10 + seed)
        found, coding, _ = fitted(X, amount, seed=seed)
        fresh, _, truth, _ = company(3_000, 50 + seed)
        z = found.model.log_mean(coding.encode(fresh))
        wide = 1.96 * np.sqrt(found.model.log_variance(z))
        for tenth in np.array_split(np.argsort(z), 10):
            low, high = np.exp(z - wide)[tenth].mean(), np.exp(z + wide)[tenth].mean()
            held.append(low <= truth[tenth].mean() <= high)
    assert np.mean(held) >= 0.95


def test_noise_is_told_as_one_mean() -> None:
    X, amount, _, _ = company(1_000, 3, told=0.0)
    found, _, coded = fitted(X, amount)
    assert found.model.constant
    assert found.model.mean(coded) == pytest.approx(amount.mean())
    assert "One mean for all" in found.model.says
    assert "no column tells more from less beyond chance" in found.model.says


def test_few_amounts_are_told_as_one_mean() -> None:
    X, amount, _, _ = company(200, 4)
    amount[np.flatnonzero(amount > 0)[FEWEST - 1 :]] = 0.0
    found, _, _ = fitted(X, amount)
    assert found.model.constant
    assert f"only {FEWEST - 1} of the 200 rows have an amount above zero" in found.model.says


def test_columns_without_values_give_one_mean() -> None:
    _, amount, _, _ = company(300, 5)
    found, _, _ = fitted(pd.DataFrame({"nothing": np.full(300, np.nan)}), amount)
    assert found.model.constant


def test_the_unit_of_the_amounts_changes_nothing_else() -> None:
    X, amount, _, _ = company(800, 6)
    pounds, _, coded = fitted(X, amount)
    pence, _, _ = fitted(X, amount * 100)
    assert pence.model.mean(coded) == pytest.approx(100 * pounds.model.mean(coded), rel=1e-6)


def test_the_same_twice_whatever_the_threads() -> None:
    X, amount, _, _ = company(800, 7)
    one, _, _ = fitted(X, amount, threads=1)
    four, _, _ = fitted(X, amount, threads=4)
    assert one.model == four.model
    assert one.model.booster == four.model.booster


def test_one_enormous_amount_moves_the_order_little() -> None:
    X, amount, truth, _ = company(1_500, 8)
    amount[0] = 200 * amount.max()
    found, coding, _ = fitted(X, amount)
    fresh, _, truth, _ = company(1_500, 9)
    said = found.model.mean(coding.encode(fresh))
    assert np.corrcoef(np.log(said), np.log(truth))[0, 1] > 0.8
    assert found.out_of_fold.sum() == pytest.approx(amount.sum(), rel=1e-6)


def test_rows_of_an_account_stay_in_one_fold() -> None:
    """With thirty copies of each account noise would else be learned by heart."""
    X, amount, _, _ = company(60, 11, told=0.0)
    copies = np.tile(np.arange(60), 30)
    found, _, _ = fitted(X.iloc[copies].reset_index(drop=True), amount[copies], groups=copies)
    assert found.model.constant


def test_a_weight_of_two_is_as_two_rows_for_the_total() -> None:
    X, amount, _, _ = company(1_000, 12)
    weight = np.where(X["trade"] == "bank", 2.0, 1.0)
    found, _, _ = fitted(X, amount, sample_weight=weight)
    assert weight @ found.out_of_fold == pytest.approx(weight @ amount, rel=1e-6)


def test_rows_of_weight_zero_are_left_out() -> None:
    X, amount, _, _ = company(900, 13)
    weight = np.ones(900)
    weight[600:] = 0.0
    amount[600:] *= 1_000
    found, _, coded = fitted(X, amount, sample_weight=weight)
    assert len(found.out_of_fold) == 600
    assert found.model.mean(coded[:600]).mean() == pytest.approx(amount[:600].mean(), rel=0.5)


def test_no_mean_lies_below_the_floor() -> None:
    X, amount, _, _ = company(800, 14)
    floor = float(np.median(amount[amount > 0]))
    found, _, coded = fitted(X, amount, floor=floor)
    assert found.model.mean(coded).min() == floor


def test_dates_that_differ_widen_the_interval() -> None:
    X, amount, _, _ = company(3_000, 15)
    date = np.arange(3_000) % 5
    moved = amount * np.array([0.4, 0.7, 1.0, 1.4, 2.0])[date]
    without, _, _ = fitted(X, moved)
    with_dates, _, _ = fitted(X, moved, as_of=date)
    assert with_dates.model.uncertainty.between > without.model.uncertainty.between + 0.1


def test_a_model_survives_being_plain_data(learned: tuple[FittedAmount, Coding]) -> None:
    model, coding = learned[0].model, learned[1]
    again = AmountModel.from_dict(json.loads(json.dumps(model.as_dict())), model.booster)
    assert again == model
    coded = coding.encode(company(50, 1)[0])
    assert (again.mean(coded) == model.mean(coded)).all()


def test_one_row_alone_is_given_the_same_mean(learned: tuple[FittedAmount, Coding]) -> None:
    coded = learned[1].encode(company(300, 1)[0])
    alone = [learned[0].model.mean(coded[row : row + 1])[0] for row in range(20)]
    assert alone == list(learned[0].model.mean(coded)[:20])


def test_a_text_of_another_kind_is_refused(learned: tuple[FittedAmount, Coding]) -> None:
    model = learned[0].model
    with pytest.raises(ModelError, match=r"objective=binary sigmoid:1, not tweedie"):
        replace(model, booster=model.booster.replace("objective=tweedie", "objective=binary sigmoid:1"))


@pytest.mark.parametrize(
    "change", [{"floor": np.inf}, {"floor": -1.0}, {"curve": Curve((0.0, 1.0), (1.0, 0.5))}]
)
def test_numbers_that_cannot_be_are_refused(
    learned: tuple[FittedAmount, Coding], change: dict[str, Any]
) -> None:
    with pytest.raises(ModelError, match="not one that it can have"):
        replace(learned[0].model, **change)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ([0.0, 0.0, 0.0], "The amount is zero in all 3 rows"),
        ([1.0, -2.0, 3.0], "1 of 3 amounts are below zero"),
        ([1.0, np.inf, -np.inf], "2 of 3 amounts are infinite"),
        ([1.0, np.nan, 3.0], "1 of 3 amounts are missing"),
        ([1.0, 2.0], r"have shape \(2,\) for 3 rows"),
        (["much", "little", "none"], "other things than numbers"),
    ],
)
def test_bad_amounts_are_refused_in_words(amount: list[Any], words: str) -> None:
    X = pd.DataFrame({"size": [1.0, 2.0, 3.0]})
    with pytest.raises(InputError, match=words):
        fitted(X, np.array(amount))


def test_all_faults_of_amounts_come_together() -> None:
    with pytest.raises(InputError) as error:
        fitted(pd.DataFrame({"size": [1.0, 2.0, 3.0]}), np.array([-1.0, np.inf, np.nan]))
    assert [fault.code for fault in error.value.faults] == ["bad-amount"] * 3


def test_one_row_is_refused() -> None:
    with pytest.raises(InputError, match="belong to one account"):
        fitted(pd.DataFrame({"size": [1.0]}), np.array([5.0]))
