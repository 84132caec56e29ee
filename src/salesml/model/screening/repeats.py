"""Rows that repeat one another more than chance lets them, in all columns or in all but a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.model.screening.chance import Chance
from salesml.model.screening.finding import Finding
from salesml.model.screening.unions import join
from salesml.model.screening.view import Codes, Column, View, read_column

UNLIKELY, UNLIKELY_NEAR = 0.01, 0.001
"""A repetition counts only where fewer than this many are to be expected by chance for its row."""
FEW_COLUMNS, UNLIKELY_OF_FEW = 5, 1e-5
"""The same for fewer columns than this, which agree for reasons that none of them shows: accounts that
came from one place on one day."""
ALLOWANCE = 8.0
"""How much more than expected is still put down to chance: what pairs of columns tell of each other is
not all that columns tell of each other."""
FEWEST = 6
"""Rows beyond that without which it is no finding."""
SHARE, SHARE_NEAR = 0.01, 0.02
"""Share of all rows without which it is no finding."""
NEARLY = 0.1
"""Near duplicates differ in at most this share of the columns, or in one."""
TINY = 0.005
"""Numbers closer than this part of the middle half of all differ by a tiny amount only."""
FINE = 64
"""Cells of a number for near duplicates: a tiny change stays in its cell, or moves to the next."""
PARTS = 4
MOST_PATTERNS = 200
"""Sets of differing columns looked at."""


@dataclass(frozen=True)
class Repeats:
    """Rows that repeat one another.

    Parameters
    ----------
    cluster : ndarray of shape (rows,)
        The same number for rows that repeat one another, exactly or nearly.
    findings : tuple of Finding
    """

    cluster: Codes
    findings: tuple[Finding, ...]


def find_repeats(view: View, y: NDArray[np.int8], owner: Codes, identifiers: Sequence[str] = ()) -> Repeats:
    """Exact and near duplicates among rows of different owners.

    Parameters
    ----------
    owner : ndarray of shape (rows,)
        The account of each row: rows of one account may repeat one another.
    identifiers : sequence of str
        Columns that differ from row to row by their nature, and are not compared.
    """
    columns = [column for column in view.varying if column.name not in set(identifiers)]
    alone = np.arange(view.rows, dtype=np.int64)
    if view.rows < 2 or not columns:
        return Repeats(alone, ())
    exact, found = _exact(columns, y, owner, len(identifiers))
    near, more = _near(columns, owner, exact)
    return Repeats(join(exact, near), (*found, *more))


def _exact(
    columns: list[Column], y: NDArray[np.int8], owner: Codes, identifiers: int
) -> tuple[Codes, list[Finding]]:
    alone = np.arange(len(y), dtype=np.int64)
    codes = [column.codes for column in columns]
    twins = _twins(_hash(codes), owner)
    if not twins.rows.any():
        return alone, []
    chance = Chance(codes, columns)
    expected = chance.expected(np.arange(len(columns)), twins.size)
    unlikely = expected <= (UNLIKELY if len(columns) >= FEW_COLUMNS else UNLIKELY_OF_FEW)
    odd = twins.rows & unlikely
    beyond = _beyond(int(odd.sum()), float(np.where(unlikely, expected, 0.0).sum()), SHARE * len(y))
    finding = _exact_finding(twins, odd, float(np.minimum(expected, 1).sum()), beyond, y, identifiers)
    return np.where(odd, twins.first, alone) if beyond else alone, [finding]


def _near(columns: list[Column], owner: Codes, exact: Codes) -> tuple[Codes, list[Finding]]:
    cluster = np.arange(len(owner), dtype=np.int64)
    if len(columns) < FEW_COLUMNS:
        return cluster, []
    most = max(1, int(NEARLY * len(columns)))
    many = 0.0
    for shifted in (False, True):
        codes = [_fine(column, shifted=shifted) for column in columns]
        chance = Chance(codes, columns)
        for subset in _subsets(chance.entropy):
            twins = _twins(_hash([codes[place] for place in subset]), owner)
            if not twins.rows.any():
                continue
            expected = chance.expected(subset, twins.size)
            unlikely = expected <= UNLIKELY_NEAR
            many = max(many, float(np.where(unlikely, expected, 0.0).sum()))
            rows = np.flatnonzero(twins.rows & unlikely & (exact[twins.first] != exact))
            rows = _alike(columns, rows, twins.first[rows], chance, most)
            found = np.arange(len(owner), dtype=np.int64)
            found[rows] = twins.first[rows]
            cluster = join(cluster, found)
    rows = np.flatnonzero(np.bincount(cluster, minlength=len(owner))[cluster] > 1)
    if not _beyond(len(rows), many, SHARE_NEAR * len(owner)):
        return np.arange(len(owner), dtype=np.int64), []
    return cluster, [_near_finding(rows, most)]


def _alike(columns: list[Column], rows: Codes, others: Codes, chance: Chance, most: int) -> Codes:
    """Those rows that differ from others in few columns, and agree in the rest against all chance."""
    if not len(rows):
        return rows
    differ = _differing(columns, rows, others)
    few = (differ.sum(axis=1) <= most) & (rows != others)
    rows, differ = rows[few], differ[few]
    kept = np.zeros(len(rows), dtype=np.bool_)
    patterns, code = np.unique(differ, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns[:MOST_PATTERNS]):
        here = np.flatnonzero(code.ravel() == number)
        own = np.full(len(here), 2, dtype=np.int64)
        expected = chance.expected(np.flatnonzero(~pattern), own, rows[here])
        kept[here] = expected <= UNLIKELY_NEAR
    return rows[kept]


@dataclass(frozen=True)
class _Twins:
    """Equal rows: the code of each row, the first row of its code, how many have it, and whether
    rows of another owner do."""

    code: Codes
    first: Codes
    size: Codes
    rows: NDArray[np.bool_]


def _twins(hashed: NDArray[np.uint64], owner: Codes) -> _Twins:
    code, _ = pd.factorize(hashed)
    code = np.asarray(code, dtype=np.int64)
    size = np.bincount(code)[code]
    first = np.full(int(code.max()) + 1, len(code), dtype=np.int64)
    np.minimum.at(first, code, np.arange(len(code)))
    low, high = np.full(len(first), owner.max() + 1), np.full(len(first), -1)
    np.minimum.at(low, code, owner)
    np.maximum.at(high, code, owner)
    return _Twins(code, first[code], size, (low != high)[code])


def _hash(codes: Sequence[Codes]) -> NDArray[np.uint64]:
    """One number for the codes of a row."""
    keys = np.random.default_rng(0).integers(1, 2**63, len(codes), dtype=np.uint64)
    total = np.zeros(len(codes[0]), dtype=np.uint64)
    for column, key in zip(codes, keys, strict=True):
        total += _mixed(column.astype(np.uint64) + key)
    return total


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Bits mixed by the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def _fine(column: Column, *, shifted: bool) -> Codes:
    """A number in fine cells, so that a tiny change hides nothing; other columns as they are.

    ``shifted`` moves the edges by half a cell: what crosses one kind of edge does not cross the other.
    """
    if not column.ordered or column.distinct <= FINE:
        return column.codes
    values = column.numbers[~column.missing]
    step = max(1, len(values) // 20_000)
    edges = np.unique(np.quantile(values[::step], (np.arange(1, FINE) - 0.5 * shifted) / FINE))
    return np.where(column.missing, -1, np.searchsorted(edges, column.numbers, side="right")).astype(np.int64)


def _subsets(entropy: NDArray[np.float64]) -> Iterator[Codes]:
    """Columns without each of four parts, and without each two of them: rows that differ in two
    columns or fewer agree on one of these at least."""
    turn = np.arange(len(entropy)) % (2 * PARTS)
    part = np.empty(len(entropy), dtype=np.int64)
    part[np.argsort(-entropy, kind="stable")] = np.minimum(turn, 2 * PARTS - 1 - turn)
    yield np.arange(len(entropy))
    for left_out in range(PARTS):
        yield np.flatnonzero(part != left_out)
    for one in range(PARTS):
        for other in range(one + 1, PARTS):
            yield np.flatnonzero((part != one) & (part != other))


def _differing(columns: list[Column], rows: Codes, others: Codes) -> NDArray[np.bool_]:
    """In which columns rows differ from others by more than a tiny amount, shape (rows, columns)."""
    result = np.empty((len(rows), len(columns)), dtype=np.bool_)
    for place, column in enumerate(columns):
        result[:, place] = column.codes[rows] != column.codes[others]
        if column.ordered:
            gap = np.abs(column.numbers[rows] - column.numbers[others])
            result[:, place] &= ~(gap <= TINY * column.spread)
    return result


def _beyond(found: int, expected: float, least: float) -> bool:
    return found >= max(ALLOWANCE * expected + FEWEST, least)


def _exact_finding(
    twins: _Twins, odd: NDArray[np.bool_], expected: float, beyond: bool,
    y: NDArray[np.int8], identifiers: int,
) -> Finding:  # fmt: skip
    rows = np.flatnonzero(odd if beyond else twins.rows)
    repeated = _repeated(twins, np.zeros_like(y))
    but = " but the identifiers" if identifiers else ""
    rate = np.bincount(twins.code, weights=y)[twins.code] / twins.size
    mixed = int(((rate > 0) & (rate < 1) & twins.rows).sum())
    equal = int(twins.rows.sum())
    what = (
        f"{_rows(repeated, 'repeats', 'repeat')} an earlier row of another account in all columns{but}, "
        f"{_repeated(twins, y):,} of them with the same outcome; {_rows(equal, 'has', 'have')} an equal, "
        f"where about {expected:,.0f} would by chance."
    )
    if beyond and odd.sum() < equal:
        what += f" {_rows(int(odd.sum()), 'has one that chance', 'have one that chance')} does not explain."
    if mixed:
        what += f" {_rows(mixed, 'has', 'have')} an equal with the other outcome."
    if beyond:
        do = (
            "Folds keep equal rows together. Find out whether accounts were entered twice; if so, keep one "
            "row of each."
        )
    elif equal <= ALLOWANCE * expected:
        do = "Nothing: so few columns with so few values repeat by themselves."
    else:
        do = "They are too few to matter. Find out whether accounts were entered twice."
    return Finding(
        code="duplicate-rows", severity="warn" if beyond else "note", what=what, do=do, rows=repeated,
        examples=tuple(map(int, rows[:5])), sure=1.0,
    )  # fmt: skip


def _rows(number: int, one: str, more: str) -> str:
    return f"{number:,} row {one}" if number == 1 else f"{number:,} rows {more}"


def _repeated(twins: _Twins, y: NDArray[np.int8]) -> int:
    """Rows that repeat an earlier one with the same y."""
    code = 2 * twins.code[twins.rows] + y[twins.rows]
    return len(code) - len(np.unique(code))


def _near_finding(rows: Codes, most: int) -> Finding:
    return Finding(
        code="near-duplicate-rows",
        severity="warn",
        what=f"{len(rows):,} rows are nearly the same as a row of another account: they differ in at most "
        f"{most} {'column' if most == 1 else 'columns'}, or by tiny amounts.",
        do="Folds keep them together. Find out whether accounts were entered twice; "
        "if so, keep one row of each.",
        rows=len(rows),
        examples=tuple(map(int, rows[:5])),
        sure=0.99,
    )


def duplicate_groups(coded: NDArray[np.float64]) -> NDArray[np.int64]:
    """A group for each row of a coded matrix: rows equal in every column share one, if they are rows that
    chance alone does not make equal.

    Cheap: a hash of each row, and nothing more where no two are equal.

    Parameters
    ----------
    coded : ndarray of shape (rows, features)
        Numbers, NaN where missing.

    Returns
    -------
    ndarray of shape (rows,)
        Groups numbered from 0; each row has one of its own where no finding is made.
    """
    alone = np.arange(len(coded), dtype=np.int64)
    bits = np.where(np.isnan(coded), np.nan, coded + 0.0).view(np.int64)  # one NaN, one zero
    twins = _twins(_hash([bits[:, place] for place in range(bits.shape[1])]), alone)
    if not twins.rows.any():
        return alone
    columns = [read_column(f"f{place}", pd.Series(coded[:, place])) for place in range(coded.shape[1])]
    columns = [column for column in columns if not column.constant]
    if not columns:
        return alone
    exact, _ = _exact(columns, np.zeros(len(coded), dtype=np.int8), alone, 0)
    return np.asarray(pd.factorize(exact)[0], dtype=np.int64)
