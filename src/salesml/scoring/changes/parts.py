"""The two parts of a change, ready to be told: of the data, and of the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.explain.changes import of_data, of_model
from salesml.model.bundle import Bundle
from salesml.scoring.changes.told import Part, Told, differs, tell
from salesml.scoring.changes.view import Seen
from salesml.scoring.companions import Companions
from salesml.snapshots.feature import Feature
from salesml.words.changes import changed, news, of_the_model
from salesml.words.facts import SHOWN_AS


def told_of_data(bundle: Bundle, was: Seen, now: Seen, top: int, day: dt.date | None) -> Told:
    """What moved since the rows were as they were, under one model.

    A feature whose value changed is told before one that only counts otherwise beside others, and one
    whose change reads the way it counts before one that reads the other way; a ratio comes after numbers.
    """
    features, good_raises = bundle.features, bundle.task != "churn"
    moved = of_data(was.explained, now.explained)
    ways = np.sign(moved.values[:, :-1]) * (1 if good_raises else -1)
    other = differs(was.values, now.values)
    against = _news(features, was.values, now.values) * ways < 0
    facts = Companions(features, now.values).facts
    ratio = np.array([fact.kind in SHOWN_AS for fact in facts])
    part = Part(
        features=features, moved=moved,
        before=was.explained.values[:, :-1], now=now.explained.values[:, :-1],
        values_before=was.values, values_now=now.values,
        unread_before=was.unread, unread_now=now.unread,
        prefer=(4 * other - 2 * (other & against) - (other & ratio)).astype(np.int8), only_in={},
    )  # fmt: skip

    def wording(at: int, before: Any, after: Any, *rest: Any) -> tuple[str, str, str]:
        feature, (unread_before, unread_now, lean) = features[at], rest
        rare = _rare(feature, before, unread_before), _rare(feature, after, unread_now)
        return changed(
            _what(feature), before, after, feature.form, feature.unit,
            fact=facts[at], rare=rare, lean=lean, day=day,
        )  # fmt: skip

    return tell(part, top, wording, good_raises=good_raises)


def told_of_model(old: Bundle, new: Bundle, by_old: Seen, by_new: Seen, top: int) -> Told:
    """What another model counts differently in the same rows."""
    theirs = {feature.name: feature for feature in old.features}
    ours = {feature.name: feature for feature in new.features}
    moved = of_model(by_old.explained, by_new.explained)
    features = [ours.get(name) or theirs[name] for name in moved.names]
    values = pd.concat([by_new.values, by_old.values[moved.names[len(new.features) :]]], axis=1)
    unread = _wide(moved.names, by_new, by_old, by_new.unread, by_old.unread).astype(bool)
    zeros = np.zeros(unread.shape)
    part = Part(
        features=features, moved=moved,
        before=_placed(moved.names, by_old, zeros), now=_placed(moved.names, by_new, zeros),
        values_before=values, values_now=values, unread_before=unread, unread_now=unread,
        prefer=np.zeros(unread.shape, dtype=np.int8),
        only_in={name: "old" if name not in ours else "new" for name in ours.keys() ^ theirs.keys()},
    )  # fmt: skip
    facts = Companions(features, values).facts

    def wording(at: int, before: Any, after: Any, *rest: Any) -> tuple[str, str, str]:
        feature, unread_now = features[at], rest[1]
        sentence, text = of_the_model(
            _what(feature), after, feature.form, feature.unit, fact=facts[at],
            rare=_rare(feature, after, unread_now), only=part.only_in.get(feature.name, ""),
        )  # fmt: skip
        return sentence, text, text

    return tell(part, top, wording, good_raises=new.task != "churn")


def _what(feature: Feature) -> str:
    return feature.words or feature.name.replace("_", " ")


def _rare(feature: Feature, value: Any, unread: bool) -> bool:
    """Whether it is a level that the model does not tell apart from others."""
    return feature.kind == "category" and unread and value is not None


def _news(features: Sequence[Feature], before: pd.DataFrame, now: pd.DataFrame) -> NDArray[np.int8]:
    result = np.zeros(before.shape, dtype=np.int8)
    for place, feature in enumerate(features):
        if feature.kind == "number":
            one, two = (frame.iloc[:, place].to_numpy(dtype=float) for frame in (before, now))
            result[:, place] = news(_what(feature), feature.form, feature.unit, one, two)
    return result


def _wide(
    names: Sequence[str], by_new: Seen, by_old: Seen, of_new: NDArray[Any], of_old: NDArray[Any]
) -> NDArray[Any]:
    """Columns of both models side by side: the new one's, then those that only the old one has."""
    place = {name: number for number, name in enumerate(by_old.explained.names)}
    gone = [place[name] for name in names[len(by_new.explained.names) :]]
    return np.concatenate([of_new, of_old[:, gone]], axis=1)


def _placed(names: Sequence[str], seen: Seen, zeros: NDArray[np.float64]) -> NDArray[np.float64]:
    """A model's contributions under the names of both, 0 for what it does not have."""
    result = zeros.copy()
    place = {name: number for number, name in enumerate(names)}
    result[:, [place[name] for name in seen.explained.names]] = seen.explained.values[:, :-1]
    return result
