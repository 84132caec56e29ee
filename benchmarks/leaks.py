"""Planted leaks found, false alarms on clean tables, and duplicates kept together.

    python -m benchmarks.leaks [--seed 1000] [--tables 25] [--clean 200] [--json FILE]

Eight kinds of leak, each planted into tables of its own, made and real. A leak counts as found when a
finding that warns or stops names a planted column; an alarm is false when any finding but "few
outcomes" warns or stops on a table in which nothing was planted. The rules were made on tables of the
seeds 0 to 9; the figures are of others.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.leak_tables import table
from salesml.model.screening import Screening, screen

Planted = tuple[pd.DataFrame, set[str]]
Plant = Callable[[pd.DataFrame, np.ndarray, np.random.Generator], Planted]


def _with(X: pd.DataFrame, rng: np.random.Generator, **columns: Any) -> Planted:
    """The table with further columns, anywhere among its own."""
    wide = X.assign(**columns)
    return wide[list(rng.permutation(wide.columns))], set(columns)


def copy_with_noise(X: pd.DataFrame, y: np.ndarray, rng: np.random.Generator) -> Planted:
    """The outcome under another name, wrong in up to 5 % of rows, or as a score with noise."""
    form = rng.integers(3)
    wrong = np.where(rng.random(len(y)) < rng.uniform(0, 0.05), 1 - y, y)
    if form == 0:
        return _with(X, rng, account_flag=wrong)
    if form == 1:
        return _with(X, rng, account_flag=np.where(wrong == 1, "inactive", "active"))
    return _with(X, rng, health_score=(70 - 40 * y + rng.normal(0, rng.uniform(2, 13), len(y))).round(1))


def outcome_in_category(X: pd.DataFrame, y: np.ndarray, rng: np.random.Generator) -> Planted:
    """A category of several levels, some of which only those with the outcome get (a queue of the
    retention team), for 40 to 100 % of them."""
    levels = np.array([f"queue {letter}" for letter in "abcdefgh"])
    usual = rng.choice(levels[:5], len(y), p=rng.dirichlet(np.full(5, 2.0)))
    moved = (y == 1) & (rng.random(len(y)) < rng.uniform(0.4, 1.0))
    moved |= (y == 0) & (rng.random(len(y)) < rng.uniform(0, 0.005))
    return _with(X, rng, queue=np.where(moved, rng.choice(levels[5:], len(y)), usual))


def filled_in_after(X: pd.DataFrame, y: np.ndarray, rng: np.random.Generator) -> Planted:
    """A column that is filled in for 60 to 98 % of rows with the outcome and up to 3 % of the others."""
    chance = np.where(y == 1, rng.uniform(0.6, 0.98), rng.uniform(0, 0.03))
    filled = rng.random(len(y)) < chance
    if rng.random() < 0.5:
        texts = rng.choice(["price", "service", "moved away", "competitor"], len(y))
        return _with(X, rng, remark=pd.Series(texts, dtype=object).where(filled, None))
    return _with(X, rng, refund=pd.Series(np.exp(rng.normal(3, 1, len(y))).round(2)).where(filled))


def counted_after(X: pd.DataFrame, y: np.ndarray, rng: np.random.Generator) -> Planted:
    """A count or sum over time that goes on after the outcome: calls with the retention team, or usage
    that ends."""
    if rng.random() < 0.5:
        none = rng.random(len(y)) < rng.uniform(0.02, 0.12)
        calls = np.where(
            (y == 1) & ~none, 1 + rng.poisson(1.3, len(y)), rng.poisson(rng.uniform(0, 0.03), len(y))
        )
        return _with(X, rng, calls=calls)
    usage = np.exp(rng.normal(3, 1, len(y))).round(1)
    ended = (y == 1) & (rng.random(len(y)) < rng.uniform(0.88, 1.0))
    ended |= (y == 0) & (rng.random(len(y)) < rng.uniform(0, 0.03))
    return _with(X, rng, usage_this_month=np.where(ended, 0.0, usage))


def pair(X: pd.DataFrame, y: np.ndarray, rng: np.random.Generator) -> Planted:
    """Two columns, each harmless alone: their difference, sum, ratio, equality or exclusive or tells."""
    rows, wrong = len(y), np.where(rng.random(len(y)) < rng.uniform(0, 0.03), 1 - y, y)
    form = rng.integers(5)
    start = rng.integers(0, 1500, rows).astype(float)
    if form == 0:  # the last payment lies after the end of the contract, or not
        gap = np.where(wrong == 1, rng.integers(1, 90, rows), -rng.integers(0, 90, rows))
        return _with(X, rng, contract_day=start, payment_day=start + gap)
    if form == 1:  # start and length reach to today for those who stayed
        length = np.where(wrong == 1, 2000 - start - rng.integers(1, 300, rows), 2000 - start)
        return _with(X, rng, first_day=start, length_days=length)
    if form == 2:  # all of the bill is paid, or part of it
        bill = np.exp(rng.normal(4, 1, rows)).round(2)
        return _with(X, rng, bill=bill, paid=np.where(wrong == 1, bill * rng.uniform(0.2, 0.9, rows), bill))
    if form == 3:  # the owner is no longer the one who was assigned
        owners = np.array([f"rep {number}" for number in range(20)])
        one, other = rng.integers(0, 20, rows), rng.integers(1, 20, rows)
        now = np.where(wrong == 1, (one + other) % 20, one)
        return _with(X, rng, assigned=owners[one], owned=owners[now])
    flag = rng.integers(0, 2, rows)
    return _with(X, rng, flag_before=flag, flag_now=flag ^ wrong)


def order_of_ids(X: pd.DataFrame, y: np.ndarray, rng: np.random.Generator) -> Planted:
    """Identifiers given file by file: rows with the outcome come first, last or in blocks."""
    if rng.random() < 0.5:
        key = y + rng.normal(0, rng.uniform(0.3, 1.2), len(y))
    else:
        mostly = np.where(rng.random(len(y)) < rng.uniform(0.6, 1.0), y, rng.integers(0, 2, len(y)))
        key = 2 * rng.integers(0, 4, len(y)) + mostly + rng.random(len(y))
    number = np.argsort(np.argsort(key * rng.choice([-1, 1])))
    if rng.random() < 0.5:
        return _with(X, rng, record=100_000 + number)
    return _with(X, rng, customer=pd.Series([f"K-{value:06d}" for value in number]).to_numpy(object))


def date_after(X: pd.DataFrame, y: np.ndarray, rng: np.random.Generator) -> Planted:
    """A date that the outcome itself sets, as a number: closed at, or days since the last change."""
    today, form = 20_000, rng.integers(3)
    usual = today - rng.integers(200, 2_000, len(y))
    late = (y == 1) & (rng.random(len(y)) < rng.uniform(0.9, 1.0))
    late |= (y == 0) & (rng.random(len(y)) < rng.uniform(0, 0.02))
    day = np.where(late, today - rng.integers(0, 190, len(y)), usual)
    if form == 0:
        return _with(X, rng, days_since_change=today - day)
    if form == 1:
        return _with(X, rng, changed=day * 86_400 + rng.integers(0, 86_400, len(y)))
    text = pd.to_datetime(day, unit="D").strftime("%Y%m%d").astype(int)
    return _with(X, rng, changed=text.to_numpy())


def rate_of_whole(X: pd.DataFrame, y: np.ndarray, rng: np.random.Generator) -> Planted:
    """A category of many rare levels, replaced by its rate of the outcome in all rows, this one too."""
    levels = rng.integers(0, max(20, int(len(y) / rng.uniform(2, 6))), len(y))
    total, found = np.bincount(levels), np.bincount(levels, weights=y)
    if rng.random() < 0.5:
        return _with(X, rng, region_rate=(found / np.maximum(total, 1))[levels])
    weight = rng.uniform(1, 10)
    rate = (found + weight * y.mean()) / (total + weight)
    wide, names = _with(X, rng, region=np.array([f"z{level}" for level in levels]), region_rate=rate[levels])
    return wide, names - {"region"}


KINDS: tuple[Plant, ...] = (
    copy_with_noise, outcome_in_category, filled_in_after, counted_after, pair, order_of_ids, date_after,
    rate_of_whole,
)  # fmt: skip


def alarms(screening: Screening) -> list[Any]:
    """What warns or stops, but for too few outcomes, which is true of many a table."""
    return [
        finding for finding in screening.findings
        if finding.severity != "note" and finding.code != "few-outcomes"
    ]  # fmt: skip


def planted(plant: Plant, tables: int, seed: int) -> dict[str, Any]:
    """How many leaks of one kind are found."""
    found, by, missed = 0, Counter[str](), []
    for number in range(tables):
        rng = np.random.default_rng([seed, KINDS.index(plant), number])
        X, y = table(rng)
        wide, names = plant(X, y, rng)
        codes = [finding.code for finding in alarms(screen(wide, y)) if names & set(finding.columns)]
        found += bool(codes)
        by.update(set(codes))
        if not codes:
            missed.append((number, len(y), int(y.sum()), sorted(names)))
    return {"found": found, "tables": tables, "by": dict(by), "missed": missed}


def clean(tables: int, seed: int) -> dict[str, Any]:
    """False alarms on tables in which nothing is planted."""
    false, codes, seconds = 0, [], 0.0
    for number in range(tables):
        rng = np.random.default_rng([seed, 100, number])
        X, y = table(rng)
        start = time.process_time()
        found = alarms(screen(X, y))
        seconds += time.process_time() - start
        false += bool(found)
        codes += [(number, finding.code, finding.what) for finding in found]
    return {"alarms": false, "tables": tables, "what": codes, "seconds": seconds / max(tables, 1)}


def duplicated(tables: int, seed: int) -> dict[str, Any]:
    """Rows copied as they are, under new identifiers, or changed a little: found, and kept together?

    Only tables in which nearly all rows differ: where rows of other accounts are equal anyway, a copy is
    no clue to its outcome.
    """
    result: dict[str, Any] = {}
    for form in ("exact", "new ids", "changed"):
        found, together, done, number = 0, [], 0, -1
        while done < tables:
            number += 1
            rng = np.random.default_rng([seed, 200, len(form), number])
            X, y = table(rng)
            if X.duplicated().mean() > 0.02 or X.shape[1] < 6 or not _varied(X):
                continue
            done += 1
            wide, outcome, origin = _repeat(X, y, form, rng)
            screening = screen(wide, outcome)
            codes = {finding.code for finding in screening.warnings}
            found += bool(codes & {"duplicate-rows", "near-duplicate-rows"})
            copies = np.arange(len(y), len(outcome))
            together.append(float((screening.groups[copies] == screening.groups[origin]).mean()))
        share = float(np.mean(together)) if together else 0.0
        result[form] = {"found": found, "tables": tables, "together": share}
    return result


def _varied(X: pd.DataFrame) -> bool:
    """Whether rows differ in more than one column each."""
    return sum(X[name].nunique() > 0.1 * len(X) for name in X) >= 2


def _repeat(
    X: pd.DataFrame, y: np.ndarray, form: str, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    origin = rng.permutation(len(y))[: max(12, int(len(y) * rng.uniform(0.02, 0.3)))]
    copies = X.iloc[origin].copy()
    if form == "changed":
        name = X.columns[rng.integers(X.shape[1])]
        copies[name] = X[name].iloc[rng.permutation(len(y))[: len(origin)]].to_numpy()
        for name in copies.select_dtypes("float"):
            copies[name] = copies[name] + rng.normal(0, 1e-3 * X[name].std(), len(origin))
    wide = pd.concat([X, copies], ignore_index=True)
    if form == "new ids":
        wide.insert(0, "record", rng.permutation(len(wide)) + 1_000)
    return wide, np.r_[y, y[origin]], origin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--tables", type=int, default=25)
    parser.add_argument("--clean", type=int, default=200)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--missed", action="store_true", help="say which were missed")
    chosen = parser.parse_args()
    result: dict[str, Any] = {}
    for plant in KINDS:
        found = result[plant.__name__] = planted(plant, chosen.tables, chosen.seed)
        print(f"{plant.__name__:22s} {found['found']:3d} of {found['tables']}  {found['by']}", flush=True)
        if chosen.missed and found["missed"]:
            print("   missed", found["missed"], flush=True)
    result["clean"] = clean(chosen.clean, chosen.seed)
    print(f"false alarms           {result['clean']['alarms']:3d} of {chosen.clean}", flush=True)
    if chosen.missed:
        print("\n".join(f"   {number} {code}: {what}" for number, code, what in result["clean"]["what"]))
    result["duplicates"] = duplicated(chosen.tables, chosen.seed)
    for form, found in result["duplicates"].items():
        print(
            f"duplicates {form:11s} {found['found']:3d} of {found['tables']}, "
            f"{found['together']:.1%} kept together"
        )
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=2, default=str), encoding="utf-8")


if __name__ == "__main__":
    main()
