"""Does the scorecard find what is true of a company, and nothing where there is nothing?

Many companies of `salesml sample` are written and their scorecards computed.

Companies come in worlds: within one, reps, workloads and market are the same and accounts and prospects are
others. What a figure comes to over all other companies of the world is its truth, and every interval of 90 %
is held against it. As that truth is itself known only as well as so many companies less one can tell,
intervals are widened by as much: with 25 companies a world by a fiftieth.

What follows from reps and market alone, such as hours worked and salaries, is the same in all companies of a
world: of such figures it is only seen that their intervals are not too narrow.

As many companies again have reps who differ in nothing. A difference between reps that is called more than
luck is one too many there.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks import scorecard_found, scorecard_planted, scorecard_truth
from benchmarks.scorecard_report import report

DAYS = 1096
SIZE = 2000


@dataclass(frozen=True)
class Company:
    """A simulated company to be judged, and where what its scorecard says is kept."""

    seed: int
    world: int
    alike: bool
    work: Path

    @property
    def folder(self) -> Path:
        return self.work / f"{'alike' if self.alike else 'usual'}-{self.world}-{self.seed}"


def judge(company: Company) -> Path:
    """Write a company, compute its scorecard and keep its tables; nothing where that was done before."""
    import salesml
    from benchmarks.scorecard_asked import SHARED, tables_of

    if (company.folder / "done").exists():
        return company.folder
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "company"
        salesml.sample(
            target, size=SIZE, seed=company.seed, days=DAYS, alike=company.alike, practices=not company.alike,
            reps_seed=None if company.alike else company.world,
        )  # fmt: skip
        (target / "scorecard.yaml").write_text(SHARED, encoding="utf-8")
        scores = scorecard_planted.scores(target)
        found = tables_of(salesml.CRM.open(target / "crm.yaml"), scores, planted=not company.alike)
        company.folder.mkdir(parents=True, exist_ok=True)
        for name, table in found.items():
            table.to_parquet(company.folder / f"{name}.parquet")
        if not company.alike:
            scorecard_planted.keep(target, company.folder)
    (company.folder / "done").touch()
    return company.folder


def companies(number: int, first: int, worlds: int, work: Path) -> list[Company]:
    """So many companies whose reps differ, dealt to the worlds, and as many whose reps are alike.

    In the order of seeds, so that a run that was stopped has judged the first of them.
    """
    return [
        company
        for seed in range(first, first + number)
        for company in (Company(seed, first + seed % worlds, False, work), Company(seed, seed, True, work))
    ]


def run(them: list[Company], processes: int) -> None:
    """Judge all of them, some at a time."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        for number, future in enumerate(as_completed([pool.submit(judge, each) for each in them]), start=1):
            print(f"{number} of {len(them)}: {future.result().name}", flush=True)


def gathered(them: list[Company], table: str) -> pd.DataFrame:
    """One table of all companies, with ``world`` and ``company``."""
    paths = [(each, each.folder / f"{table}.parquet") for each in them]
    parts = [
        pd.read_parquet(path).assign(world=each.world, company=each.seed)
        for each, path in paths
        if path.exists()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scorecard", description=__doc__)
    parser.add_argument("--companies", type=int, default=200, help="of each kind (200)")
    parser.add_argument("--first-seed", type=int, default=1, help="seeds follow from this one (1)")
    parser.add_argument("--worlds", type=int, default=8, help="sets of reps and market (8)")
    parser.add_argument("--processes", type=int, default=2, help="0 reports what is done (2)")
    parser.add_argument("--work", type=Path, required=True, help="keeps what is done, to go on from there")
    parser.add_argument("--json", type=Path, help="where the figures go")
    chosen = parser.parse_args()
    them = companies(chosen.companies, chosen.first_seed, chosen.worlds, chosen.work)
    if chosen.processes:
        run(them, chosen.processes)
    them = them[
        : next((at for at, each in enumerate(them) if not (each.folder / "done").exists()), len(them))
    ]
    usual = [each for each in them if not each.alike]
    alike = [each for each in them if each.alike]
    found = {
        "first_seed": chosen.first_seed,
        "worlds": chosen.worlds,
        "coverage": scorecard_truth.coverage(gathered(usual, "figures")),
        "planted": scorecard_found.found(usual, gathered),
        "alike": scorecard_truth.differences(gathered(alike, "figures")),
        "usual": scorecard_truth.differences(gathered(usual, "figures")),
    }
    print(report(found))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
