"""Reaching MLflow in bounded time, quietly, with its failures put into words.

Left alone MLflow tries a server seven times over about four minutes, and a database fifteen times
with growing pauses. A tracking outage must not cost a finished training, nor hold it up.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml.config import Tracking
from salesml.errors import Fault, ModelError, OutsideError
from salesml.tracking.git import without_secrets

if TYPE_CHECKING:
    from mlflow import MlflowClient

PATIENCE = 10
"""Seconds for one answer of a tracking server."""

RETRIES = 1

LOCK_PATIENCE = 60
"""Seconds to wait while another process sets up the same store."""

_SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": str(RETRIES),
    "MLFLOW_HTTP_REQUEST_TIMEOUT": str(PATIENCE),
}
_ALWAYS = {
    "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}  # fmt: skip
_LOGGERS = ("mlflow", "alembic", "urllib3.connectionpool")
_NOT_THERE = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "NOT_FOUND")


@contextlib.contextmanager
def connected(config: Tracking) -> Iterator[MlflowClient]:
    """A client of the tracking store and the registry, reached once before it is handed out.

    Raises
    ------
    OutsideError
        ``tracking-away`` when MLflow does not answer, in bounded time.
    ModelError
        ``not-in-mlflow`` when it answers that something is not there.
    """
    with _patient(), _in_words(config):
        stores = sorted({config.tracking_uri, config.registry_uri or config.tracking_uri})
        for uri in stores:
            _reach(uri)
        with contextlib.ExitStack() as locks:
            for uri in stores:
                locks.enter_context(_set_up_alone(uri))
            client = _client(config)
            client.search_experiments(max_results=1)
            if len(stores) > 1:
                client.search_registered_models(max_results=1)
        yield client


def _client(config: Tracking) -> MlflowClient:
    from mlflow import MlflowClient

    return MlflowClient(config.tracking_uri, config.registry_uri or config.tracking_uri)


@contextlib.contextmanager
def _patient() -> Iterator[None]:
    """MLflow's settings and loggers as we need them, and afterwards as they were."""
    ours = {key: value for key, value in _SETTINGS.items() if key not in os.environ} | _ALWAYS
    before = {key: os.environ.get(key) for key in ours}
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    os.environ.update(ours)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import mlflow  # noqa: F401  # sets the levels of its loggers when first imported

            for name in _LOGGERS:
                logging.getLogger(name).setLevel(logging.CRITICAL)
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


@contextlib.contextmanager
def _in_words(config: Tracking) -> Iterator[None]:
    """Whatever MLflow raises, as an error of ours, without credentials."""
    from mlflow.exceptions import MlflowException, RestException
    from requests import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except MlflowException as error:
        if error.error_code in _NOT_THERE and not isinstance(error, RestException):
            raise _not_there(error) from None
        if isinstance(error, RestException) and error.error_code in _NOT_THERE:
            raise _not_there(error) from None
        raise _away(config, error) from None
    except (RequestException, SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise _away(config, error) from None


def _sqlite_path(uri: str) -> Path | None:
    """The file of a SQLite store."""
    if not uri.startswith("sqlite:///"):
        return None
    return Path(uri.removeprefix("sqlite:///").partition("?")[0])


def _reach(uri: str) -> None:
    """Ask a database once whether it can be written, where MLflow would ask for minutes."""
    path = _sqlite_path(uri)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(path, timeout=PATIENCE)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
    elif uri.startswith(("postgresql", "mysql")):
        from sqlalchemy import create_engine

        engine = create_engine(uri, connect_args={"connect_timeout": PATIENCE})
        with engine.connect():
            pass
        engine.dispose()


@contextlib.contextmanager
def _set_up_alone(uri: str) -> Iterator[None]:
    """One process at a time: two that migrate a new SQLite store at once break each other."""
    path = _sqlite_path(uri)
    if not path:
        yield
        return
    with path.with_name(path.name + ".lock").open("a") as file:
        _lock(file)
        yield


def _lock(file: Any) -> None:
    try:
        import fcntl
    except ImportError:
        return
    until = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            if time.monotonic() > until:
                raise TimeoutError("another process has been setting up the store for a minute") from None
            time.sleep(0.05)


def _away(config: Tracking, error: Exception) -> OutsideError:
    said = without_secrets(" ".join(str(error).split()))[:300]
    return OutsideError(
        Fault(
            code="tracking-away",
            found=f"MLflow at {without_secrets(config.tracking_uri)} cannot be used now: {said}",
            do="Try again when it is back. To score meanwhile, name a kept training with "
            "--model models/NAME/TIME. A training is kept; `salesml register DIR` logs it later",
        )
    )


def _not_there(error: Exception) -> ModelError:
    said = without_secrets(" ".join(str(error).split()))[:300]
    return ModelError(
        Fault(
            code="not-in-mlflow",
            found=f"MLflow does not have it: {said}",
            do="Look at the names, versions and aliases with `salesml status`",
        )
    )
