"""What a training starts from, whatever its task: rows, how they are split, and what is kept of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from salesml.config import Spec
from salesml.crm import CRM
from salesml.lifecycle.progress import Say
from salesml.lifecycle.rows import Rows, rows_of
from salesml.lifecycle.screened import without
from salesml.snapshots import Snapshot, plan_split, take
from salesml.windows import Split

Relabel = Callable[[NDArray[np.bool_]], NDArray[np.int8]]
"""Gives the outcomes of all rows as learned from the rows of a mask."""


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Rows to learn from and to test on.

    Parameters
    ----------
    training : Rows
    testing : Rows or None
        Rows of later dates; without them folds of the training rows test.
    snapshot : Snapshot
        Where the rows come from.
    split : str
        How they were split, in words.
    as_of, test_as_of : tuple of date
        The dates learned from and tested on.
    relabel : callable, optional
        Where what counts as the outcome is learned itself.
    texts : mapping of str to str
        Further files for the run's folder.
    card : str
        A part of the model card, in Markdown.
    """

    training: Rows
    testing: Rows | None
    snapshot: Snapshot
    split: str
    as_of: tuple[dt.date, ...]
    test_as_of: tuple[dt.date, ...]
    relabel: Relabel | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    card: str = ""


def gather_dates(spec: Spec, crm: CRM, say: Say) -> Gathered:
    """The rows of the as-of dates that the spec's rule chooses, all entities on the same dates."""
    split = plan_split(spec, crm)
    say(split.summary())
    for line in fewer_than_asked(spec, split):
        say(line)
    snapshot = without(take(spec, crm, split.dates, leaving=bool(spec.horizons_days)), spec)
    say(snapshot.summary())
    return Gathered(
        training=rows_of(snapshot, (*split.train, *split.validate), spec.gap_days),
        testing=rows_of(snapshot, split.test, spec.gap_days),
        snapshot=snapshot,
        split=split.summary(),
        as_of=(*split.train, *split.validate),
        test_as_of=split.test,
        texts={"split.txt": f"{split.summary()}\n\n{snapshot.summary()}\n"},
    )


def fewer_than_asked(spec: Spec, split: Split) -> list[str]:
    """Lines that say where the data hold fewer as-of dates than the spec asks for."""
    if spec.as_of.explicit:
        return []
    asked = {
        "training": (spec.as_of.train, split.train), "validating": (spec.as_of.validate, split.validate),
        "testing": (spec.as_of.test, split.test),
    }  # fmt: skip
    lines = [
        f"The data hold {len(dates)} of the {wanted} dates asked for {part}"
        for part, (wanted, dates) in asked.items()
        if len(dates) < wanted
    ]
    return [f"{line}: a shorter horizon or a longer history would give more" for line in lines]
