"""``salesml sample``: the simulated company as Parquet files, a block at a time."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from salesml.crm.sample.attributes import attributes
from salesml.crm.sample.block import Plan, make_plan, simulate
from salesml.crm.sample.calendar import END, Calendar, calendar_of
from salesml.crm.sample.project import PROJECT, project_files
from salesml.crm.sample.streams import Streams
from salesml.crm.sample.tables_of_accounts import tables_of_accounts
from salesml.crm.sample.tables_of_prospects import tables_of_prospects
from salesml.crm.sample.tables_of_team import tables_of_team
from salesml.crm.sample.truth import tables_of_truth
from salesml.errors import Fault, OutsideError, UsageError

SIZES = (1_000, 10_000_000)
DAYS = (365, 3653)
TABLES = tuple(
    f"{name}.parquet"
    for name in (
        "prospects", "visits", "stages", "activities", "history", "accounts", "orders", "tickets", "logins",
        "referrals", "assignments", "reps", "workload", "costs", "targets", "market", "truth/prospects",
        "truth/accounts", "truth/hidden_prospects", "truth/hidden_accounts", "truth/reps", "truth/effects",
    )
)  # fmt: skip
"""Every table that is written."""


def sample(
    folder: str | Path,
    *,
    size: int = 2000,
    seed: int = 0,
    days: int = 730,
    alike: bool = False,
    practices: bool = False,
    shift: dt.date | None = None,
    reps_seed: int | None = None,
    say: Callable[[str], None] | None = None,
) -> tuple[Path, ...]:
    """Write a simulated company with known truth.

    Parameters
    ----------
    folder : path
        Where ``crm.yaml``, ``mlflow.yaml``, ``models/``, the tables and ``truth/`` are written.
    size : int
        About how many accounts there are in the end, 1,000 to 10,000,000: half of them from the
        beginning, the others won from twice as many prospects. The same seed and a multiple of
        2,000 make a company that begins with the smaller one.
    seed : int
        The same seed gives the same bytes.
    days : int
        Days up to 2025-12-31, rounded to whole months: a year to ten.
    alike : bool
        Whether reps differ in nothing: no skill, no pushiness, no taste, no busy months.
    practices : bool
        Whether some reps answer new prospects at once, which wins more of them, and skilled reps send
        e-mails in place of calls, which does nothing.
    shift : datetime.date, optional
        The first of a month from which the market of the accounts is another: they order and log in less,
        and others leave than before. The truth knows it, also on dates before; what a prospect will be worth
        and whether it will be ideal is left out of it.
    reps_seed : int, optional
        The seed of the reps, their workload and the market. Companies that share it have the same of these
        and other accounts and prospects. Left out, everything follows from ``seed``.
    say : callable, optional
        Told how far the work is.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    UsageError
        ``bad-value`` for a size, seed, number of days or month of the shift out of range, ``file-exists``
        when one of the files is there already; nothing is written then.
    OutsideError
        ``not-written`` where the system refuses to write; nothing half-written stays.
    """
    target = Path(folder)
    calendar = calendar_of(days)
    _check(target, size, seed, days, calendar, shift)
    plan = make_plan(
        size, seed, calendar, alike=alike, practices=practices, reps_seed=reps_seed,
        **({} if shift is None else {"shift": _month(calendar, shift)}),
    )  # fmt: skip
    unfinished = target / ".unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        names = [*_write(unfinished, plan, say or (lambda text: None)), *_describe(unfinished, plan)]
        return tuple(_moved(unfinished / name, target / name) for name in names)
    except OSError as error:
        raise OutsideError(
            Fault(
                code="not-written",
                found=f"{target} could not be written: {error.strerror or error}",
                do="Make room or choose another place",
            )
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def blocks(plan: Plan) -> Iterator[dict[str, Any]]:
    """The tables of one block after the other, by the name of their file; none is kept."""
    for number in range(len(plan.sizes)):
        block = simulate(plan, number)
        rng = plan.rng(number, 3)
        kept = attributes(block.pursuit.companies, rng)
        parts = [
            tables_of_prospects(block, kept, rng),
            tables_of_accounts(block, kept, rng),
            tables_of_team(block, rng),
            {f"truth/{name}": table for name, table in tables_of_truth(block).items()},
        ]
        names = {name: None for part in parts for name in part}
        yield {
            f"{name}.parquet": pa.concat_tables([part[name] for part in parts if name in part])
            for name in names
        }


def _write(folder: Path, plan: Plan, say: Callable[[str], None]) -> list[str]:
    told = max(1, len(plan.sizes) // 20)
    with Streams(folder) as streams:
        for number, tables in enumerate(blocks(plan), start=1):
            for name, table in tables.items():
                streams.add(name, table)
            if len(plan.sizes) > 1 and number % told == 0:
                say(f"block {number:,} of {len(plan.sizes):,}")
    return streams.names


def _describe(folder: Path, plan: Plan) -> list[str]:
    texts = project_files(plan.calendar)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return [*texts]


def _moved(path: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return path.replace(target)


def _month(calendar: Calendar, day: dt.date) -> int:
    """The number of a day's month, 0 for the first."""
    return (day.year - calendar.first.year) * 12 + day.month - calendar.first.month


def _check(target: Path, size: int, seed: int, days: int, calendar: Calendar, shift: dt.date | None) -> None:
    faults = [
        Fault(
            code="bad-value",
            found=f"{name} is {value:,}",
            allowed=f"It must lie between {low:,} and {high:,}",
        )
        for name, value, (low, high) in (
            ("size", size, SIZES), ("days", days, DAYS), ("seed", seed, (0, np.iinfo(np.int64).max)),
        )
        if not low <= value <= high
    ]  # fmt: skip
    if shift and not (shift.day == 1 and calendar.first < shift < END):
        faults.append(
            Fault(
                code="bad-value",
                found=f"shift is {shift}",
                allowed=f"The first of a month between {calendar.first} and {END}, neither of them",
            )
        )
    there = [name for name in (*PROJECT, *TABLES) if (target / name).exists()]
    if there:
        faults.append(
            Fault(
                code="file-exists",
                found=f"{target} already has {', '.join(there)}",
                do="Take another folder, or move those files away",
            )
        )
    if faults:
        raise UsageError(faults)
