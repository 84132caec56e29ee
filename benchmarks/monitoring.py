"""Does monitoring keep silent while nothing changes, and speak when something does?

    python -m benchmarks.monitoring [--years 200] [--planted 60] [--seed 0] [--kept FILE] [--json FILE]

Simulated companies (``monitoring_company``): two years of snapshots, a model, a year that is watched month
by month with everything that ``salesml monitor`` checks. Without change: how many of the years raise an
alarm at all, and which check did. With a planted change: the share of years in which an alarm that was not
there before comes within so many months. With ``--kept`` each finished year is a line of a file, and a run
that was stopped goes on from there.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.monitoring_company import HISTORY, WARM_UP, WATCHED, Shift, company, fitted, seen_at
from salesml.monitoring.finding import Finding
from salesml.monitoring.watch import Kept, watch

FIRST = 4
"""The month of the watched year in which a change comes."""


@dataclass(frozen=True)
class Planted:
    """A change that is to be found.

    Parameters
    ----------
    kind, size
        As in :class:`benchmarks.monitoring_company.Shift`.
    within : int
        Monthly looks, the first that sees it included, within which an alarm must come.
    checks : tuple of str
        Checks of which one must raise it.
    words : str
    """

    kind: str
    size: float
    within: int
    checks: tuple[str, ...]
    words: str


DATA = ("feature", "missing", "apart", "attributions", "scores", "mean_score", "expected_auc")
OUTCOMES = ("auc_kept", "rate_kept")

PLANTED = (
    Planted("unit", 100.0, 1, DATA, "revenue arrives in hundredths of the currency"),
    Planted("empty", 0.2, 1, DATA, "a feature is empty in a fifth of the rows"),
    Planted("level", 2, 1, DATA, "a level that a fifth of the rows have is written otherwise"),
    Planted("demand", 0.4, 3, DATA, "everybody orders three fifths less"),
    Planted("segment", 0.35, 4, DATA, "a new kind of customer comes, in three months a third of all"),
    Planted("losses", 0.2, 5, OUTCOMES, "a fifth of all leave each month, whatever is known of them"),
    Planted("concept", 0.6, 5, OUTCOMES, "of six in ten, nothing that is known tells any more who leaves"),
)
BY_KIND = {each.kind: each for each in PLANTED}


def year(seed: int, shift: Shift | None = None) -> list[list[Finding]]:
    """The alarms of each month of a watched year."""
    made = fitted(company(seed, shift))
    kept = Kept.nothing()
    first = WARM_UP + HISTORY + 1
    found = []
    for t in range(first, first + WATCHED):
        grid, own = seen_at(made, t)
        found.append([each for each in watch(grid, own, made.model, kept) if each.alarm])
    return found


def quiet(seed: int) -> list[str]:
    """The checks that raised an alarm in a year without change."""
    return [each.check for month in year(seed) for each in month]


def found_after(planted: Planted, seed: int) -> int | None:
    """Looks from the change to the first alarm of a check that should raise it; None for never."""
    alarms = year(seed, Shift(planted.kind, planted.size, FIRST))
    for look, month in enumerate(alarms[FIRST - 1 :], start=1):
        if any(each.check in planted.checks for each in month):
            return look
    return None


Task = tuple[str, int]
"""The kind of change, "" for none, and the seed."""


def one(task: Task) -> Any:
    """What came of one year: :func:`quiet` or :func:`found_after`."""
    kind, seed = task
    return found_after(BY_KIND[kind], seed) if kind else quiet(seed)


def run(tasks: Sequence[Task], pool: Executor, kept: Path | None) -> list[Any]:
    """The years of some tasks, those that were kept among them."""
    done = {}
    if kept and kept.is_file():
        for line in kept.read_text(encoding="utf-8").splitlines():
            kind, size, seed, came = json.loads(line)
            if size == _size(kind):
                done[kind, seed] = came
    missing = [task for task in tasks if task not in done]
    for task, came in zip(missing, pool.map(one, missing), strict=True):
        done[task] = came
        if kept:
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps([task[0], _size(task[0]), task[1], came]) + "\n")
    return [done[task] for task in tasks]


def _size(kind: str) -> float:
    return BY_KIND[kind].size if kind else 0.0


def main() -> None:
    """Run all, print a table, write the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--years", type=int, default=200)
    options.add_argument("--planted", type=int, default=60)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--only", default="", help="one kind of change")
    options.add_argument("--kept", type=Path)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    result: dict[str, Any] = {"years": chosen.years, "planted_years": chosen.planted, "seed": chosen.seed}
    with ProcessPoolExecutor(chosen.jobs) as pool:
        if chosen.years:
            seeds = range(chosen.seed, chosen.seed + chosen.years)
            years = run([("", seed) for seed in seeds], pool, chosen.kept)
            result["alarmed_years"] = sum(bool(each) for each in years)
            result["alarmed_by"] = dict(Counter(check for each in years for check in set(each)))
            print(f"{result['alarmed_years']} of {chosen.years} years without change raised an alarm: "
                  f"{result['alarmed_by']}", flush=True)  # fmt: skip
        result["planted"] = []
        for each in PLANTED if chosen.planted else ():
            if chosen.only and each.kind != chosen.only:
                continue
            seeds = range(100_000 + chosen.seed, 100_000 + chosen.seed + chosen.planted)
            looks = run([(each.kind, seed) for seed in seeds], pool, chosen.kept)
            share = sum(look is not None and look <= each.within for look in looks) / chosen.planted
            counts = Counter(str(look) for look in looks)
            result["planted"].append(
                {
                    "kind": each.kind, "size": each.size, "words": each.words, "within": each.within,
                    "found": share, "looks": dict(sorted(counts.items())),
                }
            )  # fmt: skip
            print(f"{each.kind}: {share:.0%} within {each.within} looks {dict(counts)}", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
