"""The store of published scores as the place that a job writes to: SQLite or PostgreSQL.

A job works in a folder on this machine as for any other place; its parts are then loaded into the store in
short transactions, and one pointer moves.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from salesml.errors import DataError, Fault, UsageError
from salesml.scoring.batch.events import Progress, Teller
from salesml.scoring.batch.files import set_apart
from salesml.scoring.batch.parts import PARTS, QUARANTINE
from salesml.scoring.batch.places import Place
from salesml.scoring.write import try_folder
from salesml.store.address import Address
from salesml.store.beside import Beside
from salesml.store.engine import Store
from salesml.store.jobs import made_by, point_back, seen
from salesml.store.migrate import usable
from salesml.store.publish import publish

Shown = Callable[[Path, Path], tuple[pa.Table | None, pa.Table | None, Beside]]
"""Names and attributes of those who were scored, the reps, and what stands beside, as
:func:`salesml.store.publish.publish` takes them; asked when everybody is scored, for a score table, with a
folder for files."""


def nothing_shown(_scores: Path, _folder: Path) -> tuple[None, None, Beside]:
    """Pages show ids."""
    return None, None, Beside()


class Database:
    """A store of published scores.

    Parameters
    ----------
    address : str
        ``sqlite:///FILE.db`` or ``postgresql://USER@HOST/DATABASE``; ``$NAME`` in it stands for a variable.
    name : str
        The model's, by which the store knows its scores.
    as_of : str
        ISO date of the scores.
    work : Path, optional
        Where the job works; beside a SQLite file, and in the current folder for a server, when left out.
    shown : callable
        Gives names, reps and what stands beside scores.

    Raises
    ------
    UsageError
        ``bad-store``; ``needs-package``.
    """

    without: tuple[str, ...] = ()

    def __init__(
        self, address: str, name: str, as_of: str, work: Path | None = None, shown: Shown = nothing_shown
    ) -> None:
        self.address = address
        self.name = name
        self.as_of = as_of
        self.shown = shown
        where = Store(address).address
        self.place = Place(_target(where, name, work), address=str(where))

    def check(self, name: str) -> None:
        """That the store can be reached and is of this form, and that there is a folder to work in.

        Raises
        ------
        UsageError
            ``needs-date``, ``missing-folder``, ``other-model``.
        DataError
            ``store-older``, ``store-newer``, ``not-a-store``.
        OutsideError
            ``store-away``, ``not-written``.
        """
        faults = []
        if name != self.name:
            faults.append(
                Fault(
                    code="other-model",
                    found=f"The model calls itself {name}, and the spec {self.name}",
                    allowed="A store knows scores by the model's name",
                    do=f"Score with the spec {name}",
                )
            )
        folder = self.place.target.parent
        if not self.as_of:
            faults.append(
                Fault(code="needs-date", found="A store holds scores of one date each", do="Add --as-of")
            )
        if not folder.is_dir():
            faults.append(
                Fault(code="missing-folder", found=f"The folder {folder} does not exist", do="Make it first")
            )
        if faults:
            raise UsageError(faults)
        try_folder(folder, self.place.target)
        with Store(self.address) as store:
            usable(store)

    def there(self, run_id: str) -> dict[str, Any] | None:
        """What this very job said of itself, where the store has its scores, or had them until newer came.

        Raises
        ------
        DataError
            ``older-scores`` when scores of a later date are published already.
        """
        with Store(self.address) as store:
            if not usable(store):
                return None
            own, now = made_by(store, self.name, run_id), seen(store, self.name)
        if now is not None and now.as_of > dt.date.fromisoformat(self.as_of):
            if own is None:
                raise self._older(now.as_of)
            return own.summary
        return own.summary if own and (own.whole or (now and now.generation == own.generation)) else None

    def settle(self, run_id: str, teller: Teller) -> None:
        """Have readers see the job's scores, unless later ones, or a list made of them, took their place."""
        with Store(self.address) as store:
            self._settle(store, run_id, teller)

    def _settle(self, store: Store, run_id: str, teller: Teller) -> None:
        own, now = made_by(store, self.name, run_id), seen(store, self.name)
        if own is None or now is None or now.generation == own.generation:
            return
        if now.as_of == own.as_of and now.run_id != run_id:
            point_back(store, self.name, own.generation)
            teller.tell("note", f"Readers see generation {own.generation} again")
        else:
            what = "a list made of it" if now.run_id == run_id else f"{self.name} as of {now.as_of}"
            teller.tell("note", f"Since then {what} was published, as generation {now.generation}")

    def publish(self, built: Path, manifest: Mapping[str, Any], teller: Teller) -> Mapping[str, Any]:
        """Load the parts and move the pointer; what was loaded before stays."""
        told = {key: value for key, value in manifest.items() if key not in ("files", "schema")}
        apart = self.place.target.with_name(f"{self.place.target.name}.quarantine.parquet")
        bad = [each["file"] for each in manifest["files"] if each["file"].startswith(f"{QUARANTINE}/")]
        set_apart([built / name for name in bad], built / "quarantine.parquet", apart)
        people, team, beside = self.shown(built / PARTS, built)
        with Store(self.address) as store:
            now = seen(store, self.name) if usable(store) else None
            # Another model's scores of the same date give way, also to rows that were there before.
            again = now is not None and now.as_of == dt.date.fromisoformat(self.as_of)
            done = publish(
                store, built / PARTS, entities=people, reps=team, beside=beside, older=again, summary=told,
                say=lambda line: teller.tell("note", line), told=_Loading(teller),
            )  # fmt: skip
        teller.tell("warning" if done.alarming else "note", done.text())
        return told

    def _older(self, now: dt.date) -> DataError:
        return DataError(
            Fault(
                code="older-scores",
                found=f"{self.place.address} shows {self.name} as of {now} already, and these would be as of "
                f"{self.as_of}",
                allowed="Scores of an earlier date do not take the place of later ones by themselves",
                do="If they shall, write a file and publish it with `salesml publish --older`",
            )
        )


class _Loading:
    """Tells how far a load has come."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.progress: Progress | None = None

    def __call__(self, done: int, rows: int) -> None:
        if self.progress is None:
            self.progress = Progress(self.teller, rows, done)
        else:
            self.progress.add(done - self.progress.done)


def _target(address: Address, name: str, work: Path | None) -> Path:
    """The name beside which a job works: one for each store and model."""
    if address.is_file and work is None:
        path = address.files[0].absolute()
        return path.with_name(f"{path.name}.{name}")
    place = str(address.files[0].absolute()) if address.is_file else str(address)
    digest = hashlib.sha256(json.dumps(place).encode()).hexdigest()[:8]
    stem = Path(str(address.published.database or "store")).name
    return (work or Path()).absolute() / f"{stem}-{digest}.{name}"
