"""The verb: every figure of the scorecard from a company's tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from salesml.config import read_spec
from salesml.config.scorecard import read_scorecard
from salesml.crm import CRM
from salesml.lifecycle.progress import Say, quiet
from salesml.scorecard.ask import ask
from salesml.scorecard.checks.stages import stage_metrics
from salesml.scorecard.data import data_notes, notes_table
from salesml.scorecard.expected import add_expected, newest
from salesml.scorecard.facts import Asked, make_facts
from salesml.scorecard.figures import figures
from salesml.scorecard.further import SCORED_DAYS, further_tables, joint_tables
from salesml.scorecard.marks import mark
from salesml.scorecard.metric import Metric
from salesml.scorecard.missing import missing_table
from salesml.scorecard.people import people, periods_table
from salesml.scorecard.ranks import ranks
from salesml.scorecard.records import records
from salesml.scorecard.registry import all_metrics, all_tables, available, definitions
from salesml.scorecard.scored import add_scores
from salesml.scorecard.summary import alarms, summary
from salesml.scorecard.told import sentence
from salesml.scorecard.write import save

FORMAT = 1
"""Of the JSON summary."""


@dataclass(frozen=True)
class Scorecard:
    """What a company's tables say of its selling.

    Parameters
    ----------
    asked : Asked
        What it was made for.
    tables : dict of str to DataFrame
        ``summary``, ``alarms``, ``figures``, ``ranks``, ``definitions``, ``periods``, ``people``,
        ``data_notes``, ``missing`` and those of the checks; their columns are declared in
        :mod:`salesml.scorecard.tables` and beside each check.
    currency : str
        Of its money.
    """

    asked: Asked
    tables: dict[str, pd.DataFrame]
    currency: str = ""

    @property
    def alarms(self) -> tuple[str, ...]:
        """The company's figures that got worse by more than chance explains, a sentence each."""
        return tuple(self.tables["alarms"]["words"])

    @property
    def summary(self) -> tuple[tuple[str, str], ...]:
        """What each of the seven checks asks, and what was found."""
        table = self.tables["summary"]
        return tuple(zip(table["title"], table["words"], strict=True))

    def report(self) -> str:
        """The report: one HTML page that asks nothing of anybody."""
        from salesml.scorecard.report import page

        return page(self.tables, all_tables(), self.currency)

    def save(self, out: Path) -> Path:
        """Write tables, their schema and ``report.html`` into a folder, whole or not at all.

        Raises
        ------
        UsageError, OutsideError
            As :func:`salesml.scorecard.write.save`.
        """
        return save(self.tables, out, all_tables(), {"report.html": self.report()})

    def as_json(self) -> dict[str, Any]:
        """For programs: ``format``, ``first``, ``until``, ``checks``, ``alarms``, ``data_notes``."""
        return {
            "format": FORMAT,
            "first": self.asked.first.isoformat(),
            "until": self.asked.until.isoformat(),
            **{
                name: json.loads(self.tables[table].to_json(orient="records", date_format="iso"))
                for name, table in (("checks", "summary"), ("alarms", "alarms"), ("data_notes", "data_notes"))
            },
        }


def scorecard(
    crm: CRM,
    folder: Path | None = None,
    *,
    scores: Sequence[Path] = (),
    expected: Path | None = None,
    threads: int | None = None,
    memory: str = "",
    say: Say = quiet,
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
    say : callable
        Takes a line of progress.

    Raises
    ------
    UsageError, DataError
        As :func:`salesml.scorecard.ask.ask`, :func:`salesml.scorecard.scored.add_scores` and
        :func:`salesml.scorecard.expected.add_expected`.
    """
    folder = folder or crm.folder
    spec = read_scorecard(folder / "scorecard.yaml")
    asked = ask(spec, read_spec(folder / "models" / f"{spec.churn}.yaml"), crm)
    currency = crm.contract.currency
    with crm.connect(threads, memory or None) as con:
        say("reading what happened: customers, money, wins, work")
        asked = replace(asked, have=asked.have | add_scores(con, scores))
        make_facts(con, asked)
        every = (*all_metrics(asked), *stage_metrics(con, asked.have))
        losses = expected or newest(folder / "models" / spec.churn / "backtests")
        if losses:
            add_expected(con, losses)
            asked = replace(asked, have=asked.have | {"expected"})
        metrics, missing = available(every, asked.have)
        say("looking for what of the tables bears on the figures")
        notes = data_notes(con, asked)
        say(f"computing {len(metrics)} metrics of {len(asked.periods)} periods")
        found = mark(figures(con, metrics), metrics, notes, asked)
        say("computing what is no figure by period: cohorts, forecasts, comparisons")
        further = further_tables(con, asked, currency, _scored_days(folder, spec.conversion))
        named = people(con, asked)
    found["words"] = _words(found, metrics, currency)
    defined, periods = definitions(every, missing), periods_table(asked)
    names = dict(zip(named["id"], named["name"], strict=True))
    further |= joint_tables(found, defined, further, asked, currency, names)
    tables = {
        "summary": summary(found, defined, periods, named, _said(further)),
        "alarms": alarms(found, defined, periods),
        "figures": found,
        "ranks": ranks(found, metrics),
        "definitions": defined,
        "periods": periods,
        "people": named,
        "data_notes": notes_table(notes),
        "missing": missing_table(found, defined, further, all_tables(), asked.have),
        **further,
    }
    return Scorecard(asked, tables, currency)


def _scored_days(folder: Path, conversion: str) -> int:
    """The horizon of the model of prospects, as its spec says it."""
    path = folder / "models" / f"{conversion}.yaml"
    return read_spec(path).horizon_days if path.exists() else SCORED_DAYS


def _said(further: Mapping[str, pd.DataFrame]) -> dict[int, str]:
    """What the first of the further tables of each check says first."""
    said: dict[int, str] = {}
    for declared in all_tables():
        table = further.get(declared.name)
        if table is not None and len(table) and "words" in table:
            words = str(table["words"].iloc[0]).rstrip(".")
            said.setdefault(declared.check, f"{words}.")
    return said


def _words(found: pd.DataFrame, metrics: tuple[Metric, ...], currency: str) -> list[str]:
    known = {each.name: each for each in metrics}
    if found.empty:
        return []
    everyone = found[found["level"] == "company"].set_index(["metric", "kind", "start"])["value"].to_dict()
    # Of thousands of cells with too few cases the same is said again and again.
    few: dict[tuple[object, ...], str] = {}
    words = []
    for row in records(found[list(SAID_OF)]):
        metric = known[row["metric"]]
        key = (row["level"], row["count"], row["complete"], row["lacks"], metric.cases)
        said = few.get(key, "") if row["verdict"] == "too few" else ""
        if not said:
            said = sentence(row, metric, everyone[row["metric"], row["kind"], row["start"]], currency)
        if row["verdict"] == "too few":
            few[key] = said
        words.append(said)
    return words


SAID_OF = (
    "metric", "kind", "start", "level", "value", "count", "before", "verdict", "trend_verdict", "complete",
    "lacks",
)  # fmt: skip
"""What of a row of figures its sentence is made of."""
