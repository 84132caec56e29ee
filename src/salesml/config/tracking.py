"""``mlflow.yaml``: where runs are tracked and under which names models are registered."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from salesml.config.gates import read_gates
from salesml.config.retention import read_retention
from salesml.config.section import Section, read_yaml
from salesml.errors import Fault, UsageError

DEFAULT_STORE = "sqlite:///mlflow.db"
"""MLflow refuses its old file store since 3.13; SQLite needs no server."""


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """Tracking store, registry, experiment and the registered names of models.

    ``MLFLOW_TRACKING_URI`` and ``MLFLOW_REGISTRY_URI`` win over the file. Relative SQLite paths
    and artefact folders are resolved against the folder of the file.
    """

    tracking_uri: str = DEFAULT_STORE
    registry_uri: str = ""
    artifacts: str = "mlartifacts"
    experiment: str = "salesml"
    models: dict[str, str] = field(default_factory=dict)
    gates: dict[str, float] = field(default_factory=dict)
    retention: dict[str, int] = field(default_factory=dict)
    folder: Path = Path()

    def registered_name(self, name: str) -> str:
        """The registered model that the spec ``name`` trains."""
        return self.models.get(name, f"salesml-{name}")


def read_tracking(path: Path) -> Tracking:
    """Read ``mlflow.yaml``; a missing file means the defaults in its folder.

    Raises
    ------
    UsageError
        With every fault of the file.
    """
    folder = path.parent
    if not path.exists():
        return _with_environment(Tracking(folder=folder))
    faults: list[Fault] = []
    top = Section(read_yaml(path), f"{path.name}:", faults)
    tracking = Tracking(
        tracking_uri=top.text("tracking_uri", DEFAULT_STORE),
        registry_uri=top.text("registry_uri", ""),
        artifacts=top.text("artifacts", "mlartifacts"),
        experiment=top.text("experiment", "salesml"),
        models={key: str(value) for key, value in top.mapping("models").items()},
        gates=read_gates(top),
        retention=read_retention(top),
        folder=folder,
    )
    top.done()
    if faults:
        raise UsageError(faults)
    return _with_environment(tracking)


def _with_environment(tracking: Tracking) -> Tracking:
    uri = os.environ.get("MLFLOW_TRACKING_URI") or _anchored(tracking.tracking_uri, tracking.folder)
    registry = os.environ.get("MLFLOW_REGISTRY_URI") or _anchored(tracking.registry_uri, tracking.folder)
    return Tracking(
        tracking_uri=uri,
        registry_uri=registry or uri,
        artifacts=tracking.artifacts,
        experiment=tracking.experiment,
        models=tracking.models,
        gates=tracking.gates,
        retention=tracking.retention,
        folder=tracking.folder,
    )


def _anchored(uri: str, folder: Path) -> str:
    """A relative SQLite path made absolute, so that it does not depend on the working directory."""
    prefix = "sqlite:///"
    if uri.startswith(prefix) and not uri.startswith(prefix + "/"):
        return f"{prefix}{(folder / uri.removeprefix(prefix)).resolve()}"
    return uri
