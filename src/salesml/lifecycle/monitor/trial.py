"""Would a model trained today be better? Tried on the newest date whose outcome is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from salesml.config import Spec
from salesml.errors import SalesmlError
from salesml.lifecycle.fit import make_classifier
from salesml.lifecycle.rows import Rows
from salesml.model.bootstrap import Estimate, estimates
from salesml.model.calibration import log_loss
from salesml.model.target import read_owner
from salesml.monitoring.advice import Trial
from salesml.monitoring.dated import Dated, Floats

RESAMPLES = 500


@dataclass(frozen=True)
class Tried:
    """A trial, or why there was none."""

    trial: Trial | None
    why_not: str = ""


def try_again(
    spec: Spec, dates: Mapping[dt.date, Dated], rows: Mapping[dt.date, Rows], own: Sequence[dt.date]
) -> Tried:
    """Train on the newest dates whose outcome was known on the newest ripe one, and compare on that.

    It learns from the same number of dates as `salesml train` takes, with no leave to look ahead; without a
    date among them that the model in use did not know, nothing is tried.
    """
    newest = max(own)
    ripe = sorted(day for day in rows if day > newest and len(rows[day]))
    if not ripe:
        return Tried(None, "No date since the model was tested has an outcome yet.")
    test = ripe[-1]
    reach = dt.timedelta(days=spec.gap_days + spec.horizon_days)
    known = [day for day in sorted(rows) if day + reach <= test and len(rows[day])]
    learn = tuple(known[-spec.as_of.train :])
    learned = {day for day, each in dates.items() if each.learned}
    if not any(day not in learned for day in learn):
        return Tried(None, "No outcome that the model has not learned from is old enough to learn from.")
    try:
        gain = _gain(spec, [rows[day] for day in learn], rows[test], dates[test].p)
    except SalesmlError as error:
        return Tried(None, f"A model could not be trained for comparison: {error.faults[0].found}.")
    return Tried(Trial(test, learn, gain, reach.days))


def _gain(spec: Spec, learn: Sequence[Rows], test: Rows, p: Floats) -> Estimate:
    import pandas as pd

    classifier = make_classifier(spec)
    X = pd.concat([each.X for each in learn], ignore_index=True)
    classifier.fit(
        X, np.concatenate([each.y for each in learn]),
        groups=np.concatenate([each.entity for each in learn]),
        as_of=np.concatenate([each.as_of for each in learn]),
    )  # fmt: skip
    new = classifier.predict_proba(test.X)[:, 1]
    gains = log_loss(test.y, p) - log_loss(test.y, new)

    def mean(weight: Floats) -> dict[str, Floats]:
        return {"gain": weight @ gains / weight.sum(axis=1)}

    owner = read_owner(test.entity, len(test))
    return estimates(mean, np.ones(len(test)), owner, resamples=RESAMPLES, seed=0)["gain"]
