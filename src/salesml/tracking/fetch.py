"""A bundle from wherever it is: a folder, a run, the registry."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from salesml.config import Tracking, read_tracking
from salesml.errors import Fault, ModelError, UsageError
from salesml.model.bundle import Bundle
from salesml.model.bundle_files import CACHE, DOCUMENT
from salesml.scoring.scorer import Scorer
from salesml.tracking.log import BUNDLE, MODEL
from salesml.tracking.store import connected

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

RUN_ADDRESS = re.compile(r"runs:/(?P<run>[0-9A-Za-z_-]+)(?:/(?P<path>[^?#]+))?")
MODEL_ADDRESS = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>[^/@]+))")


def load(uri: str | Path, config: Tracking | None = None) -> Scorer:
    """A scorer from a folder, a run or the registry.

    Parameters
    ----------
    uri : str or Path
        ``runs:/RUN_ID``, ``models:/NAME@ALIAS``, ``models:/NAME/VERSION``, ``models:/NAME/latest``,
        or a folder with a bundle in it.
    config : Tracking, optional
        Where MLflow is; read from ``mlflow.yaml`` in the working directory when left out.

    Raises
    ------
    ModelError
        When there is no such model, or its bundle is not as it was written.
    OutsideError
        ``tracking-away`` when MLflow does not answer.
    UsageError
        ``bad-address`` for an address of another form.
    """
    with _fetched(str(uri), config) as (folder, version):
        cache = None if _is_temporary(folder) else folder / CACHE
        return Scorer(Bundle.load(folder), version=version, cache=cache)


def fetch(uri: str | Path, config: Tracking | None = None, *, into: Path | None = None) -> Path:
    """The folder of a bundle on this machine.

    Parameters
    ----------
    into : Path, optional
        A new folder to copy it to. Without it the bundle must be on this machine already: a folder,
        or an artefact store that is one.

    Raises
    ------
    As :func:`load`; also UsageError ``needs-folder``.
    """
    with _fetched(str(uri), config) as (folder, _):
        if into is None and _is_temporary(folder):
            raise UsageError(
                Fault(
                    code="needs-folder",
                    found=f"{uri} is on another machine",
                    do="Say which folder it shall be copied into",
                )
            )
        if into is None:
            return folder
        return Bundle.load(folder).save(into)


@contextlib.contextmanager
def _fetched(uri: str, config: Tracking | None) -> Iterator[tuple[Path, str]]:
    """The bundle's folder and the version it has in the registry, while the block lasts."""
    uri = uri.removeprefix("file://")
    run, model = RUN_ADDRESS.fullmatch(uri), MODEL_ADDRESS.fullmatch(uri)
    if not run and not model:
        if re.match(r"[a-z][a-z0-9+.-]+:/", uri):
            raise UsageError(
                Fault(
                    code="bad-address",
                    found=f"{uri} is not an address of a model",
                    allowed="runs:/RUN_ID, models:/NAME@ALIAS, models:/NAME/VERSION or a folder",
                )
            )
        yield bundle_in(Path(uri)), ""
        return
    config = config or read_tracking(Path("mlflow.yaml"))
    temporary = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with connected(config) as client:
            source, version = _of_run(client, run) if run else _of_model(client, model)
            folder = _download(source, config, temporary)
        yield bundle_in(folder), version
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


_PREFIX = "salesml-fetched-"


def _is_temporary(folder: Path) -> bool:
    return any(part.startswith(_PREFIX) for part in folder.parts)


def _of_run(client: MlflowClient, match: Any) -> tuple[str, str]:
    info = client.get_run(match["run"]).info
    return f"{info.artifact_uri}/{(match['path'] or MODEL).strip('/')}", ""


def _of_model(client: MlflowClient, match: Any) -> tuple[str, str]:
    found = version_of(client, match)
    name, version = match["name"], str(found.version)
    return str(client.get_model_version_download_uri(name, version)), f"{name}/{version}"


def version_of(client: MlflowClient, match: Any) -> ModelVersion:
    """The registered version that an address of the form :data:`MODEL_ADDRESS` names."""
    name, version = match["name"], match["version"]
    if match["alias"]:
        return client.get_model_version_by_alias(name, match["alias"])
    return client.get_model_version(name, _latest(client, name) if version == "latest" else version)


def _latest(client: MlflowClient, name: str) -> int:
    client.get_registered_model(name)
    versions = [int(version.version) for version in client.search_model_versions(f"name = '{name}'")]
    if not versions:
        raise ModelError(Fault(code="not-in-mlflow", found=f"The model {name} has no version yet"))
    return max(versions)


def _download(source: str, config: Tracking, temporary: Path) -> Path:
    from mlflow import artifacts

    if source.startswith(("file://", "/")):
        return Path(artifacts.download_artifacts(artifact_uri=source))
    found = artifacts.download_artifacts(
        artifact_uri=source, dst_path=str(temporary), tracking_uri=config.tracking_uri
    )
    return Path(found)


def bundle_in(folder: Path) -> Path:
    """The bundle in a folder, in a run folder, or in a model that MLflow saved."""
    for path in (folder, folder / BUNDLE, *_data_of(folder)):
        if (path / DOCUMENT).is_file():
            return path
    raise ModelError(
        Fault(
            code="no-bundle",
            found=f"{folder} holds no bundle",
            allowed=f"A bundle is a folder with {DOCUMENT} and booster.txt",
            do="Name the folder that `salesml train` wrote, or an address in MLflow",
        )
    )


def _data_of(folder: Path) -> list[Path]:
    try:
        described = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))
        return [folder / str(described["flavors"]["python_function"]["data"])]
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError):
        return []
