"""Fitting a model, testing it on rows it has not seen, and making a bundle of it."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml import __version__
from salesml.config import Spec
from salesml.config.section import nearest
from salesml.errors import Fault, UsageError
from salesml.lifecycle.rows import Rows
from salesml.model import (
    Evaluation,
    PropensityClassifier,
    Verdict,
    contribution_shares,
    evaluate,
    fit_baselines,
    judge,
)
from salesml.model.amounts import Amounts
from salesml.model.bundle import Bundle, Training, band_cutoffs, count_levels
from salesml.model.calibration import Calibration
from salesml.model.feature_groups import joined
from salesml.model.level_shares import all_shares
from salesml.model.parameters import check_parameters
from salesml.model.peers import count_peers
from salesml.model.seed_report import SeedReport
from salesml.model.survival.hazard import HazardModel
from salesml.pictures.shap_plots import Sample
from salesml.snapshots import Feature
from salesml.words.peers import Peers

ATTRIBUTES = ("accounts", "prospects", "table")
"""Sources of features that say what somebody is, not what happened."""

EXPLAINED_ROWS = 5_000
"""Rows whose contributions tell the features' shares."""

PICTURED_ROWS = 1_000
"""Those of them that are drawn."""

DECIDING_PACKAGES = ("lightgbm", "numpy", "scikit-learn", "duckdb")
"""Packages whose versions can change a result."""


@dataclass(frozen=True, kw_only=True)
class Tested:
    """A classifier and how it did on rows it had not seen.

    ``unseen`` are raw scores of such rows, from which the bands' cut-offs are taken, each counting by its
    ``weight``; ``shares`` the
    features' shares of all contributions, largest first; ``best_column`` the one that predicts best
    alone. ``calibration`` is published instead of the classifier's own, and ``seeds`` says what a list of
    best customers can tell, where nothing else was known. ``sample`` are rows for pictures.
    """

    classifier: PropensityClassifier
    evaluation: Evaluation
    verdict: Verdict
    unseen: NDArray[np.float64]
    shares: dict[str, float]
    best_column: str
    weight: NDArray[np.float64] | None = None
    calibration: Calibration | None = None
    seeds: SeedReport | None = None
    sample: Sample | None = None


def make_classifier(spec: Spec) -> PropensityClassifier:
    """The classifier of a spec: the defaults, and what its ``learner`` says.

    Raises
    ------
    UsageError
        ``unknown-key`` for a parameter that the classifier does not have, ``bad-parameter`` for a value
        that it cannot take.
    """
    allowed = PropensityClassifier().get_params()
    unknown = [key for key in spec.learner if key not in allowed]
    if unknown:
        raise UsageError(
            Fault(
                code="unknown-key",
                found=f"learner of {spec.name}.yaml has the unknown key {unknown[0]!r}",
                allowed=nearest(unknown[0], allowed),
            )
        )
    classifier = PropensityClassifier(**spec.learner)
    check_parameters(classifier.get_params())
    return classifier


def fit_and_test(
    spec: Spec, train: Rows, test: Rows, *, recency: str = "", dated: Collection[str] = ()
) -> Tested:
    """Fit on some rows, test on later ones.

    Parameters
    ----------
    dated : collection of str
        Features that cannot be a leak, as :func:`salesml.model.judge` asks.
    recency : str
        The feature that says how long ago the last event was, for the baseline of that name.
    """
    classifier = make_classifier(spec)
    classifier.fit(
        train.X, train.y, sample_weight=train.weight, groups=train.entity, as_of=train.dates
    )  # fmt: skip
    sampling = classifier.sampling_
    baselines = fit_baselines(
        train.X, train.y, groups=train.entity, recency=recency,
        weight=train.weights * sampling.weights(train.y),
    )  # fmt: skip
    weight = test.weights * sampling.weights(test.y)
    raw = raw_scores(classifier, test.X)
    evaluation = evaluate(
        test.y,
        classifier.calibration_.probability(raw),
        groups=test.entity,
        baselines=baselines.predict(test.X),
        value=test.value if (test.value > 0).any() else None,
        bands=spec.bands,
        weight=weight,
    )
    shares, sample = feature_shares(classifier, test.X, weight)
    verdict = judge(
        evaluation, shares=shares, best_column=baselines.best_column, train_rate=sampling.rate,
        dated=dated,
    )  # fmt: skip
    return Tested(
        classifier=classifier, evaluation=evaluation, verdict=verdict,
        unseen=raw, shares=shares, best_column=baselines.best_column, weight=weight,
        sample=sample,
    )  # fmt: skip


