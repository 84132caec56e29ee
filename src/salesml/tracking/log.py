"""Logging a finished training to MLflow: the run, its files, the model, its registered version."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml import __version__
from salesml.config import Tracking
from salesml.errors import Fault, UsageError
from salesml.model.bundle import Bundle
from salesml.scoring.frame import KEYS
from salesml.tracking.claim import alone
from salesml.tracking.git import without_secrets
from salesml.tracking.store import connected

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature

RUN, BUNDLE, MARKER = "run.json", "bundle", "logged.json"
MODEL = "model"
"""Where in a run's artefacts the model stands: ``runs:/RUN_ID/model``."""

LOADER = "salesml.scoring.pyfunc"
KEY_TAG, NAME_TAG = "salesml.key", "salesml.name"
NEWEST, BEST = "challenger", "champion"
"""Aliases: of the version trained last, and of the one in use. MLflow keeps ``latest`` to itself."""

NOT_OF_USE = ("no usable signal", "suspicious")
"""Verdicts with which a version never becomes the one in use by being the first."""

KEPT_BACK = ("outcomes.csv",)
"""Files of a run with rows of the company's data: they never leave its folder."""

_BATCH = 100
_LONGEST = 5000
"""Characters of a parameter or a tag; MLflow refuses more than about 6,000."""


@dataclass(frozen=True)
class Logged:
    """Where a training stands in MLflow."""

    run_id: str
    model_version: int
    uri: str
    tracking_uri: str = ""

    def text(self) -> str:
        """Where it stands, as a person reads it."""
        return f"Logged as run {self.run_id}, registered as {self.uri}"


def log_run(folder: Path, config: Tracking) -> Logged:
    """Log a run folder and register its bundle; a folder that was logged is not logged again.

    Parameters
    ----------
    folder : Path
        Holds ``run.json`` (``name``, ``task``, ``registered_name``, ``params``, ``metrics``,
        ``tags``), ``bundle/`` and any other files, which become artefacts under the same paths.
    config : Tracking
        Store, registry and experiment.

    Returns
    -------
    Logged
        The run, the version, and a ``models:/NAME/VERSION`` address. The version gets the alias
        ``challenger``, and ``champion`` where no version has it yet.

    Raises
    ------
    OutsideError
        ``tracking-away``. The folder is untouched: call this again later.
    UsageError
        ``not-a-run`` when it is not a run folder.
    """
    folder = Path(folder)
    run = _read(folder)
    bundle = Bundle.load(folder / BUNDLE)
    key = _key(folder, bundle)
    known = _marked(folder, config)
    if known:
        return known
    with connected(config) as client:
        name = str(run["registered_name"])
        version = _registered(client, name, key)
        if version is None:
            run_id = _log(client, config, folder, run, bundle, key)
            version = _register(client, name, run_id, bundle, key)
        _newest(client, name, int(version.version))
        if run["tags"].get("verdict") not in NOT_OF_USE:
            _first_champion(client, config, name, int(version.version))
        logged = Logged(
            run_id=str(version.run_id),
            model_version=int(version.version),
            uri=f"models:/{name}/{version.version}",
            tracking_uri=without_secrets(config.tracking_uri),
        )
    _mark(folder, logged)
    return logged


def register(folder: Path, config: Tracking) -> Logged:
    """Log a run folder that was kept while MLflow was away; the same as :func:`log_run`."""
    return log_run(folder, config)


def _read(folder: Path) -> dict[str, Any]:
    try:
        run = json.loads((folder / RUN).read_text(encoding="utf-8"))
        wanted = {
            "name": str,
            "task": str,
            "registered_name": str,
            "params": dict,
            "metrics": dict,
            "tags": dict,
        }
        wrong = [key for key, kind in wanted.items() if not isinstance(run.get(key), kind)]
    except (OSError, ValueError, AttributeError) as error:
        raise _not_a_run(folder, f"its {RUN} cannot be read: {error}") from error
    if wrong:
        raise _not_a_run(folder, f"its {RUN} lacks {', '.join(wrong)}")
    return dict(run)


def _not_a_run(folder: Path, why: str) -> UsageError:
    return UsageError(
        Fault(
            code="not-a-run",
            found=f"{folder} is not a run that can be logged: {why}",
            allowed=f"A run is a folder with {RUN} and {BUNDLE}/, as `salesml train` leaves it",
        )
    )


def _key(folder: Path, bundle: Bundle) -> str:
    """What makes a run itself, so that it is never registered twice."""
    return hashlib.sha256((folder / RUN).read_bytes() + bundle.digest.encode()).hexdigest()[:32]


