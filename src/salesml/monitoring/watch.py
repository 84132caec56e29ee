"""All checks of a date, with the year's false alarms dealt out among them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from salesml.model.bootstrap import Estimate
from salesml.monitoring.apart import Known, steady, watch_apart
from salesml.monitoring.attributions import watch_attributions
from salesml.monitoring.dated import Column, Dated, first_since
from salesml.monitoring.expected import watch_expected
from salesml.monitoring.features import watch_features
from salesml.monitoring.finding import Finding
from salesml.monitoring.profile import Profile, Ruler
from salesml.monitoring.realised import watch_realised
from salesml.monitoring.scores import watch_scores


@dataclass(frozen=True, kw_only=True)
class Model:
    """What is known of the model that is watched.

    Parameters
    ----------
    columns : tuple of Column
    groups : tuple of str
        Groups of features, in the order of ``Dated.size``.
    own : collection of date
        As-of dates that it was trained and tested on.
    promised : Estimate or None
        The AUC of its test.
    reach_days : int
        Gap and horizon together.
    looks : int
        How many times a year it is looked at.
    whole : date, optional
        Dates before it are not compared as a whole: the tables had only begun.
    """

    columns: tuple[Column, ...]
    groups: tuple[str, ...]
    own: Collection[dt.date]
    promised: Estimate | None
    reach_days: int
    looks: int = 12
    whole: dt.date | None = None


@dataclass(frozen=True)
class Kept:
    """What looks at later dates need again: profiles by date, and pairs of dates that were told apart."""

    profiles: dict[dt.date, Profile]
    apart: Known

    @classmethod
    def nothing(cls) -> Kept:
        return cls({}, {})


def watch(
    grid: Sequence[Dated],
    own: Sequence[Dated],
    model: Model,
    kept: Kept | None = None,
    written: Mapping[dt.date, Dated] | None = None,
) -> list[Finding]:
    """Every finding of the newest date, and of every date that has ripened since the model was tested.

    Parameters
    ----------
    grid : sequence of Dated
        One date a month without a gap, the newest last.
    own : sequence of Dated
        The model's own dates, as far as the tables still reach back: they make the bins. The oldest half
        of the grid stands in where there are none.
    kept : Kept, optional
        Of looks at earlier dates with the same own dates.
    written : mapping of date to Dated, optional
        Dates with the scores that were written at the time, which outcomes are held against.
    """
    kept = kept or Kept.nothing()
    reference = list(own) or list(grid[: max(1, len(grid) // 2)])
    ruler = Ruler.of(reference, model.columns)
    for each in grid:
        if each.as_of not in kept.profiles:
            kept.profiles[each.as_of] = ruler.profile(each)
    profiles = [kept.profiles[each.as_of] for each in grid]
    dates = sorted({each.as_of: each for each in (*own, *grid)}.values(), key=lambda each: each.as_of)
    dates = [(written or {}).get(each.as_of, each) for each in dates]
    dates = [each for each in dates if each in own or not model.whole or each.as_of >= model.whole]
    newest = max(own, key=lambda each: each.as_of) if own else None
    begin = first_since(grid, model.whole)
    whole, shares = grid[begin:], profiles[begin:]
    return [
        *watch_features(grid, profiles, ruler, model.looks),
        *watch_apart(whole, model.columns, steady(shares, model.columns), model.looks, kept.apart),
        *watch_attributions(whole, reference, model.groups, model.looks),
        *watch_scores(whole, shares, model.looks),
        *watch_expected(whole, model.looks),
        *watch_realised(
            dates,
            model.promised,
            newest,
            model.reach_days,
            model.looks,
        ),
    ]
