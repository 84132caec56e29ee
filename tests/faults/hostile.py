"""Reads damaged copies of a Parquet file, thousands of them, in children that may crash.

``python -m tests.faults.hostile FILE COUNT SEED`` prints a JSON report.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa

from salesml.errors import SalesmlError
from salesml.lifecycle.files import columns_of
from salesml.scoring.batch.once import repeated
from salesml.scoring.batch.source import Source
from tests.faults.driver import forked

AT_ONCE = 500
MOST_MEMORY = 8 << 30
"""Bytes of address space: what asks for more gets an error, not the machine."""


def mutated(data: bytes, seed: int) -> bytes:
    """A copy that is not the same: bytes flipped, cut off, left out, doubled, lengths made absurd."""
    luck = random.Random(seed)
    found = bytearray(data)
    footer = int.from_bytes(data[-8:-4], "little")
    # Most of what a reader believes stands in the footer: half of all damage goes there.
    first = max(0, len(data) - 8 - footer) if luck.random() < 0.5 else 0
    while bytes(found) == data:
        at = luck.randrange(min(first, len(found) - 1), len(found))
        kind = luck.randrange(7)
        if kind == 0:
            found[at] ^= 1 << luck.randrange(8)
        elif kind == 1:
            found[at] = luck.randrange(256)
        elif kind == 2:
            del found[at:]
        elif kind == 3:
            del found[at : at + luck.randrange(1, 64)]
        elif kind == 4:
            found[at:at] = found[at : at + luck.randrange(1, 64)]
        elif kind == 5:
            found[at : at + 5] = luck.choice([b"\xff\xff\xff\xff\x7f", b"\xff\xff\xff\xff\x0f", bytes(5)])
        else:
            found[-8:-4] = luck.randrange(1 << luck.randrange(1, 33)).to_bytes(4, "little")
        if not found:
            found = bytearray(data[:-1])
    return bytes(found)


def read(path: Path) -> pa.Table:
    """All rows, the way a job reads them."""
    columns_of(path)
    source = Source(path, chunk=32)
    spill = path.parent / "spill"
    table = pa.concat_tables([rows for _, _, rows in source.read()])
    later = repeated(path, ["customer"], spill, "200MB")
    if len(later) or len(table) != source.rows:
        raise AssertionError(f"{len(later)} rows twice, {len(table)} of {source.rows} rows")
    return table


def outcome(path: Path, truth: pa.Table) -> str:
    """What reading came to: the code of an error, the same rows, or others."""
    try:
        found = read(path)
    except SalesmlError as error:
        return error.code
    return "the same rows" if _same(found, truth) else "other rows"


def _same(found: pa.Table, truth: pa.Table) -> bool:
    """The truth or a part of its columns; a column that is gone is found by whoever needs it."""
    known = [name for name in found.column_names if name in truth.column_names]
    if len(found) != len(truth):
        return False
    return all(_equal(found[name], truth[name]) for name in known)


def _equal(found: pa.ChunkedArray, truth: pa.ChunkedArray) -> bool:
    if pa.types.is_floating(found.type) and pa.types.is_floating(truth.type):
        return bool(np.array_equal(found.to_numpy(), truth.to_numpy(), equal_nan=True))
    return bool(found.to_pylist() == truth.to_pylist())


def main(file: Path, count: int, seed: int) -> dict[str, object]:
    """What became of all copies."""
    data = file.read_bytes()
    truth = read(file)
    outcomes: Counter[str] = Counter()
    crashed: list[str] = []
    other: list[int] = []
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        log, path = Path(folder) / "log", Path(folder) / "copy.parquet"
        at = seed
        while at < seed + count:
            last = min(at + AT_ONCE, seed + count)

            def some(first: int = at, last: int = last) -> None:
                resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
                with log.open("w", buffering=1) as told:
                    for number in range(first, last):
                        path.write_bytes(mutated(data, number))
                        told.write(f"{outcome(path, truth)}\n")

            code = forked(some)
            lines = log.read_text().splitlines()
            outcomes.update(lines)
            other += [at + place for place, line in enumerate(lines) if line == "other rows"]
            at += len(lines)
            if at < last:
                crashed.append(f"{at}: {code}")
                at += 1
    return {"count": count, "outcomes": dict(outcomes), "crashed": crashed, "other": other}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
