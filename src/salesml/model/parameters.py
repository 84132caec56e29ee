"""Parameters of the estimator, checked together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from salesml.errors import Fault
from salesml.model.coding import Coding
from salesml.model.faults import ParameterError


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """Refuse parameters of a wrong form.

    Raises
    ------
    ParameterError
        ``bad-parameter``, one fault for each.
    """
    checked = [_limit(name, parameters[name], least, kind) for name, least, kind in LIMITS]
    faults = [fault for fault in [*checked, bad_rate("base_rate", parameters["base_rate"])] if fault]
    faults += [_bad_seed(parameters["random_state"])] if _odd_seed(parameters["random_state"]) else []
    monotone = parameters["monotone"] or {}
    if isinstance(monotone, Mapping):
        faults += [_bad_sign(name, sign) for name, sign in monotone.items() if sign not in (-1, 0, 1)]
    else:
        faults.append(_not_a_mapping(monotone))
    if faults:
        raise ParameterError(faults)


def constraints(monotone: Mapping[str, int] | None, coding: Coding) -> list[int] | None:
    """One sign for each column.

    Raises
    ------
    ParameterError
        ``bad-parameter`` for names that are no columns, or categories.
    """
    if not monotone:
        return None
    kinds = {column.name: column.kind for column in coding.columns}
    unknown = [name for name in monotone if name not in kinds]
    texts = [name for name in monotone if kinds.get(name) == "category"]
    if unknown or texts:
        raise ParameterError(_bad_monotone(unknown, texts, coding.names))
    return [int(monotone.get(name, 0)) for name in coding.names]


LIMITS: tuple[tuple[str, float, type], ...] = (
    ("n_folds", 2, int),
    ("n_repeats", 1, int),
    ("learning_rate", 0, float),
    ("num_leaves", 2, int),
    ("min_data_in_leaf", 1, int),
    ("max_trees", 1, int),
    ("min_count", 1, int),
    ("n_jobs", -1, int),
)
"""Parameters, the least value each may have (which a float must exceed), and their types."""


def _limit(name: str, value: Any, least: float, kind: type) -> Fault | None:
    if value is None and name not in ("n_folds", "min_count"):
        return None
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if whole and value >= least and (kind is int or least < value <= 1):
        return None
    if kind is float and isinstance(value, float | np.floating) and least < value <= 1:
        return None
    allowed = f"a whole number of at least {least}" if kind is int else f"a number above {least}, at most 1"
    return Fault(
        code="bad-parameter",
        found=f"{name} is {value!r}",
        allowed=f"It must be {allowed}",
        do="Correct it, or leave it out for the default",
    )


def bad_rate(name: str, rate: Any) -> Fault | None:
    """What is wrong with a rate that must lie between 0 and 1, if anything is."""
    number = isinstance(rate, float | np.floating) and 0 < rate < 1
    if rate is None or number:
        return None
    return Fault(
        code="bad-parameter",
        found=f"{name} is {rate!r}",
        allowed="It must be a share above 0 and below 1, such as 0.02 for 2 %",
        do="State the rate of the outcome where the model will be used, or leave it out",
    )


def _odd_seed(seed: Any) -> bool:
    if isinstance(seed, int | np.integer) and not isinstance(seed, bool):
        return not 0 <= seed < 2**32
    return seed is not None and seed is not np.random and not isinstance(seed, np.random.RandomState)


def _bad_seed(seed: Any) -> Fault:
    return Fault(
        code="bad-parameter",
        found=f"random_state is {seed!r}",
        allowed="It must be a whole number from 0 to 4294967295, a numpy.random.RandomState, or None for "
        "another model each time",
        do="Correct it, or leave it out for the default",
    )


def _not_a_mapping(monotone: Any) -> Fault:
    return Fault(
        code="bad-parameter",
        found=f"monotone is {monotone!r}",
        allowed="It must map column names to 1 (may only rise) or -1 (may only fall)",
        do="Write it as {'column': 1}",
    )


def _bad_sign(name: str, sign: Any) -> Fault:
    return Fault(
        code="bad-parameter",
        found=f"monotone[{name!r}] is {sign!r}",
        allowed="It must be 1 (may only rise), -1 (may only fall) or 0",
        do="Correct it",
    )


def _bad_monotone(unknown: list[str], texts: list[str], names: tuple[str, ...]) -> list[Fault]:
    faults = [
        Fault(
            code="bad-parameter",
            found=f"monotone names {name!r}, which is not a column",
            allowed=f"Columns are {', '.join(names[:8])}{', …' if len(names) > 8 else ''}",
            do="Correct the name",
        )
        for name in unknown
    ]
    return faults + [
        Fault(
            code="bad-parameter",
            found=f"monotone names {name!r}, which is a category",
            allowed="Only a number can rise or fall",
            do="Leave it out",
        )
        for name in texts
    ]
