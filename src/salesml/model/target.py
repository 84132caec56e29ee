"""The target, the weights and the accounts, checked and numbered before anything is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from salesml.errors import Fault
from salesml.model.dates import holds_dates
from salesml.model.faults import InputError, raise_all
from salesml.model.shapes import as_array

ENOUGH = 100
"""Rows of each outcome that the latest as-of dates must hold before early stopping trusts them alone."""
LIGHTEST = 1e-9
"""A row that counts less than this part of the heaviest counts nothing: sums beside it lose it anyway."""


@dataclass(frozen=True)
class Target:
    """What is learned, row by row.

    Parameters
    ----------
    classes : ndarray of shape (2,)
        The two values of the target; the second is the outcome that is predicted.
    y : ndarray of shape (rows,)
        1 where the target is the second class.
    """

    classes: NDArray[Any]
    y: NDArray[np.int8]


def read_target(y: Any) -> Target:
    """Turn a target of two values into 0 and 1.

    Raises
    ------
    InputError
        ``missing-target``, ``one-class`` or ``not-binary``. Two texts are fine, the later one in the
        alphabet being the outcome; dates are not.
    """
    values = column_or_1d(as_array(y), warn=True)
    if values.dtype == object:
        values = pd.Series(values).infer_objects().to_numpy()
    missing = pd.isna(values)
    if missing.any():
        raise InputError(_missing(int(missing.sum())))
    known = pd.Series(values)
    if holds_dates(known) or pd.api.types.is_timedelta64_dtype(known.dtype):
        raise InputError(_dates(values))
    kinds = {type(value).__name__ for value in values} if values.dtype == object else set()
    if "str" in kinds and len(kinds) > 1:
        raise InputError(_mixed(kinds, known))
    kind = _kind(values)
    classes = np.unique(values)
    if len(classes) > 2:
        raise InputError(_not_binary(kind, classes))
    if len(classes) < 2:
        raise InputError(_one_class(classes, len(values)))
    return Target(classes, (values == classes[1]).astype(np.int8))


def _kind(values: NDArray[Any]) -> str:
    """What scikit-learn calls such a target, where it is one of classes."""
    try:
        if values.dtype.kind == "f" and np.isinf(values).any():
            raise ValueError("Input y contains infinity")
        check_classification_targets(values)
        return str(type_of_target(values, input_name="y"))
    except (TypeError, ValueError) as error:
        raise InputError(_no_target(error, values)) from None


def check_classes(target: Target, used: NDArray[np.intp]) -> None:
    """Refuse rows that count, ``used``, if all of them have the same outcome.

    Raises
    ------
    InputError
        ``one-class``.
    """
    y = target.y[used]
    if y.min() == y.max():
        raise InputError(_one_class(target.classes[y[:1]], len(y), " that count, by their weights"))


def read_weight(weight: Any, rows: int) -> NDArray[np.float64]:
    """Weights as floats, 1 where none are given; negative, missing and all-zero ones are refused.

    They are scaled to a mean of 1 over the rows that count, since only their ratios say anything; one
    below a billionth of the greatest becomes zero.
    """
    if weight is None:
        return np.ones(rows)
    try:
        values = np.asarray(weight, dtype=np.float64)
    except (TypeError, ValueError):
        found = "sample_weight holds other things than numbers"
        raise InputError(_weight("bad-weight", found, rows)) from None
    if values.ndim == 0:
        values = np.full(rows, float(values))
    if values.shape != (rows,):
        raise InputError(
            _weight("wrong-length", f"sample_weight has shape {values.shape} for {rows} rows", rows)
        )
    faults = []
    if not np.isfinite(values).all():
        faults.append(_weight("bad-weight", "sample_weight holds missing or infinite values", rows))
    if (values < 0).any():
        faults.append(_weight("bad-weight", f"sample_weight is negative in {(values < 0).sum()} rows", rows))
    if not (values > 0).any():
        faults.append(_weight("bad-weight", "sample_weight is zero in every row", rows))
    raise_all(faults)
    values = values / values.max()
    values[values < LIGHTEST] = 0.0
    return np.asarray(values / values[values > 0].mean())


def read_owner(groups: Any, rows: int) -> NDArray[np.intp]:
    """The account of each row, numbered from 0; each row is an account of its own without groups."""
    if groups is None:
        return np.arange(rows, dtype=np.intp)
    values = np.asarray(as_array(groups))
    if values.shape != (rows,):
        raise InputError(_weight("wrong-length", f"groups has shape {values.shape} for {rows} rows", rows))
    codes, _ = pd.factorize(values)
    if (codes < 0).any():
        raise InputError(
            Fault(
                code="missing-group",
                found=f"groups is missing in {int((codes < 0).sum())} rows",
                allowed="Every row needs the account it belongs to, or folds could share accounts",
                do="Fill it in, or leave out these rows",
                count=int((codes < 0).sum()),
            )
        )
    return np.asarray(codes, dtype=np.intp)


def watched_rows(as_of: Any, y: NDArray[np.int8], used: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Rows that early stopping looks at: the latest as-of date's, and earlier ones until enough.

    Parameters
    ----------
    as_of : array of shape (rows,) or None
        Dates, or anything that sorts by time; all rows are watched without them.
    y : ndarray of shape (rows,)
    used : ndarray of int
        The rows that count.

    Returns
    -------
    ndarray of bool, one for each row that counts
    """
    rows = len(y)
    if as_of is None:
        return np.ones(len(used), dtype=np.bool_)
    values = np.asarray(as_array(as_of))
    if values.shape != (rows,):
        raise InputError(_weight("wrong-length", f"as_of has shape {values.shape} for {rows} rows", rows))
    codes, dates = pd.factorize(values, sort=True)
    if (codes < 0).any():
        raise InputError(_weight("missing-date", f"as_of is missing in {int((codes < 0).sum())} rows", rows))
    codes, y = codes[used], y[used]
    watched = np.zeros(len(used), dtype=np.bool_)
    for date in reversed(range(len(dates))):
        watched |= codes == date
        positives = int(y[watched].sum())
        if min(positives, int(watched.sum()) - positives) >= ENOUGH:
            return watched
    return np.ones(len(used), dtype=np.bool_)


