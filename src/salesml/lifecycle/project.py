"""A new project: a commented crm.yaml, mlflow.yaml and models/."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from salesml.errors import Fault, UsageError

FILES = ("crm.yaml", "mlflow.yaml", "models/churn.yaml", "models/conversion.yaml", "models/fit.yaml")


def init(folder: Path) -> tuple[Path, ...]:
    """Write the files of a new project into a folder, which is made where it is missing.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    UsageError
        ``file-exists`` when one of them is there already; nothing is written then.
    """
    there = [name for name in FILES if (folder / name).exists()]
    if there:
        raise UsageError(
            Fault(
                code="file-exists",
                found=f"{folder} already has {', '.join(there)}",
                do="Take another folder, or move those files away",
            )
        )
    return tuple(write_template(folder, name) for name in FILES)


def write_template(folder: Path, name: str) -> Path:
    """Write one of the project's files as it comes."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((files("salesml.project") / name).read_text(encoding="utf-8"), encoding="utf-8")
    return path
