"""Reading ranked lists of several dates: their rows, their rules, and whether they may be compared at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from salesml.config import Spec
from salesml.errors import DataError, Fault, SalesmlError, UsageError
from salesml.lifecycle.score_files import ScoreFiles
from salesml.model.bundle import Bundle
from salesml.scoring.rank import METADATA, NOBODY
from salesml.scoring.rank.again import dealt_again
from salesml.scoring.rank.explore import Deal
from salesml.scoring.rank.rows import columns
from salesml.scoring.table import SCORED
from salesml.store.partitions import Part, parts_of

NEEDED = ("model", "task", "entity_id", "as_of", "rep_id", "status", "probability", "band", "value")
RANKED = ("rank", "list", "pick_probability", "picked")
REGISTERED = "models:/"


@dataclass(frozen=True)
class Lists:
    """Rows of all lists.

    Parameters
    ----------
    frame : DataFrame
        Scored rows only, with the columns that ranking adds; those are empty for a plain score table.
    deals : list of tuple of ndarray and Deal
        Of each list that left something to lots: for each of its rows the row of ``frame``, -1 where it was
        not scored; and its bundles.
    notes : tuple of str
        What has to be known of them.
    """

    frame: pd.DataFrame
    deals: list[tuple[NDArray[np.int64], Deal]] = field(default_factory=list)
    again: bool = False
    notes: tuple[str, ...] = ()

    @property
    def dates(self) -> list[str]:
        return sorted({str(day)[:10] for day in self.frame["as_of"]})


def read_lists(spec: Spec, paths: Sequence[Path], models: Path) -> Lists:
    """Read lists of one model.

    Parameters
    ----------
    paths : sequence of Path
        Files, or folders of files: what `salesml rank` or `salesml score` wrote as Parquet.
    models : Path
        The folder of the model's trainings, which tell what horizon a version had.

    Raises
    ------
    UsageError
        ``missing-file``, ``not-scores``, ``no-lists``.
    DataError
        ``other-model``, ``other-horizon``, ``listed-twice``, ``not-scores``.
    """
    frames, deals, undealt, plain = [], [], [], []
    start, loose = 0, 0
    for part in _parts(paths):
        path = part.path
        whole, rules = _read(part, spec)
        if not len(whole):
            continue
        scored = (whole["status"] == SCORED).to_numpy() & ~_loose(whole, rules)
        loose += int(_loose(whole, rules).sum())
        place = np.where(scored, start + np.cumsum(scored) - 1, -1).astype(np.int64)
        start += int(scored.sum())
        if whole["pick_probability"].isna().all():
            plain.append(path.name)
        elif _lots(whole):
            dealt = dealt_again(whole, spec.task, rules) if rules else None
            if dealt is None:
                undealt.append(path.name)
            deals += [(place[each.places], each.deal) for each in dealt or []]
        frames.append(whole[scored])
    if not frames:
        raise UsageError(
            Fault(code="no-lists", found="The lists have no rows", do="Name lists of `salesml rank`")
        )
    frame = pd.concat(frames, ignore_index=True)
    _refuse_twice(frame)
    notes = [*_refuse_other_horizon(frame, spec, models), *_noted(plain, undealt, loose)]
    return Lists(frame, deals, bool(deals) and not undealt, tuple(notes))


def _parts(paths: Sequence[Path]) -> list[Part]:
    found = []
    for path in paths:
        inside = parts_of(path)
        if not inside:
            words = f"The folder {path} has no Parquet file" if path.is_dir() else f"{path} does not exist"
            raise UsageError(Fault(code="missing-file", found=words, do="Make a list with `salesml rank`"))
        found += inside
    return found


def _read(part: Part, spec: Spec) -> tuple[pd.DataFrame, dict[str, Any]]:
    path, files = part.path, ScoreFiles(part.path, [part])
    lacks = [name for name in NEEDED if name not in files.names]
    if lacks:
        raise DataError(
            Fault(
                code="not-scores",
                found=f"{path} lacks the columns {', '.join(lacks)}",
                allowed="A ranked list or a score table",
            )
        )
    wanted = [*NEEDED, *columns(spec.task), *RANKED, "model_version"]
    table = files.read([name for name in dict.fromkeys(wanted) if name in files.names])
    _refuse_other_model(table, path, spec)
    frame = table.to_pandas()
    for name in (*RANKED, *columns(spec.task), "model_version"):
        if name not in frame:
            frame[name] = None
    frame["pick_probability"] = pd.to_numeric(frame["pick_probability"])
    return frame, _rules(path)


def _refuse_other_model(table: pa.Table, path: Path, spec: Spec) -> None:
    for column, own in (("model", spec.name), ("task", spec.task)):
        others = sorted({str(name) for name in table[column].unique().to_pylist()} - {own})
        if others:
            raise DataError(
                Fault(
                    code="other-model",
                    found=f"{path} has scores of {', '.join(others)}",
                    allowed=f"What came of them is asked of {spec.name}.yaml",
                    do="Name the model of the lists, or leave this list out",
                )
            )


def _lots(whole: pd.DataFrame) -> bool:
    """Whether anything was left to lots."""
    p = whole["pick_probability"]
    return bool(((p > 0) & (p < 1)).any())


def _loose(whole: pd.DataFrame, rules: dict[str, Any]) -> NDArray[np.bool_]:
    """Rows without a rep, on lists without a limit where those of reps have one."""
    limits = {str(each["list"]): each["limit"] for each in rules.get("lists", ())}
    if limits.get(NOBODY, 0) is not None:
        return np.zeros(len(whole), dtype=bool)
    return (whole["list"] == NOBODY).to_numpy(dtype=bool)


def _rules(path: Path) -> dict[str, Any]:
    """The rules in the list's metadata or beside it; none where they were lost."""
    with suppress(OSError, ValueError, pa.ArrowException):
        text = (pq.read_schema(path).metadata or {}).get(METADATA.encode())
        if text is None:
            text = path.with_name(path.name + ".rules.json").read_bytes()
        found = json.loads(text)
        return found if isinstance(found, dict) else {}
    return {}


