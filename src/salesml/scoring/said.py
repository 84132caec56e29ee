"""The sentences of reasons as Arrow columns, each worded once for all rows that are told alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.scoring.companions import Companions
from salesml.scoring.sorting import places_by
from salesml.words import in_words
from salesml.words.peers import Peers
from salesml.words.same import deciding
from salesml.words.texts import named

Places = NDArray[np.intp]

MOST = 1 << 18
"""Sentences that are kept of all features together, some 130 MB."""


ODD, HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)
"""Spread the bits of keys, so that few rows that differ get the same number."""


class Kept:
    """Sentences and values that were worded before, by feature and by what decides them.

    Threads may share it: each entry is the same, whoever worded it.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._of: dict[int, dict[bytes, tuple[str, str]]] = {}

    def __len__(self) -> int:
        return sum(map(len, list(self._of.values())))

    def of(self, position: int) -> dict[bytes, tuple[str, str]]:
        """Those of a feature."""
        return self._of.setdefault(position, {})

    def bound(self) -> None:
        """Forget those of the feature that has most, when there are too many."""
        while len(self) > self.most:
            max(list(self._of.values()), key=len).clear()


def said(
    companions: Companions,
    coded: NDArray[np.float64],
    rows: Places,
    chosen: Places,
    leans: NDArray[np.int64],
    peers: Peers | None,
    kept: Kept | None = None,
) -> dict[str, pa.Array]:
    """Sentence, value as text and value as number of each reason.

    Parameters
    ----------
    companions : Companions
    coded : ndarray of shape (rows, features)
    rows, chosen : ndarray of shape (reasons,)
        The row of each reason and the feature that it tells.
    leans : ndarray of shape (reasons,)
        As in :func:`salesml.words.in_words`.
    peers : Peers or None
    kept : Kept, optional
        Filled with the sentences of numbers, which the next block with the same features and peers may need.
    """
    order = places_by(chosen)
    ends = np.flatnonzero(np.diff(chosen[order])) + 1
    number = np.full(len(rows), np.nan)
    place = np.zeros(len(rows), dtype=np.int64)
    told: list[tuple[str, str]] = []
    for here in np.split(order, ends) if len(order) else []:
        position, row, lean = int(chosen[here[0]]), rows[here], leans[here]
        if companions.features[position].kind == "number":
            number[here] = companions.numbers(position)[row]
        keys = _keys(companions, coded, position, row, lean, peers)
        alike, first = distinct(keys)
        place[here] = alike + len(told)
        before = None if kept is None else _before(companions, position, kept)
        if before is None:
            told += _worded(companions, coded, position, row[first], lean[first], peers)
            continue
        codes = _bytes(keys, first)
        found = [*map(before.get, codes)]
        new = [at for at, pair in enumerate(found) if pair is None]
        one = first[np.array(new, dtype=np.intp)]
        worded = _worded(companions, coded, position, row[one], lean[one], peers)
        for at, pair in zip(new, worded, strict=True):
            found[at] = before[codes[at]] = pair
        told += cast("list[tuple[str, str]]", found)
    if kept is not None:
        kept.bound()
    return {
        "words": as_codes([pair[0] for pair in told], place),
        "value_text": as_codes([pair[1] for pair in told], place),
        "value_number": pa.array(number, mask=np.isnan(number)),
    }


def as_codes(texts: Sequence[str], places: Places) -> pa.DictionaryArray:
    """The text of each place as its number among the texts, of which those that are alike stand once."""
    once = pa.array(texts, type=pa.string()).dictionary_encode()
    codes = once.indices.to_numpy()[places] if len(texts) else np.empty(0, dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes, type=pa.int32()), once.dictionary)


def _keys(
    companions: Companions,
    coded: NDArray[np.float64],
    position: int,
    rows: Places,
    leans: NDArray[np.int64],
    peers: Peers | None,
) -> Sequence[NDArray[np.float64]]:
    """What decides the sentence of each reason of a feature."""
    feature, fact = companions.features[position], companions.facts[position]
    if feature.kind == "number":
        near = {role: companions.comparable(at)[rows] for role, at in companions.beside[position].items()}
        usual = peers.usual.get(feature.name) if peers else None
        value = companions.numbers(position)[rows]
        return deciding(fact, feature.form, value, near, leans, usual)
    rare = np.isnan(coded[rows, position]).astype(np.float64)
    return [companions.comparable(position)[rows], rare, leans.astype(np.float64)]


def _before(companions: Companions, position: int, kept: Kept) -> dict[bytes, tuple[str, str]] | None:
    """The sentences of a feature that are kept; None where a text decides, which each block counts anew."""
    read = (position, *companions.beside[position].values())
    if any(companions.features[at].kind != "number" for at in read):
        return None
    return kept.of(position)


def _bytes(keys: Sequence[NDArray[np.float64]], first: Places) -> list[bytes]:
    """The keys of some rows, each as one value."""
    table = np.ascontiguousarray(np.column_stack([key[first] for key in keys]), dtype=np.float64)
    codes: list[bytes] = table.view(f"V{table.shape[1] * 8}").ravel().tolist()
    return codes


def distinct(keys: Sequence[NDArray[Any]]) -> tuple[Places, Places]:
    """For columns of keys, a number that rows with equal keys share, and the first row of each number.

    Rows are told apart by one number made of all their keys; where it is the same for two rows that differ,
    or a key is NaN, key by key.
    """
    columns = [np.asarray(key, dtype=np.float64) + 0.0 for key in keys]  # minus nothing is nothing
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column.view(np.uint64)) * ODD
        mixed ^= mixed >> HALF
    codes = pd.factorize(mixed)[0]
    first = _first(codes)
    row = first[codes]
    if all(bool((column == column[row]).all()) for column in columns):
        return codes, first
    codes = _key_by_key(columns)
    return codes, _first(codes)


def _key_by_key(columns: Sequence[NDArray[np.float64]]) -> Places:
    codes = np.zeros(len(columns[0]), dtype=np.intp)
    for column in columns:
        found, different = pd.factorize(column, use_na_sentinel=False)
        if len(different) > 1:
            codes = pd.factorize(codes * len(different) + found)[0]
    return codes


def _first(codes: Places) -> Places:
    """The first row of each number."""
    first = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first


def _worded(
    companions: Companions,
    coded: NDArray[np.float64],
    position: int,
    rows: Places,
    leans: NDArray[np.int64],
    peers: Peers | None,
) -> list[tuple[str, str]]:
    """Sentence and value of some rows, one by one."""
    feature, fact = companions.features[position], companions.facts[position]
    what, roles = named(feature.words, feature.name), list(companions.beside[position])
    rare = np.zeros(len(rows), dtype=bool)
    if feature.kind == "category":
        rare = np.isnan(coded[rows, position])
    columns = [companions.column(at, rows) for at in companions.beside[position].values()]
    near = [dict(zip(roles, each, strict=True)) for each in zip(*columns, strict=True)] or [{}] * len(rows)
    return [
        in_words(
            what, value, feature.form, feature.unit, rare=odd, fact=fact, near=beside, lean=lean,
            name=feature.name, peers=peers,
        )
        for value, odd, beside, lean in zip(
            companions.column(position, rows), rare.tolist(), near, leans.tolist(), strict=True
        )
    ]  # fmt: skip
