"""Adding rows of a table to columns of sums, in vectors. Import only where it is used: it brings numba.

A cell of a table holds what it adds to a few features, next to each other; the sums of a block of rows lie
feature by feature. Each step reads the cells of as many rows as a cell has numbers, turns them over and adds
them: one read for each cell instead of one for each number. numba has no vectors of its own, so the loop is
written for LLVM, which translates it for any processor.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LANES = 8
"""Rows are added so many at a time."""


def _adder(width: int) -> Any:
    """``add(table, base, index, rows, sums, slots, first)`` for cells of ``width`` numbers.

    Adds, for each row, cell ``index[row]`` of the table that begins at ``base`` to the columns of ``sums``
    that ``slots`` names from ``first`` on. ``rows`` is a multiple of LANES.
    """

    def add(
        typing: Any, table: Any, base: Any, index: Any, rows: Any, sums: Any, slots: Any, first: Any
    ) -> Any:
        def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            arrays = {
                at: context.make_array(signature.args[at])(context, builder, values[at])
                for at in (0, 2, 4, 5)
            }
            cells = builder.gep(arrays[0].data, [values[1]])
            row_bytes = cgutils.unpack_tuple(builder, arrays[4].strides, 2)[0]
            columns = [
                _column(builder, arrays[4].data, row_bytes, arrays[5].data, builder.add(values[6], _int(at)))
                for at in range(width)
            ]
            with cgutils.for_range(builder, builder.udiv(values[3], _int(LANES))) as loop:
                for start in range(0, LANES, width):
                    row = builder.add(builder.mul(loop.index, _int(LANES)), _int(start))
                    _step(builder, cells, arrays[2].data, columns, row, width)
            return context.get_dummy_value()

        return types.void(table, base, index, rows, sums, slots, first), write

    return intrinsic(add)


def _int(value: int) -> ir.Constant:
    return ir.Constant(ir.IntType(64), value)


def _column(builder: Any, data: Any, row_bytes: Any, slots: Any, at: Any) -> Any:
    slot = builder.sext(builder.load(builder.gep(slots, [at])), ir.IntType(64))
    raw = builder.gep(builder.bitcast(data, ir.IntType(8).as_pointer()), [builder.mul(slot, row_bytes)])
    return builder.bitcast(raw, ir.FloatType().as_pointer())


def _step(builder: Any, cells: Any, index: Any, columns: list[Any], row: Any, width: int) -> None:
    """Add the cells of ``width`` rows."""
    vector = ir.VectorType(ir.FloatType(), width).as_pointer()
    read = []
    for lane in range(width):
        cell = builder.zext(builder.load(builder.gep(index, [builder.add(row, _int(lane))])), ir.IntType(64))
        place = builder.gep(cells, [builder.mul(cell, _int(width))])
        read.append(builder.load(builder.bitcast(place, vector), align=4))
    for column, vector_of in zip(columns, _turned(builder, read), strict=True):
        place = builder.bitcast(builder.gep(column, [row]), vector)
        builder.store(builder.fadd(builder.load(place, align=4), vector_of), place, align=4)


def _turned(builder: Any, rows: list[Any]) -> list[Any]:
    """The transpose of a square of numbers, in as many rounds as its width has halvings."""
    width = len(rows)
    half = width // 2
    while half:
        turned = list(rows)
        for at in range(width):
            if at & half:
                continue
            one, other = rows[at], rows[at + half]
            low = [lane - half + width if lane & half else lane for lane in range(width)]
            high = [lane + width if lane & half else lane + half for lane in range(width)]
            turned[at] = builder.shuffle_vector(one, other, _mask(low))
            turned[at + half] = builder.shuffle_vector(one, other, _mask(high))
        rows = turned
        half //= 2
    return rows


def _mask(lanes: list[int]) -> ir.Constant:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)


add4, add8 = _adder(4), _adder(8)
