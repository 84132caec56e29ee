"""A company whose makers of 50 to 199 people become its best customers, for tests of the whole way."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from salesml.crm import CRM
from tests.snapshots.won import Row, ideal_spec, won_crm
from tests.snapshots.won import day as day_of_tests

NAMES = ("prospects", "orders", "visits", "referrals", "activities", "stages", "history")
INDUSTRIES = ("makers", "shops", "banks")


def day(number: int) -> dt.date:
    """Day ``number`` of the company, which begins in 2022."""
    return day_of_tests(number - 730)


def companies(prospects: int, days: int, seed: int = 0) -> dict[str, list[Row]]:
    """Tables of a company over so many days; every third prospect is won, some stay open."""
    rng = np.random.default_rng(seed)
    tables: dict[str, list[Row]] = {name: [] for name in NAMES}
    for number in range(prospects):
        name = f"p{number:05d}"
        industry, employees = str(rng.choice(INDUSTRIES)), int(np.exp(rng.normal(4.3, 1.2))) + 1
        made = int(rng.integers(0, days))
        fate, wait = rng.random(), int(rng.gamma(2, 20)) + 1
        won = made + wait if fate < 0.5 and made + wait < days else None
        lost = made + wait if fate > 0.7 and made + wait < days else None
        tables["prospects"].append(
            {
                "id": name, "made": day(made), "won": None if won is None else day(won),
                "lost": None if lost is None else day(lost), "industry": industry, "employees": employees,
                "customer": None if won is None else name.upper(),
            }
        )  # fmt: skip
        until = won or lost or days
        for at in rng.integers(made, until, rng.poisson(2)):
            late = {"loaded": day(int(at) + int(rng.integers(1, 30)))} if rng.random() < 0.1 else {}
            tables["visits"].append(
                {"lead": name, "seen": day(int(at)), "pages": int(rng.integers(1, 9)), **late}
            )
        for at in rng.integers(made, until, rng.poisson(1.5)):
            kind = str(rng.choice(["call", "visit"]))
            tables["activities"].append(
                {"lead": name, "at": day(int(at)), "kind": kind, "hours": 0.5, "cost": 2.0}
            )
            tables["stages"].append({"lead": name, "stage": kind, "at": day(int(at))})
        if rng.random() < 0.3:
            change = {"table": "prospects", "id": name, "column": "plan", "value": "new"}
            tables["history"].append({**change, "at": day(int(rng.integers(made, until)))})
        if won is not None:
            live(tables, rng, name.upper(), won, days, goodness(industry, employees))
    tables["orders"].append({"customer": "LAST", "ordered": day(days - 1), "margin": 1.0, "back": False})
    return tables


def goodness(industry: str, employees: int) -> float:
    """How well a company suits: what moves every part of its outcome."""
    return 1.1 * (industry == "makers") + 1.0 * (50 <= employees < 200) - 0.6


def live(
    tables: dict[str, list[Row]], rng: np.random.Generator, customer: str, won: int, days: int, good: float
) -> None:
    """What an account buys and whom it refers, until it loses interest."""
    at, ends = float(won), won + rng.exponential(120 * np.exp(0.6 * good))
    while (at := at + rng.exponential(45 * np.exp(-0.5 * good))) < min(ends, days - 1):
        margin = round(float(np.exp(rng.normal(4 + 0.5 * good, 0.8))), 2)
        tables["orders"].append(
            {"customer": customer, "ordered": day(int(at)), "margin": margin, "back": False}
        )
    if rng.random() < 0.1 * np.exp(good):
        tables["referrals"].append({"customer": customer, "at": day(won + int(rng.integers(0, 90)))})


def make(folder: Path, *, prospects: int = 1600, days: int = 1460, seed: int = 0, months: int = 6) -> CRM:
    """A project of such a company: crm.yaml, its tables and models/fit.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    crm = won_crm(folder, companies(prospects, days, seed))
    (folder / "models").mkdir(exist_ok=True)
    ideal_spec(folder, months=months)
    (folder / "fit.yaml").rename(folder / "models" / "fit.yaml")
    (folder / "mlflow.yaml").write_text("experiment: test\n")
    return crm
