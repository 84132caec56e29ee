"""The order of a list: the greatest return first, ties by the score, then by the id."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from salesml.scoring.rank.rows import Rows


def order(rows: Rows, by: NDArray[np.float64]) -> NDArray[np.intp]:
    """Places of all rows: by as-of date, then over all lists by what they return.

    Parameters
    ----------
    by : ndarray, shape (rows,)
        What a row returns, NaN where that is not known: such rows follow the others. Equal ones go by
        ``raw_score``, which still tells apart what probabilities near 0 or 1 no longer do, then by
        ``entity_id``. Rows that were not scored stand last.
    """
    keys = {
        "day": (rows.day, "ascending"),
        "unscored": (~rows.scored, "ascending"),
        "unknown": (np.isnan(by), "ascending"),
        "by": (np.nan_to_num(by), "descending"),
        "raw": (np.nan_to_num(rows.raw), "descending"),
        "entity": (pa.array(rows.entity, type=pa.string()), "ascending"),
    }
    table = pa.table({name: values for name, (values, _) in keys.items()})
    # Stable, as its documentation promises, so that equal rows keep their order.
    places = pc.sort_indices(table, sort_keys=[(name, way) for name, (_, way) in keys.items()])
    return np.asarray(places.to_numpy(), dtype=np.intp)


def mixed(kept: NDArray[np.intp], drawn: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows in the order of their list, those drawn by lot spread evenly over it.

    At its end they would be the first that nobody gets to, and the probability of having been picked
    would be none of having been called.
    """
    rows = np.concatenate([kept, drawn])
    places = [(np.arange(len(part)) + 0.5) / max(1, len(part)) for part in (kept, drawn)]
    return rows[np.argsort(np.concatenate(places), kind="stable")]
