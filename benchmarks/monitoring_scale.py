"""What does a look at a large company cost, beside scoring it?

    python -m benchmarks.monitoring_scale --folder FOLDER [--accounts 1000000] [--rounds 1] [--json FILE]

A model is trained on a simulated company of 3,000 accounts. `salesml score` and `salesml monitor` then run on
a large one, by turns, each as a process of its own, with the same model and for the same date: scores of
every account with five reasons in words, and one look. Processor seconds and peak memory are those of the
processes. A folder that has the company already is used as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

AS_OF = "2025-12-01"
SPEC = "models/churn.yaml"


def prepare(folder: Path, accounts: int) -> tuple[Path, Path]:
    """The large company, and a bundle to score it with."""
    small, large = folder / "small", folder / f"large {accounts}"
    for place, size in ((small, 3_000), (large, accounts)):
        if not (place / "crm.yaml").exists():
            _salesml("sample", place, "--size", size, "--seed", "1")
    if not list(small.glob("models/churn/2*/bundle")):
        _salesml("train", "churn", cwd=small)
    (large / SPEC).write_bytes((small / SPEC).read_bytes())
    return large, sorted(small.glob("models/churn/2*/bundle"))[-1]


def measure(*words: object, cwd: Path) -> dict[str, float]:
    """One process: its seconds and its peak memory."""
    begin = time.perf_counter()
    child = subprocess.Popen(_command(*words), cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 3):
        raise SystemExit(f"{words[0]} ended with {child.returncode}")
    return {
        "seconds": time.perf_counter() - begin, "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_gb": used.ru_maxrss / 1024**2, "exit": child.returncode,
    }  # fmt: skip


def compare(folder: Path, accounts: int, rounds: int) -> dict[str, Any]:
    """Both commands by turns."""
    large, bundle = prepare(folder, accounts)
    out = folder / "scores.parquet"
    asked = ("churn", "--as-of", AS_OF, "--model", bundle)
    found: dict[str, list[dict[str, float]]] = {"score": [], "monitor": []}
    for _ in range(rounds):
        out.unlink(missing_ok=True)
        found["score"].append(measure("score", *asked, "--out", out, cwd=large))
        found["monitor"].append(measure("monitor", *asked, cwd=large))
        for name, runs in found.items():
            print(
                f"{name}: " + ", ".join(f"{key} {value:.1f}" for key, value in runs[-1].items()), flush=True
            )
    ratio = [
        look["cpu_seconds"] / job["cpu_seconds"]
        for look, job in zip(found["monitor"], found["score"], strict=True)
    ]
    return {"accounts": accounts, "ratio": statistics.median(ratio), **found}


def _command(*words: object) -> list[str]:
    return [sys.executable, "-m", "salesml.cli", *map(str, words)]


def _salesml(*words: object, cwd: Path | None = None) -> None:
    subprocess.run(_command(*words), check=True, cwd=cwd, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="where companies and scores are kept")
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    result = compare(arguments.folder.resolve(), arguments.accounts, arguments.rounds)
    print(
        f"A look costs {result['ratio']:.2f} times the processor seconds of scoring "
        f"{result['accounts']:,} accounts"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
