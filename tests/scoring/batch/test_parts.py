"""The files of parts: the rows as they are, numbers that never repeat without a dictionary."""

from __future__ import annotations

import io

import pyarrow.parquet as pq

from salesml.scoring import Scorer
from salesml.scoring.batch.parts import APART, parquet_bytes
from tests.scoring.made import bundle, rows


def test_a_part_holds_its_table_and_says_where_its_texts_lie() -> None:
    table = Scorer(bundle(), threads=1).table(rows(500), run_id="0")
    data = parquet_bytes(table)
    assert data == parquet_bytes(table)
    file = pq.ParquetFile(io.BytesIO(data), page_checksum_verification=True)
    assert file.read().equals(table)
    group = file.metadata.row_group(0)
    columns = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
    assert {"probability", "reasons.list.element.words", "reasons.list.element.share"} <= columns.keys()
    for path, column in columns.items():
        apart = path.rpartition(".")[2] in APART
        assert column.has_dictionary_page != apart, path
        assert column.is_stats_set == ("." not in path), path


def test_coded_texts_are_texts_to_whoever_reads_them() -> None:
    scorer, frame = Scorer(bundle(), threads=1), rows(500)
    plain, coded = (scorer.table(frame, run_id="0", coded=how) for how in (False, True))
    data = parquet_bytes(coded)
    assert data == parquet_bytes(coded)
    read = pq.read_table(io.BytesIO(data))
    assert read.schema == plain.schema
    assert read == plain
    assert pq.ParquetFile(io.BytesIO(data)).schema == pq.ParquetFile(io.BytesIO(parquet_bytes(plain))).schema
