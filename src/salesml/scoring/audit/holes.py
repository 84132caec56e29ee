"""Sentences with holes in place of their numbers: many sentences, few of these."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from salesml.scoring.audit.listed import Texts
from salesml.scoring.audit.shown import HOLE, NUMBER
from salesml.scoring.sorting import places_by
from salesml.words import english as words


class Hollowed:
    """The distinct texts of a column, hollowed, and their numbers.

    Parameters
    ----------
    texts : Texts
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts.distinct
        encoded = pc.replace_substring_regex(texts.distinct, NUMBER, HOLE).dictionary_encode()
        self.codes: NDArray[np.intp] = encoded.indices.to_numpy().astype(np.intp)
        self.distinct: list[str] = encoded.dictionary.to_pylist()
        self._order = places_by(self.codes)
        self._starts = np.searchsorted(self.codes[self._order], np.arange(len(self.distinct) + 1))
        self._place = np.empty(len(self.codes), dtype=np.intp)
        self._place[self._order] = np.arange(len(self.codes)) - self._starts[self.codes[self._order]]
        self._numbers: dict[int, NDArray[np.float64]] = {}

    def numbers(self, code: int, texts: NDArray[np.intp]) -> NDArray[np.float64]:
        """The numbers of some texts of one hollowed text, one row for each text, by hole."""
        if code not in self._numbers:
            here = self._order[self._starts[code] : self._starts[code + 1]]
            self._numbers[code] = self._read(code, here)
        result: NDArray[np.float64] = self._numbers[code].take(self._place[texts], axis=0)
        return result

    def _read(self, code: int, here: NDArray[np.intp]) -> NDArray[np.float64]:
        pieces = self.distinct[code].split(HOLE)
        if len(pieces) == 1:
            return np.empty((len(here), 0))
        pattern = _escape(pieces[0]) + "".join(
            f"(?P<n{number}>{NUMBER}){_escape(piece)}" for number, piece in enumerate(pieces[1:])
        )
        found = pc.extract_regex(self._texts.take(pa.array(here)), rf"(?s)\A{pattern}\z")
        return np.column_stack([_floats(field) for field in found.flatten()])


def _escape(text: str) -> str:
    """For RE2, which knows fewer escapes than Python."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)


def _floats(column: pa.StringArray) -> NDArray[np.float64]:
    bare = pc.replace_substring(pc.replace_substring(column, words.THOUSANDS, ""), words.POINT, ".")
    numbers: NDArray[np.float64] = pc.cast(bare, pa.float64()).to_numpy(zero_copy_only=False)
    return numbers
