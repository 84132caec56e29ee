"""What some reps do, planted where it is asked for; and companies whose reps differ in nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq
import pytest

from salesml.cli import main
from salesml.crm.sample import laws, sample
from salesml.crm.sample.block import TAUGHT, Block, make_plan, simulate
from salesml.crm.sample.calendar import calendar_of
from salesml.crm.sample.pursuit import NEVER
from tests.crm.sample import told

FAR = 4.0


def _blocks(blocks: int, **how: bool) -> list[Block]:
    plan = make_plan(2000 * blocks, 17, calendar_of(730), **how)
    return [simulate(plan, number) for number in range(blocks)]


@pytest.fixture(scope="module")
def practised() -> list[Block]:
    return _blocks(3, practices=True)


@pytest.fixture(scope="module")
def alike() -> list[Block]:
    return _blocks(2, alike=True)


@pytest.fixture(scope="module")
def prospects(practised: list[Block]) -> pd.DataFrame:
    table = told.prospects(practised)
    answered = np.concatenate([_answered_by_row(block) for block in practised])
    return table.assign(answered=answered.astype(int))


def _answered_by_row(block: Block) -> npt.NDArray[np.bool_]:
    truth = pd.DataFrame(block.prospect_truth)
    rows = truth.loc[truth["month"].isin(told.MONTHS), "row"].to_numpy()
    return np.asarray(block.pursuit.answered[rows] < NEVER)


@pytest.mark.parametrize("name", ["p_full", "p_observable"])
@pytest.mark.parametrize("by", ["decile", "answered", "source", "contacts", "month"])
def test_the_truth_knows_who_was_answered(prospects: pd.DataFrame, name: str, by: str) -> None:
    groups = pd.qcut(prospects[name], 10, labels=False) if by == "decile" else prospects[by].clip(upper=6)
    off = [told.far_off(part, name, "won") for _, part in prospects.groupby(groups)]
    assert max(map(abs, off)) < FAR


def test_answering_at_once_wins_more(practised: list[Block]) -> None:
    won: dict[bool, list[npt.NDArray[np.bool_]]] = {False: [], True: []}
    for block in practised:
        early = block.pursuit.created < block.plan.calendar.end - 180
        within = block.outcome.won & (block.outcome.exit_day < block.pursuit.created + 180)
        for answered, each in won.items():
            each.append(within[early & ((block.pursuit.answered < NEVER) == answered)])
    share = {answered: np.concatenate(each).mean() for answered, each in won.items()}
    assert share[True] > 1.5 * share[False]


def test_an_answer_is_a_contact_before_anything_else(practised: list[Block]) -> None:
    for block in practised:
        answered = np.flatnonzero(block.pursuit.answered < NEVER)
        days = block.pursuit.answered[answered]
        first = np.full(len(block.pursuit.created), NEVER)
        np.minimum.at(first, *block.outcome.contacts)
        assert (first[answered] == days).all()
        assert np.isin(days - block.pursuit.created[answered], [0, 1]).all()
        assert np.isin(days, block.plan.calendar.working_days).all()
        assert (days < block.plan.calendar.span_starts[block.pursuit.enters[answered]]).all()


def test_who_answers_promptly_has_nothing_to_do_with_skill_but_a_team_takes_it_up(
    practised: list[Block],
) -> None:
    for block in practised:
        months, starts = block.plan.calendar.months, block.prompt_from
        assert (starts == 0).sum() == round(laws.PROMPT_SHARE * len(starts))
        assert set(starts[:TAUGHT]) == {0, months - laws.TAKEN_UP}
        assert set(starts[TAUGHT:]) == {0, months}
        assert {0, 1} <= set(block.reps.kind[starts == 0])
        created = block.pursuit.created
        month = np.searchsorted(block.plan.calendar.month_starts, created, side="right") - 1
        prompt = month >= starts[block.pursuit.rep]
        share = (block.pursuit.answered < NEVER)[prompt].mean()
        assert share == pytest.approx(laws.ANSWERED[1], abs=4 * np.sqrt(0.25 / prompt.sum()))


def test_skilled_reps_send_emails_which_win_nothing(practised: list[Block], tmp_path: Path) -> None:
    assert laws.EMAILED.argmax() == laws.SKILL.argmax()
    sample(tmp_path / "company", size=2000, seed=17, practices=True)
    activities = pd.read_parquet(tmp_path / "company/activities.parquet")
    reps = pd.read_parquet(tmp_path / "company/truth/reps.parquet").set_index("rep_id")
    calls = activities[activities["kind"] != "visit"]
    emails = (calls["kind"] == "email").groupby(calls["owner"].map(reps["kind"])).mean()
    assert emails["skilled"] == pytest.approx(0.8, abs=0.03)
    assert emails["ordinary"] == pytest.approx(0.3, abs=0.03)
    rows = pq.read_table(tmp_path / "company/truth/effects.parquet").to_pylist()
    effects = {(row["of"], row["attribute"]): row["effect"] for row in rows}
    assert effects["win", "e-mail"] == 0.0
    assert effects["win", "answer"] == laws.WIN_ANSWERED
    hidden = pq.read_table(tmp_path / "company/truth/hidden_prospects.parquet")
    assert hidden["answered"].to_numpy().tolist() == (practised[0].pursuit.answered < NEVER).tolist()


def test_reps_who_are_alike_differ_in_nothing(alike: list[Block]) -> None:
    for block in alike:
        assert set(block.reps.kind) == {0}
        assert not block.reps.taste.any()
        assert set(laws.BUSY[block.reps.busy].ravel()) == {0.0}
        assert not block.book.pushy.any()
        assert not block.book.pushed.any()


@pytest.mark.parametrize("what", ["prospects", "accounts"])
def test_the_truth_holds_where_reps_are_alike(alike: list[Block], what: str) -> None:
    table = told.prospects(alike) if what == "prospects" else told.accounts(alike)
    outcome, group = ("won", "rep") if what == "prospects" else ("left", "account")
    for name in ("p_full", "p_observable"):
        deciles = pd.qcut(table[name], 8, labels=False)
        off = [told.far_off(part, name, outcome, group) for _, part in table.groupby(deciles)]
        assert max(map(abs, off)) < FAR


def test_companies_that_share_reps_differ_in_the_rest() -> None:
    plans = [make_plan(2000, seed, calendar_of(365), reps_seed=40) for seed in (1, 2)]
    one, other = (simulate(plan, 0) for plan in plans)
    assert (one.plan.market == other.plan.market).all()
    for name in ("kind", "taste", "busy"):
        assert (getattr(one.reps, name) == getattr(other.reps, name)).all()
    assert (one.prompt_from == other.prompt_from).all()
    assert not np.array_equal(one.pursuit.created, other.pursuit.created)


def test_the_command_takes_both(tmp_path: Path) -> None:
    for flag in ("--alike", "--practices"):
        assert main(["sample", str(tmp_path / flag), "--size", "1000", "--days", "365", flag]) == 0
    likes = pq.read_table(tmp_path / "--alike/truth/reps.parquet")["likes"].to_pylist()
    assert set(likes) == {""}
    assert "emails" in pq.read_table(tmp_path / "--practices/truth/reps.parquet").column_names
