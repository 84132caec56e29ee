"""A second opinion on the sentences of reasons: each worded by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.scoring.companions import Companions
from salesml.words import in_words
from salesml.words.peers import Peers


def said_row_by_row(
    companions: Companions,
    coded: NDArray[np.float64],
    rows: NDArray[np.intp],
    chosen: NDArray[np.intp],
    leans: NDArray[np.int64],
    peers: Peers | None,
) -> dict[str, pa.Array]:
    """As ``salesml.scoring.said.said``, from the values of one row at a time."""

    def value(row: int, position: int) -> float | str | None:
        found = companions.values.iloc[row, position]
        if pd.isna(found):
            return None
        return float(found) if companions.features[position].kind == "number" else str(found)

    told = []
    for row, position, lean in zip(rows.tolist(), chosen.tolist(), leans.tolist(), strict=True):
        feature = companions.features[position]
        near = {role: value(row, at) for role, at in companions.beside[position].items()}
        mine = value(row, position)
        sentence, text = in_words(
            feature.words or feature.name.replace("_", " "),
            mine,
            feature.form,
            feature.unit,
            rare=feature.kind == "category" and bool(np.isnan(coded[row, position])),
            fact=companions.facts[position],
            near=near,
            lean=lean,
            name=feature.name,
            peers=peers,
        )
        told.append((sentence, text, mine if feature.kind == "number" else None))
    return {
        "words": pa.array([each[0] for each in told], pa.string()),
        "value_text": pa.array([each[1] for each in told], pa.string()),
        "value_number": pa.array([each[2] for each in told], pa.float64()),
    }
