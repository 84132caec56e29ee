"""Commits one small job to a Delta table again and again, each time with a fault at another place.

``python -m tests.faults.delta_driver FOLDER MODE[:STEP] …`` prints a JSON report. Readers are other
processes: a library with threads of its own must not have begun before a process forks.
"""

from __future__ import annotations

import gc
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import deltalake

from tests.faults import shim
from tests.faults.driver import REFUSED, Report, forked, job

Seen = list[list[object]]


class Table:
    """A table with the old scores, copied for every fault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.case, self.base = folder / "case", folder / "base"
        self.said, self.rows = folder / "said.txt", folder / "rows.json"
        self.case.mkdir()
        self.run("old.parquet")
        self.old = self.seen()
        shutil.copytree(self.case, self.base)
        self.run("new.parquet")
        self.new = self.seen()
        assert self.old[1:] != self.new[1:]

    def work(self, table: str) -> Callable[[], None]:
        """The job."""
        return job(self.folder, Path(f"delta:{self.case / 'scores'}"), table)

    def run(self, table: str) -> None:
        """The job without a fault."""
        assert forked(self.work(table), self.said) == 0, self.said.read_text()

    def seen(self) -> Seen:
        """Commits so far, and all rows."""

        def read() -> None:
            table = deltalake.DeltaTable(str(self.case / "scores"))
            found = table.to_pyarrow_table(columns=["entity_id", "status", "probability", "scoring_run_id"])
            rows = sorted(list(row.values()) for row in found.to_pylist())
            self.rows.write_text(json.dumps([[table.version()], *rows]))

        assert forked(read) == 0
        found: Seen = json.loads(self.rows.read_text())
        return found

    def reset(self) -> None:
        """The old scores, and nothing else."""
        shutil.rmtree(self.case)
        shutil.copytree(self.base, self.case)

    def faulty(self, mode: int, at: int, told: Path | None = None) -> Callable[[], None]:
        """The job with a fault at a place, or none at -1; it writes how many places there were."""

        def work() -> None:
            shim.arm("/case/", mode, at)
            self.work("new.parquet")()
            if told:
                told.write_text(str(shim.seen()))

        return work

    def tried(self, mode: int, step: int) -> Report:
        """A fault at every ``step``-th place."""
        report, told = Report(), self.folder / "count.txt"
        self.reset()
        assert forked(self.faulty(mode, -1, told)) == 0
        for at in range(1, int(told.read_text()) + 1, step):
            self.reset()
            self.look(report, forked(self.faulty(mode, at), self.said), f"mode {mode}, place {at}")
        return report

    def look(self, report: Report, code: int, where: str) -> None:
        """After a fault old or new and nothing else; after the rerun new, once."""
        report.points += 1
        report.killed += code == -9
        report.finished += code == 0
        if code in REFUSED:
            report.refused += 1
            said = self.said.read_text()
            report.codes[said] = report.codes.get(said, 0) + 1
        elif code not in (0, -9):
            report.bad.append(f"{where}: it ended with {code}")
        seen = self.seen()
        if seen not in (self.old, self.new) or (code == 0 and seen != self.new):
            report.bad.append(f"{where}: readers see neither: {seen[0]}, {len(seen) - 1} rows")
        again = forked(self.work("new.parquet"), self.said)
        if again:
            report.bad.append(f"{where}: the rerun ended with {again}: {self.said.read_text()}")
        elif self.seen() != self.new:
            report.bad.append(f"{where}: the rerun is not the same")


def main(folder: Path, *wanted: str) -> dict[str, object]:
    """The reports by mode."""
    gc.freeze()
    table, reports = Table(folder), {}
    for each in wanted:
        kind, _, number = each.partition(":")
        reports[kind] = vars(table.tried(getattr(shim, kind), int(number or 1)))
    return dict(reports)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *sys.argv[2:])))
