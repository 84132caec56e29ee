"""Column names: a mismatch is told as the difference between what was expected and found."""

from __future__ import annotations

from collections.abc import Sequence

from salesml.errors import Fault

SHOWN = 20
"""Names listed in one message at most."""


def mismatch(expected: Sequence[str], found: Sequence[str]) -> Fault | None:
    """How the columns found differ from those the model was fitted on, if they do.

    The words begin as scikit-learn's own, so that code which looks for them finds them.
    """
    if list(expected) == list(found):
        return None
    unseen = [name for name in found if name not in set(expected)]
    missing = [name for name in expected if name not in set(found)]
    parts = ["The feature names should match those that were passed during fit."]
    if unseen:
        parts += ["Feature names unseen at fit time:", *_listed(unseen)]
    if missing:
        parts += ["Feature names seen at fit time, yet now missing:", *_listed(missing)]
    if not unseen and not missing:
        parts += ["Feature names must be in the same order as they were in fit.", *_moved(expected, found)]
    return Fault(
        code="wrong-columns",
        found="\n".join(parts) + "\n",
        allowed=f"The model was fitted on {len(expected)} columns",
        do="Pass the same columns in the same order, for instance X[model.feature_names_in_]",
        count=len(unseen) + len(missing),
        examples=tuple([*unseen, *missing][:5]),
    )


def duplicates(names: Sequence[str]) -> Fault | None:
    """Names that occur more than once."""
    twice = sorted({name for name in names if list(names).count(name) > 1}) if _repeats(names) else []
    if not twice:
        return None
    return Fault(
        code="duplicate-columns",
        found=f"Column names occur more than once: {', '.join(twice[:5])}",
        allowed="Each column needs a name of its own",
        do="Rename or drop the repeated columns",
        count=len(twice),
        examples=tuple(twice[:5]),
    )


def _repeats(names: Sequence[str]) -> bool:
    return len(set(names)) < len(names)


def _listed(names: Sequence[str]) -> list[str]:
    lines = [f"- {name}" for name in sorted(names)[:SHOWN]]
    return lines if len(names) <= SHOWN else [*lines, f"- and {len(names) - SHOWN} more"]


def _moved(expected: Sequence[str], found: Sequence[str]) -> list[str]:
    pairs = [(place, a, b) for place, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b]
    return [f"- column {place}: expected {a}, found {b}" for place, a, b in pairs[:5]]