def _marked(folder: Path, config: Tracking) -> Logged | None:
    path = folder / MARKER
    if not path.is_file():
        return None
    try:
        logged = Logged(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return None
    return logged if logged.tracking_uri == without_secrets(config.tracking_uri) else None


def _mark(folder: Path, logged: Logged) -> None:
    # A folder that cannot be written was logged all the same; the version's key keeps it single.
    with contextlib.suppress(OSError):
        (folder / MARKER).write_text(json.dumps(asdict(logged), indent=2) + "\n", encoding="utf-8")


def _log(
    client: MlflowClient, config: Tracking, folder: Path, run: dict[str, Any], bundle: Bundle, key: str
) -> str:
    tags = {str(name): _text(value) for name, value in run["tags"].items()}
    tags |= {
        NAME_TAG: run["name"],
        "salesml.task": run["task"],
        KEY_TAG: key,
        "salesml.bundle": bundle.digest,
    }
    tags |= {"mlflow.source.git.commit": tags["git.commit"]} if "git.commit" in tags else {}
    experiment = _experiment(client, config)
    run_id = str(client.create_run(experiment, tags=tags, run_name=run["name"]).info.run_id)
    with _ended(client, run_id):
        _numbers(client, run_id, run["params"], run["metrics"])
        for path in _files(folder):
            parent = path.relative_to(folder).parent.as_posix()
            client.log_artifact(run_id, str(path), None if parent == "." else parent)
        _log_model(client, run_id, folder / BUNDLE, bundle)
    return run_id


@contextlib.contextmanager
def _ended(client: MlflowClient, run_id: str) -> Iterator[None]:
    """Mark the run as failed when logging breaks off, if MLflow can still be told."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(Exception):
            client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id, "FINISHED")


def _experiment(client: MlflowClient, config: Tracking) -> str:
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(config.experiment)
    if found is None:
        try:
            return str(client.create_experiment(config.experiment, artifact_location=_artifacts(config)))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            found = client.get_experiment_by_name(config.experiment)
    if found is None or found.lifecycle_stage != "active":
        raise UsageError(
            Fault(
                code="deleted-experiment",
                found=f"The experiment {config.experiment!r} was deleted in MLflow",
                do="Restore it there, or name another one in mlflow.yaml",
            )
        )
    return str(found.experiment_id)


def _artifacts(config: Tracking) -> str | None:
    """Where artefacts go: as configured, unless a server keeps them."""
    if "://" in config.artifacts:
        return config.artifacts
    if config.tracking_uri.startswith(("http://", "https://", "databricks")):
        return None
    return (config.folder / config.artifacts).resolve().as_uri()


def _numbers(
    client: MlflowClient, run_id: str, params: Mapping[str, Any], metrics: Mapping[str, Any]
) -> None:
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    listed = [Param(key, _text(value)) for key, value in params.items()]
    measured = [Metric(key, float(value), now, 0) for key, value in metrics.items() if value is not None]
    for start in range(0, len(listed), _BATCH):
        client.log_batch(run_id, params=listed[start : start + _BATCH])
    for start in range(0, len(measured), _BATCH):
        client.log_batch(run_id, metrics=measured[start : start + _BATCH])


def _files(folder: Path) -> list[Path]:
    """What is logged beside the model: all files but the bundle, the marker, rows of data and hidden ones."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in paths if _wanted(path.relative_to(folder))]


def _wanted(path: Path) -> bool:
    return path.parts[0] not in (BUNDLE, MARKER, *KEPT_BACK) and not any(
        part.startswith(".") for part in path.parts
    )


def _log_model(client: MlflowClient, run_id: str, folder: Path, bundle: Bundle) -> None:
    from mlflow import pyfunc

    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / MODEL
        pyfunc.save_model(
            str(path),
            loader_module=LOADER,
            data_path=str(folder),
            signature=_signature(bundle),
            pip_requirements=[f"salesml=={__version__}"],
            metadata={"name": bundle.name, "task": bundle.task, "digest": bundle.digest},
        )
        client.log_artifacts(run_id, str(path), MODEL)


def _signature(bundle: Bundle) -> ModelSignature:
    """Names of the columns; no example rows, which would be somebody's.

    The types are open: where a number is asked for, MLflow refuses a whole one. The scorer checks
    them itself, row by row.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema
    from mlflow.types.schema import AnyType

    inputs = [ColSpec(AnyType(), name) for name in bundle.columns]
    keys = [ColSpec(AnyType(), key, required=False) for key in KEYS if key not in bundle.columns]
    params = ParamSchema([ParamSpec("top", DataType.long, 5)])
    return ModelSignature(inputs=Schema([*inputs, *keys]), outputs=None, params=params)


def _registered(client: MlflowClient, name: str, key: str) -> Any | None:
    """The version that this very run was registered as before, if it was."""
    found = client.search_model_versions(f"name = '{name}' and tags.`{KEY_TAG}` = '{key}'", max_results=1)
    return found[0] if found else None


def _register(client: MlflowClient, name: str, run_id: str, bundle: Bundle, key: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    source = f"{client.get_run(run_id).info.artifact_uri}/{MODEL}"
    tags = {KEY_TAG: key, "salesml.bundle": bundle.digest, "verdict": _text(bundle.verdict)}
    return client.create_model_version(name, source, run_id=run_id, tags=tags, await_creation_for=0)


def _newest(client: MlflowClient, name: str, version: int) -> None:
    if version >= int(client.get_registered_model(name).aliases.get(NEWEST, 0)):
        client.set_registered_model_alias(name, NEWEST, str(version))


def _first_champion(client: MlflowClient, config: Tracking, name: str, version: int) -> None:
    """Make a version the champion where there is none, unless another becomes it just now."""
    if BEST in client.get_registered_model(name).aliases:
        return
    with alone(client, config, name) as still:
        if BEST not in client.get_registered_model(name).aliases:
            still()
            client.set_registered_model_alias(name, BEST, str(version))


def _text(value: Any) -> str:
    return without_secrets(str(value))[:_LONGEST]
