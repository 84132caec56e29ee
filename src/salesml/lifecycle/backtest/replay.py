"""One date of a backtest: learn what was known then, predict, and measure once the outcome is known."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from salesml.config import Spec
from salesml.errors import DataError
from salesml.explain.grouping import Groups
from salesml.lifecycle.backtest.collect import Late
from salesml.lifecycle.backtest.plan import Plan, Turn
from salesml.lifecycle.fit import EXPLAINED_ROWS, make_classifier
from salesml.lifecycle.rows import Rows, rows_of
from salesml.model import Estimate, Evaluation, PropensityClassifier, evaluate, fit_baselines
from salesml.model.bootstrap import estimates
from salesml.model.target import read_owner
from salesml.snapshots import Feature, Snapshot

Floats = NDArray[np.float64]
Status = Literal["tested", "not ripe", "not tested", "no model"]

PREVIOUS = "previous model"
"""The model of the date before, asked about the same rows."""
MONTH = "calendar_month"


@dataclass(frozen=True, kw_only=True)
class Explained:
    """How strongly each feature moves the score of some rows.

    Parameters
    ----------
    names : tuple of str
        Groups of features that say the same thing; a feature without a group stands for itself.
    size : ndarray of shape (rows, groups)
        Absolute contribution of each group, in log-odds.
    entity : ndarray of shape (rows,)
    """

    names: tuple[str, ...]
    size: NDArray[np.float32]
    entity: NDArray[np.object_]

    @property
    def shares(self) -> dict[str, float]:
        """The share of each group in all contributions, largest first."""
        mean = self.size.mean(axis=0, dtype=np.float64)
        whole = float(mean.sum()) or 1.0
        order = np.argsort(-mean, kind="stable")
        return {self.names[place]: float(mean[place] / whole) for place in order}


@dataclass(frozen=True, kw_only=True)
class Played:
    """A date of a backtest and what came of it.

    Parameters
    ----------
    status : {"tested", "not ripe", "not tested", "no model"}
        ``not ripe``: predicted, outcome not known yet; ``not tested``: predicted, but the outcomes are
        too few to measure anything; ``no model``: nothing could be learned. ``problem`` says why.
    rows : Rows
        Who was predicted; without the features.
    rep : ndarray of shape (rows,)
    p : ndarray of shape (rows,)
        Probabilities, empty without a model.
    baselines : dict of str to ndarray of shape (rows,)
        Of simpler ways, and of the model of the date before, for the same rows.
    evaluation : Evaluation or None
    money : dict of str to Estimate
        ``expected_value``, ``value_lost`` and ``value_gap`` (expected less lost), where there are values.
    """

    turn: Turn
    status: Status
    problem: str = ""
    train_rows: int = 0
    train_positives: int = 0
    rows: Rows
    rep: NDArray[np.object_]
    p: Floats = field(default_factory=lambda: np.empty(0))
    baselines: dict[str, Floats] = field(default_factory=dict)
    evaluation: Evaluation | None = None
    money: dict[str, Estimate] = field(default_factory=dict)
    best_column: str = ""
    explained: Explained | None = None
    feature_shares: dict[str, float] = field(default_factory=dict)
    digest: str = ""
    seed: int = 0
    trees: int = 0
    seconds: float = 0.0

    @property
    def as_of(self) -> dt.date:
        return self.turn.as_of

    def line(self) -> str:
        """What a person watching reads when the date is done."""
        dates = len(self.turn.train)
        head = f"{self.as_of}  {dates} date{'s' * (dates > 1)}, {self.train_rows:,} rows learned from"
        if self.status == "no model":
            return f"{head}; no model: {self.problem}"
        result = self.problem or "outcome not known yet"
        if self.evaluation:
            auc = self.evaluation.metrics["auc"]
            result = f"AUC {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}]"
        return f"{head}; {len(self.rows):,} predicted, {result}, {self.seconds:.1f} s"


def replay(spec: Spec, snapshot: Snapshot, plan: Plan, late: Late, recency: str) -> Iterator[Played]:
    """Play every date in order.

    Nothing passes from one date to the next but the model, which is asked about the next date's rows
    for comparison.
    """
    previous: PropensityClassifier | None = None
    for turn in plan.turns:
        plan.split(turn).check()
        played, previous = play(spec, snapshot, turn, late, recency, previous)
        yield played


def play(
    spec: Spec,
    snapshot: Snapshot,
    turn: Turn,
    late: Late,
    recency: str = "",
    previous: PropensityClassifier | None = None,
) -> tuple[Played, PropensityClassifier | None]:
    """One date, and the model it learned."""
    start = time.perf_counter()
    features = usable(snapshot.features, turn.train)
    known = replace(snapshot, features=features)
    train = late.as_known(rows_of(known, turn.train), turn.as_of)
    test = rows_of(known, [turn.as_of])
    base: dict[str, Any] = {
        "turn": turn, "train_rows": len(train), "train_positives": train.positives,
        "rows": replace(test, X=test.X[[]]), "rep": _reps(snapshot, turn.as_of),
    }  # fmt: skip
    if not len(test):
        return Played(status="no model", problem="Nobody is in the cohort on that date", **base), None
    try:
        classifier = make_classifier(spec)
        classifier.fit(train.X, train.y, groups=train.entity, as_of=train.as_of)
    except DataError as error:
        return Played(status="no model", problem=error.faults[0].found, **base), None
    rivals = fit_baselines(train.X, train.y, groups=train.entity, recency=recency, logistic=False)
    baselines = rivals.predict(test.X)
    if previous is not None:
        baselines[PREVIOUS] = previous.predict_proba(test.X[list(previous.feature_names_in_)])[:, 1]
    p = classifier.predict_proba(test.X)[:, 1]
    status, problem, evaluation = _measured(turn, test, p, baselines)
    explained, shares = explain(classifier, test, features)
    played = Played(
        status=status, problem=problem, p=p, baselines=baselines, evaluation=evaluation,
        money=_money(test, p) if turn.ripe and test.value.any() else {},
        best_column=rivals.best_column, explained=explained, feature_shares=shares,
        digest=digest(classifier), seed=_seed(classifier), trees=classifier.n_trees_,
        seconds=time.perf_counter() - start, **base,
    )  # fmt: skip
    return played, classifier


def usable(features: Sequence[Feature], train: Sequence[dt.date]) -> tuple[Feature, ...]:
    """The features that a model of those dates would have had: the month only if it was seen twice."""
    from salesml.snapshots.attributes import every_month_twice

    return tuple(each for each in features if each.name != MONTH or every_month_twice(train))


def explain(
    classifier: PropensityClassifier, rows: Rows, features: Sequence[Feature]
) -> tuple[Explained, dict[str, float]]:
    """What moves the score on a sample of rows, by group of features and by feature."""
    drawn = np.sort(np.random.default_rng(0).permutation(len(rows))[:EXPLAINED_ROWS])
    contributions = classifier.contributions(rows.X.iloc[drawn])[:, :-1]
    groups = Groups.of([feature.group or feature.name for feature in features])
    size = np.abs(groups.total(contributions)).astype(np.float32)
    single = np.abs(contributions).mean(axis=0)
    single = single / (single.sum() or 1.0)
    shares = {feature.name: float(share) for feature, share in zip(features, single, strict=True)}
    return Explained(names=groups.names, size=size, entity=rows.entity[drawn]), shares


def digest(classifier: PropensityClassifier) -> str:
    """What makes a model give the scores it gives: trees, coding and calibration."""
    parts = {"coding": classifier.coding_.as_dict(), "calibration": classifier.calibration_.as_dict()}
    text = classifier.model_text_ + json.dumps(parts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _seed(classifier: PropensityClassifier) -> int:
    seed = classifier.random_state
    return seed if isinstance(seed, int) else 0


def _measured(
    turn: Turn, test: Rows, p: Floats, baselines: dict[str, Floats]
) -> tuple[Status, str, Evaluation | None]:
    if not turn.ripe:
        return "not ripe", "", None
    value = test.value if test.value.any() else None
    try:
        return "tested", "", evaluate(test.y, p, groups=test.entity, baselines=baselines, value=value)
    except DataError as error:
        return "not tested", error.faults[0].found, None


def _money(test: Rows, p: Floats) -> dict[str, Estimate]:
    """Expected and lost money, with intervals over resamples of accounts."""
    sums = np.column_stack([p, test.y, p - test.y]) * test.value[:, None]

    def totals(weight: Floats) -> dict[str, Floats]:
        expected, lost, gap = (weight @ sums).T
        return {"expected_value": expected, "value_lost": lost, "value_gap": gap}

    return estimates(totals, np.ones(len(test)), read_owner(test.entity, len(test)), resamples=500, seed=0)


def _reps(snapshot: Snapshot, as_of: dt.date) -> NDArray[np.object_]:
    import pyarrow.compute as pc

    table = snapshot.table.filter(pc.equal(snapshot.table["as_of"], as_of))
    reps: NDArray[np.object_] = table["rep_id"].to_numpy(zero_copy_only=False)
    return reps
