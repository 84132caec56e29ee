"""Lists of metrics and tables for the docs, from the registry: `python -m salesml.scorecard.listing FILE`."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from salesml.config import read_spec
from salesml.config.scorecard import ScorecardSpec
from salesml.scorecard.facts import Asked, Money
from salesml.scorecard.metric import CHECKS, Metric
from salesml.scorecard.registry import all_metrics, all_tables

GOOD = {"up": "up", "down": "down", "": "neither"}


def metrics_list() -> str:
    """Every metric under its check: how it is computed, and what it needs."""
    found = all_metrics(_anybody())
    return "\n".join(line for check in CHECKS for line in _of_check(check, found))


def tables_list() -> str:
    """Every table with what it holds."""
    rows = [f"| `{each.name}` | {each.meaning} |" for each in all_tables()]
    return "\n".join(["| table | what it holds |", "|---|---|", *rows])


def filled(text: str) -> str:
    """A page with its lists made anew, between ``<!-- NAME -->`` and ``<!-- /NAME -->``."""
    for name, made in (("metrics", metrics_list()), ("tables", tables_list())):
        before, rest = text.split(f"<!-- {name} -->\n", 1)
        _, after = rest.split(f"\n<!-- /{name} -->", 1)
        text = f"{before}<!-- {name} -->\n{made}\n<!-- /{name} -->{after}"
    return text


def _of_check(check: int, metrics: tuple[Metric, ...]) -> Iterator[str]:
    yield f"\n**{check}. {CHECKS[check]}**\n"
    of_check = [each for each in metrics if each.check == check]
    if not of_check:
        yield "Tables only, see below."
        return
    yield "| figure | how it is computed | good | needs |"
    yield "|---|---|---|---|"
    for each in of_check:
        needs = ", ".join(f"`{need}`" for need in each.base.needs)
        yield f"| {each.title} (`{each.name}`) | {each.how} | {GOOD[each.good]} | {needs} |"


def _anybody() -> Asked:
    """What is asked where there is no company: the defaults."""
    with as_file(files("salesml.project") / "models" / "churn.yaml") as path:
        churn = read_spec(path)
    day = dt.date(2025, 1, 1)
    return Asked(ScorecardSpec(), churn, Money(), day, day, frozenset())


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
