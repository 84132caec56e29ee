"""A look of monitoring as a folder: whole or not at all."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from salesml.errors import Fault, OutsideError
from salesml.lifecycle.backtest.keep import plain
from salesml.lifecycle.run_folder import UNFINISHED, new_folder


def keep_look(
    parent: Path, *, data: Mapping[str, Any], table: pa.Table, report: str, draw: Callable[[Path], Any],
    file: str = "monitor.json",
) -> Path:  # fmt: skip
    """Write a new folder under ``parent``, named by the time, and return it; ``file`` is for ``data``.

    Raises
    ------
    OutsideError
        ``not-written`` when the disk is full or refuses.
    """
    try:
        aside = new_folder(parent)
        folder = parent / aside.name.removeprefix(".").removesuffix(UNFINISHED)
        try:
            pq.write_table(table, aside / "table.parquet")
            csv.write_csv(table, aside / "table.csv")
            (aside / "report.md").write_text(report, encoding="utf-8")
            draw(aside / "chart.png")
            told = json.dumps(plain(data), indent=2, sort_keys=True, allow_nan=False)
            (aside / file).write_text(told + "\n", encoding="utf-8")
            aside.rename(folder)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
    except OSError as error:
        raise OutsideError(
            Fault(
                code="not-written",
                found=f"What was found could not be kept in {parent}: {error.strerror or error}",
                do="Make room, or let the folder be written, and run it again",
            )
        ) from error
    return folder


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Figures that a tracking store takes."""
    return {name: float(value) for name, value in values.items() if math.isfinite(value)}
