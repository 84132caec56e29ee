"""The verb: every figure of the scorecard from a company's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from salesml.config import read_spec
from salesml.config.scorecard import read_scorecard
from salesml.crm import CRM
from salesml.scorecard.ask import ask
from salesml.scorecard.checks import outcomes
from salesml.scorecard.expected import add_expected, newest
from salesml.scorecard.facts import Asked, make_facts
from salesml.scorecard.figures import figures
from salesml.scorecard.further import further_tables
from salesml.scorecard.ranks import ranks
from salesml.scorecard.records import records
from salesml.scorecard.registry import all_metrics, available, definitions
from salesml.scorecard.scored import add_scores
from salesml.scorecard.told import sentence


@dataclass(frozen=True)
class Scorecard:
    """What a company's tables say of its selling.

    Parameters
    ----------
    asked : Asked
        What it was made for.
    tables : dict of str to DataFrame
        ``figures``, ``ranks``, ``definitions``, and those of the checks.
    """

    asked: Asked
    tables: dict[str, pd.DataFrame]


def scorecard(
    crm: CRM,
    folder: Path | None = None,
    *,
    scores: Sequence[Path] = (),
    expected: Path | None = None,
    threads: int | None = None,
    memory: str = "",
) -> Scorecard:
    """Compute the scorecard.

    Parameters
    ----------
    crm : CRM
    folder : Path, optional
        Where ``scorecard.yaml`` and ``models/`` lie; by default the folder of crm.yaml.
    scores : sequence of Path
        Score tables in Parquet, of any tasks and dates: what hours could bring is computed from them.
    expected : Path, optional
        ``expected_losses.parquet`` of a backtest; by default that of the newest one in
        ``models/NAME/backtests``.
    threads : int, optional
        That DuckDB may use.
    memory : str
        What it may take; the rest is spilled.

    Raises
    ------
    UsageError, DataError
        As :func:`salesml.scorecard.ask.ask`, :func:`salesml.scorecard.scored.add_scores` and
        :func:`salesml.scorecard.expected.add_expected`.
    """
    folder = folder or crm.folder
    spec = read_scorecard(folder / "scorecard.yaml")
    asked = ask(spec, read_spec(folder / "models" / f"{spec.churn}.yaml"), crm)
    with crm.connect(threads, memory or None) as con:
        asked = replace(asked, have=asked.have | add_scores(con, scores))
        make_facts(con, asked)
        every = (*all_metrics(asked), *outcomes.stage_metrics(con, asked.have))
        losses = expected or newest(folder / "models" / spec.churn / "backtests")
        if losses:
            add_expected(con, losses)
            asked = replace(asked, have=asked.have | {"expected"})
        metrics, missing = available(every, asked.have)
        found = figures(con, metrics)
        further = further_tables(con, asked, crm.contract.currency)
    known = {each.name: each for each in metrics}
    currency = crm.contract.currency
    everyone = found[found["level"] == "company"].set_index(["metric", "kind", "start"])["value"].to_dict()
    found["words"] = [
        sentence(
            row,
            known[row["metric"]],
            everyone[row["metric"], row["kind"], row["start"]],
            currency,
        )
        for row in records(found)
    ]
    tables = {
        "figures": found,
        "ranks": ranks(found, metrics),
        "definitions": definitions(every, missing),
        **further,
    }
    return Scorecard(asked, tables)
