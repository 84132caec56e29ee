"""Which leaf each cell is in, by number."""

from __future__ import annotations

import numpy as np
import pytest

from salesml.explain import cells, leaf_numbers
from salesml.explain.cell_model import CellModel
from salesml.explain.checks import checked_trees
from tests.explain.random_models import DEEP, grown


@pytest.mark.parametrize("halved", [3, 11])
def test_numbers_stand_for_what_cells_are_worth(halved: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "HALVED", halved)
    monkeypatch.setattr(cells, "PER_BYTE", 1.0 if halved == 3 else cells.PER_BYTE)
    model = CellModel.build(checked_trees(grown(3, 4, 30, DEEP)))
    found = leaf_numbers.leaf_numbers(model)
    assert found.cell.dtype == found.half.dtype == np.uint16
    tables, halves = model.tables, model.halves
    assert len(halves.start) > 0 if halved == 3 else len(tables.start) > 0
    for tree in range(len(tables.constant)):
        value = found.value[found.first[tree] : found.first[tree + 1]]
        assert value[0] == 0.0
        assert len(set(value.tolist())) == len(value) <= 31
        ends = tables.worth_first[tables.tree_first[tree : tree + 2]]
        np.testing.assert_array_equal(value[found.cell[slice(*ends)]], tables.worth[slice(*ends)])
        for pair in range(halves.tree_first[tree], halves.tree_first[tree + 1]):
            first, second, end = halves.cell_first[2 * pair : 2 * pair + 3]
            np.testing.assert_array_equal(value[found.half[first:second]], halves.worth[first:second])
            assert set(found.half[second:end].tolist()) <= {0, 2**16 - 1}
            np.testing.assert_array_equal(found.half[second:end] > 0, halves.worth[second:end] != 0)


def test_cells_that_are_filled_up_hold_the_number_of_their_leaf() -> None:
    model = CellModel.build(checked_trees(grown(3, 6, 30, DEEP)))
    found = leaf_numbers.leaf_numbers(model)
    before, after = model.tables, leaf_numbers.told_within(model, found)
    assert 0 < found.within.sum() < len(found.within) == len(before.start)
    known = np.zeros(len(before.table), dtype=bool)
    for group in range(len(before.start)):
        cells = found.cell[before.worth_first[group] : before.worth_first[group + 1]]
        held = []
        for chunk in range(before.chunk_first[group], before.chunk_first[group + 1]):
            width = before.width[chunk]
            part = slice(before.base[chunk], before.base[chunk] + width * len(cells))
            table, other = after.table[part].reshape(-1, width), before.table[part].reshape(-1, width)
            for lane in range(width):
                filled = before.slots[8 * chunk + lane] == len(model.used)
                if filled and table[:, lane].any():
                    held.append(table[:, lane])
                else:
                    np.testing.assert_array_equal(table[:, lane], other[:, lane])
            known[part] = True
        assert len(held) == (found.within[group] and cells.any())
        for numbers in held:
            np.testing.assert_array_equal(numbers, cells)
    assert known.all()


def test_halves_have_room_at_their_end() -> None:
    slots = np.tile(np.arange(8, dtype=np.int32), 6).reshape(3, 2, 8)
    slots[1, 1, 6:], slots[2, 0, 7] = 9, 9
    assert leaf_numbers._half_room(slots.reshape(-1), 9).tolist() == [-1, 1, 0]


def test_no_trees_have_no_leaves() -> None:
    found = leaf_numbers.leaf_numbers(CellModel.build([]))
    assert found.first.tolist() == [0]
    assert len(found.value) == len(found.cell) == len(found.half) == 0
    assert len(found.within) == len(found.half_within) == 0
    assert len(leaf_numbers.told_within(CellModel.build([]), found).table) == 0
