"""Columns that nobody gave words: reps read their names, and training says so, not the night job."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from salesml.config import Spec
from salesml.crm import CRM
from salesml.lifecycle.flat import spoken
from salesml.lifecycle.model_card import listed
from salesml.snapshots import Feature

PLAIN = re.compile(r"[^\W\d_]+( [^\W\d_]+)*")
"""A name that reads as it is: words of letters, with spaces between them."""


def wordless(features: Sequence[Feature], given: Collection[str] = ()) -> dict[str, str]:
    """Columns without words of their own, and what a rep reads in their place.

    A name that is a word already, such as ``industry``, needs no other.

    Parameters
    ----------
    features : sequence of Feature
    given : collection of str
        Columns that have words.
    """
    found = {}
    for feature in features:
        name = feature.column or feature.name
        plain = PLAIN.fullmatch(name) and name == name.lower()
        read = [text for text in (name.replace("_", " ").strip(), spoken(name)) if text in feature.words]
        if name not in given and not plain and (read or not feature.words):
            found[name] = read[0] if read else name.replace("_", " ").strip()
    return found


def wordless_in_company(spec: Spec, crm: CRM, features: Sequence[Feature]) -> list[str]:
    """A line that names the columns of a company's tables and own queries that lack words."""
    own = [name for query in spec.features for name in query.words]
    found = wordless(features, {*crm.contract.words, *own})
    return _lines(found, "give them words in crm.yaml or, for an own query, in the spec")


def wordless_in_table(features: Sequence[Feature]) -> list[str]:
    """A line that names the columns of a flat table that reps may not understand."""
    return _lines(wordless(features), "rename the columns where that is not plain English")


def _lines(found: dict[str, str], do: str) -> list[str]:
    if not found:
        return []
    shown = [f"{name} as '{text}'" for name, text in found.items()]
    many = "1 column by its name" if len(found) == 1 else f"{len(found)} columns by their names"
    return [f"In reasons reps read {many}: {listed(shown)}; {do}"]
