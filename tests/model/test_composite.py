"""The composite of outcomes: ranks, weights, what drops out, and the cut-off."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from salesml.model.composite import fit_composite, mid_rank
from salesml.model.faults import InputError, ParameterError

PARTS = {"margin": ("net_margin",), "repeat": ("repeat_events", "active_months"), "kept": ("kept",)}
EQUAL = {"margin": 1.0, "repeat": 1.0, "kept": 1.0}


def outcomes(rows: int = 200, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "account": [f"A{number}" for number in range(rows)],
            "net_margin": np.round(np.maximum(rng.normal(0, 100, rows), 0), 2),
            "repeat_events": rng.poisson(2, rows).astype(float),
            "active_months": rng.integers(0, 7, rows).astype(float),
            "kept": rng.integers(0, 2, rows).astype(float),
        }
    )


def test_mid_ranks_are_those_of_scipy() -> None:
    values = np.array([3.0, 1, 3, 3, 0, 7])
    assert mid_rank(np.sort(values), values) == pytest.approx((rankdata(values) - 0.5) / 6)
    assert mid_rank(np.sort(values), np.array([-1.0, 9])) == pytest.approx([0, 1])


def test_the_composite_is_the_weighted_mean_of_ranks() -> None:
    frame = outcomes()
    made = fit_composite(frame, PARTS, {"margin": 2, "repeat": 1, "kept": 1}, 0.2)
    ranks = {name: (rankdata(frame[name]) - 0.5) / len(frame) for name in frame if name != "account"}
    repeat = (ranks["repeat_events"] + ranks["active_months"]) / 2
    assert made.score(frame) == pytest.approx(ranks["net_margin"] / 2 + repeat / 4 + ranks["kept"] / 4)
    assert made.ideal(frame).mean() == made.reached == pytest.approx(0.2, abs=0.01)
    assert not made.dropped


def test_ranks_and_cutoff_are_those_of_the_training_accounts() -> None:
    frame = outcomes()
    made = fit_composite(frame, PARTS, EQUAL, 0.2)
    better = frame.assign(net_margin=frame["net_margin"] + 1e6, kept=1.0)
    assert made.ideal(better).mean() > 0.5
    one = frame.iloc[[17]]
    assert made.score(one)[0] == made.score(frame)[17]
    assert made.ideal(one)[0] == made.ideal(frame)[17]


def test_equal_outcomes_stand_together_and_it_is_said() -> None:
    frame = outcomes(100).assign(net_margin=[1.0] * 35 + [0.0] * 65)
    made = fit_composite(frame, {"margin": ("net_margin",)}, {"margin": 1}, 0.2)
    assert made.reached == 0.35
    assert (
        "35.0% of them, where 20.0% were asked for; accounts with equal outcomes stand together"
        in made.rules()
    )
    nearly_all = fit_composite(frame, {"margin": ("net_margin",)}, {"margin": 1}, 0.999)
    assert nearly_all.reached == 0.35


def test_parts_without_data_drop_out_and_the_others_count_more() -> None:
    frame = outcomes().assign(kept=1.0)
    weights = {"margin": 0.5, "repeat": 0.2, "kept": 0.2, "referrals": 0.1}
    made = fit_composite(frame, PARTS, weights, 0.2, {"referrals": "crm.yaml has no table of referrals"})
    assert made.weights == pytest.approx({"margin": 5 / 7, "repeat": 2 / 7})
    rules = made.rules()
    assert "they count margin 71%, repeat 29%" in rules
    assert "Not counted: referrals, since crm.yaml has no table of referrals." in rules
    assert "Not counted: kept, since it is the same for all accounts (1)." in rules
    assert "raised in proportion" in rules
    assert "raised" not in fit_composite(outcomes(), PARTS, EQUAL, 0.2).rules()


def test_the_table_holds_means_that_can_be_checked() -> None:
    frame = outcomes()
    made = fit_composite(frame, PARTS, EQUAL, 0.2)
    table, ideal = made.table(frame), made.ideal(frame) == 1
    assert table.loc["net_margin", "ideal"] == pytest.approx(frame["net_margin"][ideal].mean())
    assert table.loc["net_margin", "others"] == pytest.approx(frame["net_margin"][~ideal].mean())
    assert table.loc["kept", "all"] == pytest.approx(frame["kept"].mean())
    accounts = made.accounts(frame)
    assert list(accounts["composite"]) == sorted(accounts["composite"], reverse=True)
    assert accounts["ideal"].sum() == ideal.sum()
    text, best = made.text(frame), made.best(frame, "account")
    assert f"{ideal.sum()} ideal" in text
    assert not set(frame["account"]) & set(text.split())
    assert [line.split()[0] for line in best.splitlines()[1:]] == list(accounts["account"].head(10))


@pytest.mark.parametrize("top", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_a_share_of_none_or_all_is_refused(top: float) -> None:
    with pytest.raises(ParameterError, match=r"0\.2 calls a fifth of the accounts ideal"):
        fit_composite(outcomes(), PARTS, EQUAL, top)


def test_outcomes_that_tell_nothing_are_refused_with_every_reason() -> None:
    frame = outcomes().assign(net_margin=0.0, kept=0.0)
    with pytest.raises(InputError) as caught:
        fit_composite(frame, PARTS, {"margin": 1, "kept": 1, "referrals": 1}, 0.2)
    assert caught.value.code == "no-outcome"
    assert "margin: it is the same for all accounts (0)" in str(caught.value)
    assert "referrals: no table tells of it" in str(caught.value)
    with pytest.raises(InputError, match="No part of the outcome tells one account from another"):
        fit_composite(outcomes(), {}, EQUAL, 0.2)


def test_bad_weights_few_accounts_and_gaps_are_refused() -> None:
    with pytest.raises(ParameterError, match="The weight of margin is -1"):
        fit_composite(outcomes(), PARTS, {"margin": -1}, 0.2)
    with pytest.raises(ParameterError, match="No part of the outcome has a weight"):
        fit_composite(outcomes(), PARTS, {"margin": 0}, 0.2)
    gaps = outcomes(9).assign(kept=np.nan)
    with pytest.raises(InputError) as caught:
        fit_composite(gaps, PARTS, EQUAL, 0.2)
    assert {fault.code for fault in caught.value.faults} == {"too-few", "missing-values"}
    assert "9 accounts have no kept" in str(caught.value)
