"""What makes a job itself: the same model, data, date and options are the same job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import pyarrow as pa

from salesml.scoring.table import schema

SHOWN = 12
"""Letters of a job's id that stand in names and lines."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """All that decides the bytes of a job's scores.

    The same identity gives the same run id, so that a job that is run again, on this machine or
    another, writes the same bytes.

    Parameters
    ----------
    name, task : str
        The spec's, as the bundle has them.
    as_of : str
        ISO date, or empty for a flat table without one.
    bundle : str
        Digest of the model.
    version : str
        What stands in ``model_version``.
    data : str
        SHA-256 over the tables.
    meaning : str
        Digest of the spec and the contract.
    options : mapping
        What else changes the rows: most reasons, the id column, protected attributes.
    versions : mapping of str to str
        Of the packages that decide the result: a job never goes on with others.
    horizons : tuple of int
        Days of the curves that the scores get. The model's digest knows them, too.
    """

    name: str
    task: str
    as_of: str
    bundle: str
    version: str
    data: str
    meaning: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    horizons: tuple[int, ...] = ()

    @property
    def run_id(self) -> str:
        """32 hexadecimal digits."""
        own = {key: value for key, value in asdict(self).items() if key != "horizons"}
        text = json.dumps(own, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def schema(self) -> pa.Schema:
        """The columns of the score table."""
        return schema(self.task, horizons=self.horizons)

    @property
    def short(self) -> str:
        """The beginning of the run id."""
        return self.run_id[:SHOWN]
