"""Publishing what was scored, with what the company's tables and the model say beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from salesml.config import Tracking
from salesml.crm import CRM
from salesml.errors import Fault, UsageError
from salesml.lifecycle import shown
from salesml.lifecycle.display import Trained
from salesml.lifecycle.moves import Taken, read_changes, write_moves
from salesml.lifecycle.progress import Say, quiet
from salesml.lifecycle.show import Show, trained_by
from salesml.store.engine import Store
from salesml.store.figures import figures
from salesml.store.models import SCORED
from salesml.store.publish import publish as publish_table
from salesml.store.published import Published
from salesml.store.retention import Retention
from salesml.store.source import About, ScoreTable
from salesml.store.turn import WAIT
from salesml.tracking import load

MOVES = "moves.parquet"


def publish(
    store: Store,
    scores: Path,
    *,
    similar: Path | None = None,
    crm: CRM | None = None,
    changes: Path | None = None,
    model: str | None = None,
    tracking: Tracking | None = None,
    protected: Collection[str] = (),
    retention: Retention | None = None,
    older: bool = False,
    wait: float = WAIT,
    say: Say = quiet,
) -> Published:
    """Publish a score table or a ranked list; see :func:`salesml.store.publish.publish`.

    Parameters
    ----------
    crm : CRM, optional
        Gives names and attributes that pages show, recent events, and the reps; without it pages show ids.
    changes : Path, optional
        What `salesml changes` wrote for these scores.
    model : str, optional
        The model that made them, a bundle's folder or an address in MLflow: how good it is can then be told.
    tracking : Tracking, optional
        Where MLflow is.
    protected : collection of str
        Columns that are not shown, beside those that crm.yaml excludes.

    Raises
    ------
    UsageError
        ``other-model`` when the model is not the one that made the scores.
    DataError
        ``other-scores`` and ``not-traced`` when the table of changes does not agree with them.
    """
    table = ScoreTable(scores)
    about = table.about
    show = Show(about.task, crm, protected, _trained(model, tracking or Tracking(), about))
    near = shown.entities(crm, "churn", protected) if crm and similar else None
    with tempfile.TemporaryDirectory(prefix="salesml-") as folder:
        moves = _moves(store, table, changes, Path(folder)) if changes else None
        done = publish_table(
            store, scores, similar=similar, entities=show.names(), accounts=near,
            reps=shown.reps(crm) if crm else None,
            beside=show.beside(table, Path(folder), moves.path if moves else None),
            retention=retention, older=older, wait=wait, say=say,
        )  # fmt: skip
    note = moves.note() if moves else ""
    return replace(done, notes=(*done.notes, note)) if note and done.changed else done


def _trained(address: str | None, tracking: Tracking, about: About) -> Trained | None:
    """The model that made the scores, if an address is given."""
    if address is None:
        return None
    scorer = load(address, tracking)
    found = trained_by(scorer.bundle, address, about.model_version, tracking)
    known = {scorer.version, scorer.bundle.digest[:12], found.run.registered}
    if scorer.bundle.name == about.model and about.model_version in known:
        return found
    raise UsageError(
        Fault(
            code="other-model",
            found=f"{address} is {scorer.bundle.name} {scorer.version}, and the scores are of {about.model} "
            f"{about.model_version}",
            allowed="What pages say of a model is of the one that made the scores",
            do="Name that one with --model",
        )
    )


def _moves(store: Store, table: ScoreTable, changes: Path, folder: Path) -> Taken:
    """What moved the scores, as far as it agrees with them and with those that were published before."""
    found, since = read_changes(changes, table.about)
    columns = ("entity_id", "probability", "status")
    now = pa.Table.from_batches(list(table.batches(columns, 65_536)))
    now = now.filter(pc.equal(now["status"], SCORED))
    now = now.set_column(0, "entity_id", now["entity_id"].cast(pa.string()))
    before = figures(store, table.about.model, since)
    return write_moves(found, since, now, before, folder / MOVES)