def _missing(count: int) -> Fault:
    return Fault(
        code="missing-target",
        found=f"Input y contains NaN: the target is missing in {count} rows",
        allowed="Every row needs its outcome; LightGBM would take a missing one for 0",
        do="Leave out the rows whose outcome is not known",
        count=count,
    )


def _not_binary(kind: str, classes: NDArray[Any]) -> Fault:
    return Fault(
        code="not-binary",
        found=f"Only binary classification is supported. The type of the target is {kind}. It has "
        f"{len(classes)} values",
        allowed="Two values: the outcome happened, or it did not",
        do="Say which value counts as the outcome, for instance y = (status == 'left')",
        examples=tuple(str(value) for value in classes[:5]),
    )


def _dates(values: NDArray[Any]) -> Fault:
    return Fault(
        code="not-binary",
        found=f"The target holds dates, such as {pd.Series(values).iloc[0]}",
        allowed="Two values: the outcome happened, or it did not",
        do="Say what counts as the outcome, for instance y = ended_at < as_of + horizon",
        count=len(values),
    )


def _mixed(kinds: set[str], values: pd.Series) -> Fault:
    return Fault(
        code="not-binary",
        found=f"The target mixes values of type {', '.join(sorted(kinds))}",
        allowed="Two values of one type: the outcome happened, or it did not",
        do="Convert it to one type",
        examples=tuple(str(value) for value in values.drop_duplicates().head(5)),
    )


def _no_target(error: Exception, values: NDArray[Any]) -> Fault:
    return Fault(
        code="not-binary",
        found=str(error).rstrip("."),
        allowed="Two values: the outcome happened, or it did not",
        do="Say which value counts as the outcome, for instance y = (status == 'left')",
        examples=tuple(str(value) for value in values[:5]),
    )


def _one_class(classes: NDArray[Any], rows: int, which: str = "") -> Fault:
    only = repr(classes[0].item() if hasattr(classes[0], "item") else classes[0])
    return Fault(
        code="one-class",
        found=f"The target holds one class only, {only}, in all {rows} rows{which}",
        allowed="Rows of both outcomes are needed, at least two accounts of each",
        do="Take a longer horizon, more as-of dates or more accounts, and check the label's definition",
        count=rows,
    )


def _weight(code: str, found: str, rows: int) -> Fault:
    allowed = f"One value for each of the {rows} rows"
    if code == "bad-weight":
        allowed = "Weights are finite, not negative, and above zero somewhere"
    return Fault(code=code, found=found, allowed=allowed, do="Check how it was made")
