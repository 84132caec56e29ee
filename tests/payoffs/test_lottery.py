"""The sums of every list that might have been, against drawing each."""

from __future__ import annotations

import numpy as np

from salesml.payoffs.lottery import redrawn, states
from tests.payoffs.made import simulated


def test_every_state_has_the_sums_of_its_list() -> None:
    made = simulated(3)
    rows, lotteries = made.design.rows, made.design.lotteries
    assert lotteries
    rng = np.random.default_rng(0)
    y, x, counted = (
        rng.normal(size=len(rows)),
        rng.normal(size=len(rows)),
        rows.by_lot & (rng.random(len(rows)) < 0.8),
    )
    for each in lotteries:
        found = states(each, rows.chance, y, x, counted)
        bundles = len(each.deal.sizes)
        assert len(found.listed) == bundles + 1
        for state in range(bundles + 1):
            number = (state + 0.5) * each.deal.each if state < bundles else 1.0
            if state == bundles and each.deal.each * bundles > 1 - 1e-9:
                continue
            drawn = each.deal.draw(number)
            for listed, sums, chance in (
                (drawn.kept | drawn.drawn, found.listed, rows.chance),
                (~(drawn.kept | drawn.drawn), found.unlisted, 1 - rows.chance),
            ):
                here = each.rows[listed]
                here = here[counted[here]]
                w = 1 / chance[here]
                assert np.allclose(sums[state], [w.sum(), (w * y[here]).sum(), (w * x[here]).sum()])


def test_draws_are_around_nothing_where_nothing_depends_on_the_list() -> None:
    made = simulated(4, lists=30, dates=3)
    rows, lotteries = made.design.rows, made.design.lotteries
    assert lotteries
    y = np.random.default_rng(1).normal(size=len(rows))
    sums = [states(each, rows.chance, y, np.zeros(len(rows)), rows.by_lot) for each in lotteries]
    cluster = np.arange(len(sums))
    drawn = redrawn(sums, cluster, np.random.default_rng(2), draws=4000)
    assert abs(drawn.y.mean()) < 4 * drawn.y.std() / np.sqrt(4000) + 0.02 * drawn.y.std()
    # The standard error of each draw is about the spread of all.
    assert 0.8 < np.sqrt(drawn.yy.mean()) / drawn.y.std() < 1.2


def test_as_many_draws_as_asked() -> None:
    made = simulated(5)
    rows, lotteries = made.design.rows, made.design.lotteries
    assert lotteries
    sums = [states(each, rows.chance, rows.label, rows.label, rows.by_lot) for each in lotteries]
    drawn = redrawn(sums, np.zeros(len(sums), dtype=np.int64), np.random.default_rng(0), draws=17)
    assert drawn.y.shape == (17,)
