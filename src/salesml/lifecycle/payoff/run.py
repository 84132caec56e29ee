"""The verb: whether lists paid, from what came of those on them, of those by lot and of those on none."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.config import Spec, Tracking, read_spec, read_tracking
from salesml.crm import CRM
from salesml.errors import Fault, UsageError
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.logged import log_if_there, whereabouts
from salesml.lifecycle.monitor.keep import finite, keep_look
from salesml.lifecycle.payoff.facts import Facts, facts
from salesml.lifecycle.payoff.lists import Lists, read_lists
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.refuse import refuse_faulty
from salesml.payoffs.about import About
from salesml.payoffs.chart import draw_payoff
from salesml.payoffs.concluded import HARM, Conclusion, conclude
from salesml.payoffs.effects import Design, effects
from salesml.payoffs.figure import Figure, as_table
from salesml.payoffs.listed import Clusters, Listed, Lottery, clusters_of
from salesml.payoffs.rates import rates
from salesml.payoffs.report import report, short
from salesml.snapshots.labels import labels_of
from salesml.tracking.payoffs import log_payoff

FOLDER, FILE = "payoff", "payoff.json"


@dataclass(frozen=True, kw_only=True)
class Payoff:
    """Whether scoring paid.

    Parameters
    ----------
    folder : Path
        Where it is kept.
    figures : tuple of Figure
    conclusion : Conclusion
    data : dict
        All of it for programs.
    summary : str
    run_id : str
        The run in MLflow; empty when it was away or not asked, and ``away`` then says why.
    """

    name: str
    folder: Path
    figures: tuple[Figure, ...]
    conclusion: Conclusion
    data: dict[str, Any]
    summary: str
    run_id: str = ""
    away: str = ""

    @property
    def harm(self) -> bool:
        return self.conclusion.kind == HARM

    def text(self) -> str:
        """The result as a person reads it."""
        return f"{self.summary}\n\n{whereabouts(self.folder, self.run_id, self.away)}"


def payoff(
    name: str,
    crm: CRM,
    lists: Path | Sequence[Path],
    *,
    within_days: int | None = None,
    out: Path | None = None,
    spec: Spec | None = None,
    tracking: Tracking | None = None,
    log: bool = True,
    say: Say = quiet,
) -> Payoff:
    """Hold what came of lists against the share that was left to lots and against those not contacted.

    Parameters
    ----------
    name : str
        The stem of a spec in ``models/`` beside crm.yaml, such as ``churn``.
    lists : Path or sequence of Path
        What `salesml rank` wrote, of one date or several: files, or folders of files. Of what `salesml score`
        wrote only what came about is told.
    within_days : int, optional
        Contacts and hours of so many days from the list's date on count; by default gap and horizon.
    out : Path, optional
        Where the folder goes; ``models/NAME/payoff`` beside crm.yaml by default.
    log : bool
        Whether to log to MLflow. When it is away the folder is kept all the same.

    Raises
    ------
    UsageError
        ``missing-file``, ``no-lists``, ``bad-days``, ``not-of-a-date``; when spec and contract do not fit.
    DataError
        ``other-model``, ``other-horizon``, ``listed-twice``, ``not-scores``; when the tables cannot be used.
    OutsideError
        ``not-written``.
    """
    spec = spec or read_spec(crm.folder / "models" / f"{name}.yaml")
    tracking = tracking or read_tracking(crm.folder / "mlflow.yaml")
    check_names(name, tracking)
    within = _within(spec, within_days)
    models = crm.folder / "models" / name
    say("Reading lists")
    read = read_lists(spec, [lists] if isinstance(lists, Path) else list(lists), models)
    say("Checking the tables")
    refuse_faulty(crm, say, None, spec)
    say(f"Looking up what came of {len(read.frame):,} rows of {len(read.dates)} dates")
    rows, lotteries, unripe, done = _rows(spec, crm, read, within)
    clusters = clusters_of(rows, spec.gap_days + spec.horizon_days, drawn_again=read.again)
    say("Comparing")
    figures = _figures(rows, clusters, lotteries if read.again else None)
    about = _about(spec, crm, read, rows, clusters, unripe, done, within)
    conclusion = conclude(about, figures)
    data = _data(about, figures, conclusion)
    folder = keep_look(
        out or models / FOLDER, data=data, table=as_table(figures),
        report=report(about, figures, conclusion), draw=lambda path: draw_payoff(about, figures, path),
    file=FILE, )  # fmt: skip
    run_id, away = log_if_there(log_payoff, folder, tracking if log else None, say)
    return Payoff(
        name=name, folder=folder, figures=tuple(figures), conclusion=conclusion, data=data,
        summary=short(about, conclusion), run_id=run_id, away=away,
    )  # fmt: skip


def _within(spec: Spec, days: int | None) -> int:
    reach = spec.gap_days + spec.horizon_days
    if days is None:
        return reach
    if not 1 <= days <= reach:
        raise UsageError(
            Fault(
                code="bad-days",
                found=f"Contacts of {days} days are to count",
                allowed=f"1 to {reach}: what is done after the horizon cannot have led to its outcome",
            )
        )
    return days


def _rows(
    spec: Spec, crm: CRM, read: Lists, within: int
) -> tuple[Listed, list[Lottery], dict[str, int], Facts]:
    """The rows with an outcome, the bundles that they lay in, who has none, and what was done with them."""
    frame = read.frame
    who = frame["entity_id"].astype(str).tolist()
    days = [_day(each) for each in frame["as_of"]]
    told = {
        (row["entity_id"], row["as_of"]): (row["label"], row["no_label"])
        for row in labels_of(spec, crm, zip(who, days, strict=True)).to_pylist()
    }
    found = [told[pair] for pair in zip(who, days, strict=True)]
    label = np.array([math.nan if each is None else float(each) for each, _ in found])
    known = np.isfinite(label)
    unripe = Counter(str(reason) for each, reason in found if each is None)
    kept = frame[known].reset_index(drop=True)
    done = facts(
        spec, crm, [each for each, is_ in zip(who, known, strict=True) if is_],
        [each for each, is_ in zip(days, known, strict=True) if is_], within,
    )  # fmt: skip
    place = np.where(known, np.cumsum(known) - 1, -1).astype(np.int64)
    lotteries = [Lottery(np.where(rows >= 0, place[rows], -1), deal) for rows, deal in read.deals]
    return _listed(kept, label[known], done), lotteries, dict(unripe), done


def _listed(frame: pd.DataFrame, label: NDArray[np.float64], done: Facts) -> Listed:
    def texts(column: str) -> NDArray[np.object_]:
        return np.array(
            ["" if each is None or each != each else str(each) for each in frame[column]], dtype=object
        )

    def numbers(column: str) -> NDArray[np.float64]:
        return np.asarray(pd.to_numeric(frame[column]).to_numpy(dtype=np.float64, na_value=np.nan))

    return Listed(
        entity=texts("entity_id"), list=texts("list"), band=texts("band"),
        as_of=np.array([str(each)[:10] for each in frame["as_of"]], dtype="datetime64[D]"),
        probability=numbers("probability"), value=numbers("value"), label=label,
        listed=frame["rank"].notna().to_numpy(dtype=bool), picked=texts("picked"),
        chance=numbers("pick_probability"), contacted=done.contacted, hours=done.hours,
        money=done.money,
    )  # fmt: skip


def _day(value: Any) -> dt.date:
    return dt.date.fromisoformat(str(value)[:10])


def _figures(rows: Listed, clusters: Clusters, lotteries: list[Lottery] | None) -> list[Figure]:
    if not len(rows):
        return []
    return [*rates(rows, clusters), *effects(Design(rows, clusters, lotteries))]


def _about(
    spec: Spec, crm: CRM, read: Lists, rows: Listed, clusters: Clusters, unripe: dict[str, int], done: Facts,
    within: int,
) -> About:  # fmt: skip
    lots = rows.by_lot
    return About(
        name=spec.name, task=spec.task, currency=crm.contract.currency, horizon_days=spec.horizon_days,
        gap_days=spec.gap_days, dates=tuple(sorted({str(day) for day in rows.as_of})), rows=len(rows),
        listed=int(rows.listed.sum()), lots=int(lots.sum()), drawn=int((lots & rows.listed).sum()),
        sure=int((rows.chance >= 1).sum()), never=int((rows.chance <= 0).sum()), unripe=unripe,
        chances=bool(np.isfinite(rows.chance).any()) or not len(rows),
        ranked=bool(read.frame["list"].notna().any()), sources=done.sources, within_days=within,
        recurring=clusters.recurring, clusters=clusters.number, joined=clusters.joined, again=read.again,
        notes=(*read.notes, *done.notes),
    )  # fmt: skip


def _data(about: About, figures: Sequence[Figure], conclusion: Conclusion) -> dict[str, Any]:
    named = {
        f"{each.estimand}.{each.outcome}.{each.who}.{each.band}".rstrip("."): each for each in figures
    }  # fmt: skip
    metrics = {name: each.value for name, each in named.items()}
    metrics |= {
        f"{name}.{end}": getattr(each, end) for name, each in named.items() for end in ("low", "high")
    }
    return {
        **asdict(about), "conclusion": asdict(conclusion), "figures": [asdict(each) for each in figures],
        "params": {
            "dates": ", ".join(about.dates), "horizon_days": about.horizon_days,
            "within_days": about.within_days,
            "again": about.again,
        },
        "metrics": finite({"rows": about.rows, "listed": about.listed, "lots": about.lots, **metrics}),
    }  # fmt: skip
