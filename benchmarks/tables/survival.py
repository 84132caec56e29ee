"""Tables that tell when accounts left: rows to learn from, as known on a day, and rows of that day."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.projects import online_retail, saas_simulated
from benchmarks.tables.sources import MissingSourceError, as_text, shared
from salesml.config import Spec, read_spec
from salesml.config.spec import Label
from salesml.crm import CRM
from salesml.errors import UsageError
from salesml.lifecycle.rows import rows_of
from salesml.model.survival.times import Times
from salesml.snapshots import take

Project = Callable[[Path], tuple[Path, Path]]


@dataclass(frozen=True)
class Part:
    """Rows and when they left; ``bought`` is what BG/NBD reads, see :func:`purchases`."""

    X: pd.DataFrame
    times: Times
    owner: NDArray[np.intp]
    as_of: NDArray[np.datetime64] | None = None
    bought: pd.DataFrame | None = None

    def __len__(self) -> int:
        return len(self.X)


@dataclass(frozen=True)
class SurvivalTable:
    """A table; ``anchor`` is the horizon of the label, 0 for a flat table without one."""

    name: str
    horizons: tuple[int, ...]
    anchor: int
    train: Part
    test: Part
    source: str
    customers: pd.DataFrame | None = None


@dataclass(frozen=True)
class Case:
    """A history with its dates: the last one is tested on, and all that is learned was known by then."""

    project: Project
    dates: tuple[dt.date, ...]
    horizons: tuple[int, ...]
    source: str
    quiet: int = 0


def _first_days(year: int, months: Sequence[int], day: int = 1) -> tuple[dt.date, ...]:
    return tuple(dt.date(year + (month - 1) // 12, (month - 1) % 12 + 1, day) for month in months)


def _complete_journey(folder: Path) -> tuple[Path, Path]:
    from salesml.lifecycle.demo_data import write_demo_project

    try:
        write_demo_project(folder)
    except UsageError as error:
        raise MissingSourceError(str(error)) from error
    return folder / "crm.yaml", folder / "models" / "churn.yaml"


def _company(folder: Path) -> tuple[Path, Path]:
    from salesml.crm.sample import sample

    sample(folder, size=6_000, seed=7, days=1_461)
    return folder / "crm.yaml", folder / "models" / "churn.yaml"


CASES = {
    "saas_simulated": Case(
        saas_simulated,
        (*_first_days(2022, range(6, 13)), dt.date(2023, 4, 1)),
        (30, 60, 90, 180, 270),
        "a simulated B2B software company: the contract ends",
    ),
    "saas_simulated_later": Case(
        saas_simulated,
        (*_first_days(2022, range(9, 13)), dt.date(2023, 4, 1), dt.date(2023, 7, 1)),
        (30, 60, 90, 180),
        "the same company, three months later",
    ),
    "simulated_company": Case(
        _company,
        (*_first_days(2023, range(1, 22, 3)), dt.date(2024, 12, 31)),
        (30, 60, 90, 180, 365),
        "the company of `salesml sample`, 6,000 accounts, four years: the account ends",
    ),
    "online_retail": Case(
        online_retail,
        (*_first_days(2011, (2, 3, 4, 5), 11), dt.date(2011, 7, 11)),
        (60, 90, 120, 150),
        "UCI 352, a UK gift wholesaler: 60 days without purchase",
        quiet=60,
    ),
    "complete_journey": Case(
        _complete_journey,
        (*_first_days(2017, (3, 4, 5), 4), dt.date(2017, 7, 4)),
        (30, 60, 90, 120),
        "Complete Journey, a grocer: 30 days without purchase",
        quiet=30,
    ),
}
TELCO_MONTHS = (1, 3, 6, 12, 24, 36, 48, 60)
NAMES = (*CASES, "telco")


def load_survival(name: str) -> SurvivalTable:
    """One table.

    Raises
    ------
    MissingSourceError
    """
    return telco() if name == "telco" else _history(name, CASES[name])


def _history(name: str, case: Case) -> SurvivalTable:
    if case.project in (online_retail, saas_simulated):
        shared(case.project.__name__)
    with tempfile.TemporaryDirectory() as folder:
        crm_path, spec_path = case.project(Path(folder))
        spec, crm = read_spec(spec_path), CRM.open(crm_path)
        spec = _asking(spec, case)
        until, dates = case.dates[-1], case.dates
        snapshot = take(spec, crm, dates, leaving=True)
        rows = rows_of(snapshot, dates)
        known = rows.as_of + np.timedelta64(spec.horizon_days, "D") <= np.datetime64(until)
        learned, tested = rows.where(known), rows.where(rows.as_of == np.datetime64(until))
        days = (np.datetime64(until) - learned.as_of).astype(np.float64)
        bought = purchases(crm, spec, until) if case.quiet else None
    parts = []
    for part, times in ((learned, learned.times.watched_for(days)), (tested, tested.times)):
        owner = np.unique(part.entity.astype(str), return_inverse=True)[1]
        parts.append(Part(as_text(part.X), times, owner, part.as_of.astype("datetime64[D]")))
    test = parts[1]
    if bought is not None:
        test = replace(test, bought=bought.loc[tested.entity.astype(str)].reset_index(drop=True))
    return SurvivalTable(name, case.horizons, spec.horizon_days, parts[0], test, case.source, bought)


def _asking(spec: Spec, case: Case) -> Spec:
    """The project's spec with the label and the horizon of the case."""
    if not case.quiet:
        return replace(spec, horizon_days=90)
    label = Label(
        kind="inactivity", events=spec.label.events, inactive_days=case.quiet,
        active_within_days=2 * case.quiet,
    )  # fmt: skip
    return replace(spec, label=label, horizon_days=case.quiet)


def purchases(crm: CRM, spec: Spec, until: dt.date) -> pd.DataFrame:
    """What BG/NBD reads of each customer: purchase days after the first, the last, and the customer's age.

    Days are whole; returns are no purchases; nothing from ``until`` on is looked at.
    """
    log = f"events_{spec.label.events}"
    with crm.connect() as con:
        found = con.execute(
            f"SELECT account, count(DISTINCT day) - 1 AS x, max(day) - min(day) AS t_x, "
            f"DATE '{until}' - min(day) AS T FROM {log} "
            f"WHERE NOT is_return AND account IS NOT NULL AND day < DATE '{until}' GROUP BY account"
        ).df()
    return found.set_index("account").astype(np.float64)


def telco() -> SurvivalTable:
    """The telephone company: months until a customer left; those still there are lost from sight.

    Seven tenths of the customers are learned from. What follows from the months alone is left out.
    """
    table = pd.read_csv(shared("telco", "Telco-Customer-Churn.csv"))
    gone, months = (table["Churn"] == "Yes").to_numpy(), table["tenure"].to_numpy(np.float64)
    # Who left in its n-th month left before the end of n months; who is in it was watched for n.
    left = np.where(gone, np.maximum(months - 1, 0), np.nan)
    times = Times(left, np.where(gone, np.inf, months))
    X = as_text(table.drop(columns=["customerID", "Churn", "tenure", "TotalCharges"]))
    chosen = np.random.default_rng(0).random(len(table)) < 0.7
    train, test = (
        Part(X[rows].reset_index(drop=True), times.where(rows), np.arange(int(rows.sum())))
        for rows in (chosen, ~chosen)
    )
    return SurvivalTable("telco", TELCO_MONTHS, 0, train, test, "IBM sample, a telephone company: months")
