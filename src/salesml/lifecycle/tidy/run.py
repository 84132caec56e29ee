"""The verb: remove past runs by a rule, and never what is in use or may be needed again."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml.config import Tracking, read_tracking
from salesml.config.retention import Retention
from salesml.errors import Fault, OutsideError
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.tidy.folders import Left, folders_of
from salesml.lifecycle.tidy.shown import versions_shown
from salesml.tracking.claim import WAIT, alone
from salesml.tracking.past import TAGS, Past, past_runs, remove
from salesml.tracking.store import connected

if TYPE_CHECKING:
    from mlflow import MlflowClient

UNLOGGED = "not in MLflow: `salesml register` logs it, or remove it by hand"


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A run, a folder, or a run with its folder.

    Parameters
    ----------
    kind : str
        training, backtest, monitor, payoff, tuning or scoring.
    run_id, folder : str
        Either may be empty.
    size : int
        Bytes of the folder.
    stays : str
        Why it stays; empty for what goes.
    """

    kind: str
    run_id: str = ""
    version: int | None = None
    folder: str = ""
    started: str = ""
    size: int = 0
    stays: str = ""

    def line(self) -> str:
        version = f" (version {self.version})" if self.version else ""
        run = f" run {self.run_id[:8]}" if self.run_id else ""
        where = f" {self.folder}, {_bytes(self.size)}" if self.folder else ""
        return f"{self.kind}{run}{version}{where}"


@dataclass(frozen=True, kw_only=True)
class Tidied:
    """What was decided of each run and folder of a model, and whether it was done."""

    name: str
    rule: Retention
    dry: bool
    decided: tuple[Decided, ...]

    @property
    def gone(self) -> tuple[Decided, ...]:
        return tuple(each for each in self.decided if not each.stays)

    @property
    def stays(self) -> Counter[str]:
        """Of each reason why something stays, how often."""
        return Counter(each.stays for each in self.decided if each.stays)

    def text(self) -> str:
        """What went and what stays, for a person."""
        if not self.decided:
            return f"{self.name}: there is no run of it in MLflow, and no folder of one"
        runs = sum(bool(each.run_id) for each in self.gone)
        folders = sum(bool(each.folder) for each in self.gone)
        size = _bytes(sum(each.size for each in self.gone))
        verb = "would go" if self.dry else "removed"
        rule = f"the newest {self.rule.keep} of each kind and what is younger than {self.rule.days} days stay"
        total = f"{self.name}: {runs:,} runs and {folders:,} folders ({size}) {verb}; {rule}"
        lines = [f"{verb}: {each.line()}" for each in self.gone]
        lines += [f"{number:,} stay: {why}" for why, number in self.stays.items()]
        if runs and not self.dry:
            lines.append("Runs can be restored in MLflow until `mlflow gc` is run, which frees their room")
        return "\n".join([*lines, total])

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return asdict(self)