def raw_scores(classifier: PropensityClassifier, X: Any) -> NDArray[np.float64]:
    """The booster's sums, before calibration."""
    raw: Any = classifier.booster_.predict(classifier.coding_.encode(X), raw_score=True)
    return np.asarray(raw, dtype=np.float64)


def feature_shares(
    classifier: PropensityClassifier, X: Any, weight: NDArray[np.float64] | None = None
) -> tuple[dict[str, float], Sample]:
    """Each feature's share of all contributions on a sample of rows, largest first; some rows of it."""
    shuffled = np.random.default_rng(0).permutation(len(X))
    drawn = np.sort(shuffled[:EXPLAINED_ROWS])
    contributions = classifier.contributions(X.iloc[drawn])
    names = [str(name) for name in classifier.feature_names_in_]
    shares: dict[str, float] = contribution_shares(
        contributions, names, None if weight is None else weight[drawn]
    )
    pictured = np.isin(drawn, shuffled[:PICTURED_ROWS])
    coded = classifier.coding_.encode(X.iloc[drawn[pictured]])
    return shares, Sample(coded, contributions[pictured])


def make_bundle(
    spec: Spec,
    tested: Tested,
    train: Rows,
    features: Sequence[Feature],
    *,
    amounts: Amounts | None = None,
    survival: HazardModel | None = None,
    as_of: Sequence[dt.date] = (),
    meaning: Mapping[str, str] | None = None,
    fingerprint: str = "",
) -> Bundle:
    """Everything that scoring needs of a fitted classifier."""
    classifier, calibration = tested.classifier, tested.calibration or tested.classifier.calibration_
    coded = classifier.coding_.encode(train.X, as_of=train.dates)
    return Bundle(
        name=spec.name,
        task=spec.task,
        booster=classifier.model_text_,
        features=joined(features, coded),
        coding=classifier.coding_,
        calibration=calibration,
        base_value=_base_value(tested, train),
        cutoffs=band_cutoffs(tested.unseen, spec.bands, tested.weight),
        level_accounts=count_levels(classifier.coding_, train.X, list(train.entity)),
        level_shares=all_shares(
            classifier.coding_, train.X, [each.name for each in features if each.source in ATTRIBUTES]
        ),
        peers=_peers(spec, tested, train, features, coded, spec.horizon_days if as_of else 0),
        training=Training(
            as_of=tuple(day.isoformat() for day in as_of),
            horizon_days=spec.horizon_days if as_of else 0,
            gap_days=spec.gap_days if as_of else 0,
            rows=len(train),
            positives=train.positives,
            base_rate=tested.seeds.prior.stated if tested.seeds else classifier.sampling_.stated,
        ),
        prior=tested.seeds.prior.as_dict() if tested.seeds else {},
        value=spec.value,
        amounts=amounts,
        survival=survival,
        quarantine_max=spec.quarantine_max,
        meaning=dict(meaning or {}),
        fingerprint=fingerprint,
        versions=versions(),
        verdict=tested.verdict.text,
        created_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    )


def _peers(
    spec: Spec,
    tested: Tested,
    train: Rows,
    features: Sequence[Feature],
    coded: NDArray[np.float64],
    days: int,
) -> Peers:
    """What is usual among the training rows; a list of best customers has no rate of an outcome."""
    coding = tested.classifier.coding_
    return count_peers(
        features,
        coded,
        train.X.isna().to_numpy(),
        [column.levels for column in coding.columns],
        None if tested.seeds else train.y,
        train.weights * tested.classifier.sampling_.weights(train.y),
        list(train.entity),
        task=spec.task,
        days=0 if spec.task == "fit" else days,
    )


def _base_value(tested: Tested, train: Rows) -> float:
    """The score of a row about which nothing is known, as the published calibration says it."""
    base = float(tested.classifier.contributions(train.X.iloc[:1])[0, -1])
    own, published = tested.classifier.calibration_, tested.calibration
    return base if published is None else published.a * (base - own.b) / own.a + published.b


def versions() -> dict[str, str]:
    """Versions of everything that can change a result."""
    found = {name: version(name) for name in DECIDING_PACKAGES}
    return {"salesml": __version__, "python": platform.python_version(), **found}
