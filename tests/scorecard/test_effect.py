"""How much says as much as one case: intervals of each kind cover what the cells come from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salesml.scorecard.cells import MOMENTS, sums_of
from salesml.scorecard.effect import effects, expected_cases, moving
from salesml.scorecard.estimate import estimate
from salesml.scorecard.likelihood import of_amounts, of_prices, of_ratios, seen_of
from salesml.scorecard.metric import Kind
from salesml.scorecard.shrink import shrink

LEAST, MOST = 0.84, 0.955

REPS = 400


def cells(
    n: list[np.ndarray], d: list[np.ndarray], kind: str = "year", start: str = "2024-01-01"
) -> pd.DataFrame:
    """Cells of reps of whom the units are given, and that of the company."""
    units = pd.concat(
        pd.DataFrame({"id": f"r{rep:03}", "n": each, "d": other})
        for rep, (each, other) in enumerate(zip(n, d, strict=True))
    )
    for name in MOMENTS:
        units[name] = np.prod([units[each].to_numpy() for each in name], axis=0)
    sums = [*MOMENTS, "n", "d"]
    reps = units.groupby("id")[sums].sum().assign(units=units.groupby("id").size()).reset_index()
    company = units[sums].sum().to_frame().T.assign(units=len(units), id="company", level="company")
    both = pd.concat([reps.assign(level="rep"), company], ignore_index=True)
    return both.assign(kind=kind, start=pd.Timestamp(start))


def covered(kind: Kind, table: pd.DataFrame, truth: float) -> float:
    found = estimate(kind, sums_of(table), effects(kind, table))
    reps = (table["level"] == "rep").to_numpy()
    return float(((found.low <= truth) & (truth <= found.high))[reps].mean())


def money(luck: np.random.Generator, size: int) -> np.ndarray:
    return np.exp(luck.standard_normal(size))


def test_margin_that_leaves_with_few_customers() -> None:
    luck = np.random.default_rng(1)
    margins = [money(luck, 30) for _ in range(REPS)]
    lost = [each * (luck.random(30) < 0.05) for each in margins]
    table = cells(lost, margins)
    assert LEAST <= covered("share", table, 0.05) <= MOST
    # As a ratio of sums, books that lost nobody of weight are too sure of it.
    assert covered("ratio", table, 0.05) < LEAST


def test_sums_of_few_amounts() -> None:
    luck = np.random.default_rng(2)
    amounts = [money(luck, number) for number in luck.poisson(6, REPS)]
    table = cells(amounts, [np.zeros_like(each) for each in amounts]).assign(d=1.0)
    assert LEAST <= covered("sum", table, 6 * np.exp(0.5)) <= MOST


def test_a_salary_over_the_accounts_that_come() -> None:
    luck = np.random.default_rng(3)
    months = [luck.integers(1, 13, number) for number in luck.poisson(20, REPS)]
    given = [np.concatenate([[1000.0], np.zeros(len(each))]) for each in months]
    table = cells(given, [np.concatenate([[0.0], each]) for each in months])
    truth = 1000 / (20 * 6.5)
    assert LEAST <= covered("price", table, truth) <= MOST


def test_what_is_given_moves_from_month_to_month() -> None:
    luck = np.random.default_rng(4)
    costs = luck.gamma(25, 40, (REPS, 3))
    won = [np.ones(number) for number in luck.poisson(300, REPS)]
    given = [np.concatenate([each, np.zeros(len(other))]) for each, other in zip(costs, won, strict=True)]
    quarter = cells(given, [np.concatenate([np.zeros(3), each]) for each in won], "quarter")
    months = [
        cells([each[[number]] for each in costs], [np.zeros(1)] * REPS, "month", f"2024-0{number + 1}-01")
        for number in range(3)
    ]
    table = pd.concat([quarter, *months], ignore_index=True)
    rows = (table["kind"] == "quarter").to_numpy()
    found = estimate("price", sums_of(table), effects("price", table))
    inside = (found.low <= 10.0) & (found.high >= 10.0)
    assert LEAST <= inside[rows & (table["level"] == "rep").to_numpy()].mean() <= MOST
    # A third of a month's variance, of 300 accounts: 0.04 / 3 * 300.
    assert np.median(moving(table)[rows]) == pytest.approx(4.0, rel=0.15)


def test_counts_take_the_dispersion_within_reps() -> None:
    luck = np.random.default_rng(5)
    rates = luck.gamma(4, 0.5, (REPS, 1))
    days = luck.negative_binomial(2, 2 / (2 + rates), (REPS, 3)).astype(float)
    table = cells(list(days), [np.ones(3)] * REPS, "quarter")
    # Of the negative binomial 1 + mean / 2, cases and not reps: reps who differ do not make months unsure.
    expected = float((rates * (1 + rates / 2)).sum() / rates.sum())
    assert effects("count", table)[0] == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("kind", ["rate", "share", "count", "price"])
def test_cases_to_be_expected_do_not_depend_on_those_of_the_cell(kind: Kind) -> None:
    ones, none = np.ones(40), np.zeros(40)
    some = np.where(np.arange(40) < 8, 1.0, 0.0)
    if kind == "price":
        table = cells([ones, ones, ones * 2], [some, none, some])
    else:
        table = cells([some, none, some], [ones, ones, np.ones(40)])
    found = expected_cases(kind, table, np.ones(len(table)))
    assert found[0] == pytest.approx(found[1])
    assert 0 < found[0] < 40
    assert np.isinf(found[table["level"] == "company"]).all()


def test_who_had_no_large_payment_is_not_sure_to_be_poor() -> None:
    """Of reps alike, hardly more than one in ten lies outside; by a normal likelihood far more do."""
    luck = np.random.default_rng(6)
    payments = [1.5 * luck.standard_normal(60) for _ in range(REPS)]
    table = cells([np.exp(each) for each in payments], [np.ones(60)] * REPS)
    table = table[table["level"] == "rep"]
    found = estimate("ratio", sums_of(table))
    truth = float(np.exp(1.5**2 / 2))
    outside = []
    for rows in np.array_split(np.arange(REPS), 20):
        n, d, units = (table[name].to_numpy(float)[rows] for name in ("n", "d", "units"))
        shares = []
        for seen in (
            of_amounts(n, d, found.variance[rows], units),
            of_ratios(found.value[rows], found.variance[rows], units),
        ):
            drawn = shrink(seen)
            shares.append(((truth < drawn.low) | (truth > drawn.high)).mean())
        outside.append(shares)
    amounts, ratios = np.mean(outside, axis=0)
    assert amounts <= 0.16
    assert ratios > amounts + 0.05


def test_prices_are_drawn_together_as_prices() -> None:
    drawn = shrink(of_prices(np.array([100.0, 100.0, 100.0]), np.array([50.0, 10.0, 5.0])))
    assert (np.diff(drawn.value) > 0).all()
    assert (drawn.low < drawn.value).all()
    assert (drawn.value < drawn.high).all()
    assert drawn.value[0] > 2.0
    assert drawn.value[2] < 20.0


def test_few_months_are_compared_by_their_mean() -> None:
    given = {
        "numerator": np.array([0.0, 3.0, 5.0]), "denominator": np.full(3, 3.0), "effect": np.ones(3),
        "value": np.array([0.0, 1.0, 5 / 3]), "variance": np.array([0.0, 0.2, 0.3]), "units": np.full(3, 3.0),
    }  # fmt: skip
    few, many = (seen_of("ratio", given | {"units": np.full(3, units)}) for units in (3.0, 30.0))
    assert few is not None
    assert many is not None
    assert few.natural(np.array([0.5]))[0] == 0.5
    assert many.natural(np.array([0.0]))[0] == 1.0