def _refuse_twice(frame: pd.DataFrame) -> None:
    day = frame["as_of"].astype(str).str[:10]
    again = frame[pd.DataFrame({"e": frame["entity_id"], "d": day}).duplicated(keep="first").to_numpy()]
    if len(again):
        raise DataError(
            Fault(
                code="listed-twice",
                found=f"{len(again):,} rows stand in lists of a date on which the same customer does already",
                allowed="One list for each date and customer: the one that was worked by",
                do="Leave out lists that nobody worked by",
                count=len(again),
                examples=tuple(f"{row.entity_id} on {row.as_of}" for row in again.head(5).itertuples()),
            )
        )


def _refuse_other_horizon(frame: pd.DataFrame, spec: Spec, models: Path) -> list[str]:
    """Refuse versions trained with another horizon or gap, as their run folders say; a note on the others."""
    known = _horizons(models, {str(each) for each in frame["model_version"].dropna().unique()})
    own = (spec.horizon_days, spec.gap_days)
    faults = [
        Fault(
            code="other-horizon",
            found=f"The scores of version {version} looked at {days[0]} days after a gap of {days[1]}",
            allowed=f"{spec.name}.yaml looks at {own[0]} days after a gap of {own[1]}",
            do="Give --spec the spec of that version (it lies in its run), or leave its lists out",
        )
        for version, days in sorted(known.items())
        if days != own
    ]
    if faults:
        raise DataError(faults)
    others = sorted({str(each) for each in frame["model_version"].dropna().unique()} - known.keys())
    if not others:
        return []
    few = ", ".join(others[:3]) + (", …" if len(others) > 3 else "")
    return [
        f"Nothing beside the spec says what horizon the versions {few} had; it is taken to be the spec's."
    ]


def _horizons(models: Path, versions: set[str]) -> dict[str, tuple[int, int]]:
    """Horizon and gap by version, of the trainings that lie in the model's folder."""
    found = {}
    for folder in sorted(path.parent for path in models.glob("*/bundle")):
        with suppress(OSError, ValueError, KeyError, SalesmlError):
            said = json.loads((folder / "bundle" / "bundle.json").read_text(encoding="utf-8"))["training"]
            days = (int(said["horizon_days"]), int(said["gap_days"]))
            for version in _versions(folder, versions):
                found[version] = days
    return found


def _versions(folder: Path, versions: set[str]) -> list[str]:
    """What scores call the model of a run folder."""
    logged, found = folder / "logged.json", []
    if logged.is_file():
        found = [str(json.loads(logged.read_text(encoding="utf-8"))["uri"]).removeprefix(REGISTERED)]
    if any("/" not in each for each in versions):
        found.append(Bundle.load(folder / "bundle").digest[:12])
    return [each for each in found if each in versions]


def _noted(plain: list[str], undealt: list[str], loose: int) -> list[str]:
    notes = []
    if loose:
        notes.append(
            f"Left out: {loose:,} rows without a rep, on lists that have no limit: everybody stands there, "
            "and nobody works by them."
        )
    if plain:
        notes.append(
            f"{len(plain)} of the files are score tables without lists (such as {plain[0]}): nobody was "
            f"listed "
            "by them, and of their rows only what came about is told."
        )
    if undealt:
        notes.append(
            f"The lots of {len(undealt)} lists cannot be drawn again (such as {undealt[0]}): their rules are "
            "lost, or their rows are not as they were written. Intervals go by Student's t then; of money "
            "they "
            "may be too narrow."
        )
    return notes
