"""What the simulated company's truth says beside what came about, on dates whose horizons do not overlap.

On such dates the differences between outcome and probability are uncorrelated from date to date if
the probability is right, so that sums of them have a known spread, whatever the prospect's history.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from salesml.crm.sample import laws
from salesml.crm.sample.block import Block
from salesml.crm.sample.calendar import HORIZON

MONTHS = (3, 7, 11, 15, 19)
"""As-of dates four months apart: 90 days never overlap."""


def prospects(company: list[Block]) -> pd.DataFrame:
    """One row per open prospect and date: truth, outcome, and what the rows show."""
    return pd.concat([_prospects(block) for block in company], ignore_index=True)


def accounts(company: list[Block]) -> pd.DataFrame:
    """One row per account and date."""
    return pd.concat([_accounts(block) for block in company], ignore_index=True)


def far_off(table: pd.DataFrame, probability: str, outcome: str, group: str = "rep") -> float:
    """By how many standard errors the mean outcome misses the mean probability.

    Outcomes of one group may go together: prospects of one rep share what nobody knows of it.
    """
    miss = (table[outcome] - table[probability]).groupby(table[group]).sum()
    return float(miss.sum() / np.sqrt((miss**2).sum()))


def _prospects(block: Block) -> pd.DataFrame:
    truth = pd.DataFrame(block.prospect_truth)
    truth = truth[truth["month"].isin(MONTHS)].reset_index(drop=True)
    row, pursuit, outcome = truth["row"].to_numpy(), block.pursuit, block.outcome
    as_of = block.plan.calendar.month_starts[truth["month"]]
    exit_day, companies = outcome.exit_day[row], pursuit.companies
    columns = {
        "rep": block.number * 1000 + pursuit.rep[row],
        "won": (outcome.won[row] & (exit_day < as_of + HORIZON)).astype(float),
        "age": as_of - pursuit.created[row],
        "need": companies.hidden[row],
        "rep_kind": pursuit.reps.kind[pursuit.rep[row]],
        "liked": pursuit.reps.taste[pursuit.rep[row], companies.industry[row]].astype(int),
        "quality": companies.quality[row],
        "budget_known": companies.budget_known[row].astype(int),
        "hours_a_contact": companies.hours[row],
        "size": companies.size[row],
        "company_age": companies.company_age[row],
        **{name: getattr(companies, name)[row] for name in ("industry", "country", "source", "band")},
        **_counts("contacts", outcome.contacts, truth, as_of),
        **_counts("visits", outcome.visits, truth, as_of),
    }
    return truth.assign(**columns)


def _counts(
    name: str, events: tuple[np.ndarray, np.ndarray], truth: pd.DataFrame, as_of: np.ndarray
) -> dict[str, np.ndarray]:
    """Events before the as-of date and in the horizon, by row."""
    rows, days = events
    before, during = np.zeros(len(truth)), np.zeros(len(truth))
    size = int(truth["row"].max()) + 1
    for month in truth["month"].unique():
        here = (truth["month"] == month).to_numpy()
        start = as_of[here][0]
        wanted = truth["row"].to_numpy()[here]
        inside = rows < size
        past = np.bincount(rows[inside & (days < start)], minlength=size)
        coming = np.bincount(rows[inside & (days >= start) & (days < start + HORIZON)], minlength=size)
        before[here], during[here] = past[wanted], coming[wanted]
    return {name: before, f"{name}_coming": during}


def _accounts(block: Block) -> pd.DataFrame:
    truth = pd.DataFrame(block.account_truth)
    truth = truth[truth["month"].isin(MONTHS)].reset_index(drop=True)
    row, book = truth["row"].to_numpy(), block.book
    as_of = block.plan.calendar.month_starts[truth["month"]]
    columns = {
        "account": block.number * 100_000 + row,
        "left": (block.left[row] < as_of + HORIZON).astype(float),
        "quality": book.companies.quality[row],
        "pushy": book.pushy[row].astype(int),
        "founding": book.founding[row].astype(int),
        "busy": np.array(
            [
                laws.BUSY[book.reps.busy[book.rep_in(m - 1)[r], m - 1]]
                for r, m in zip(row, truth["month"], strict=True)
            ]
        ),
        **{name: getattr(book.companies, name)[row] for name in ("industry", "country", "band", "fit")},
        **_counts("orders", block.life.events("orders"), truth, as_of),
        **_counts("logins", block.life.events("logins"), truth, as_of),
        **_counts("tickets", block.life.events("tickets"), truth, as_of),
        **_counts("late", block.life.events("late"), truth, as_of),
    }
    return truth.assign(**columns)
