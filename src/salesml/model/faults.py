"""Errors of the estimator, which scikit-learn expects to be ``ValueError`` as well."""

from __future__ import annotations

from salesml.errors import DataError, Fault, UsageError


class InputError(DataError, ValueError):
    """The rows cannot be learned from, or do not fit the model that was learned."""


class ParameterError(UsageError, ValueError):
    """A parameter of the estimator is not of the form it must have."""


def raise_all(faults: list[Fault]) -> None:
    """Raise every fault together, if there is any."""
    if faults:
        raise InputError(faults)
