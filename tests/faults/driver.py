"""Runs one small scoring job again and again, each time with a fault at another place.

``python -m tests.faults.driver FOLDER OUT MODE[:STEP] …`` prints a JSON report. The process is warmed once
and forks for every run, so that hundreds of faults take a minute.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb  # noqa: F401  # warmed for the children
import pandas as pd  # noqa: F401

from salesml.config import Tracking, read_spec
from salesml.crm import CRM
from salesml.errors import SalesmlError
from salesml.lifecycle import staged
from salesml.lifecycle.score import How, score, score_table
from salesml.snapshots import stage
from tests.faults import shim
from tests.faults.made import DAY as COMPANY_DAY

DAY = "2026-01-31"
REFUSED = {1: "data", 2: "usage", 4: "outside"}
CRASHED = 99


@dataclass
class Report:
    """What came of all faults of a mode."""

    points: int = 0
    killed: int = 0
    refused: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    finished: int = 0
    bad: list[str] = field(default_factory=list)


def job(folder: Path, out: Path, table: str, workers: int = 1) -> Callable[[], None]:
    """A job of three parts, of which the first has a row that cannot be scored."""
    if (folder / "crm.yaml").exists():
        return company_job(folder, out, table, workers)

    def run() -> None:
        import datetime as dt

        score_table(
            "churn", folder / table, out,
            id_column="customer", as_of=dt.date.fromisoformat(DAY), model=str(folder / "bundle"),
            tracking=Tracking(), how=How(chunk=40, workers=workers, listener=lambda event: None),
        )  # fmt: skip

    return run


def company_job(folder: Path, out: Path, which: str, workers: int = 1) -> Callable[[], None]:
    """A job whose snapshot is taken in five slices, written apart; the earlier one tells fewer reasons."""

    def run() -> None:
        stage.how_many = lambda *_: 5  # type: ignore[assignment]
        staged.stage = functools.partial(stage.stage, threads=workers)  # type: ignore[assignment]
        score(
            read_spec(folder / "churn.yaml"), CRM.open(folder / "crm.yaml"), COMPANY_DAY, out,
            model=str(folder / "bundle"), tracking=Tracking(), top=2 if which == "old.parquet" else 5,
            how=How(chunk=40, workers=workers, listener=lambda event: None),
        )  # fmt: skip

    return run


def forked(work: Callable[[], None], tell: Path | None = None, wait: float | None = None) -> int:
    """Run work in a child; its exit code, or the negative of the signal that ended it."""
    child = os.fork()
    if child == 0:
        code = CRASHED
        try:
            work()
            code = 0
        except SalesmlError as error:
            code = error.exit_code
            if tell:
                tell.write_text(",".join(fault.code for fault in error.faults))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    if wait is not None:
        time.sleep(wait)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def visible(out: Path) -> dict[str, str]:
    """What readers find: the digest of every file they can open, by name."""
    files = [out] if out.is_file() else sorted(out.rglob("*")) if out.is_dir() else []
    folders = [path for path in files if path.is_symlink()]
    files += [path for folder in folders for path in sorted(folder.iterdir())]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()}


def manifest(out: Path) -> dict[str, object]:
    """The manifest without its times."""
    beside = out.with_name(out.name + ".manifest.json")
    path = beside
    if not out.is_file():
        (parts,) = (out / "task=churn").glob("as_of=*")
        path = parts / ".." / "manifest.json"
    content = json.loads(path.read_text())
    return {key: value for key, value in content.items() if key != "times"}


def leftovers(out: Path) -> list[str]:
    """What lies about in the hidden folder that no generation needs."""
    private = out.parent / f".{out.name}.salesml"
    found = [path for path in private.rglob("*") if "work" in path.relative_to(private).parts]
    return [str(path.relative_to(private)) for path in found if path.is_file() or path.is_symlink()]


class Bench:
    """A folder with the old generation, copied for every fault."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.case = folder / "case"
        self.out = self.case / name
        self.said = folder / "said.txt"
        base = folder / f"base-{name}"
        shutil.rmtree(base, ignore_errors=True)
        base.mkdir()
        self.base = base
        if not Path(name).suffix:
            assert forked(job(folder, base / name, "old.parquet")) == 0
        self.reset()
        self.old = visible(self.out)
        began = time.monotonic()
        assert forked(job(folder, self.out, "new.parquet")) == 0
        self.seconds = time.monotonic() - began
        self.new = visible(self.out)
        self.manifest = manifest(self.out)
        assert self.new
        assert self.new != self.old

    def reset(self) -> None:
        """The old generation, and nothing else."""
        shutil.rmtree(self.case, ignore_errors=True)
        shutil.copytree(self.base, self.case, symlinks=True)
        self.said.unlink(missing_ok=True)

    def count(self, mode: int) -> int:
        """How many places there are for a fault of a mode."""
        self.reset()
        path = self.folder / "count.txt"

        def counted() -> None:
            shim.arm("/case/" if mode != shim.UNREADABLE else "/new.parquet", mode, -1)
            job(self.folder, self.out, "new.parquet")()
            path.write_text(str(shim.seen()))

        assert forked(counted) == 0
        return int(path.read_text())

    def faulty(self, mode: int, at: int) -> Callable[[], None]:
        """The job with a fault."""

        def work() -> None:
            shim.arm("/case/" if mode != shim.UNREADABLE else "/new.parquet", mode, at)
            job(self.folder, self.out, "new.parquet")()

        return work

    def look(self, report: Report, code: int, where: str) -> None:
        """After a fault: old or new and nothing else; after the rerun: new, and nothing left over."""
        report.points += 1
        if code == -signal.SIGKILL:
            report.killed += 1
        elif code in REFUSED:
            report.refused += 1
            said = self.said.read_text()
            report.codes[said] = report.codes.get(said, 0) + 1
        elif code == 0:
            report.finished += 1
        else:
            report.bad.append(f"{where}: ended with {code}")
        seen = visible(self.out)
        if seen not in (self.old, self.new) or (code == 0 and seen != self.new):
            report.bad.append(f"{where}: readers see neither generation: {sorted(seen)}")
        again = forked(job(self.folder, self.out, "new.parquet"), self.said)
        if again != 0:
            report.bad.append(f"{where}: the rerun ended with {again}: {self.said.read_text()}")
            return
        if visible(self.out) != self.new:
            report.bad.append(f"{where}: the rerun is not the same")
        if manifest(self.out) != self.manifest:
            report.bad.append(f"{where}: the manifest is not the same")
        if leftovers(self.out):
            report.bad.append(f"{where}: left over {leftovers(self.out)}")

    def counted(self, mode: int, step: int) -> Report:
        """A fault at every ``step``-th place."""
        report = Report()
        for at in range(1, self.count(mode) + 1, step):
            self.reset()
            code = forked(self.faulty(mode, at), self.said)
            self.look(report, code, f"mode {mode}, place {at}")
        return report

    def timed(self, points: int) -> Report:
        """Kills from outside, spread over the time that the job takes, with two threads."""
        report = Report()
        luck = random.Random(1)
        for point in range(points):
            self.reset()
            wait = self.seconds * (point + luck.random()) / points
            code = forked(job(self.folder, self.out, "new.parquet", workers=2), self.said, wait)
            self.look(report, code, f"after {wait:.3f} s")
        return report


def main(folder: Path, name: str, *wanted: str) -> dict[str, dict[str, object]]:
    """The reports by mode."""
    gc.freeze()  # children share the memory of what is loaded
    bench = Bench(folder, name)
    reports = {}
    for each in wanted:
        kind, _, number = each.partition(":")
        step = int(number or 1)
        report = bench.timed(step) if kind == "TIMED" else bench.counted(getattr(shim, kind), step)
        reports[kind] = vars(report)
    return reports


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *sys.argv[2:])))
