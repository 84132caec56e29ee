"""How long `import salesml` and `salesml --help` take beyond an empty Python start."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "empty Python": [sys.executable, "-c", "pass"],
    "import salesml": [sys.executable, "-c", "import salesml"],
    "salesml --help": [sys.executable, "-m", "salesml.cli", "--help"],
}


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of one run."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(runs: int = 15) -> None:
    """Run the commands in turn and print the median of each, and how far it is from an empty start."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, command in COMMANDS.items():
            taken[name].append(seconds(command))
    empty = statistics.median(taken["empty Python"])
    print(f"{'command':<16} {'median s':>9} {'beyond empty':>13}   ({runs} runs each, in turn)")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:<16} {median:>9.3f} {median - empty:>13.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=15, help="of each command (15)")
    main(parser.parse_args().runs)
