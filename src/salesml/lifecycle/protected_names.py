"""Whether what is learned from is called like something that the spec protects."""

from __future__ import annotations

import re
from difflib import get_close_matches

from salesml.config import Spec
from salesml.lifecycle.model_card import listed
from salesml.scoring.shared_words import withheld_names
from salesml.snapshots import Snapshot

ALIKE = 0.8
"""Likeness of two names from which one may be the other misspelt."""
NO_LETTERS = re.compile(r"[\W_]+")


def doubtful_protection(spec: Spec, snapshot: Snapshot) -> list[str]:
    """Lines that name features whose column, or whose words, are called like a protected attribute.

    An attribute that is not listed in crm.yaml is no feature anyway, so an unknown name is no fault.
    """
    return [*_misspelt(spec, snapshot), *_spoken(spec, snapshot)]


def _misspelt(spec: Spec, snapshot: Snapshot) -> list[str]:
    columns = sorted({feature.column for feature in snapshot.features if feature.column})
    lines = []
    for name in spec.protected:
        if close := get_close_matches(name, columns, n=1, cutoff=ALIKE):
            lines.append(
                f"The spec protects {name}, and {close[0]} is learned from: if that is the same, write it so"
            )
    return lines


def _spoken(spec: Spec, snapshot: Snapshot) -> list[str]:
    """Of other features whose sentences name a protected attribute: the audit lets none of them pass."""
    lines = []
    for name in (*spec.protected, *spec.used):
        called = re.compile(rf"\b{NO_LETTERS.sub('[ _-]', name)}\b", re.IGNORECASE)
        naming = [
            feature.name
            for feature in snapshot.features
            if called.search(feature.words) and name not in withheld_names(feature)
        ]
        if naming:
            lines.append(
                f"The spec protects {name}, and the words of {listed(naming)} say {name}: the audit holds "
                "back every score table with such a sentence, so give them other words in crm.yaml"
            )
    return lines
