"""Which runs and folders go by the rule, and which stay whatever it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from salesml.config.retention import Retention
from salesml.lifecycle.tidy.folders import Left
from salesml.lifecycle.tidy.result import Decided
from salesml.tracking.past import TAGS, Past

UNLOGGED = "not in MLflow: `salesml register` logs it, or remove it by hand"


def decide(
    runs: Sequence[Past], left: Sequence[Left], rule: Retention, shown: Collection[str]
) -> list[Decided]:
    """Every run that is there, the newest of each kind first, then folders without one."""
    now = dt.datetime.now(dt.UTC)
    decided, taken = [], set()
    for kind in TAGS:
        own = [run for run in runs if run.kind == kind and not run.deleted]
        for place, run in enumerate(own):
            folder = next((each for each in left if _belongs(each, run)), None)
            taken |= {folder.path} if folder else set()
            stays = _stays(run, place, rule, shown, now)
            decided.append(_decided(kind, run, folder, stays))
    gone = [run for run in runs if run.deleted and run.tidied]
    for each in left:
        if each.path not in taken:
            # Of a tidying that was killed the folder may be left without its run.
            unended = any(_belongs(each, run) for run in gone)
            decided.append(_decided(each.kind, None, each, "" if unended else UNLOGGED))
    return decided


def _stays(run: Past, place: int, rule: Retention, shown: Collection[str], now: dt.datetime) -> str:
    """Why a run stays; empty where it goes."""
    why = needed(run, shown)
    if why:
        return why
    if place < rule.keep:
        return f"among the newest {rule.keep}"
    if run.started.to_pydatetime() > now - dt.timedelta(days=rule.days):
        return f"younger than {rule.days} days"
    return ""


def needed(run: Past, shown: Collection[str]) -> str:
    """Why a run stays whatever the rule; else empty."""
    if run.standing:
        return run.standing
    if run.labels & set(shown):
        return "scores of it are kept, and can be shown"
    if run.pinned:
        return "tagged salesml.keep"
    return "still running, or broken off: end it in MLflow" if run.running else ""


def _belongs(folder: Left, run: Past) -> bool:
    if folder.kind != run.kind:
        return False
    return folder.run_id == run.run_id if run.kind == "training" else folder.path.name == run.folder


def _decided(kind: str, run: Past | None, folder: Left | None, stays: str) -> Decided:
    return Decided(
        kind=kind, run_id=run.run_id if run else "", versions=run.versions if run else (),
        folder=str(folder.path) if folder else "", size=folder.size if folder else 0,
        started=run.started.isoformat(timespec="seconds") if run else "", stays=stays,
    )  # fmt: skip
