"""A simulated company with its facts made: for tests of checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from salesml.config import read_spec
from salesml.config.scorecard import ScorecardSpec
from salesml.crm import CRM
from salesml.crm.sample import sample
from salesml.scorecard.ask import ask
from salesml.scorecard.facts import Asked, make_facts
from salesml.scorecard.scored import add_scores


@contextmanager
def simulated(
    folder: Path, *, size: int = 2000, seed: int = 11
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Asked]]:
    """Three years of a company, a connection with its facts, and what was asked."""
    sample(folder, size=size, seed=seed, days=1095)
    crm = CRM.open(folder / "crm.yaml")
    asked = ask(ScorecardSpec(), read_spec(folder / "models" / "churn.yaml"), crm)
    with crm.connect(threads=1) as con:
        add_scores(con, [])
        make_facts(con, asked)
        yield con, asked
