"""A block of the simulated company: a branch with its own reps, accounts, prospects and seed.

A company is a row of blocks. Each has a generator of its own, so that what a block holds does not
depend on how many there are, nor on how they are written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from salesml.crm.sample import laws
from salesml.crm.sample.calendar import BEYOND, Calendar
from salesml.crm.sample.companies import Companies, draw_companies
from salesml.crm.sample.ideal import ideal
from salesml.crm.sample.life import NEVER, Book, Life, Lived
from salesml.crm.sample.life_ahead import first_year, leaving
from salesml.crm.sample.people import ALIKE, USUAL, Habits, Reps, draw_reps, prompt_from
from salesml.crm.sample.pursuit import KIND_OF_STATE, Moment, Outcome, Pursued, Pursuit
from salesml.crm.sample.pursuit_ahead import foresee

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WHOLE = 2000
"""Size of a block."""

MOST_IDS = 10 * WHOLE
"""Numbers set aside for each block, so that ids do not depend on the others."""

ACCOUNTS_PER_REP = 100
TAUGHT = 10
"""Reps of a block who take up a practice together: its first team."""
OLDEST = 1826
OLD_MARKET = ("p_ideal_", "value_")
"""Truths of prospects that hold as long as accounts live as they always did."""
MARKET_LAG = 4
"""Months until the market shows in the rates: longer than the horizon, so that it is known."""


@dataclass(frozen=True)
class Plan:
    """What is asked for: the sizes of the blocks, the seed and the days.

    ``market`` is the published indicator by month, from ``MARKET_LAG`` months before the first;
    ``reps_seed`` the seed of market and reps where it is not that of the rest; ``habits`` how reps differ;
    ``practices`` whether there are any; ``shift`` the month from which the market is another.
    """

    sizes: tuple[int, ...]
    seed: int
    calendar: Calendar
    market: Floats
    reps_seed: int | None = None
    habits: Habits = USUAL
    practices: bool = False
    shift: int = NEVER

    def rng(self, block: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, block, purpose])

    def reps_rng(self, block: int, purpose: int) -> np.random.Generator:
        seed = self.seed if self.reps_seed is None else self.reps_seed
        return np.random.default_rng([seed, block, purpose])


@dataclass(frozen=True)
class Block:
    """Everything that happened in a block, and its truth."""

    number: int
    plan: Plan
    reps: Reps
    pursuit: Pursuit
    outcome: Outcome
    book: Book
    life: Life
    left: Ints
    prospect_of: Ints
    """By account: the prospect it was, -1 for those there from the beginning."""
    prospect_truth: dict[str, npt.NDArray[np.generic]]
    account_truth: dict[str, npt.NDArray[np.generic]]
    prompt_from: Ints
    """By rep: the month from which it answers promptly; the number of months where it never does."""


def make_plan(
    size: int,
    seed: int,
    calendar: Calendar,
    *,
    alike: bool = False,
    practices: bool = False,
    shift: int = NEVER,
    reps_seed: int | None = None,
) -> Plan:
    """Blocks of 2,000; a rest of less than half a block joins the last."""
    blocks = max(1, round(size / WHOLE))
    sizes = (*[WHOLE] * (blocks - 1), size - WHOLE * (blocks - 1))
    rng = np.random.default_rng([seed if reps_seed is None else reps_seed, 0, 99])
    shocks = rng.standard_normal(calendar.months + BEYOND + MARKET_LAG)
    market = np.empty_like(shocks)
    market[0] = shocks[0]
    for month in range(1, len(shocks)):
        market[month] = 0.8 * market[month - 1] + 0.6 * shocks[month]
    return Plan(sizes, seed, calendar, market, reps_seed, ALIKE if alike else USUAL, practices, shift)


def simulate(plan: Plan, number: int) -> Block:
    """One block."""
    size, rng = plan.sizes[number], plan.rng(number, 0)
    own = rng if plan.reps_seed is None else plan.reps_rng(number, 4)
    reps = draw_reps(max(5, size // ACCOUNTS_PER_REP), plan.calendar.months, own, plan.habits)
    prompt = prompt_from(reps, plan.calendar.months, TAUGHT, plan.reps_rng(number, 5))
    pursuit = _pursuit(plan, 2 * size, reps, rng)
    if plan.practices:
        pursuit = replace(pursuit, answered=_answered(pursuit, prompt, plan.rng(number, 6)))
    pursued = Pursued(pursuit, plan.rng(number, 1))
    busy_prior = plan.habits.busy_prior
    good, (margin, _) = ideal(pursuit.companies, busy_prior), first_year(pursuit.companies, busy_prior)
    truths = [_prospect_truth(pursuit, moment, good, margin) for moment in pursued]
    if plan.shift != NEVER:
        truths = [{name: each[name] for name in each if not name.startswith(OLD_MARKET)} for each in truths]
    outcome = pursued.outcome()
    book, prospect_of = _book(plan, size // 2, pursuit, outcome, rng)
    lived = Lived(book, plan.rng(number, 2))
    statuses = [(status, leaving(book, status)) for status in lived]
    leavers = [
        {"row": s.there, "month": np.full(len(s.there), s.month), "p_full": full, "p_observable": observable}
        for s, (full, observable) in statuses
    ]
    return Block(
        number, plan, reps, pursuit, outcome, book, lived.life, lived.left, prospect_of,
        _stacked(truths), _stacked(leavers), prompt,
    )  # fmt: skip


def _pursuit(plan: Plan, rows: int, reps: Reps, rng: np.random.Generator) -> Pursuit:
    calendar = plan.calendar
    created = calendar.working_days[rng.integers(0, calendar.working(0, calendar.end), rows)]
    return Pursuit(
        companies=draw_companies(rows, rng),
        created=created,
        enters=np.searchsorted(calendar.span_starts, created, side="right"),
        rep=rng.integers(0, len(reps), rows),
        reps=reps,
        market=laws.WIN_MARKET * plan.market[: calendar.months + BEYOND],
        calendar=calendar,
        answered=np.full(rows, NEVER),
    )


def _answered(pursuit: Pursuit, prompt: Ints, rng: np.random.Generator) -> Ints:
    """The day on which each prospect was answered at once: that on which it came, or the next."""
    calendar, created = pursuit.calendar, pursuit.created
    month = np.searchsorted(calendar.month_starts, created, side="right") - 1
    chance = laws.ANSWERED[(month >= prompt[pursuit.rep]).astype(np.int64)]
    works = np.isin(created + 1, calendar.working_days)
    waits = (rng.random(len(created)) < 0.5) & works & (created + 1 < calendar.span_starts[pursuit.enters])
    day = created + waits
    return np.where(rng.random(len(created)) < chance, day, NEVER)


def _book(
    plan: Plan, founding: int, pursuit: Pursuit, outcome: Outcome, rng: np.random.Generator
) -> tuple[Book, Ints]:
    """The accounts there from the beginning, then those won, in the order of winning."""
    calendar, reps = plan.calendar, pursuit.reps
    won = np.flatnonzero(outcome.won)
    won = won[np.argsort(outcome.exit_day[won], kind="stable")]
    rows = founding + len(won)
    old = np.arange(rows) < founding
    acquired = np.concatenate([-np.sort(rng.integers(1, OLDEST, founding))[::-1], outcome.exit_day[won]])
    rep = np.concatenate([rng.integers(0, len(reps), founding), pursuit.rep[won]])
    enters = np.where(old, 0, np.searchsorted(calendar.month_starts, acquired, side="right"))
    handed = rng.integers(enters + 1, calendar.months + 2)
    handed = np.where(rng.random(rows) < 0.2, handed, NEVER)
    book = Book(
        companies=_together(draw_companies(founding, rng), pursuit.companies[won]),
        acquired=acquired,
        enters=enters,
        founding=old,
        pushy=np.where(old, False, laws.PUSHY[reps.kind[rep]] > 0),
        pushed=np.concatenate([np.zeros(founding), outcome.pushed[won]]),
        rep=rep,
        rep_after=rng.integers(0, len(reps), rows),
        handed=handed,
        reps=reps,
        calendar=calendar,
        shift=plan.shift,
    )
    return book, np.concatenate([np.full(founding, -1), won])


def _together(first: Companies, second: Companies) -> Companies:
    names = Companies.__dataclass_fields__
    return Companies(
        **{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names}
    )


def _prospect_truth(
    pursuit: Pursuit, moment: Moment, good: Floats, margin: Floats
) -> dict[str, npt.NDArray[np.generic]]:
    """Given everything, and given the prospect's own rows: the true figures of the open prospects."""
    seen, companies = foresee(pursuit, moment), pursuit.companies[moment.open_]
    each, state = np.arange(len(moment.open_)), pursuit.state[moment.open_]
    certain = np.zeros_like(moment.belief)
    certain[each, state] = 1
    good, margin = good[moment.open_], margin[moment.open_]
    truth: dict[str, npt.NDArray[np.generic]] = {
        "row": moment.open_,
        "month": np.full(len(each), moment.month),
    }
    quality = np.zeros((len(each), 5))
    quality[each, companies.quality] = 1
    for name, belief, qualities in (
        ("full", certain, quality),
        ("observable", moment.belief, np.tile(laws.HIDDEN_PRIOR, (len(each), 1))),
    ):
        chance = (belief * seen.won).sum(axis=1)
        pushed = (belief * seen.won)[:, laws.PUSHY[KIND_OF_STATE] > 0].sum(axis=1) / chance
        kinds = (qualities[:, :, None] * np.stack([1 - pushed, pushed], axis=1)[:, None, :]).reshape(-1, 10)
        truth |= {
            f"p_{name}": chance,
            f"p_if_contacted_{name}": (belief * seen.called).sum(axis=1),
            f"p_ideal_{name}": (kinds * good).sum(axis=1),
            f"value_{name}": (kinds * margin).sum(axis=1),
            f"hours_{name}": (belief * seen.contacts).sum(axis=1) * companies.hours,
        }
    return truth


def _stacked(parts: list[dict[str, npt.NDArray[np.generic]]]) -> dict[str, npt.NDArray[np.generic]]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
