"""How the model behind an address was tested, from the run that it came from."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml.config import Tracking, read_yaml
from salesml.errors import SalesmlError
from salesml.model.evaluation import Evaluation
from salesml.model.value import BANDS
from salesml.tracking.fetch import MODEL_ADDRESS, RUN_ADDRESS, bundle_in, version_of
from salesml.tracking.log import MARKER, RUN
from salesml.tracking.store import connected

if TYPE_CHECKING:
    from mlflow import MlflowClient

EVALUATION, SPEC = "evaluation.json", "spec.yaml"


@dataclass(frozen=True)
class RunOf:
    """What a training left beside its bundle, as far as it can be read.

    Attributes
    ----------
    evaluation : Evaluation or None
    bands : mapping of str to float
        Cumulative shares of the list, by band.
    tested_on : tuple of str
        ISO as-of dates of the rows that it was tested on.
    registered : str
        ``NAME/VERSION`` in the registry, where the folder was logged.
    """

    evaluation: Evaluation | None = None
    bands: Mapping[str, float] = field(default_factory=lambda: dict(BANDS))
    tested_on: tuple[str, ...] = ()
    registered: str = ""


def run_of(uri: str | Path, config: Tracking) -> RunOf:
    """What is beside a bundle; nothing of what is not there.

    Parameters
    ----------
    uri : str or Path
        As for :func:`salesml.tracking.load`.

    Raises
    ------
    OutsideError
        ``tracking-away``.
    ModelError
        When there is no such model.
    """
    text = str(uri).removeprefix("file://")
    run, model = RUN_ADDRESS.fullmatch(text), MODEL_ADDRESS.fullmatch(text)
    if not run and not model:
        return _read(bundle_in(Path(text)).parent)
    with tempfile.TemporaryDirectory(prefix="salesml-run-") as folder, connected(config) as client:
        run_id = str(run["run"]) if run else str(version_of(client, model).run_id)
        _download(client, run_id, Path(folder))
        return _read(Path(folder))


def _download(client: MlflowClient, run_id: str, folder: Path) -> None:
    for name in (EVALUATION, SPEC, RUN):
        # A run that was logged by something else has none of these.
        with contextlib.suppress(Exception):
            client.download_artifacts(run_id, name, str(folder))


def _read(folder: Path) -> RunOf:
    evaluation, run, marker = (_json(folder / name) for name in (EVALUATION, RUN, MARKER))
    dates = str(run.get("params", {}).get("test_as_of", ""))
    return RunOf(
        evaluation=_evaluation(evaluation),
        bands=_bands(folder / SPEC),
        tested_on=tuple(filter(None, dates.split(","))),
        registered=str(marker.get("uri", "")).removeprefix("models:/"),
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _evaluation(data: dict[str, Any]) -> Evaluation | None:
    try:
        return Evaluation.from_dict(data)
    except (KeyError, TypeError, ValueError):
        return None


def _bands(path: Path) -> dict[str, float]:
    try:
        found = read_yaml(path).get("bands")
        return {str(band): float(share) for band, share in found.items()} if found else dict(BANDS)
    except (SalesmlError, OSError, AttributeError, TypeError, ValueError):
        return dict(BANDS)
