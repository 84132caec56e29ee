"""A list of ids found in a universe, and every list that cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salesml.errors import DataError, UsageError
from salesml.lifecycle.flat import ids
from salesml.lifecycle.seed_list import find_seeds, read_seeds

UNIVERSE = ids(pd.Series([f"c{number:02}" for number in range(40)]))


def file(folder: Path, text: str, name: str = "seeds.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def refused(listed: list[str], universe: object = UNIVERSE) -> str:
    with pytest.raises(DataError) as caught:
        find_seeds(np.asarray(universe, dtype=object), listed, "client")
    return str(caught.value)


def test_who_is_on_the_list() -> None:
    found = find_seeds(UNIVERSE, ["c00", "c03", "c05", "c07", "c39"], "client")
    assert list(np.flatnonzero(found.mask)) == [0, 3, 5, 7, 39]
    assert found.text() == ["5 listed customers are in the table of 40 rows"]


def test_absent_and_repeated_ids_are_named_and_counted() -> None:
    listed = ["c00", "c03", "c00", "c05", "c07", "c39", "c00", *(f"z{number}" for number in range(8))]
    found = find_seeds(UNIVERSE, listed, "client")
    assert found.mask.sum() == 5
    assert found.text()[1:] == [
        "8 listed ids are not in the table and left out: z0, z1, z2, z3, z4 and 3 more",
        "Listed more than once, and counted once: 2 entries",
    ]
    one = find_seeds(UNIVERSE, ["c00", "c03", "c05", "c07", "c39", "z1"], "client")
    assert one.text()[1] == "1 listed id is not in the table and left out: z1"


def test_none_of_the_list_is_there() -> None:
    said = refused(["1", "2", "3"])
    assert "None of the 3 listed ids is in the table" in said
    assert "found by client" in said
    assert "both write ids the same way" in said


def test_an_empty_list() -> None:
    assert "None of the 0 listed ids is in the table" in refused([])


def test_fewer_than_five() -> None:
    said = refused(["c00", "c01", "c02", "c03", "x"])
    assert "4 listed customers are in the table; 1 listed ids are not in it" not in said
    assert "4 listed customers are in the table; 1 listed id is not in it" in said
    assert "At least 5" in said


def test_all_are_listed() -> None:
    said = refused(list(UNIVERSE))
    assert "40 of 40 rows are listed, so 0 others are left" in said
    assert "Add prospects who are not on the list" in said


def test_the_same_prospect_twice_is_told_beside_the_rest() -> None:
    said = refused(["x"], [*UNIVERSE, "c00", "c00", "c01"])
    assert "2 ids stand in several rows of the table" in said
    assert "Keep one row of each" in said
    assert "None of the 1 listed ids" in said


def test_a_list_in_a_file(tmp_path: Path) -> None:
    known = set(UNIVERSE)
    one = file(tmp_path, "client\nc01\n c02 \n\nc03\n")
    assert read_seeds(one, "client", known) == ["c01", "c02", "c03"]
    two = file(tmp_path, "name;client\nA;c01\nB;c02\n")
    assert read_seeds(two, "client", known) == ["c01", "c02"]
    other = file(tmp_path, "best customers\nc01\nc02\n")
    assert read_seeds(other, "client", known) == ["c01", "c02"]
    bare = file(tmp_path, "c00\nc01\nc02\n")
    assert read_seeds(bare, "client", known) == ["c00", "c01", "c02"]
    pd.DataFrame({"client": [1, 2]}).to_parquet(tmp_path / "seeds.parquet")
    assert read_seeds(tmp_path / "seeds.parquet", "client", known) == ["1", "2"]
    assert read_seeds([1, 2.0, "c03", None], "client", known) == ["1", "2", "c03"]


def test_a_list_whose_column_is_not_clear(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_seeds(file(tmp_path, "name,cilent\nA,c01\n"), "client", set(UNIVERSE))
    assert "none is called 'client'" in str(caught.value)
    assert "Did you mean 'cilent'?" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        read_seeds(tmp_path / "away.csv", "client", set())
    assert "away.csv does not exist" in str(caught.value)
