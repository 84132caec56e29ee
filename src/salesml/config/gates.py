"""The gates of a promotion: what a challenger must show before it takes the champion's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from salesml.config.section import Section


def _gate(default: float, low: float, high: float, says: str) -> float:
    """A key of ``gates:`` with the least and the greatest value it can have, and what it says."""
    found: float = field(default=default, metadata={"low": low, "high": high, "says": says})
    return found


@dataclass(frozen=True, kw_only=True)
class Gates:
    """What is asked of a challenger; every key may stand under ``gates:`` in ``mlflow.yaml``, for all models,
    or in ``models/NAME.yaml``, for one.

    The first three decide whether it is better. The others are guards: they stop a challenger that is shown
    to be worse by more than is allowed, or that is another model than it claims to be.
    """

    log_loss_gain: float = _gate(
        0.004, -1.0, 1.0,
        "least gain in log loss; above zero, the gain must also be shown to exceed zero; below zero, the "
        "challenger must be shown not to be worse by more than this",
    )  # fmt: skip
    confidence: float = _gate(0.975, 0.5, 0.9999, "one-sided confidence with which a gate is decided")
    fewest_outcomes: float = _gate(50, 2, 1e9, "least accounts with the outcome, and without it")
    calibration_worse: float = _gate(
        0.01, 0.0, 1.0, "the calibration error may not be shown to be greater by more than this"
    )
    auc_worse: float = _gate(0.01, 0.0, 0.5, "the AUC may not be shown to be lower by more than this")
    value_worse: float = _gate(
        0.05, 0.0, 1.0, "the share of the lost value in the top fifth may not be shown to be lower by more"
    )
    new_suspects: float = _gate(0, 0, 1e6, "features that look like a leak, and that the champion has not")
    ranking_overlap: float = _gate(
        0.4, 0.0, 1.0, "least share of the champion's top of the list that stays in the top"
    )
    reasons_kept: float = _gate(
        0.5, 0.0, 1.0,
        "least agreement in the order of the reasons: 0 is what lots would give, 1 is the champion's order",
    )  # fmt: skip

    @classmethod
    def of(cls, *stated: Mapping[str, float]) -> Gates:
        """The defaults with what was stated, the later before the earlier."""
        merged: dict[str, float] = {}
        for each in stated:
            merged |= each
        return cls(**merged)


def read_gates(top: Section) -> dict[str, float]:
    """What stands under ``gates:``; a key that is none, and a value out of range, are faults of the file."""
    section = top.section("gates")
    stated = {}
    for gate in fields(Gates):
        value = section.number(gate.name, None)
        if value is None:
            continue
        low, high = gate.metadata["low"], gate.metadata["high"]
        if not low <= value <= high:
            section.fault("bad-value", gate.name, f"is {value:g}", f"It must be {low:g} to {high:g}")
        stated[gate.name] = float(value)
    section.done()
    return stated
