"""Adding rows of a table to columns of sums, in vectors. Import only where it is used: it brings numba.

A cell of a table holds what it adds to a few features, next to each other; the sums of a block of rows lie
feature by feature. Each step reads the cells of as many rows as a cell has numbers, turns them over and adds
them: one read for each cell instead of one for each number. numba has no vectors of its own, so the loop is
written for LLVM, which translates it for any processor.
"""

from __future__ import annotations

from collections.abc import Callable
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
            table, index, sums, slots = _arrays(context, builder, signature, values, (0, 2, 4, 5))
            cells = builder.gep(table.data, [values[1]])

            def read(row: Any) -> Any:
                return _cell(builder, cells, _number(builder, index, row), width, width)

            _each(builder, values[3], _columns(builder, sums, slots, values[6], width), read)
            return context.get_dummy_value()

        return types.void(table, base, index, rows, sums, slots, first), write

    return intrinsic(add)


def _mix8(
    typing: Any, table: Any, base: Any, index: Any, factor: Any, by: Any, other: Any,
    rows: Any, sums: Any, slots: Any, first: Any,
) -> Any:  # fmt: skip
    """As ``add8``, of a table whose cells hold LANES times LANES numbers, to be multiplied by factors.

    What is added is the sum over k of part k of cell ``index[row]`` times number k of the cell
    ``other[row]`` of the table of factors that begins at ``by``.
    """

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        arrays = _arrays(context, builder, signature, values, (0, 2, 3, 5, 7, 8))
        table, index, factor, other, sums, slots = arrays
        cells, factors = builder.gep(table.data, [values[1]]), builder.gep(factor.data, [values[4]])

        def read(row: Any) -> Any:
            cell, beside = (_number(builder, numbers, row) for numbers in (index, other))
            return _mixed(builder, cells, factors, cell, beside)

        _each(builder, values[6], _columns(builder, sums, slots, values[9], LANES), read)
        return context.get_dummy_value()

    return types.void(table, base, index, factor, by, other, rows, sums, slots, first), write


def _make8(
    typing: Any, table: Any, base: Any, cell: Any, factor: Any, by: Any, beside: Any, out: Any, place: Any
) -> Any:
    """What ``mix8`` adds for one cell and one of the other table's, as the cell ``place`` of ``out``."""

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        table, factor, out = _arrays(context, builder, signature, values, (0, 3, 6))
        cells, factors = builder.gep(table.data, [values[1]]), builder.gep(factor.data, [values[4]])
        total = _mixed(builder, cells, factors, values[2], values[5])
        target = builder.gep(out.data, [builder.mul(values[7], _int(LANES))])
        builder.store(total, builder.bitcast(target, _vector(LANES).as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(table, base, cell, factor, by, beside, out, place), write


def _mixed(builder: Any, cells: Any, factors: Any, cell: Any, beside: Any) -> Any:
    """A cell's parts, each times its number of the cell beside it, added up in their order."""
    total = None
    for part in range(LANES):
        at = builder.add(builder.mul(cell, _int(LANES)), _int(part))
        place = builder.add(builder.mul(beside, _int(LANES)), _int(part))
        times = _spread(builder, builder.load(builder.gep(factors, [place])))
        amount = builder.fmul(_cell(builder, cells, at, LANES, LANES), times)
        total = builder.fadd(total, amount) if total else amount
    return total


def _arrays(context: Any, builder: Any, signature: Any, values: Any, places: tuple[int, ...]) -> list[Any]:
    return [context.make_array(signature.args[at])(context, builder, values[at]) for at in places]


def _each(builder: Any, rows: Any, columns: list[Any], read: Callable[[Any], Any]) -> None:
    """Turn over and add what is read of each row; two rows share a vector where cells have half its width."""
    width = len(columns)
    with cgutils.for_range(builder, builder.udiv(rows, _int(LANES))) as loop:
        first = builder.mul(loop.index, _int(LANES))
        cells = [read(builder.add(first, _int(lane))) for lane in range(LANES)]
        if width < LANES:
            pairs = zip(cells[:width], cells[width:], strict=True)
            cells = [builder.shuffle_vector(one, other, _mask([*range(LANES)])) for one, other in pairs]
        _add(builder, cells, columns, first)


def _int(value: int) -> ir.Constant:
    return ir.Constant(ir.IntType(64), value)


def _number(builder: Any, numbers: Any, row: Any) -> Any:
    return builder.zext(builder.load(builder.gep(numbers.data, [row])), ir.IntType(64))


def _cell(builder: Any, cells: Any, cell: Any, step: int, width: int) -> Any:
    place = builder.gep(cells, [builder.mul(cell, _int(step))])
    return builder.load(builder.bitcast(place, _vector(width).as_pointer()), align=4)


def _vector(width: int) -> Any:
    return ir.VectorType(ir.FloatType(), width)


def _spread(builder: Any, number: Any) -> Any:
    """One number in all lanes."""
    one = builder.insert_element(ir.Constant(_vector(LANES), ir.Undefined), number, _int(0))
    return builder.shuffle_vector(one, ir.Constant(_vector(LANES), ir.Undefined), _mask([0] * LANES))


def _columns(builder: Any, sums: Any, slots: Any, first: Any, width: int) -> list[Any]:
    """Where the sums of the features begin that ``slots`` names from ``first`` on."""
    row_bytes = cgutils.unpack_tuple(builder, sums.strides, 2)[0]
    data = builder.bitcast(sums.data, ir.IntType(8).as_pointer())
    columns = []
    for at in range(width):
        slot = builder.load(builder.gep(slots.data, [builder.add(first, _int(at))]))
        raw = builder.gep(data, [builder.mul(builder.sext(slot, ir.IntType(64)), row_bytes)])
        columns.append(builder.bitcast(raw, ir.FloatType().as_pointer()))
    return columns


def _add(builder: Any, cells: list[Any], columns: list[Any], row: Any) -> None:
    pointer = _vector(LANES).as_pointer()
    for column, turned in zip(columns, _turned(builder, cells), strict=True):
        place = builder.bitcast(builder.gep(column, [row]), pointer)
        builder.store(builder.fadd(builder.load(place, align=4), turned), place, align=4)


def _turned(builder: Any, rows: list[Any]) -> list[Any]:
    """The transpose of a square of numbers, or of two side by side: a round for each halving."""
    width = len(rows)
    half = width // 2
    while half:
        turned = list(rows)
        for at in range(width):
            if at & half:
                continue
            one, other = rows[at], rows[at + half]
            low = [lane - half + LANES if lane & half else lane for lane in range(LANES)]
            high = [lane + LANES if lane & half else lane + half for lane in range(LANES)]
            turned[at] = builder.shuffle_vector(one, other, _mask(low))
            turned[at + half] = builder.shuffle_vector(one, other, _mask(high))
        rows = turned
        half //= 2
    return rows


def _mask(lanes: list[int]) -> ir.Constant:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)


add4, add8 = _adder(4), _adder(8)
mix8: Any = intrinsic(_mix8)
make8: Any = intrinsic(_make8)
