"""``horizons_days``: at which days a churn model says how likely an account is still there."""

from __future__ import annotations

from salesml.config.section import Section

MOST = 24
"""Horizons of a curve: each costs a look at every row, and nobody reads more of them."""


def curve_columns(horizons: tuple[int, ...]) -> tuple[str, ...]:
    """Columns of a score table with curves: ``stays_30`` and so on, ``expected_days``, ``lifetime_days``."""
    return (*(f"stays_{days}" for days in horizons), "expected_days", "lifetime_days") if horizons else ()


def read_horizons(
    top: Section, task: str | None, kind: str, inactive_days: int, horizon: int
) -> tuple[int, ...]:
    """The days of the curve, rising, the model's own ``horizon_days`` among them; none when not asked for.

    Parameters
    ----------
    top : Section
        Collects what is wrong.
    task, kind : str
        Of the spec and of its label.
    inactive_days, horizon : int
        The label's days of silence, and ``horizon_days``.
    """
    if "horizons_days" not in top:
        return ()
    days: tuple[int, ...] = tuple(top.integers("horizons_days", ()))
    for found, allowed in _wrong(days, task, kind, inactive_days, horizon):
        top.fault("bad-value", "horizons_days", found, allowed)
    return days


def _wrong(
    days: tuple[int, ...], task: str | None, kind: str, inactive_days: int, horizon: int
) -> list[tuple[str, str]]:
    if task is not None and task != "churn":
        return [(f"is given for the task {task!r}", "Only accounts that may leave have a curve: task churn")]
    faults = []
    if not days or any(day < 1 for day in days) or list(days) != sorted(set(days)):
        faults.append((f"is {list(days)}", "It must be whole days, rising"))
    if len(days) > MOST:
        faults.append((f"has {len(days)} horizons", f"It may have at most {MOST}"))
    if days and horizon is not None and horizon not in days:
        faults.append(
            (
                f"is {list(days)}, without horizon_days, {horizon}",
                f"It must hold {horizon}: there the curve says what the probability says",
            )
        )
    if kind == "inactivity" and horizon is not None and inactive_days:
        if horizon != inactive_days:
            allowed = (
                f"Both must be alike: an account has left once it is silent for {inactive_days} days, "
                "and only then are the curve and the probability about the same thing"
            )
            found = f"is given where horizon_days is {horizon} and inactive_days {inactive_days}"
            faults.append((found, allowed))
        elif any(0 < day < inactive_days for day in days):
            faults.append(
                (
                    f"is {list(days)} where inactive_days is {inactive_days}",
                    f"None may be below {inactive_days}: in fewer days nobody can be silent for so long",
                )
            )
    return faults
