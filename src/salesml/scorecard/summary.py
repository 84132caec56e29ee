"""The first screen: each check in a sentence, what got worse, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from salesml.scorecard import told
from salesml.scorecard.cells import NOBODY
from salesml.scorecard.metric import CHECKS
from salesml.scorecard.newest import FIRST, PEERS, at, newest
from salesml.scorecard.records import records
from salesml.words import texts
from salesml.words.drawing.svg import isolated

NAMED = 3
"""Reps that a sentence names."""

REAL = ("better", "worse", "higher", "lower")


def headlines(figures: pd.DataFrame, definitions: pd.DataFrame) -> pd.DataFrame:
    """The company's newest figure of each metric, in the order of the registry."""
    if figures.empty:
        return figures
    company = figures[figures["level"] == "company"]
    of = [company[company["metric"] == name] for name in definitions["metric"]]
    rows = [at(each, newest(each, FIRST)) for each in of if len(each)]
    found = pd.concat(rows) if rows else company.iloc[:0]
    return found.merge(definitions[["metric", "check", "title", "unit", "good"]], on="metric")


def alarms(figures: pd.DataFrame, definitions: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """The company's newest figures that got worse: ``metric, kind, start, words``.

    By more than chance explains, and by enough to see.
    """
    found = headlines(figures, definitions)
    columns = ["metric", "kind", "start", "words"]
    if found.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    found = found[_moved(found, "worse")].copy()
    titles = _titles(periods)
    found["words"] = [
        f"{row['title']}, {titles[row['kind'], row['start']]}: {row['words']}" for row in records(found)
    ]
    return found[columns].reset_index(drop=True)


def summary(
    figures: pd.DataFrame,
    definitions: pd.DataFrame,
    periods: pd.DataFrame,
    people: pd.DataFrame,
    said: Mapping[int, str] | None = None,
) -> pd.DataFrame:
    """A row for each of the seven checks.

    Parameters
    ----------
    said : mapping of int to str, optional
        What further tables say first of a check, where it has no figure.

    Returns
    -------
    DataFrame
        ``check, title, metric, kind, start, value, trend, verdict, words, act``; the metric is the first that
        got worse, or the first of the check.
    """
    said = said or {}
    heads = headlines(figures, definitions)
    names = dict(zip(people["id"], people["name"], strict=True))
    rows = []
    for check, title in CHECKS.items():
        of_check = heads[heads["check"] == check] if len(heads) else heads
        if of_check.empty:
            rows.append({"check": check, "title": title, **_nothing(definitions, check, said.get(check, ""))})
            continue
        worse = of_check[_moved(of_check, "worse")]
        head = next(records(worse if len(worse) else of_check))
        reps = _standing_out(figures, set(of_check["metric"]))
        rows.append(
            {
                "check": check,
                "title": title,
                **{name: head[name] for name in ("metric", "kind", "start", "value", "trend", "verdict")},
                "words": _words(head, of_check, reps, figures, _titles(periods)),
                "act": _act(
                    check,
                    len(worse) > 0,
                    reps,
                    dict(zip(heads["metric"], heads["title"], strict=True)),
                    names,
                ),
            }
        )
    return pd.DataFrame(rows).astype({"value": float, "trend": float})


def _nothing(definitions: pd.DataFrame, check: int, said: str) -> dict[str, Any]:
    of_check = definitions[definitions["check"] == check]
    lacks = sorted({need for needs in of_check["missing"] for need in needs.split(", ") if need})
    if said:
        words, verdict = said, "told"
    else:
        why = f"for want of {told.lacking(lacks)}" if lacks else "for want of cases"
        words, verdict = f"Not computed, {why}.", "missing"
    return {
        "metric": "",
        "kind": "",
        "start": pd.NaT,
        "value": float("nan"),
        "trend": float("nan"),
        "verdict": verdict,
        "words": words,
        "act": "",
    }


def _words(
    head: Mapping[str, Any],
    of_check: pd.DataFrame,
    reps: pd.DataFrame,
    figures: pd.DataFrame,
    titles: Mapping[tuple[str, pd.Timestamp], str],
) -> str:
    when = titles[head["kind"], head["start"]]
    found = [f"{head['title']}, {when}: {head['words']}"]
    for verdict, words in (("worse", "Worse too"), ("better", "Better than a year before")):
        others = of_check[_moved(of_check, verdict) & (of_check["metric"] != head["metric"])]
        if len(others):
            found.append(f"{words}: {_few(list(others['title']))}.")
    return " ".join([*found, *_of_reps(reps, figures, of_check)])


def _of_reps(reps: pd.DataFrame, figures: pd.DataFrame, of_check: pd.DataFrame) -> Iterator[str]:
    judged = figures[
        (figures["level"] == "rep") & (figures["id"] != NOBODY) & figures["metric"].isin(of_check["metric"])
    ]
    if judged["id"].nunique() < 2:
        return
    differ = [row["title"] for row in records(of_check) if row["metric"] in set(reps["metric"])]
    if differ:
        yield f"Some reps differ from all by more than luck in: {_few(differ)}."
    else:
        yield "No rep differs from all by more than luck."


def _standing_out(figures: pd.DataFrame, metrics: set[str]) -> pd.DataFrame:
    """Rows of reps who differ from all by more than luck, in the newest period of each metric."""
    reps = figures[(figures["level"] == "rep") & (figures["id"] != NOBODY) & figures["metric"].isin(metrics)]
    rows = [at(group, newest(group, PEERS)) for _, group in reps.groupby("metric", sort=False)]
    found = pd.concat(rows) if rows else reps
    return found[found["verdict"].isin(REAL)]


def _act(
    check: int, worse: bool, reps: pd.DataFrame, titles: Mapping[str, str], names: Mapping[str, str]
) -> str:
    found = [told.ACTS[check]] if worse else []
    better = reps[reps["verdict"] == "better"]
    if len(better):
        metric = better["metric"].iloc[0]
        first = better[better["metric"] == metric].assign(sure=lambda rows: (rows["above"] - 0.5).abs())
        ids = first.sort_values("sure", ascending=False, kind="stable")["id"].head(NAMED)
        listed = joined([isolated(texts.one_line(names.get(each, each))) for each in ids])
        found.append(told.ASK.format(names=listed, title=titles[metric]))
    return " ".join(found)


def _moved(heads: pd.DataFrame, verdict: str) -> pd.Series:
    """Which of the company's figures got better, or worse, by enough to see."""
    large = [told.seen(row["value"], row["before"], row["unit"]) for row in records(heads)]
    return (heads["verdict"] == verdict) & pd.Series(large, index=heads.index, dtype=bool)


def _few(titles: list[str]) -> str:
    """The first two, and how many more."""
    more = len(titles) - 2
    return "; ".join(titles[:2]) + (f"; and {more} more" if more > 0 else "")


def joined(names: list[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _titles(periods: pd.DataFrame) -> dict[tuple[str, pd.Timestamp], str]:
    return {(row["kind"], row["start"]): row["title"] for row in records(periods)}
