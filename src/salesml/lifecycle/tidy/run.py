"""The verb: remove past runs by a rule, and never what is in use or may be needed again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from salesml.config import Tracking, read_tracking
from salesml.config.retention import Retention
from salesml.errors import Fault, OutsideError
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.tidy.decide import decide, needed
from salesml.lifecycle.tidy.folders import begun, folders_of, remove_folder
from salesml.lifecycle.tidy.result import Decided, Tidied
from salesml.lifecycle.tidy.shown import versions_shown
from salesml.tracking.claim import WAIT, alone
from salesml.tracking.past import Past, as_it_is, past_runs, remove
from salesml.tracking.store import connected

if TYPE_CHECKING:
    from mlflow import MlflowClient

Shown = Callable[[], Collection[str]]
"""What scores that are kept have as ``model_version``, as of now."""


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
    DataError
        ``no-store``, ``store-older`` or ``store-newer``.
    OutsideError
        ``tracking-away``, ``store-away``, ``promotion-running``: nothing was removed; ``not-removed`` where
        a folder cannot be.
    """
    tracking = tracking or read_tracking(Path("mlflow.yaml"))
    check_names(name, tracking)
    stated = {**tracking.retention, **({} if keep is None else {"keep": keep})}
    rule = Retention(**{**stated, **({} if days is None else {"days": days})})
    shown = partial(versions_shown, name, store, folders)
    place = models or tracking.folder / "models"
    seen, left = shown(), folders_of(place, name)
    with connected(tracking) as client:
        runs = past_runs(client, tracking, name)
        decided = decide(runs, left, rule, seen)
        if not dry and any(not each.stays for each in decided):
            say(f"Removing {sum(not each.stays for each in decided):,} past runs and folders of {name}")
            decided = _removed(client, tracking, name, runs, decided, wait, shown)
    for path in () if dry else begun(place, name):
        _remove_folder(path)
    return Tidied(name=name, rule=rule, dry=dry, decided=tuple(decided))


def _removed(
    client: MlflowClient, tracking: Tracking, name: str, runs: Sequence[Past], decided: Sequence[Decided],
    wait: float, shown: Shown,
) -> list[Decided]:  # fmt: skip
    """Remove what goes: first from MLflow, then the folder, so that a kill leaves what the next call ends."""
    by_id = {run.run_id: run for run in runs}
    registered = any(run.versions for run in runs)
    done = []
    for each in decided:
        if each.stays:
            done.append(each)
            continue
        with _alone(client, tracking, name, wait, registered=registered):
            run = as_it_is(client, tracking, name, by_id[each.run_id]) if each.run_id else None
            why = needed(run, shown()) if run else ""
            if why:
                done.append(replace(each, stays=f"{why}, as of just now"))
                continue
            if run and not run.deleted:
                remove(client, tracking, name, run)
            if each.folder:
                _remove_folder(Path(each.folder))
        done.append(each)
    return done


def _alone(
    client: MlflowClient, tracking: Tracking, name: str, wait: float, *, registered: bool
) -> AbstractContextManager[object]:
    """Keep others from moving the champion, and from tidying, while something is removed."""
    if not registered:
        return nullcontext()
    return alone(client, tracking, tracking.registered_name(name), wait=wait)


def _remove_folder(path: Path) -> None:
    try:
        remove_folder(path)
    except FileNotFoundError:
        return  # somebody else was quicker
    except OSError as error:
        raise OutsideError(
            Fault(
                code="not-removed",
                found=f"{path} cannot be removed: {error.strerror or error}",
                do="Let it be written, and run it again: it goes on with what is left",
            )
        ) from error
