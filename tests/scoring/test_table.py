"""A score table on its way to a file: its texts stand once, and say the same."""

from __future__ import annotations

import pyarrow as pa

from salesml.scoring import Scorer
from salesml.scoring.table import CODED_REASON, REASON, SHARED, in_full, schema
from tests.scoring.made import bundle, rows


def test_a_coded_table_holds_the_same_texts() -> None:
    scorer, frame = Scorer(bundle(), threads=1), rows(400)
    frame.loc[7, "recency"] = float("inf")
    plain, coded = (scorer.table(frame, run_id="0", coded=how) for how in (False, True))
    assert coded.schema == schema("churn", coded=True) != plain.schema == schema("churn")
    assert plain["status"].to_pylist().count("not scored") == 1
    assert pa.Table.from_batches([in_full(each) for each in coded.to_batches()]) == plain


def test_each_text_stands_once_in_its_dictionary() -> None:
    found = Scorer(bundle(), threads=1).table(rows(3000), run_id="0", coded=True)["reasons"]
    for field in SHARED:
        column = found.chunk(0).values.field(field)
        texts = column.dictionary.to_pylist()
        assert len(texts) == len(set(texts)), field
        assert len(texts) < len(column), field
    assert {field.name for field in CODED_REASON} == {field.name for field in REASON}
