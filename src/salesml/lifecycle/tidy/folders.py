"""The folders that runs left beside crm.yaml, and which run in MLflow each belongs to."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from salesml.lifecycle.backtest.run import FOLDER as BACKTESTS
from salesml.lifecycle.monitor import FOLDER as MONITORING
from salesml.lifecycle.payoff import FOLDER as PAYOFFS
from salesml.lifecycle.tuning.study import FOLDER as TUNINGS
from salesml.tracking.log import MARKER, RUN

BEGUN = ".tidied."
"""What the name of a folder begins with while it is removed."""

PLACES = {"backtest": BACKTESTS, "monitor": MONITORING, "payoff": PAYOFFS, "tuning": TUNINGS}


@dataclass(frozen=True)
class Left:
    """A folder.

    Parameters
    ----------
    kind : str
        As of :class:`salesml.tracking.past.Past`.
    run_id : str
        Of a training that was logged; else empty.
    size : int
        Bytes.
    """

    path: Path
    kind: str
    run_id: str
    size: int


def folders_of(models: Path, name: str) -> list[Left]:
    """Of trainings, backtests, looks, payoffs and tunings; not what is under way, which is hidden."""
    own = models / name
    found = [
        Left(path, "training", _run_id(path), _size(path)) for path in _in(own) if (path / RUN).is_file()
    ]
    for kind, place in PLACES.items():
        found += [Left(path, kind, "", _size(path)) for path in _in(own / place)]
    return found


def begun(models: Path, name: str) -> list[Path]:
    """Folders whose removal was begun and not ended."""
    own = models / name
    places = [own, *(own / place for place in PLACES.values())]
    return sorted(path for place in places for path in place.glob(f"{BEGUN}*") if path.is_dir())


def remove_folder(path: Path) -> None:
    """Remove a folder: first it gets a name by which nothing else knows it, so that a kill leaves no half."""
    if not path.name.startswith(BEGUN):
        path = path.rename(path.with_name(BEGUN + path.name))
    shutil.rmtree(path)


def _in(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(path for path in parent.iterdir() if path.is_dir() and not path.name.startswith("."))


def _run_id(path: Path) -> str:
    try:
        return str(json.loads((path / MARKER).read_text(encoding="utf-8"))["run_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file() and not each.is_symlink())
