"""What is wrong with the parts of a bundle, or how they go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from salesml.errors import Fault

if TYPE_CHECKING:
    from salesml.model.bundle import Bundle


def feature_faults(bundle: Bundle) -> list[Fault]:
    """Where its features and its coding do not agree."""
    faults = []
    names = [column.name for column in bundle.coding.columns]
    if list(bundle.columns) != names:
        odd = sorted(set(bundle.columns) ^ set(names)) or names
        faults.append(
            Fault(
                code="bad-bundle",
                found=f"The bundle's features and its coding do not agree: {', '.join(odd[:5])}",
                allowed="Both must name the same columns in the same order",
            )
        )
    unfit = [
        column.name
        for column, feature in zip(bundle.coding.columns, bundle.features, strict=False)
        if column.kind not in ("empty", feature.kind)
    ]
    if not faults and unfit:
        faults.append(
            Fault(
                code="bad-bundle", found=f"Features of one kind are coded as another: {', '.join(unfit[:5])}"
            )
        )
    return faults


def number_faults(bundle: Bundle) -> list[Fault]:
    """Numbers that no model has."""
    faults = []
    numbers = [bundle.calibration.a, bundle.calibration.b, bundle.base_value, *bundle.cutoffs.values()]
    if not np.all(np.isfinite(numbers)):
        faults.append(Fault(code="bad-bundle", found="A number of the bundle is not finite"))
    if not bundle.calibration.a > 0:
        faults.append(
            Fault(
                code="bad-bundle",
                found=f"The calibration's slope is {bundle.calibration.a}",
                allowed="It must be above 0, so that a higher score means a higher chance",
            )
        )
    ordered = [bundle.cutoffs[name] for name in sorted(bundle.cutoffs)]
    if ordered != sorted(ordered, reverse=True):
        faults.append(
            Fault(code="bad-bundle", found=f"The bands' cut-offs do not fall: {dict(bundle.cutoffs)}")
        )
    return faults
