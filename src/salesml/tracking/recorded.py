"""What a training recorded of itself, from wherever its run is."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salesml.config import Tracking
from salesml.errors import Fault, ModelError
from salesml.model.bundle import Bundle
from salesml.tracking.fetch import MODEL_ADDRESS, RUN_ADDRESS, bundle_in, fetch, version_of
from salesml.tracking.log import RUN
from salesml.tracking.store import connected

TEXTS = ("spec.yaml", "crm.yaml", "asked.json", "evaluation.json")


@dataclass(frozen=True)
class Recorded:
    """A training as it was recorded.

    Attributes
    ----------
    bundle : Bundle
    run : dict
        ``run.json``: name, task, parameters, metrics, tags.
    texts : mapping of str to str
        Files of it that are texts, by name, as far as they are there.
    """

    bundle: Bundle
    run: dict[str, Any]
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> dict[str, Any] | None:
        """What was asked beyond the spec; None where that was not recorded."""
        text = self.texts.get("asked.json")
        found = json.loads(text) if text else None
        return found if isinstance(found, dict) else None


def recorded(uri: str | Path, config: Tracking) -> Recorded:
    """Read what a training recorded.

    Parameters
    ----------
    uri : str or Path
        As for :func:`salesml.tracking.load`: a run's folder, ``runs:/RUN_ID``, ``models:/NAME@ALIAS``.

    Raises
    ------
    ModelError
        ``no-record`` where a bundle has no run beside it; as :func:`salesml.tracking.load`.
    OutsideError
        ``tracking-away``.
    """
    text = str(uri).removeprefix("file://")
    run, model = RUN_ADDRESS.fullmatch(text), MODEL_ADDRESS.fullmatch(text)
    if not run and not model:
        folder = bundle_in(Path(text))
        return _read(Bundle.load(folder), folder.parent, text)
    with tempfile.TemporaryDirectory(prefix="salesml-recorded-") as place:
        bundle = Bundle.load(fetch(text, config, into=Path(place) / "bundle"))
        with connected(config) as client:
            run_id = str(run["run"]) if run else str(version_of(client, model).run_id)
            for name in (RUN, *TEXTS):
                # Older runs lack some of them.
                with contextlib.suppress(Exception):
                    client.download_artifacts(run_id, name, place)
        return _read(bundle, Path(place), text)


def _read(bundle: Bundle, folder: Path, where: str) -> Recorded:
    try:
        run = json.loads((folder / RUN).read_text(encoding="utf-8"))
        run["params"]["horizon_days"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            Fault(
                code="no-record",
                found=f"{where} has no {RUN} beside its bundle that can be read",
                allowed="A run as `salesml train` leaves it, or one that MLflow keeps",
                do="Name the folder of the run, not a copy of its bundle",
            )
        ) from error
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in TEXTS if (folder / name).is_file()}
    return Recorded(bundle, run, texts)
