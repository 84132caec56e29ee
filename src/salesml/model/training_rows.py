"""From what ``fit`` is given to the rows that are learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from salesml.model.coding import Coding
from salesml.model.part import Rows
from salesml.model.screening.repeats import duplicate_groups
from salesml.model.shapes import as_array, take
from salesml.model.target import check_classes, read_owner, read_target, read_weight, watched_rows


def training_rows(
    X: Any, y: Any, *, sample_weight: Any, groups: Any, as_of: Any, min_count: int
) -> tuple[Rows, Coding, NDArray[Any]]:
    """The rows that count, how their columns are read, and the two classes.

    Parameters
    ----------
    X, y, sample_weight, groups, as_of
        As in ``PropensityClassifier.fit``.
    min_count : int
        Accounts that must share a level of a category.

    Raises
    ------
    InputError
    """
    target = read_target(y)
    weight = read_weight(sample_weight, len(target.y))
    owner = read_owner(groups, len(target.y))
    used = np.flatnonzero(weight > 0)
    check_classes(target, used)
    # The latest date is that of the rows that count.
    watched = watched_rows(as_of, target.y, used)
    table = X if len(used) == len(weight) else take(X, used)
    dates = None if as_of is None else np.asarray(as_array(as_of))[used]
    coding = Coding.learn(table, groups=owner[used], min_count=min_count, as_of=dates)
    coded = coding.encode(table, as_of=dates)
    rows = Rows(
        coded=coded,
        y=target.y[used],
        weight=weight[used],
        owner=duplicate_groups(coded) if groups is None else np.unique(owner[used], return_inverse=True)[1],
        watched=watched,
    )
    return rows, coding, target.classes
