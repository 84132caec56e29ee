"""What is kept of a promotion with the version it is about: tags, and a report among the run's artefacts."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from salesml.errors import Fault, ModelError
from salesml.tracking.log import _text

if TYPE_CHECKING:
    from mlflow import MlflowClient

FOLDER = "promotion"
"""Where in a run's artefacts the reports stand, a folder for each time it was judged."""

ON = "salesml.judged.on"
"""Tag of a version: the rows and the champion that it was judged against."""

BUNDLE = "salesml.bundle"


@dataclass(frozen=True)
class Version:
    """A registered version.

    Parameters
    ----------
    number : int
    run_id : str
        The run that made it.
    verdict : str
        What kind of model its training found it to be; empty where that is not known.
    digest : str
        Of its bundle.
    """

    name: str
    number: int
    run_id: str
    verdict: str
    digest: str

    @property
    def uri(self) -> str:
        return f"models:/{self.name}/{self.number}"

    @property
    def labels(self) -> frozenset[str]:
        """What scores of it have as ``model_version``, whichever way it was loaded."""
        return frozenset({f"{self.name}/{self.number}", *([self.digest[:12]] if self.digest else [])})


def find(client: MlflowClient, name: str, which: str) -> Version:
    """A version by its number, or by an alias such as ``challenger``.

    Raises
    ------
    ModelError
        ``no-version`` when there is none.
    """
    from mlflow.exceptions import MlflowException

    try:
        found = (
            client.get_model_version(name, which)
            if re.fullmatch("[0-9]+", which)
            else client.get_model_version_by_alias(name, which)
        )
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "NOT_FOUND"):
            raise
        raise ModelError(_no_version(client, name, which)) from None
    tags = dict(found.tags)
    return Version(
        name, int(found.version), str(found.run_id), _verdict(client, str(found.run_id)), tags.get(BUNDLE, "")
    )


def judged_on(client: MlflowClient, name: str, on: str) -> set[int]:
    """Versions that were judged on the same rows against the same champion."""
    found = client.search_model_versions(f"name = '{name}' and tags.`{ON}` = '{on}'", max_results=1000)
    return {int(each.version) for each in found}


def keep(
    client: MlflowClient, version: Version, tags: Mapping[str, str], texts: Mapping[str, str], stamp: str
) -> None:
    """Keep why a version was promoted or not: tags on it, and texts by file name among its artefacts."""
    with tempfile.TemporaryDirectory(prefix="salesml-promotion-") as folder:
        for file, text in texts.items():
            path = Path(folder) / file
            path.write_text(text, encoding="utf-8")
            client.log_artifact(version.run_id, str(path), f"{FOLDER}/{stamp}")
    for key, value in tags.items():
        client.set_model_version_tag(version.name, str(version.number), key, _text(value))


def _verdict(client: MlflowClient, run_id: str) -> str:
    from mlflow.exceptions import MlflowException

    try:
        return str(client.get_run(run_id).data.tags.get("verdict", ""))
    except MlflowException:  # the run was deleted: its version can still be used
        return ""


def _no_version(client: MlflowClient, name: str, which: str) -> Fault:
    there = sorted(int(each.version) for each in client.search_model_versions(f"name = '{name}'"))
    listed = ", ".join(map(str, there[-10:])) or "none"
    return Fault(
        code="no-version",
        found=f"The model {name} has no version {which}",
        allowed=f"It has {listed}{' (the newest ten)' if len(there) > 10 else ''}",
        do="Look with `salesml status`, or train one; nothing was moved",
    )
