"""How long a tuning may take, and how many trials."""

from __future__ import annotations

from salesml.errors import Fault, UsageError
from salesml.lifecycle.tuning.budget import Budget
from salesml.lifecycle.tuning.compared import SEEDS

MINUTES = 30.0


def check_limits(minutes: float | None, trials: int | None, seed: int) -> None:
    """Refuse limits that allow nothing.

    Raises
    ------
    UsageError
        ``bad-value``, for each.
    """
    faults = []
    if minutes is not None and not 0 < minutes < float("inf"):
        faults.append(Fault(code="bad-value", found=f"--minutes is {minutes:g}", allowed="Above 0"))
    if trials is not None and trials < 2:
        faults.append(
            Fault(
                code="bad-value",
                found=f"--trials is {trials}",
                allowed="At least 2: the first trial is the defaults, which the others are compared with",
            )
        )
    if not 0 <= seed < 2**31:
        faults.append(Fault(code="bad-value", found=f"--seed is {seed}", allowed="From 0 to 2147483647"))
    if faults:
        raise UsageError(faults)


def begin_budget(minutes: float | None, trials: int | None) -> Budget:
    """The minutes that were asked for, counted from now; 30 where nothing limits."""
    return Budget(MINUTES if minutes is None and trials is None else minutes, seeds=SEEDS)
