"""The two parts of a change, ready to be told: of the data, and of the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.explain.changes import of_data, of_model
from salesml.model.bundle import Bundle
from salesml.scoring.changes.told import Part, Said, Told, differs, tell
from salesml.scoring.changes.view import Seen
from salesml.scoring.companions import Companions
from salesml.snapshots.feature import Feature
from salesml.words.changes import NOTHING, Near, changed, news, of_the_model
from salesml.words.facts import SHOWN_AS
from salesml.words.texts import named


def told_of_data(
    bundle: Bundle, was: Seen, now: Seen, top: int, day: dt.date | None, withheld: Collection[str] = ()
) -> Told:
    """What moved since the rows were as they were, under one model.

    A feature whose value changed is told before one that only counts otherwise beside others, and one
    whose change reads the way it counts before one that reads the other way; a ratio comes after numbers.
    """
    features, good_raises = bundle.features, bundle.task != "churn"
    moved = of_data(was.explained, now.explained)
    ways = np.sign(moved.values[:, :-1]) * (1 if good_raises else -1)
    other = differs(was.values, now.values)
    against = _news(features, was.values, now.values) * ways < 0
    companions = Companions(features, now.values)
    ratio = np.array([fact.kind in SHOWN_AS for fact in companions.facts])
    part = Part(
        features=features, moved=moved,
        before=was.explained.values[:, :-1], now=now.explained.values[:, :-1],
        values_before=was.values, values_now=now.values,
        unread_before=was.unread, unread_now=now.unread,
        prefer=(4 * other - 2 * (other & against) - (other & ratio)).astype(np.int8), only_in={},
        events=_events(companions),
    )  # fmt: skip

    def wording(said: Said) -> tuple[str, str, str, str]:
        feature, fact = features[said.at], companions.facts[said.at]
        return changed(
            named(feature.words, feature.name), said.before, said.now, feature.form, feature.unit, fact=fact,
            rare=(_rare(feature, said.before, said.unread_before), _rare(feature, said.now, said.unread_now)),
            near=(_near(said.events_before), _near(said.events_now)), lean=said.lean, day=day,
        )  # fmt: skip

    return tell(part, top, wording, good_raises=good_raises, withheld=withheld)


def told_of_model(
    old: Bundle, new: Bundle, by_old: Seen, by_new: Seen, top: int, withheld: Collection[str] = ()
) -> Told:
    """What another model counts differently in the same rows."""
    theirs = {feature.name: feature for feature in old.features}
    ours = {feature.name: feature for feature in new.features}
    moved = of_model(by_old.explained, by_new.explained)
    features = [ours.get(name) or theirs[name] for name in moved.names]
    values = pd.concat([by_new.values, by_old.values[moved.names[len(new.features) :]]], axis=1)
    unread = _wide(moved.names, by_new, by_old, by_new.unread, by_old.unread).astype(bool)
    zeros = np.zeros(unread.shape)
    companions = Companions(features, values)
    part = Part(
        features=features, moved=moved,
        before=_placed(moved.names, by_old, zeros), now=_placed(moved.names, by_new, zeros),
        values_before=values, values_now=values, unread_before=unread, unread_now=unread,
        prefer=np.zeros(unread.shape, dtype=np.int8),
        only_in={name: "old" if name not in ours else "new" for name in ours.keys() ^ theirs.keys()},
        events=_events(companions),
    )  # fmt: skip

    def wording(said: Said) -> tuple[str, str, str, str]:
        feature, rare = features[said.at], _rare(features[said.at], said.now, said.unread_now)
        sentence, text = of_the_model(
            named(feature.words, feature.name), said.now, feature.form, feature.unit,
            fact=companions.facts[said.at], near=_near(said.events_now), rare=rare,
            only=part.only_in.get(feature.name, ""),
        )  # fmt: skip
        return sentence, sentence, text, text

    return tell(part, top, wording, good_raises=new.task != "churn", withheld=withheld)


def _events(companions: Companions) -> list[int | None]:
    """Where the number of events stands that a feature is about; a text is none."""
    found = [beside.get("events") for beside in companions.beside]
    numbers = [feature.kind == "number" for feature in companions.features]
    return [at if at is not None and numbers[at] else None for at in found]


def _near(events: float | None) -> Near:
    return NOTHING if events is None else {"events": events}


def _rare(feature: Feature, value: Any, unread: bool) -> bool:
    """Whether it is a level that the model does not tell apart from others."""
    return feature.kind == "category" and unread and value is not None


def _news(features: Sequence[Feature], before: pd.DataFrame, now: pd.DataFrame) -> NDArray[np.int8]:
    result = np.zeros(before.shape, dtype=np.int8)
    for place, feature in enumerate(features):
        if feature.kind == "number":
            one, two = (frame.iloc[:, place].to_numpy(dtype=float) for frame in (before, now))
            result[:, place] = news(named(feature.words, feature.name), feature.form, feature.unit, one, two)
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
