"""What moved the scores of accounts since they were scored before."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import pyarrow as pa

from salesml.errors import Fault, UsageError
from salesml.model.bundle import Bundle
from salesml.scoring.changes.comparison import Comparison
from salesml.scoring.changes.pairs import pair
from salesml.scoring.changes.table import SCHEMA
from salesml.scoring.changes.view import View
from salesml.scoring.frame import as_frame, check_columns, names_of, prepare
from salesml.scoring.scorer import TOP, Scorer


def changes(
    old_scorer: Scorer,
    old_rows: pd.DataFrame | pa.Table,
    new_scorer: Scorer,
    new_rows: pd.DataFrame | pa.Table,
    top: int = TOP,
    *,
    withheld: Collection[str] = (),
) -> pa.Table:
    """What moved each account's score: the change of its data, and the change of the model.

    The new log-odds less the old ones are, exactly, what the old model says of the row now less what it
    said of the row before, plus what the new model says of the row now less what the old one says of it.
    Both parts are split over groups of features by the models' SHAP values.

    Parameters
    ----------
    old_scorer, new_scorer : Scorer
        The models then and now, of one task; they may be the same.
    old_rows, new_rows : DataFrame or pyarrow.Table
        The accounts as they were and as they are, as :meth:`Scorer.score` takes them, one row each.
        ``old_rows`` need the old model's columns, ``new_rows`` those of both.
    top : int
        Most reasons per account and part.
    withheld : collection of str
        Attributes of which nothing is told, such as protected ones that a model uses all the same; what
        they moved counts, and stands in ``data_other`` and ``model_other``.

    Returns
    -------
    pyarrow.Table
        See :data:`salesml.scoring.changes.table.SCHEMA`: one row for each account of ``new_rows``, in
        their order, then one for each that is gone.

    Raises
    ------
    DataError
        ``missing-column`` and ``duplicate-columns``; ``repeated-entity``.
    UsageError
        ``other-task`` when the models do not predict the same.
    """
    old, new = View(old_scorer), View(new_scorer)
    _refuse_other_task(old.bundle, new.bundle)
    check_columns(names_of(old_rows), old.bundle.columns)
    both = dict.fromkeys([*new.bundle.columns, *old.bundle.columns])
    check_columns(names_of(new_rows), [*both])
    was, frame = prepare(as_frame(old_rows), old.bundle.coding), as_frame(new_rows)
    now = prepare(frame, new.bundle.coding)
    same = old.bundle.digest == new.bundle.digest
    by_old = now if same else prepare(frame, old.bundle.coding)
    versions = old_scorer.version, new_scorer.version
    comparison = Comparison(old, new, was, by_old, now, top, versions, withheld)
    return pa.Table.from_batches(comparison.blocks(pair(was, now)), schema=SCHEMA)


def _refuse_other_task(old: Bundle, new: Bundle) -> None:
    if old.task != new.task:
        raise UsageError(
            Fault(
                code="other-task",
                found=f"The model before predicts {old.task}, the model now {new.task}",
                allowed="A change is that of one score: both models are of one task",
                do="Name two versions of the same model",
            )
        )
