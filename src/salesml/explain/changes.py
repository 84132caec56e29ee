"""The change of a score, split exactly into a change of the data and a change of the model.

With the old model f, the new one g, the row x as it was and y as it is,

    g(y) - f(x) = [f(y) - f(x)] + [g(y) - f(y)],

and each bracket is the sum, over features, of a difference of SHAP values: of one model for two rows,
and of two models for one row. Only the second has a change of the base value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salesml.errors import Fault, ModelError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Explained:
    """SHAP values of some rows under one model.

    Parameters
    ----------
    names, groups : sequence of str
        Name and group of each feature; an empty group stands alone.
    values : ndarray of shape (rows, features + 1)
        In log-odds, the base value last.
    """

    names: Sequence[str]
    groups: Sequence[str]
    values: Floats

    def __post_init__(self) -> None:
        wanted = (len(self.values), len(self.names) + 1)
        if self.values.shape != wanted or len(self.groups) != len(self.names):
            raise ModelError(
                Fault(
                    code="wrong-shape",
                    found=f"Contributions of shape {self.values.shape} for {len(self.names)} features "
                    f"in {len(self.groups)} groups",
                    allowed=f"One column for each feature and one for the base value, {wanted[1]}",
                    do="Pass the contributions of the model that the names belong to",
                )
            )


def of_data(before: Explained, now: Explained) -> Explained:
    """What the rows' change of data moved, under one model; the base value does not move.

    Raises
    ------
    ModelError
        ``wrong-shape`` when the two are not of one model and of as many rows.
    """
    if list(before.names) != list(now.names) or before.values.shape != now.values.shape:
        raise _unlike(before, now)
    moved = now.values - before.values
    moved[:, -1] = 0.0
    return Explained(now.names, now.groups, moved)


def of_model(old: Explained, new: Explained) -> Explained:
    """What the change of the model moved, for the same rows.

    Features of either model have a column: those of the new one in its order, then those that only the
    old one has. What a model does not have adds nothing to its score.

    Raises
    ------
    ModelError
        ``wrong-shape`` when the two are not of as many rows.
    """
    if len(old.values) != len(new.values):
        raise _unlike(old, new)
    place = {name: number for number, name in enumerate(new.names)}
    gone = [number for number, name in enumerate(old.names) if name not in place]
    names = [*new.names, *(old.names[number] for number in gone)]
    moved = np.zeros((len(new.values), len(names) + 1))
    moved[:, : len(new.names)] = new.values[:, :-1]
    place |= {old.names[number]: len(new.names) + at for at, number in enumerate(gone)}
    moved[:, [place[name] for name in old.names]] -= old.values[:, :-1]
    moved[:, -1] = new.values[:, -1] - old.values[:, -1]
    return Explained(names, [*new.groups, *(old.groups[number] for number in gone)], moved)


def _unlike(one: Explained, two: Explained) -> ModelError:
    return ModelError(
        Fault(
            code="wrong-shape",
            found=f"Contributions of shape {one.values.shape} are to be compared with some of shape "
            f"{two.values.shape}",
            allowed="A change of data is that of the same features, a change of model that of the same rows",
            do="Explain the same accounts, in the same order, both times",
        )
    )
