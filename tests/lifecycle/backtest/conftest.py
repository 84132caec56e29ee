"""One backtest of the shop for all tests that only look at what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from salesml.config import Spec, Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.lifecycle.backtest import Backtest, backtest
from tests.company import make_project

QUICK = "learner: {n_folds: 2, n_repeats: 1, max_trees: 15}\n"
"""Enough of a model for tests of what is around it."""


@dataclass(frozen=True)
class Shop:
    """A project, its backtest and what was said."""

    folder: Path
    crm: CRM
    spec: Spec
    tracking: Tracking
    done: Backtest
    said: tuple[str, ...]


def quick_project(folder: Path, *, customers: int = 150, **as_of: str) -> Path:
    """The shop with a model that is soon trained; ``as_of`` replaces the spec's rule."""
    make_project(folder, customers=customers)
    path = folder / "models" / "churn.yaml"
    lines = [line for line in path.read_text().splitlines() if not (as_of and line.startswith("as_of"))]
    dates = ", ".join(f"{part}: {days}" for part, days in as_of.items())
    path.write_text("\n".join([*lines, *([f"as_of: {{{dates}}}"] if as_of else []), QUICK]))
    return folder


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop, replayed over four dates with a known outcome and two without."""
    folder = quick_project(tmp_path_factory.mktemp("backtest") / "shop", customers=300)
    crm = CRM.open(folder / "crm.yaml")
    said: list[str] = []
    done = backtest("churn", crm, dates=4, say=said.append)
    return Shop(
        folder=folder,
        crm=crm,
        spec=read_spec(folder / "models" / "churn.yaml"),
        tracking=read_tracking(folder / "mlflow.yaml"),
        done=done,
        said=tuple(said),
    )
