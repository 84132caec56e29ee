"""Names that every place a model goes to accepts: checked before a long training, not after it."""

from __future__ import annotations

import re

from salesml.config import Tracking
from salesml.errors import Fault, UsageError

FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
"""What a model may be called: it names a file, a folder and a run."""

REGISTERED = re.compile(r"[^\s/:%\"'][^/:%\"']{0,249}")
"""What MLflow takes as the name of a registered model."""


def check_names(name: str, tracking: Tracking) -> None:
    """That a model's name can name a folder, and its registered name a registered model.

    Raises
    ------
    UsageError
        ``bad-name`` for each.
    """
    faults = []
    if not FOLDER.fullmatch(name):
        faults.append(
            Fault(
                code="bad-name",
                found=f"The model is called {name!r}",
                allowed="Letters, digits, dots, hyphens and underscores, a letter or digit first",
                do="Give it, and its file in models/, another name",
            )
        )
    registered = tracking.registered_name(name)
    if not faults and not REGISTERED.fullmatch(registered):
        faults.append(
            Fault(
                code="bad-name",
                found=f"The model {name} is to be registered as {registered!r}",
                allowed="A registered name has no slash, colon, percent sign or quotes",
                do="Give it another name under models in mlflow.yaml",
            )
        )
    if faults:
        raise UsageError(faults)
