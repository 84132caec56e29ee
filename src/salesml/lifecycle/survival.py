"""When accounts leave: the model beside that of whether they do, learned and judged by dates."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from salesml.config import Spec
from salesml.errors import DataError, Fault, UsageError
from salesml.lifecycle.fit import make_classifier
from salesml.lifecycle.progress import Say
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.survival_card import card
from salesml.model import PropensityClassifier
from salesml.model.faults import InputError
from salesml.model.survival.evaluation import CurveEvaluation, evaluate_curves
from salesml.model.survival.fit import fit_hazards
from salesml.model.survival.hazard import HazardModel
from salesml.model.survival.intervals import reach, strong_enough
from salesml.model.survival.kaplan_meier import KaplanMeier
from salesml.model.survival.times import Times
from salesml.model.survival.words import calibrated, table, verdict

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """How curves did on dates later than anything they were learned from.

    ``learned_until`` is the day up to which the model that was judged knew anything; ``as_of`` the dates
    of the rows that it was judged on.
    """

    evaluation: CurveEvaluation
    learned_until: dt.date
    as_of: tuple[dt.date, ...]


@dataclass(frozen=True, kw_only=True)
class Survival:
    """The model of when accounts leave, and what is kept of it; empty where the spec asks for none."""

    model: HazardModel | None = None
    judged: Judged | None = None
    card: str = ""
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """Every figure of the evaluation."""
        return self.judged.evaluation.metrics() if self.judged else {}


def check_curves(spec: Spec) -> None:
    """That a spec that asks for curves can have them.

    Raises
    ------
    UsageError
        ``no-curves-of-samples``.
    """
    if spec.horizons_days and spec.learner.get("base_rate") is not None:
        raise UsageError(
            Fault(
                code="no-curves-of-samples",
                found=f"{spec.name}.yaml has horizons_days, and learner.base_rate",
                allowed="A base rate corrects one probability; of rows sampled by their outcome nobody knows "
                "when the others left",
                do="Leave base_rate out and learn from all rows, or leave horizons_days out",
            )
        )


def check_reach(spec: Spec, training: Rows, until: dt.date) -> None:
    """That some training rows were watched to the last horizon before the first test date.

    Raises
    ------
    DataError
        ``too-short`` with how far the data reach.
    """
    if not spec.horizons_days or training.times is None:
        return
    far = reach(_known(training, until, spec.gap_days), spec.horizons_days, _numbered(training.entity))
    if far < spec.horizons_days[-1]:
        beyond = [day for day in spec.horizons_days if day > far]
        raise DataError(
            Fault(
                code="too-short",
                found=f"horizons_days asks for {', '.join(map(str, beyond))}; before the first test date, "
                f"{until}, too few of the training rows were watched for so long",
                allowed=f"With these dates curves reach to day {far}"
                if far
                else "With these dates no curve can be learned",
                do="Take more training dates (as_of.train), which begin earlier, or shorter horizons",
            )
        )


def fit_survival(
    spec: Spec, classifier: PropensityClassifier, training: Rows, testing: Rows | None, say: Say
) -> Survival:
    """Learn when accounts leave from what was known before the first test date, and judge it.

    Parameters
    ----------
    classifier : PropensityClassifier
        Of the same training rows, whose probability the curves go through.
    training, testing : Rows
        With their times.
    """
    if not spec.horizons_days or training.times is None or testing is None:
        return Survival()
    until = _day(testing.as_of.min())
    known = _known(training, until, spec.gap_days)
    owner = _numbered(training.entity)
    horizons, out = strong_enough(known, spec.horizons_days, owner, spec.horizon_days)
    for day, count in out.items():
        say(f"Day {day} is left out of the curves: only {count} accounts tell of the days up to it")
    say(f"Learning when accounts leave, up to day {horizons[-1]}")
    model = _fitted(spec, classifier, training, known, horizons)
    judged = _judged(spec, training, testing)
    told = "Nobody can judge the curves yet: the data are too short"
    if judged:
        told = f"{table(judged.evaluation)}\n{verdict(judged.evaluation)}"
    say(told)
    model = _saying(model, judged)
    found = {"horizons": list(horizons), "left_out": {str(day): count for day, count in out.items()}}
    if judged:
        found |= {
            "learned_until": judged.learned_until.isoformat(),
            "as_of": [day.isoformat() for day in judged.as_of],
            "evaluation": judged.evaluation.as_dict(),
        }
    return Survival(
        model=model,
        judged=judged,
        card=card(spec, model, judged.evaluation if judged else None, _when(judged), out),
        texts={"curves.json": json.dumps(found, indent=2) + "\n"},
    )


def _judged(spec: Spec, training: Rows, testing: Rows) -> Judged | None:
    """Curves of a model that knows nothing from some date on, against what became of rows from it on.

    The shipped model cannot be judged beyond its own horizon: the newest test date is as long ago as that.
    So the whole procedure is repeated as of the newest date whose last horizon has been observed.
    """
    for last in sorted((day for day in spec.horizons_days if day >= spec.horizon_days), reverse=True):
        wanted = tuple(day for day in spec.horizons_days if day <= last)
        for until in _dates_watched(training, testing, last):
            known_by = np.timedelta64(spec.gap_days + spec.horizon_days, "D")
            learned = training.where(training.as_of + known_by <= np.datetime64(until))
            found = _judged_at(spec, learned, [training, testing], until, wanted)
            if found:
                return found
    return None


def _judged_at(
    spec: Spec, learned: Rows, rows: Sequence[Rows], until: dt.date, wanted: tuple[int, ...]
) -> Judged | None:
    if not len(learned) or not 1 < learned.positives < len(learned) - 1:
        return None
    known, owner = _known(learned, until, spec.gap_days), _numbered(learned.entity)
    if reach(known, wanted, owner) < wanted[-1]:
        return None
    horizons, _ = strong_enough(known, wanted, owner, spec.horizon_days)
    classifier = make_classifier(spec)
    try:
        classifier.fit(
            learned.X, learned.y, sample_weight=learned.weight, groups=learned.entity, as_of=learned.dates
        )
        model = _fitted(spec, classifier, learned, known, horizons)
    except InputError:  # too few accounts by then: an older date would have fewer still
        return None
    # The newest date whose last horizon is known; later ones tell of the shorter horizons only.
    later = [part.where(part.as_of >= np.datetime64(until)) for part in rows]
    stays = np.concatenate([_curves(classifier, model, part) for part in later])
    times = [part.times for part in later if part.times is not None]
    entity = np.concatenate([part.entity for part in later])
    of_all = KaplanMeier.fit(known.end, ~np.isnan(known.left)).before(np.array(horizons, dtype=np.float64))
    evaluation = evaluate_curves(
        stays,
        Times(np.concatenate([each.left for each in times]), np.concatenate([each.seen for each in times])),
        horizons,
        _numbered(entity),
        of_all=of_all,
    )
    days = sorted({_day(day) for part in later for day in np.unique(part.as_of)})
    return Judged(evaluation=evaluation, learned_until=until, as_of=tuple(days))


def _curves(classifier: PropensityClassifier, model: HazardModel, rows: Rows) -> Floats:
    if not len(rows):
        return np.empty((0, len(model.horizons)))
    coded = classifier.coding_.encode(rows.X, as_of=rows.dates)
    return model.stays(coded, classifier.predict_proba(rows.X, as_of=rows.dates)[:, 1])


def _fitted(
    spec: Spec, classifier: PropensityClassifier, rows: Rows, known: Times, horizons: tuple[int, ...]
) -> HazardModel:
    seed, jobs = spec.learner.get("random_state", 0), classifier.n_jobs
    with threadpool_limits(1, user_api="blas"):
        return fit_hazards(
            classifier.coding_.encode(rows.X, as_of=rows.dates), classifier.coding_, known,
            _numbered(rows.entity), horizons, anchor=spec.horizon_days, weight=rows.weight,
            folds=classifier.n_folds, seed=seed if isinstance(seed, int) else 0,
            threads=jobs if jobs and jobs > 0 else os.cpu_count() or 1,
        )  # fmt: skip


def _dates_watched(training: Rows, testing: Rows, days: int) -> list[dt.date]:
    """The as-of dates whose rows were watched for so many days, newest first."""
    found: set[dt.date] = set()
    for rows in (training, testing):
        if rows.times is not None:
            found |= {_day(day) for day in np.unique(rows.as_of[rows.times.seen >= days])}
    return sorted(found, reverse=True)


def _known(rows: Rows, until: dt.date, gap_days: int) -> Times:
    """The times of rows as they were known before a day."""
    if rows.times is None:
        raise ValueError("the rows have no times")
    days = (np.datetime64(until) - rows.as_of).astype(np.float64) - gap_days
    return rows.times.watched_for(np.maximum(days, 0.0))


def _saying(model: HazardModel, judged: Judged | None) -> HazardModel:
    if judged is None:
        return model
    return replace(model, says=verdict(judged.evaluation), shown=calibrated(judged.evaluation))


def _when(judged: Judged | None) -> str:
    if judged is None:
        return ""
    days = ", ".join(map(str, judged.as_of))
    return (
        f"As of {judged.learned_until}, on rows of {days}, by a model that learned from what was known before"
    )


def _numbered(entity: NDArray[np.object_]) -> NDArray[np.intp]:
    return np.unique(entity.astype(str), return_inverse=True)[1]


def _day(value: np.datetime64) -> dt.date:
    day: dt.date = value.astype("datetime64[D]").item()
    return day
