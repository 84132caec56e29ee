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


def peer_faults(bundle: Bundle) -> list[Fault]:
    """What is kept of the training rows that no sentence could state."""
    columns = {column.name: column for column in bundle.coding.columns}
    faults = []
    for name, usual in bundle.peers.usual.items():
        levels = {part.level for part in usual.parts} - {None}
        if name not in columns or not levels <= set(columns[name].levels):
            faults.append(
                Fault(
                    code="bad-bundle",
                    found=f"The bundle tells what is usual of {name}, or of a value of it, which it lacks",
                    allowed="Only its own columns and their levels, which 20 accounts or more share",
                )
            )
    rates = [part.rate for usual in bundle.peers.usual.values() for part in usual.parts]
    rates += [] if bundle.peers.rate is None else [bundle.peers.rate]
    if not all(0 <= rate <= 1 for rate in rates):
        faults.append(Fault(code="bad-bundle", found="A rate of the bundle is not between 0 and 1"))
    return faults


def curve_faults(bundle: Bundle) -> list[Fault]:
    """A model of when accounts leave that belongs to another model of whether they do."""
    curves = bundle.survival
    if curves is None:
        return []
    others = curves.features != len(bundle.features) or curves.anchor not in (0, bundle.training.horizon_days)
    if not others and bundle.task == "churn":
        return []
    return [
        Fault(
            code="bad-bundle",
            found="The bundle's model of when accounts leave has other columns, or another horizon, than the "
            "model of whether they do",
            do="Take the bundle again from where it was trained",
        )
    ]
