"""What a tuning works on: rows to learn from in folds, and later rows that it never looks at."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from salesml.config import Spec
from salesml.crm import CRM
from salesml.lifecycle.fit import versions
from salesml.lifecycle.gathered import gather_dates
from salesml.lifecycle.ideal import gather_past
from salesml.lifecycle.progress import Say
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.screened import Screened, checked_attributes, kept_together, screen_rows
from salesml.lifecycle.tuning.folds import Folds, account_folds, date_folds, make_folds
from salesml.lifecycle.tuning.space import VERSION, Space, fixed_part

KEPT_IN = "report.md"
DECIDING = ("salesml", "lightgbm", "numpy")
"""Packages of which another version may give another loss."""
UNTOUCHED = ("text", "learner", "bands", "gates", "quarantine_max")
"""Parts of a spec that no loss depends on, or that are compared apart."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """Rows for tuning.

    Parameters
    ----------
    learning, testing : Rows
        ``testing`` is looked at once, when the best trial is compared with the defaults.
    folds : Folds
        Of ``learning``.
    tested_on : str
        What the rows of ``testing`` are, as the end of a sentence.
    checks : str
        What the checks before training found, in Markdown.
    """

    spec: Spec
    learning: Rows
    testing: Rows
    folds: Folds
    tested_on: str
    checks: str = ""

    @property
    def space(self) -> Space:
        return Space.of(len(self.learning))

    def identity(self, seed: int) -> dict[str, str]:
        """What must be equal for a study to go on, by key."""
        found = versions()
        return {
            "spec": _spec_digest(self.spec),
            "learner": json.dumps(fixed_part(self.spec.learner), sort_keys=True, default=str),
            "data": rows_digest(self.learning),
            "test": rows_digest(self.testing),
            "folds": hashlib.sha256(self.folds.summary().encode()).hexdigest()[:16],
            "space": f"{VERSION}, leaves up to {self.space.largest_leaf} rows",
            "seed": str(seed),
            "versions": ", ".join(f"{name} {found[name]}" for name in DECIDING),
        }


def of_company(spec: Spec, crm: CRM, say: Say) -> Material:
    """The rows that `salesml train` would take, its test rows set apart in the same way.

    Past accounts that training would test by folds are parted by account instead, a fifth to test on.
    """
    gathered = (gather_past if spec.task == "fit" else gather_dates)(spec, crm, say)
    training, testing = gathered.training, gathered.testing
    tested_on = " and ".join(day.isoformat() for day in gathered.test_as_of)
    if testing is None:
        outer = account_folds(training)[0]
        if gathered.relabel is not None:
            training = replace(training, y=gathered.relabel(outer.train))
        training, testing = training.where(outer.train), training.where(outer.valid)
        tested_on = "accounts held apart"
    dated = [feature.name for feature in gathered.snapshot.features if not feature.undated]
    attributes = checked_attributes(crm, spec, training)
    say("Checking the rows")
    screening = screen_rows(
        spec, training, say, later=testing, dated=dated, attributes=attributes, kept_in=KEPT_IN
    )
    learning = kept_together(training, screening)
    folds = make_folds(
        learning, [("dates", date_folds(learning, spec.horizon_days, spec.gap_days))]
    )  # fmt: skip
    return Material(
        spec=spec, learning=learning, testing=testing, folds=folds, tested_on=tested_on,
        checks=Screened(screening).card(),
    )  # fmt: skip


def rows_digest(rows: Rows) -> str:
    """A digest of rows, outcomes, accounts and dates."""
    sha = hashlib.sha256(json.dumps([str(name) for name in rows.X]).encode())
    for part in (rows.X, pd.Series(rows.entity.astype(str))):
        sha.update(pd.util.hash_pandas_object(part, index=False).to_numpy().tobytes())
    for array in (rows.y, rows.as_of.astype("M8[D]").astype(np.int64), rows.weights):
        sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()[:16]


def _spec_digest(spec: Spec) -> str:
    data = {key: value for key, value in asdict(spec).items() if key not in UNTOUCHED}
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()[:16]
