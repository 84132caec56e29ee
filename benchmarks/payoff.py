"""Does `salesml payoff` say what is true: do its intervals hold the truth, does it see effects only where
some are?

    python -m benchmarks.payoff [--years 400] [--seed 0] [--only NAME] [--json FILE]

Simulated lists (``payoff_company``) of several sizes, with calls that help and calls that do nothing. For
each: how many of the 90 and 95 % intervals hold the truth, how often listing is said to have paid, both by
drawing lots again and by Student's t; and how far the naive comparison of the called with the others is from
the truth.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.payoff_company import HORIZON, Company, simulate
from salesml.payoffs.confidence import Estimate, estimate
from salesml.payoffs.effects import Design, observed
from salesml.payoffs.figure import OUTCOME, find
from salesml.payoffs.listed import clusters_of
from salesml.payoffs.residual import predicted

LEVELS = (0.9, 0.95)

PLAIN = Company("60 reps, 4 dates", lists=60, dates=4, rows=30, places=8, explore=0.25)
COMPANIES = (
    PLAIN,
    replace(PLAIN, name="60 reps, 4 dates, calls help by 10 points", effect=0.1),
    replace(PLAIN, name="60 reps, 4 dates, calls help by 20 points", effect=0.2),
    replace(PLAIN, name="60 reps, 4 dates, nobody minds the list", effect=0.1, obeys=0.0),
    Company("60 reps, 6 months, the same prospects", lists=60, dates=6, rows=30, places=8, explore=0.25,
            apart=30),
    Company("6 reps, 6 months, the same prospects", lists=6, dates=6, rows=60, places=15, explore=0.25,
            apart=30),
    Company("1 list, 12 dates", lists=1, dates=12, rows=200, places=40, explore=0.25),
    Company("1 list, 12 dates, calls help by 20 points", lists=1, dates=12, rows=200, places=40, explore=0.25,
            effect=0.2),
    Company("5 % to lots", lists=100, dates=6, rows=40, places=20, explore=0.05),
    Company("5 % to lots, calls help by 20 points", lists=100, dates=6, rows=40, places=20, explore=0.05,
            effect=0.2),
)  # fmt: skip


def once(company: Company, seed: int) -> dict[str, Any]:
    """The intervals of one history."""
    found: dict[str, Any] = {}
    made = simulate(company, seed)
    rows, lots = made.design.rows, made.design.rows.by_lot
    if rows.money is None or rows.contacted is None or made.design.lotteries is None:
        raise ValueError("The company tells money and contacts, and its lots can be drawn again")
    without = replace(made.design, lotteries=None, clusters=clusters_of(rows, HORIZON, drawn_again=False))
    for way, design in (("lots", made.design), ("t", without)):
        for name, values, way_in, truth in (
            ("listing", rows.label, rows.listed, made.listing),
            ("money", rows.money, rows.listed, made.money),
            ("contact", rows.label, rows.contacted, made.contact),
        ):
            left = np.where(lots, values - predicted(rows, values, lots), 0.0)
            test, _ = design.ask(left, way_in.astype(float), lots)
            each = {str(level): estimate(test, level) for level in LEVELS}
            found[f"{name}.{way}"] = _held(each, truth)
        if design is made.design:
            naive = find(observed(Design(rows, made.design.clusters)), "observational_difference", OUTCOME)
            found["naive_off"] = naive.value - made.contact if naive else math.nan
    return found


def _held(each: dict[str, Estimate], truth: float) -> dict[str, Any]:
    return {
        **{f"held_{level}": one.low <= truth <= one.high for level, one in each.items()},
        "paid": each["0.95"].clear and each["0.95"].value > 0,
        "harm": each["0.95"].clear and each["0.95"].value < 0,
        "open": not each["0.95"].bounded, "error": each["0.95"].value - truth, "truth": truth,
        "width": each["0.95"].high - each["0.95"].low,
    }  # fmt: skip


def summed(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares over all histories."""
    told: dict[str, Any] = {
        "naive_off": float(np.nanmean([each["naive_off"] for each in found])),
    }
    for name in (key for key in found[0] if key != "naive_off"):
        some = [each[name] for each in found]
        told[name] = {
            key: float(np.mean([one[key] for one in some]))
            for key in some[0]
            if key not in ("width", "error")
        }
        told[name]["median_error"] = float(np.nanmedian([one["error"] for one in some]))
        told[name]["median_width"] = float(np.median([one["width"] for one in some]))
    return told


def main() -> None:
    """Run all, print a table, write the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--years", type=int, default=400, help="histories of each company")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--only", default="", help="companies whose name has this in it")
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    start = time.perf_counter()
    result: dict[str, Any] = {"histories": chosen.years, "seed": chosen.seed, "companies": {}}
    with ProcessPoolExecutor(chosen.jobs) as pool:
        for company in (each for each in COMPANIES if chosen.only in each.name):
            seeds = range(chosen.seed, chosen.seed + chosen.years)
            told = summed(list(pool.map(partial(once, company), seeds, chunksize=8)))
            result["companies"][company.name] = told
            print(f"{company.name}: called beside others is off by {told['naive_off']:+.3f}")
            for name, each in told.items():
                if name != "naive_off":
                    print(
                        f"  {name:13} truth {each['truth']:8.3f}  median error {each['median_error']:8.3f}  "
                        f"90 %: {each['held_0.9']:.1%}  "
                        f"95 %: {each['held_0.95']:.1%}  paid {each['paid']:.1%}  harm {each['harm']:.1%}  "
                        f"without end {each['open']:.1%}  width {each['median_width']:.3f}", flush=True,
                    )  # fmt: skip
            result["seconds"] = round(time.perf_counter() - start)
            if chosen.json:
                chosen.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
