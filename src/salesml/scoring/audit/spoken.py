"""What no sentence may hold, whatever it tells: control characters, markup, causes, protected attributes."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from salesml.scoring.audit.listed import Listed, Texts
from salesml.scoring.audit.result import Notes
from salesml.scoring.audit.tracing import Traced
from salesml.snapshots.feature import Feature
from salesml.words import english as words

CONTROL = r"\p{Cc}|\p{Cf}|\p{Co}|\p{Cs}|\p{Zl}|\p{Zp}"
MARKUP = r"<[A-Za-z/!?][^<>]*>"
BETWEEN = " "
"""Stands between texts that are looked at in one go: part of none of the patterns, and no part of a word."""
LONGEST = 1_000
"""Characters of a sentence; the words of two features and a shortened value take far fewer."""


def spoken(
    listed: Listed,
    features: Sequence[Feature],
    traced: Traced,
    protected: Collection[str],
    never: NDArray[np.bool_],
    notes: Notes,
) -> None:
    """Note sentences, and values beside them, that hold what none may hold."""
    for texts in (listed.words, listed.value):
        long = pc.greater(pc.utf8_length(texts.distinct), LONGEST)
        control = _matching(texts.distinct, CONTROL)
        notes.add("characters", _which(texts, pc.or_(long, control)))
        # What a sentence that is traced holds was typed so in the tables: pages escape it.
        typed = traced.subject >= 0
        notes.add("markup", _which(texts, _matching(texts.distinct, MARKUP)) & ~typed)
    category = np.array([feature.kind == "category" for feature in features] + [False])[traced.subject]
    cause = _which(listed.words, _matching(listed.words.distinct, _word(words.CAUSES)))
    notes.add("cause", cause & ~category)
    if protected:
        notes.add("protected", np.append(never, False)[listed.group])
        _named(listed, category, protected, notes)


def _named(listed: Listed, category: NDArray[np.bool_], protected: Collection[str], notes: Notes) -> None:
    """Note sentences that name a protected attribute, whatever feature they tell."""
    # What stands behind the colon of a category is its level, and may be called anything.
    heads = pc.replace_substring_regex(listed.words.distinct, r"(?s):.*", "")
    called = "|".join(re.sub(r"[\W_]+", r"[ _-]", name) for name in protected if name)
    notes.add("protected", _which(listed.words, _matching(heads, _word(called))) & category)
    every = _matching(listed.words.distinct, _word(called))
    notes.add("protected", _which(listed.words, every) & ~category)


def _word(pattern: str) -> str:
    return rf"(?i)\b(?:{pattern})\b"


def _matching(texts: pa.StringArray, pattern: str) -> pa.BooleanArray:
    """Which texts hold a pattern; all are looked at in one go, and each alone only where one does."""
    ends = pa.array([0, len(texts)], type=pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(ends, texts), BETWEEN)
    if pc.match_substring_regex(joined, pattern)[0].as_py() is False:
        return pa.array(np.zeros(len(texts), dtype=bool))
    return pc.match_substring_regex(texts, pattern)


def _which(texts: Texts, distinct: pa.BooleanArray) -> NDArray[np.bool_]:
    """The entries whose text is one of those."""
    chosen = np.append(distinct.to_numpy(zero_copy_only=False).astype(bool), False)
    found: NDArray[np.bool_] = chosen[texts.codes]
    return found
