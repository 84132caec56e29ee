"""What of a scorecard the benchmark judges: its figures, and the tables that speak of what was planted.

The rest of the scorecard (sentences, ranks, the report) rests on these and would take as long again.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd

from salesml.config import read_spec
from salesml.config.scorecard import read_scorecard
from salesml.crm import CRM
from salesml.scorecard.ask import ask
from salesml.scorecard.checks import conditions, leading, practices, resemble, shared, thrift
from salesml.scorecard.checks.stages import stage_metrics
from salesml.scorecard.data import data_notes
from salesml.scorecard.facts import Asked, make_facts
from salesml.scorecard.figures import figures
from salesml.scorecard.marks import mark
from salesml.scorecard.registry import all_metrics, available
from salesml.scorecard.scored import add_scores

SHARED = "shared: [{practice: prompt answer, on: 2025-04-01}]\n"
"""The day on which the simulated company's first reps begin to answer promptly, as scorecard.yaml has it."""


def tables_of(crm: CRM, scores: list[Path], *, planted: bool) -> dict[str, pd.DataFrame]:
    """``figures`` and, where something was planted, what speaks of it."""
    spec = read_scorecard(crm.folder / "scorecard.yaml")
    asked = ask(spec, read_spec(crm.folder / "models" / f"{spec.churn}.yaml"), crm)
    with crm.connect(1) as con:
        asked = replace(asked, have=asked.have | add_scores(con, scores))
        make_facts(con, asked)
        metrics, _ = available((*all_metrics(asked), *stage_metrics(con, asked.have)), asked.have)
        notes = data_notes(con, asked)
        found = {"figures": mark(figures(con, metrics), metrics, notes, asked)}
        if planted:
            found |= _planted(con, asked, crm.contract.currency)
    return found


def _planted(con: duckdb.DuckDBPyConnection, asked: Asked, currency: str) -> dict[str, pd.DataFrame]:
    known = practices.known_practices(con, asked.have)
    by_rep = shared.shared_by_rep(con, asked.spec.shared, known)
    return {
        "practices": practices.practices(con, asked.have),
        "shared": shared.shared_helped(by_rep),
        "conditions": conditions.conditions(con),
        "leading": leading.leading(con, asked.have),
        "contacts": contacts(con),
        "fit_loop": resemble.fit_loop(con, currency),
        "cost_changes": thrift.thrift(con, asked.have),
    }


def contacts(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """What the table ``leading`` says of contacts and the wins of the month after, whether or not that is the
    time after which most is seen, as it must be to stand in the table."""
    open_prospects = leading._whole(leading._panel(con, leading.PIPELINE))
    of_figure = leading._panel(con, leading._counted("aim = 'win'")) / open_prospects
    of_outcome = leading._panel(con, "SELECT rep, month, count(*) AS value FROM wins GROUP BY ALL")
    found = leading.associate(of_figure, leading._after(of_outcome, 1, 1))
    return pd.DataFrame([found] if found else [])
