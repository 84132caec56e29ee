"""The verb: replay the whole procedure over many dates, judge it over time, keep and track it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from salesml.config import Spec, Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.errors import DataError, Fault
from salesml.lifecycle.backtest.chart import draw_backtest
from salesml.lifecycle.backtest.checked import check_rows
from salesml.lifecycle.backtest.collect import Late, collect
from salesml.lifecycle.backtest.keep import keep
from salesml.lifecycle.backtest.plan import Every, Plan, by_rule, plan_backtest
from salesml.lifecycle.backtest.pooled import Pooled
from salesml.lifecycle.backtest.replay import Played, replay
from salesml.lifecycle.backtest.replayed import Replayed
from salesml.lifecycle.backtest.report import report, short
from salesml.lifecycle.backtest.tables import expected_losses, importances
from salesml.lifecycle.backtest.verdict import Outlook
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.fit import make_classifier
from salesml.lifecycle.logged import log_if_there, whereabouts
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.refuse import refuse_base_rate, refuse_faulty
from salesml.lifecycle.screened import without
from salesml.lifecycle.train import recency_feature
from salesml.tracking.backtests import log_backtest
from salesml.tracking.git import git_facts, without_secrets

FOLDER = "backtests"


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """A finished backtest.

    Parameters
    ----------
    folder : Path
        Where it is kept.
    outlook : Outlook
        What can be said of the model over time.
    table : DataFrame
        One row per date.
    pooled : Pooled or None
        All tested dates together.
    run_id : str
        The run in MLflow; empty when it was away or not asked, and ``away`` then says why.
    """

    name: str
    folder: Path
    outlook: Outlook
    table: pd.DataFrame
    pooled: Pooled | None
    data: dict[str, Any]
    summary: str
    run_id: str = ""
    away: str = ""

    @property
    def alarming(self) -> bool:
        """Whether somebody should look: it ranks worse than it did, or some date had no model."""
        return self.outlook.kind == "falling" or bool((self.table["status"] == "no model").any())

    def expected_losses(self) -> pd.DataFrame:
        """What each account was expected to cost on each date, and what it did."""
        losses = pd.read_parquet(self.folder / "expected_losses.parquet")
        return losses.astype({"label": "Int8"})  # missing where the outcome is not known

    def text(self) -> str:
        """The result as a person reads it."""
        return f"{self.summary}\n\n{whereabouts(self.folder, self.run_id, self.away)}"


def backtest(
    name: str,
    crm: CRM,
    *,
    dates: int | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    every: Every | None = None,
    spec: Spec | None = None,
    tracking: Tracking | None = None,
    log: bool = True,
    say: Say = quiet,
) -> Backtest:
    """Replay the whole procedure over many as-of dates; each date's model sees only what was known then.

    Parameters
    ----------
    name : str
        The stem of a spec in ``models/`` beside crm.yaml, such as ``churn``.
    crm : CRM
        The company's tables.
    dates, start, end : optional
        Which dates, see :func:`plan_backtest`.
    every : {"month", "week"}, optional
        Dates so far apart, whatever the spec says; also in place of dates written there.
    spec, tracking : optional
        Instead of ``models/NAME.yaml`` and ``mlflow.yaml`` beside crm.yaml.
    log : bool
        Whether to log to MLflow. When it is away the backtest is kept all the same.
    say : callable
        Gets a line of text for each step and date.

    Returns
    -------
    Backtest

    Raises
    ------
    UsageError
        When the spec and the contract do not fit, or the limits are wrong; ``base-rate`` when the spec
        states one.
    DataError
        When the tables cannot be used, hold too little, or hold a column that all but equals the
        outcome; ``no-model`` when no date gave a model.
    OutsideError
        When it cannot be written.
    """
    spec = spec or read_spec(crm.folder / "models" / f"{name}.yaml")
    tracking = tracking or read_tracking(crm.folder / "mlflow.yaml")
    spec = by_rule(spec, every) if every else spec
    check_names(name, tracking)
    make_classifier(spec)
    refuse_base_rate(spec.learner.get("base_rate"), "backtest")
    say("Checking the tables")
    refuse_faulty(crm, say)
    plan = plan_backtest(spec, crm, dates=dates, start=start, end=end)
    say(plan.summary())
    found = _play(spec, crm, plan, say)
    facts = {"data.fingerprint": crm.fingerprint(), **git_facts(crm.folder)}
    data = {**found.as_dict(), "tags": facts}
    folder = _keep(name, crm, found, data)
    run_id, away = log_if_there(log_backtest, folder, tracking if log else None, say)
    return Backtest(
        name=name, folder=folder, outlook=found.outlook, table=found.table, pooled=found.pooled, data=data,
        summary=short(found), run_id=run_id, away=away,
    )  # fmt: skip


def _play(spec: Spec, crm: CRM, plan: Plan, say: Say) -> Replayed:
    with crm.connect() as con:
        snapshot = without(collect(spec, crm, plan, con), spec)
        late = Late.of(spec, crm, plan, con)
    say(f"{snapshot.table.num_rows:,} rows, {len(snapshot.features)} features")
    say("Checking the rows before training")
    screening = check_rows(spec, snapshot, plan, late, say)
    played = []
    for each in replay(spec, snapshot, plan, late, recency_feature(spec, snapshot)):
        say(each.line())
        played.append(each)
    _refuse_without_model(played)
    return Replayed.of(spec, crm.contract.currency, plan, snapshot, played, screening)


def _keep(name: str, crm: CRM, found: Replayed, data: dict[str, Any]) -> Path:
    plan, title = found.plan, f"Backtest of {name}: {found.outlook.kind}"
    ahead = (plan.gap_days, plan.gap_days + plan.horizon_days)
    return keep(
        crm.folder / "models" / name / FOLDER,
        data=data,
        table=found.table,
        tables={
            "expected_losses": expected_losses(name, found.played, ahead),
            "importances": importances(found.played, found.snapshot.features),
        },
        texts={
            "report.md": report(found),
            "snapshot.sql": found.snapshot.sql + "\n",
            "spec.yaml": found.spec.text,
            "crm.yaml": without_secrets(crm.contract.text),
        },
        draw=lambda path: draw_backtest(found.played, found.steps, found.pooled, path, title=title),
    )


def _refuse_without_model(played: Sequence[Played]) -> None:
    if any(len(each.p) for each in played):
        return
    raise DataError(
        [
            Fault(
                code="no-model",
                found=f"At {each.as_of} nothing could be learned: {each.problem}",
                do="Take later dates, a longer horizon or more accounts",
            )
            for each in played
        ]
    )
