"""Fitting a learner on a fold, and what it loses there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.config import Spec
from salesml.lifecycle.fit import make_classifier
from salesml.lifecycle.rows import Rows
from salesml.lifecycle.tuning.space import fixed_part
from salesml.model.calibration import log_loss

Floats = NDArray[np.float64]


def with_learner(spec: Spec, learner: Mapping[str, Any], **more: Any) -> Spec:
    """The spec with another learner; what is not tuned stays."""
    return replace(spec, learner={**fixed_part(spec.learner), **learner, **more})


def first_seed(spec: Spec) -> int:
    """The seed of a spec's learner; 0 where it states none, so that trials differ in their settings only."""
    return int(spec.learner.get("random_state") or 0)


def losses_of(spec: Spec, train: Rows, later: Rows) -> tuple[Floats, Floats, Floats]:
    """Fit on some rows and look at others.

    Returns
    -------
    tuple of ndarray of shape (rows,)
        Of each row of ``later`` its log loss, what it counts, and its probability.
    """
    model = make_classifier(spec)
    model.fit(train.X, train.y, sample_weight=train.weight, groups=train.entity, as_of=train.dates)
    p = model.predict_proba(later.X, as_of=later.dates)[:, 1]
    return log_loss(later.y, p), later.weights * model.sampling_.weights(later.y), p
