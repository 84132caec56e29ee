"""The verb: bring the last champion back, published scores included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml.config import Tracking, read_tracking
from salesml.errors import Fault, ModelError, OutsideError
from salesml.lifecycle.check_names import check_names
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.promotion.shown import Turned, check_store, places, turn_folder, turn_store
from salesml.lifecycle.promotion.who import who
from salesml.model.bundle import Bundle
from salesml.tracking.champion import Standing, champion_moved, mend, move, moving, standing
from salesml.tracking.claim import WAIT, alone
from salesml.tracking.fetch import load
from salesml.tracking.promotions import Version, find
from salesml.tracking.store import connected

if TYPE_CHECKING:
    from mlflow import MlflowClient

KIND = "revert"


@dataclass(frozen=True, kw_only=True)
class Reverted:
    """What came of a revert.

    Parameters
    ----------
    version : int
        The champion of now.
    was : int or None
        The one before it was brought back.
    moved : bool
        Whether the alias was moved by this call.
    turned : tuple of Turned
        What became of published scores.
    notes : tuple of str
        What else should be known.
    """

    name: str
    registered: str
    version: int
    was: int | None
    moved: bool
    by: str
    turned: tuple[Turned, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def alarming(self) -> bool:
        """Whether somebody should look: readers still see scores of another version."""
        return any(not each.done for each in self.turned)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """The result as a person reads it."""
        head = f"Version {self.version} of {self.registered} is the champion"
        head += f" again, in the place of version {self.was}" if self.moved else " already"
        turned = [each.text for each in self.turned] or [
            "Published scores were not touched: name them with --store URL and --out FOLDER"
        ]
        return "\n".join([*self.notes, head, *turned])


@dataclass
class _Places:
    """Where scores are published, and what became of them."""

    name: str
    store: str | None
    folders: tuple[Path, ...]
    wait: float
    turned: list[Turned] = field(default_factory=list)

    def check(self, task: str) -> None:
        """That all can be reached, before anything is moved."""
        if self.store:
            check_store(self.store, self.name)
        for folder in self.folders:
            places(folder, task)

    def turn(self, version: Version, task: str) -> None:
        """Have readers see scores of a version.

        Raises
        ------
        OutsideError
            ``half-reverted`` where a store or a folder cannot be changed now.
        """
        place = ""
        try:
            if self.store:
                place = "the store"
                self.turned.append(turn_store(self.store, self.name, version.labels, wait=self.wait))
            for folder in self.folders:
                place = str(folder)
                self.turned += turn_folder(folder, self.name, task, version.labels)
        except (OSError, OutsideError) as error:
            raise OutsideError(_half(place, self.name, version, error)) from error


def revert(
    name: str,
    *,
    to: int | str | None = None,
    store: str | None = None,
    folders: Sequence[Path] = (),
    reason: str = "",
    by: str = "",
    tracking: Tracking | None = None,
    wait: float = WAIT,
    say: Say = quiet,
) -> Reverted:
    """Bring back the champion before the one of now; called again, the one before that.

    A former champion that can no longer be loaded is passed over, and named. A revert that was killed once
    the alias had moved is ended by the next one, which then goes no further back.

    Parameters
    ----------
    name : str
        The stem of a spec in ``models/``.
    to : int or str, optional
        A version or alias to bring back instead of the last; the champion of now turns only the scores.
    store : str, optional
        Address of a store: its pages show the scores that were last published of that version.
    folders : sequence of Path, optional
        Folders that ``salesml score --out`` wrote, whose links are turned likewise.
    reason, by : str
        Kept with the version that was in use.

    Returns
    -------
    Reverted

    Raises
    ------
    ModelError
        ``no-former`` when there was no champion before; ``no-version``; ``cannot-load``.
    UsageError
        ``no-scores`` when nothing is published in a place.
    OutsideError
        ``tracking-away``, ``store-away``, ``promotion-running``, ``champion-moved``, ``job-running``.
    """
    tracking = tracking or read_tracking(Path("mlflow.yaml"))
    check_names(name, tracking)
    registered = tracking.registered_name(name)
    shown = _Places(name, store, tuple(folders), wait)
    with connected(tracking) as client:
        begun = moving(client.get_registered_model(registered).tags)
        now = standing(client, registered)
        unended = begun is not None and begun.get("kind") == KIND and begun["to"] == now.champion
        wanted = now.champion if unended and to is None else to
        notes: list[str] = ["A revert that was stopped on its way is ended now"] if unended else []
        version, bundle = _choose(client, now, wanted, tracking, notes)
        shown.check(bundle.task)
        user = who(tracking.folder, by)
        before = now if not unended else _before(now, begun or {})
        say(f"Bringing back version {version.number} of {registered}")
        with alone(client, tracking, registered, wait=wait) as still:
            if now.champion == version.number:
                _same(client, now, version, bundle.task, shown)
            else:
                mend(client, registered)
                _check_unmoved(client, now)
                moved = _move(now, version, user, reason)
                move(
                    client, now, version.number, moved.chain, why=moved.why, still=still,
                    then=lambda: _told(client, now, version, bundle.task, shown, moved),
                )  # fmt: skip
    return Reverted(
        name=name, registered=registered, version=version.number, was=before.champion,
        moved=now.champion != version.number or unended, by=user, turned=tuple(shown.turned),
        notes=tuple(notes),
    )  # fmt: skip


@dataclass(frozen=True)
class _Move:
    chain: tuple[int, ...]
    why: dict[str, Any]


def _move(now: Standing, version: Version, user: str, reason: str) -> _Move:
    """The chain after a revert ends with the version at its last place in it; what came later is let go."""
    chain = now.before
    while chain and chain[-1] != version.number:
        chain = chain[:-1]
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    why = {"kind": KIND, "by": user, "at": at, "reason": reason}
    return _Move(chain or (*now.chain, version.number), why)


def _told(
    client: MlflowClient, was: Standing, version: Version, task: str, shown: _Places, moved: _Move
) -> None:
    """Turn the scores, and keep on the version that was in use why it no longer is."""
    shown.turn(version, task)
    words = f"to version {version.number} by {moved.why['by']} at {moved.why['at']}"
    reason = f": {moved.why['reason']}" if moved.why["reason"] else ""
    client.set_model_version_tag(was.name, str(was.champion), "salesml.reverted", words + reason)


def _same(client: MlflowClient, now: Standing, version: Version, task: str, shown: _Places) -> None:
    """The alias stands where it should: turn the scores, and end what was begun."""
    _check_unmoved(client, now)
    shown.turn(version, task)
    mend(client, now.name)


def _check_unmoved(client: MlflowClient, before: Standing) -> None:
    now = standing(client, before.name)
    if now != before:
        raise champion_moved(before, now)


def _before(now: Standing, begun: dict[str, Any]) -> Standing:
    return Standing(now.name, begun.get("from"), now.before)


def _choose(
    client: MlflowClient, now: Standing, wanted: int | str | None, tracking: Tracking, notes: list[str]
) -> tuple[Version, Bundle]:
    """The version to bring back, with its bundle: the one asked for, or the last that can be loaded."""
    if wanted is not None:
        version = find(client, now.name, str(wanted))
        return version, load(version.uri, tracking).bundle
    for number in reversed(now.before):
        if number == now.champion:
            continue
        try:
            version = find(client, now.name, str(number))
            return version, load(version.uri, tracking).bundle
        except ModelError as error:
            notes.append(f"Version {number} was the champion before, and is passed over: {error}")
    raise ModelError(_no_former(now, notes))


def _no_former(now: Standing, notes: list[str]) -> Fault:
    return Fault(
        code="no-former",
        found=f"{now.name} has no former champion that could be brought back"
        + (f". {' '.join(notes)}" if notes else ""),
        allowed="Only what was a champion before can be",
        do=f"Name a version with --to, or promote one; the champion stays version {now.champion}",
    )


def _half(place: str, name: str, version: Version, error: Exception) -> Fault:
    said = (error.strerror or error) if isinstance(error, OSError) else error
    return Fault(
        code="half-reverted",
        found=f"Version {version.number} of {version.name} is the champion again, but the scores in {place} "
        f"could not be turned back: {said}",
        do=f"Run `salesml revert {name}` again with the same places: it ends what was begun, and goes no "
        "further back",
    )
