"""The study to go on with: that of the folder, or else of MLflow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from salesml.config import Tracking
from salesml.errors import Fault, SalesmlError, UsageError
from salesml.lifecycle.progress import Say
from salesml.lifecycle.tuning.study import Study, raise_other
from salesml.lifecycle.tuning.trial import Trial

if TYPE_CHECKING:
    from salesml.tracking.tuning import Found


def resumed(
    parent: Path, name: str, identity: Mapping[str, str], tracking: Tracking | None, say: Say
) -> Study:
    """The study begun last in the folder, or else the one of MLflow, brought into a folder.

    Raises
    ------
    UsageError
        ``no-study``, ``other-study``.
    """
    study = Study.newest(parent, name)
    if study is not None:
        study.refuse_other(identity)
        return study
    found = _from_mlflow(name, tracking, say)
    if found is None:
        raise UsageError(
            Fault(
                code="no-study",
                found=f"There is no study of {name} to go on with, neither in {parent} nor in MLflow",
                do="Leave --resume out: a study begins",
            )
        )
    raise_other(found.study, found.identity, identity)
    study = Study.begin(parent, name, identity, called=found.study)
    for record in found.records:
        study.keep(Trial.read(record))
    say(f"Brought {len(found.records):,} trials of {found.study} from MLflow")
    return study


def _from_mlflow(name: str, tracking: Tracking | None, say: Say) -> Found | None:
    if tracking is None:
        return None
    from salesml.tracking.tuning import find_study

    try:
        return find_study(tracking, name)
    except SalesmlError as error:
        say(f"MLflow is away: {error}")
        return None
