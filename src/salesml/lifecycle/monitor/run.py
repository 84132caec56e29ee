"""The verb: watch a model in use on a date, judge, advise, keep and track it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from salesml.config import Spec, Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.logged import log_if_there, whereabouts
from salesml.lifecycle.meaning import refuse_other_meaning
from salesml.lifecycle.monitor.dates import Dates, choose_dates, refuse_flat, refuse_undated
from salesml.lifecycle.monitor.keep import finite, keep_look
from salesml.lifecycle.monitor.rows import ENTITIES, Looked, groups_of, look
from salesml.lifecycle.monitor.scores import written_scores
from salesml.lifecycle.monitor.trial import Tried, try_again
from salesml.lifecycle.patience import patiently
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.refuse import refuse_base_rate, refuse_faulty, refuse_nobody
from salesml.lifecycle.score import champion
from salesml.model.bootstrap import Estimate
from salesml.model.bundle import Bundle
from salesml.monitoring.advice import Advice, advise
from salesml.monitoring.chart import draw_look
from salesml.monitoring.dated import Dated, columns_of
from salesml.monitoring.family import LOOKS
from salesml.monitoring.finding import Finding, as_table
from salesml.monitoring.levels import watch_levels
from salesml.monitoring.report import About, report, short
from salesml.monitoring.watch import Model, watch
from salesml.snapshots.entity import entity_of
from salesml.tracking import load
from salesml.tracking.monitors import log_monitor
from salesml.tracking.tested import run_of

FOLDER = "monitoring"


@dataclass(frozen=True, kw_only=True)
class Monitored:
    """A finished look.

    Parameters
    ----------
    folder : Path
        Where it is kept.
    findings : tuple of Finding
    advice : Advice
    data : dict
        All of it for programs.
    summary : str
    run_id : str
        The run in MLflow; empty when it was away or not asked, and ``away`` then says why.
    """

    name: str
    folder: Path
    findings: tuple[Finding, ...]
    advice: Advice
    data: dict[str, Any]
    summary: str
    run_id: str = ""
    away: str = ""

    @property
    def alarms(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.alarm)

    def text(self) -> str:
        """The result as a person reads it."""
        return f"{self.summary}\n\n{whereabouts(self.folder, self.run_id, self.away)}"


def monitor(
    name: str,
    crm: CRM,
    as_of: dt.date,
    *,
    model: str | None = None,
    out: Path | None = None,
    scores: Path | None = None,
    spec: Spec | None = None,
    tracking: Tracking | None = None,
    entities: int = ENTITIES,
    log: bool = True,
    say: Say = quiet,
) -> Monitored:
    """Watch a model in use on a date: what moved, what quality to expect, and what quality there was.

    Parameters
    ----------
    name : str
        The stem of a spec in ``models/`` beside crm.yaml, such as ``churn``.
    as_of : datetime.date
        The date looked at; the tables must be fresh for it. One look for each as-of date of the spec's
        rule: a month, or a week, apart.
    model : str, optional
        A bundle's folder or an MLflow address; the registered champion when left out.
    out : Path, optional
        Where the folder of the look goes; ``models/NAME/monitoring`` beside crm.yaml by default.
    scores : Path, optional
        What `salesml score` wrote, a Parquet file or a folder: outcomes are held against these scores where
        they are of a date that is looked at, and else against scores made again.
    entities : int
        Of more, a sample of about so many is looked at.
    log : bool
        Whether to log to MLflow. When it is away the look is kept all the same.

    Raises
    ------
    UsageError
        ``before-the-model``, ``not-of-a-date``, ``base-rate``; when the spec and the contract do not fit.
    ModelError
        When the model cannot be loaded; ``other-meaning`` when the spec or the contract is not that of its
        training; ``not-of-dates`` when it was trained on a flat table.
    DataError
        When the tables are not fresh or complete for the date; ``nobody-to-score``.
    OutsideError
        ``tracking-away`` when the model has to come from MLflow; ``not-written``.
    """
    spec = spec or read_spec(crm.folder / "models" / f"{name}.yaml")
    tracking = tracking or read_tracking(crm.folder / "mlflow.yaml")
    check_names(name, tracking)
    refuse_undated(spec)
    where = tracking
    address = model or champion(spec.name, where)
    say(f"Loading {address}")
    scorer = patiently(lambda: load(address, where), say)
    bundle = scorer.bundle
    refuse_flat(bundle.training, spec.name)
    refuse_base_rate(bundle.training.base_rate, "monitor")
    refuse_other_meaning(bundle.meaning, spec, crm.contract)
    run = patiently(lambda: run_of(address, where), say)
    own = {dt.date.fromisoformat(day) for day in (*bundle.training.as_of, *run.tested_on)}
    dates = choose_dates(spec, crm, as_of, own, bundle.features)
    say("Checking the tables")
    refuse_faulty(crm, say, as_of, spec)
    say(f"Taking {len(dates.all)} dates again, {dates.all[0]} to {dates.all[-1]}")
    looked = look(spec, crm, bundle, dates, entities)
    refuse_nobody(len(looked.dates[as_of]), entity_of(spec).many)
    promised = run.evaluation.metrics["auc"] if run.evaluation else None
    say("Comparing")
    written = written_scores(scores, looked.dates) if scores else {}
    findings = _findings(spec, bundle, dates, looked, promised, written)
    tried = _tried(spec, dates, looked, findings, say)
    new = _new_outcomes(dates, looked)
    advice = advise(findings, new, tried.trial, tried.why_not)
    grid = _grid(dates, looked)
    about = About(
        name=spec.name, version=scorer.version, as_of=as_of.isoformat(), months=len(grid) - 1,
        notes=(*_notes(dates, looked, entity_of(spec).many), *_of_written(written)),
    )  # fmt: skip
    data = _data(spec, bundle, about, findings, advice, tried, new, looked)
    folder = keep_look(
        out or crm.folder / "models" / name / FOLDER,
        data=data,
        table=as_table(findings),
        report=report(about, findings, advice),
        draw=lambda path: draw_look(grid, findings, promised, path, title=f"{name} on {as_of}"),
    )
    run_id, away = log_if_there(log_monitor, folder, where if log else None, say)
    return Monitored(
        name=name, folder=folder, findings=tuple(findings), advice=advice, data=data,
        summary=short(about, findings, advice), run_id=run_id, away=away,
    )  # fmt: skip


def _grid(dates: Dates, looked: Looked) -> list[Dated]:
    """The months up to the newest, as far back as each has rows."""
    found: list[Dated] = []
    for day in reversed(dates.grid):
        if not len(looked.dates[day]):
            break
        found.append(looked.dates[day])
    return found[::-1]


def _findings(
    spec: Spec,
    bundle: Bundle,
    dates: Dates,
    looked: Looked,
    promised: Estimate | None,
    written: Mapping[dt.date, Dated],
) -> list[Finding]:
    columns, looks = columns_of(bundle, dates.since), LOOKS[spec.as_of.every]
    own = [looked.dates[day] for day in dates.own if len(looked.dates[day])]
    grid = _grid(dates, looked)
    model = Model(
        columns=columns, groups=groups_of(bundle), own=dates.own, promised=promised,
        reach_days=spec.gap_days + spec.horizon_days, looks=looks, whole=dates.whole,
    )  # fmt: skip
    return [
        *watch(grid, own, model, written=written),
        *watch_levels(grid[-1], columns, bundle.level_shares, looks),
    ]


def _tried(spec: Spec, dates: Dates, looked: Looked, findings: Sequence[Finding], say: Say) -> Tried:
    """Only where something raised an alarm: a training is what a look costs most."""
    if not any(each.alarm for each in findings):
        return Tried(None, "Nothing raised an alarm.")
    if not dates.own:
        return Tried(None, "The tables no longer reach back to the model's own dates.")
    say("Training for comparison")
    return try_again(spec, looked.dates, looked.rows, dates.own)


def _new_outcomes(dates: Dates, looked: Looked) -> int:
    """Rows with the outcome, on dates after all that the model was trained and tested on."""
    newest = max((*dates.own, *dates.lost))
    return sum(rows.positives for day, rows in looked.rows.items() if day > newest)


def _notes(dates: Dates, looked: Looked, many: str) -> tuple[str, ...]:
    notes = []
    if looked.share < 1:
        notes.append(
            f"A sample of {looked.share:.1%} of {looked.of:,} {many} was looked at, the same on every date."
        )
    if dates.lost:
        notes.append(
            f"The tables no longer reach back to {len(dates.lost)} of the model's own dates "
            f"({dates.lost[0]} to {dates.lost[-1]})"
            + ("." if dates.own else ": the older half of the months there are stands in for them.")
        )
    late = [day for day in dates.since if day and day > dates.grid[0]]
    if late:
        notes.append(
            f"The tables begin shortly before {dates.grid[0]}: {len(late)} features look further back, and "
            f"are compared with dates from {max(late)} on, or from when on all their days are there."
        )
    if looked.undated:
        notes.append(
            f"{len(looked.undated)} features have no history and are on every date as they are today "
            f"({', '.join(looked.undated[:5])}{', …' * (len(looked.undated) > 5)}): of their values only "
            "levels that training did not know can be noticed."
        )
    return tuple(notes)


def _of_written(written: Mapping[dt.date, Dated]) -> tuple[str, ...]:
    if not written:
        return ()
    text = (
        f"Outcomes of {len(written)} dates, {min(written)} to {max(written)}, are held against the scores "
        "that were written then; of other dates against scores made again."
    )
    return (text,)


def _data(
    spec: Spec, bundle: Bundle, about: About, findings: Sequence[Finding], advice: Advice, tried: Tried,
    new: int, looked: Looked,
) -> dict[str, Any]:  # fmt: skip
    alarms = [each for each in findings if each.alarm]
    return {
        "name": spec.name, "task": spec.task, "as_of": about.as_of, "version": about.version,
        "bundle": bundle.digest, "months": about.months, "notes": list(about.notes),
        "alarms": [asdict(each) for each in alarms],
        "findings": [asdict(each) for each in findings],
        "advice": advice.as_dict(),
        "trial": asdict(tried.trial) if tried.trial else None,
        "new_outcomes": new,
        "params": {
            "as_of": about.as_of, "model_version": about.version, "months": about.months,
            "share": looked.share, "horizon_days": spec.horizon_days,
        },
        "metrics": finite({
            "alarms": len(alarms), "new_outcomes": new,
            **{f"{each.check}.{each.feature}".rstrip("."): each.value for each in findings if not each.since
               or each.check not in ("auc_kept", "rate_kept")},
            **{f"{each.check}.{_months(each)}": each.value for each in findings
               if each.check in ("auc_kept", "rate_kept")},
        }),
    }  # fmt: skip


def _months(each: Finding) -> int:
    """Months of a window of dates."""
    since = each.since or each.as_of
    return (each.as_of.year - since.year) * 12 + each.as_of.month - since.month + 1
