"""What does the audit of every sentence cost, beside scoring with reasons?

A model of a simulated company of `salesml sample` scores its accounts at many dates, and the score table is
audited, both on one thread in one run. The first block is scored before, so that compiling is not counted.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.words import batch, trained
from salesml.model.bundle import Bundle
from salesml.scoring import Scorer
from salesml.scoring.audit import audit


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder of `salesml sample`")
    parser.add_argument("--model", type=Path, help="a bundle of its churn; trained anew when left out")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--trees", type=int, default=100, help="at most, of a model trained anew (100)")
    parser.add_argument("--times", type=int, default=3)
    chosen = parser.parse_args()
    bundle = Bundle.load(chosen.model) if chosen.model else trained(chosen.folder, chosen.trees)
    frame = pa.Table.from_pandas(batch(chosen.folder, bundle, chosen.rows), preserve_index=False)
    scorer = Scorer(bundle, threads=1)
    scorer.table(frame.slice(0, 10_000))
    ratios = []
    for _ in range(chosen.times):
        scoring, scores = timed(lambda: scorer.table(frame))
        auditing, found = timed(lambda: audit(scores, frame, bundle, threads=1))  # noqa: B023
        ratios.append(auditing / scoring)
        print(
            f"scoring {len(frame) / scoring:,.0f} rows/s, audit {len(frame) / auditing:,.0f} rows/s: "
            f"{ratios[-1]:.1%} of it; {found.text()}"
        )
    print(f"the audit takes {statistics.median(ratios):.1%} of the time of scoring with reasons")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor time in seconds, and what was made in it."""
    begun = time.process_time()
    made = work()
    return time.process_time() - begun, made


if __name__ == "__main__":
    main()
