"""Publishing a scorecard, as a score table is: loaded aside, then pointed at in one transaction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from salesml.store.card_source import CardContent, CardFolder
from salesml.store.engine import Store
from salesml.store.publish import Say, publish_content
from salesml.store.published import Published
from salesml.store.retention import Retention
from salesml.store.turn import WAIT


def publish_scorecard(
    store: Store,
    folder: Path,
    *,
    retention: Retention | None = None,
    older: bool = False,
    wait: float = WAIT,
    say: Say = lambda _: None,
) -> Published:
    """Publish what ``salesml scorecard --out`` wrote: its tables as rows of JSON, and the report.

    Tables about single customers are left out and named in the notes.

    Parameters
    ----------
    folder : Path
    retention, older, wait
        As for :func:`salesml.store.publish.publish`.

    Raises
    ------
    UsageError
        ``not-a-scorecard``, ``not-parquet``.
    DataError, OutsideError
        As for :func:`salesml.store.publish.publish`.
    """
    table = CardFolder(folder)
    content = CardContent(table, table.digest)
    done = publish_content(store, content, retention, older, wait, None, say)
    if not table.left_out or not done.changed:
        return done
    note = f"Left out, as they are about single customers: {', '.join(table.left_out)}"
    return replace(done, notes=(*done.notes, note))