def _bytes(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size = round(size / 1000)
    return f"{size:,} GB"


def tidy(
    name: str,
    *,
    keep: int | None = None,
    days: int | None = None,
    store: str | None = None,
    folders: Sequence[Path] = (),
    models: Path | None = None,
    tracking: Tracking | None = None,
    dry: bool = False,
    wait: float = WAIT,
    say: Say = quiet,
) -> Tidied:
    """Remove past runs of a model from MLflow, and the folders that they left.

    Never the champion, a former one, what an alias names, a version whose scores a store or a folder keeps
    whole, what is tagged ``salesml.keep``, what still runs, or what is not in MLflow yet.

    Parameters
    ----------
    name : str
        The stem of a spec in ``models/``.
    keep, days : int, optional
        Instead of what ``retention:`` in mlflow.yaml says.
    store : str, optional
        Address of a store of published scores.
    folders : sequence of Path
        Folders that ``salesml score --out`` wrote.
    models : Path, optional
        Where runs leave folders; ``models/`` beside mlflow.yaml by default.
    dry : bool
        Whether only to say what would go.

    Raises
    ------
    UsageError
        ``no-scores`` for a folder without scores.
    OutsideError
        ``tracking-away``, ``store-away``, ``promotion-running``: nothing was removed; ``not-removed`` where
        a folder cannot be.
    """
    tracking = tracking or read_tracking(Path("mlflow.yaml"))
    check_names(name, tracking)
    stated = {**tracking.retention, **({} if keep is None else {"keep": keep})}
    rule = Retention(**{**stated, **({} if days is None else {"days": days})})
    shown = versions_shown(name, store, folders)
    left = folders_of(models or tracking.folder / "models", name)
    with connected(tracking) as client:
        runs = past_runs(client, tracking, name)
        decided = _decide(runs, left, rule, shown)
        if not dry and any(not each.stays for each in decided):
            say(f"Removing {sum(not each.stays for each in decided):,} past runs and folders of {name}")
            decided = _removed(client, tracking, name, runs, decided, wait)
    return Tidied(name=name, rule=rule, dry=dry, decided=tuple(decided))


def _decide(
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
    gone = [run for run in runs if run.deleted]
    for each in left:
        if each.path not in taken:
            # Of a tidying that was killed the folder may be left without its run.
            unended = any(_belongs(each, run) for run in gone)
            decided.append(_decided(each.kind, None, each, "" if unended else UNLOGGED))
    return decided


def _stays(run: Past, place: int, rule: Retention, shown: Collection[str], now: dt.datetime) -> str:
    """Why a run stays; empty where it goes."""
    if run.standing:
        return run.standing
    if run.labels & set(shown):
        return "scores of it are kept, and can be shown"
    if run.pinned:
        return "tagged salesml.keep"
    if run.running:
        return "still running, or broken off: end it in MLflow"
    if place < rule.keep:
        return f"among the newest {rule.keep}"
    if run.started.to_pydatetime() > now - dt.timedelta(days=rule.days):
        return f"younger than {rule.days} days"
    return ""


def _belongs(folder: Left, run: Past) -> bool:
    if folder.kind != run.kind:
        return False
    return folder.run_id == run.run_id if run.kind == "training" else folder.path.name == run.folder


def _decided(kind: str, run: Past | None, folder: Left | None, stays: str) -> Decided:
    return Decided(
        kind=kind, run_id=run.run_id if run else "", version=run.version if run else None,
        folder=str(folder.path) if folder else "", size=folder.size if folder else 0,
        started=run.started.isoformat(timespec="seconds") if run else "", stays=stays,
    )  # fmt: skip


def _removed(
    client: MlflowClient, tracking: Tracking, name: str, runs: Sequence[Past], decided: Sequence[Decided],
    wait: float,
) -> list[Decided]:  # fmt: skip
    """Remove what goes: first from MLflow, then the folder, so that a kill leaves what the next call ends."""
    by_id = {run.run_id: run for run in runs}
    done = []
    for each in decided:
        if each.stays:
            done.append(each)
            continue
        with _alone(client, tracking, name, each, wait):
            if each.run_id and not remove(client, tracking, name, by_id[each.run_id]):
                done.append(replace(each, stays="it was given an alias just now"))
                continue
        if each.folder:
            _remove_folder(Path(each.folder))
        done.append(each)
    return done


def _alone(
    client: MlflowClient, tracking: Tracking, name: str, each: Decided, wait: float
) -> AbstractContextManager[object]:
    """Keep others from making a champion of a version while it is removed."""
    if each.version is None:
        return nullcontext()
    return alone(client, tracking, tracking.registered_name(name), wait=wait)


def _remove_folder(path: Path) -> None:
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise OutsideError(
            Fault(
                code="not-removed",
                found=f"{path} cannot be removed: {error.strerror or error}",
                do="Let it be written, and run it again: it goes on with what is left",
            )
        ) from error
