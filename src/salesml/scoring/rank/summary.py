"""What the lists came to, as a person reads it: work used, what is expected of it, how many by lot."""

from __future__ import annotations

from typing import Any

from salesml.scoring.rank.pick import Listed
from salesml.words.numbers import count, money, percent

BY_SCORE = ("raw_score", "entity_id")
"""What rows are ordered by where nothing is expected of any."""
SHOWN = 30
"""Lists that are told one by one; all of them stand in the rules."""


def summary(lists: list[Listed], rules: dict[str, Any]) -> list[str]:
    """Lines for the lists that have a limit, and for what was found on the way.

    Parameters
    ----------
    lists : list of Listed
        What each list came to.
    rules : dict
        The rules of the lists.
    """
    notes = [f"Note: {warning['words']}" for warning in rules["warnings"]]
    limited = [each for each in lists if each.limit is not None]
    if not limited:
        return notes
    unit = str(rules["limit"]).split(maxsplit=1)[0]
    known = len(rules["order"]) > len(BY_SCORE)
    return [*_table(lists, unit, known), "", _whole(limited, unit, known), *_loose(lists), *notes]


def _table(lists: list[Listed], unit: str, known: bool) -> list[str]:
    """One line for each list, the columns one below another; what is expected only where that is known."""
    dated = len({each.as_of for each in lists}) > 1
    heads = ["list", f"{unit} used", "rows", "listed", "by lot", "expected", f"per {unit[:-1]}"]
    cells = [heads, *(_cells(each, dated) for each in lists[:SHOWN])]
    cells = cells if known else [row[:-2] for row in cells]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    lines = [
        "  "
        + "   ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    left = len(lists) - SHOWN
    return [*lines, f"  and {left:,} more lists, all in the rules beside the list"] if left > 0 else lines


def _cells(each: Listed, dated: bool) -> list[str]:
    used = "no limit" if each.limit is None else f"{count(each.used)} of {count(each.limit)}"
    per = money(each.expected / each.used) if each.used else ""
    name = f"{each.as_of} {each.list}" if dated else each.list
    lot = f"{each.explored:,}" if each.lot is not None else ""
    return [name, used, f"{each.rows:,}", f"{each.listed:,}", lot, money(each.expected), per]


def _whole(limited: list[Listed], unit: str, known: bool) -> str:
    used = sum(each.used or 0.0 for each in limited)
    expected, best = sum(each.expected for each in limited), sum(each.best for each in limited)
    lists = "The list holds" if len(limited) == 1 else f"The {len(limited):,} lists hold"
    text = f"{lists} {money(used)} of {money(sum(each.limit or 0.0 for each in limited))} {unit}"
    text += f" and {money(expected)} expected" if known else ", in the order of the score alone"
    if used and known:
        text += f", {money(expected / used)} per {unit[:-1]}"
    explored = sum(each.explored for each in limited)
    if any(each.lot is not None for each in limited):
        text += f"; {_rows(explored)} by lot"
    if best > 0:
        lists, bring = ("list", "this brings") if len(limited) == 1 else ("lists", "these bring")
        text += f". No {lists} within these {unit} could be expected to bring more than {money(best)}: "
        text += f"{bring} {percent(min(1.0, expected / best))} of that"
    return text + "."


def _loose(lists: list[Listed]) -> list[str]:
    """A word on lists without a limit, whose rows nobody has the time for yet."""
    return [
        f"{_rows(each.listed)} of {each.list!r} {'has' if each.listed == 1 else 'have'} no rep, and so no "
        f"limit: handed out, {'it comes' if each.listed == 1 else 'they come'} in this order."
        for each in lists
        if each.limit is None and each.listed
    ]


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"
