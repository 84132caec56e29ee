"""Who the rows are about, however their ids are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from salesml.model.coding import Coding
from salesml.scoring.audit.rows import Rows
from salesml.scoring.frame import prepare

NO_COLUMNS = Coding(columns=())


@pytest.mark.parametrize(
    "ids",
    [
        pd.Series(["a", "b c", "ü"], dtype=object),
        pd.Series(["a", "b c", "ü"], dtype="string"),
        pd.Series(["a", "b c", "ü"], dtype="str"),
        pd.Series(["a", None, ""], dtype=object),
        pd.Series(["a", None, ""], dtype="str"),
        pd.Series(["a", "\ud800", "c"], dtype=object),
        pd.Series([1.0, "b", b"c"], dtype=object),
        pd.Series([1.0, 2.0, np.nan]),
        pd.Series([1, 2, 3]),
    ],
)
def test_ids_are_those_of_the_score_table(ids: Any) -> None:
    frame = pd.DataFrame({"entity_id": ids})
    found = Rows(frame, NO_COLUMNS).entities()
    assert found.type == pa.string()
    assert found.to_pylist() == prepare(frame, NO_COLUMNS).entity_id
