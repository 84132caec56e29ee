"""The truth beside the simulated company is what it says: probabilities that come true."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from salesml.crm.sample.block import Block
from salesml.crm.sample.calendar import HORIZON
from salesml.crm.sample.pursuit import Pursued
from salesml.crm.sample.pursuit_ahead import foresee
from tests.crm.sample import told

FAR = 4.0
"""Standard errors: among the hundred looked at here one this far off comes once in 150 companies."""


@pytest.fixture(scope="module")
def prospects(company: list[Block]) -> pd.DataFrame:
    table = told.prospects(company)
    return table.assign(hours=table["contacts_coming"] * table["hours_a_contact"])


@pytest.fixture(scope="module")
def accounts(company: list[Block]) -> pd.DataFrame:
    return told.accounts(company)


def _off(table: pd.DataFrame, probability: str, outcome: str, by: pd.Series, group: str) -> list[float]:
    return [told.far_off(part, probability, outcome, group) for _, part in table.groupby(by)]


@pytest.mark.parametrize("name", ["p_full", "p_observable"])
def test_won_as_often_as_the_truth_says_in_every_decile(prospects: pd.DataFrame, name: str) -> None:
    deciles = pd.qcut(prospects[name], 10, labels=False)
    assert max(map(abs, _off(prospects, name, "won", deciles, "rep"))) < FAR
    said, came = prospects.groupby(deciles)[name].mean(), prospects.groupby(deciles)["won"].mean()
    assert said.iloc[-1] > 10 * said.iloc[0]
    assert came.is_monotonic_increasing


@pytest.mark.parametrize(
    "by", ["need", "rep_kind", "liked", "source", "band", "industry", "contacts", "month"]
)
def test_given_everything_nothing_hidden_or_seen_tells_more(prospects: pd.DataFrame, by: str) -> None:
    assert max(map(abs, _off(prospects, "p_full", "won", prospects[by].clip(upper=7), "rep"))) < FAR


@pytest.mark.parametrize("by", ["source", "band", "industry", "contacts", "visits", "budget_known", "month"])
def test_given_what_is_observable_nothing_observable_tells_more(prospects: pd.DataFrame, by: str) -> None:
    assert max(map(abs, _off(prospects, "p_observable", "won", prospects[by].clip(upper=7), "rep"))) < FAR


def test_what_is_hidden_would_tell_more_than_the_observable(prospects: pd.DataFrame) -> None:
    off = _off(prospects, "p_observable", "won", prospects["need"], "rep")
    assert off[0] < -FAR
    assert off[-1] > FAR


def test_the_observable_ranks_better_than_any_column_and_worse_than_everything(
    prospects: pd.DataFrame,
) -> None:
    areas = {name: roc_auc_score(prospects["won"], prospects[name]) for name in ("p_full", "p_observable")}
    assert 0.75 < areas["p_observable"] < areas["p_full"] < 0.85
    for column in ("industry", "country", "source", "band", "age", "contacts", "visits", "company_age"):
        levels = prospects[column].clip(upper=20)
        rate = prospects.groupby(levels)["won"].transform("mean")  # in its own favour
        assert roc_auc_score(prospects["won"], rate) < areas["p_observable"] - 0.05


def test_the_rate_is_realistic(prospects: pd.DataFrame, accounts: pd.DataFrame) -> None:
    assert 0.08 < prospects["won"].mean() < 0.15
    assert 0.03 < accounts["left"].mean() < 0.07


@pytest.mark.parametrize("name", ["hours_full", "hours_observable"])
def test_hours_come_about_as_expected(prospects: pd.DataFrame, name: str) -> None:
    fifths = pd.qcut(prospects[name], 5, labels=False)
    assert max(map(abs, _off(prospects, name, "hours", fifths, "rep"))) < FAR


@pytest.mark.parametrize("name", ["p_full", "p_observable"])
def test_accounts_leave_as_often_as_the_truth_says(accounts: pd.DataFrame, name: str) -> None:
    deciles = pd.qcut(accounts[name], 10, labels=False)
    assert max(map(abs, _off(accounts, name, "left", deciles, "account"))) < FAR


@pytest.mark.parametrize(
    "by", ["founding", "industry", "band", "orders", "logins", "tickets", "late", "busy"]
)
def test_of_accounts_nothing_observable_tells_more(accounts: pd.DataFrame, by: str) -> None:
    groups = accounts[by].clip(upper=9)
    assert max(map(abs, _off(accounts, "p_observable", "left", groups, "account"))) < FAR


@pytest.mark.parametrize("by", ["quality", "pushy"])
def test_of_accounts_nothing_hidden_tells_more_than_everything(accounts: pd.DataFrame, by: str) -> None:
    assert max(map(abs, _off(accounts, "p_full", "left", accounts[by], "account"))) < FAR


def test_leavers_can_be_found_by_what_is_observable(accounts: pd.DataFrame) -> None:
    areas = {name: roc_auc_score(accounts["left"], accounts[name]) for name in ("p_full", "p_observable")}
    assert 0.76 < areas["p_observable"] < areas["p_full"]
    assert areas["p_observable"] > roc_auc_score(accounts["left"], -accounts["logins"]) + 0.05


def test_looking_back_agrees_with_playing_forward(company: list[Block]) -> None:
    """The same open prospects played on a thousand times, whatever was believed of them."""
    block = company[0]
    pursuit, plan = block.pursuit, block.plan
    moment = next(each for each in Pursued(pursuit, plan.rng(0, 1)) if each.month == 4)
    some = np.arange(0, len(moment.open_), len(moment.open_) // 12)
    rows, levels = moment.open_[some], moment.contacts[some]
    times = 1000
    many = np.repeat(rows, times)
    again = replace(
        pursuit,
        companies=pursuit.companies[many],
        created=pursuit.created[many],
        enters=np.full(len(many), moment.month * 6),
        rep=pursuit.rep[many],
        answered=pursuit.answered[many],
        reps=replace(
            pursuit.reps,
            busy=plan.rng(0, 50).choice(3, pursuit.reps.busy.shape, p=[0.3, 0.4, 0.3]),
        ),
    )
    played = Pursued(again, plan.rng(0, 51))
    played.count[:] = np.repeat(levels, times)
    for _ in played:
        pass
    start = plan.calendar.month_starts[moment.month]
    won = played.outcome().won & (played.outcome().exit_day < start + HORIZON)
    share = won.reshape(-1, times).mean(axis=1)
    truth = foresee(pursuit, moment).won[some, pursuit.state[rows]]
    assert np.abs(share - truth).max() < FAR * np.sqrt(0.25 / times)
    assert np.abs(share - truth).mean() < 2 * np.sqrt((truth * (1 - truth)).mean() / times)


def test_what_is_believed_of_the_reps_who_won(company: list[Block]) -> None:
    won = pd.concat(
        [
            pd.DataFrame(
                {
                    "rep": block.number * 1000 + block.book.rep,
                    "pushed": block.book.pushed,
                    "pushy": block.book.pushy.astype(float),
                }
            )[~block.book.founding]
            for block in company
        ]
    )
    fifths = pd.qcut(won["pushed"], 5, labels=False)
    assert max(map(abs, _off(won, "pushed", "pushy", fifths, "rep"))) < FAR
    assert roc_auc_score(won["pushy"], won["pushed"]) > 0.55


def test_a_contact_helps_everybody_and_some_more_than_others(company: list[Block]) -> None:
    truth = pd.DataFrame(company[0].prospect_truth)
    gain = truth["p_if_contacted_full"] - truth["p_full"]
    assert gain.min() >= 0
    assert gain.quantile(0.9) > 5 * gain.quantile(0.3)


def test_who_is_contacted_was_more_likely_anyway(company: list[Block]) -> None:
    """Reps choose by what nobody records: a naive comparison gives contact too much credit."""
    hidden = pd.concat(
        [
            pd.DataFrame(
                {
                    "contacts": np.bincount(b.outcome.contacts[0], minlength=len(b.pursuit.companies)),
                    "need": b.pursuit.companies.hidden,
                }
            )
            for b in company
        ]
    )
    assert (
        hidden[hidden["contacts"] > 2]["need"].mean() > hidden[hidden["contacts"] == 0]["need"].mean() + 0.2
    )


def test_truths_of_pairs_of_blocks_differ(company: list[Block]) -> None:
    for one, other in combinations(company[:3], 2):
        assert not np.array_equal(one.pursuit.created, other.pursuit.created)
