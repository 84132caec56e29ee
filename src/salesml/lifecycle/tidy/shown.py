"""The versions whose scores somebody is shown, is about to be, or can be by turning a pointer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from salesml.errors import Fault, UsageError
from salesml.lifecycle.promotion.shown import places
from salesml.scoring.batch.manifest import MANIFEST, read_manifest
from salesml.store.engine import Store
from salesml.store.migrate import existing
from salesml.store.models import LOADING, WHOLE, Generation


def versions_shown(name: str, store: str | None, folders: Sequence[Path]) -> frozenset[str]:
    """What scores that are kept whole have as ``model_version``.

    Raises
    ------
    UsageError
        ``no-scores`` for a folder without scores.
    DataError
        ``no-store``, ``store-older`` or ``store-newer``.
    OutsideError
        ``store-away``.
    """
    found = {version for folder in folders for version in _in_folder(folder)}
    return frozenset(found | (_in_store(store, name) if store else set()))


def _in_store(address: str, name: str) -> set[str]:
    query = (
        sa.select(Generation.model_version)
        .where(Generation.name == name, Generation.state.in_((WHOLE, LOADING)))
        .distinct()
    )
    with Store(address) as store:
        existing(store)
        return {
            str(version)
            for version in store.read(lambda connection: connection.execute(query).scalars().all())
        }


def _in_folder(folder: Path) -> set[str]:
    tasks = [path.name.partition("=")[2] for path in sorted(folder.glob("task=*"))]
    if not tasks:
        raise UsageError(
            Fault(
                code="no-scores",
                found=f"{folder} is no folder of scores by date",
                allowed="A folder that `salesml score --out FOLDER` writes",
                do="Name that folder, or leave out --out; nothing was removed",
            )
        )
    found = [
        read_manifest(generation / MANIFEST)
        for task in tasks
        for place in places(folder, task)
        for generation in sorted(place.generations.glob("*"))
    ]
    return {str(each["model"]["version"]) for each in found if each}
