"""A Delta table of scores: one commit replaces the rows of a task and a date."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesml.errors import Fault, OutsideError, UsageError
from salesml.scoring.batch.dataset import BY_FOLDER
from salesml.scoring.batch.events import Teller
from salesml.scoring.batch.files import set_apart
from salesml.scoring.batch.parts import PARTS, QUARANTINE
from salesml.scoring.batch.places import Place
from salesml.scoring.table import horizons_in, schema
from salesml.scoring.write import try_folder

if TYPE_CHECKING:
    from deltalake import DeltaTable

PREFIX = "delta:"
"""What stands before the folder of a Delta table in ``--out``."""

RUN, PARTITION, MANIFEST = "salesml.run_id", "salesml.partition", "salesml.manifest"
"""Keys of a commit's metadata."""


class Delta:
    """The rows of a task and a date in a Delta table on this machine.

    Parameters
    ----------
    folder : Path
        Of the table; made by the first job.
    task, as_of : str
        Which rows a job replaces.
    """

    without: tuple[str, ...] = ()

    def __init__(self, folder: Path, task: str, as_of: str) -> None:
        self.place = Place(folder)
        self.task = task
        self.as_of = as_of

    @property
    def partition(self) -> str:
        """The rows that are replaced, as a commit names them."""
        return f"task={self.task}/as_of={self.as_of}"

    def check(self, name: str) -> None:
        """That deltalake is installed and the folder above is there.

        Raises
        ------
        UsageError
            ``not-installed``, ``needs-date`` or ``missing-folder``.
        """
        faults = []
        if importlib.util.find_spec("deltalake") is None:
            faults.append(
                Fault(
                    code="not-installed",
                    found="Delta tables need the package deltalake",
                    do="Run `pip install 'salesml[delta]'`",
                )
            )
        if not self.as_of:
            faults.append(
                Fault(
                    code="needs-date", found="A Delta table holds scores by task and date", do="Add --as-of"
                )
            )
        if not self.place.target.parent.is_dir():
            faults.append(
                Fault(
                    code="missing-folder",
                    found=f"The folder {self.place.target.parent} does not exist",
                    do="Make it first",
                )
            )
        if faults:
            raise UsageError(faults)
        try_folder(self.place.target.parent, self.place.target)

    def there(self, run_id: str) -> dict[str, Any] | None:
        """The manifest of this very job, where the newest commit of these rows is its own."""
        table = self._table()
        commits = table.history() if table else []
        own = [commit for commit in commits if commit.get(PARTITION) == self.partition]
        if not own or own[0].get(RUN) != run_id:
            return None
        manifest: dict[str, Any] = json.loads(own[0][MANIFEST])
        return manifest

    def settle(self, run_id: str, teller: Teller) -> None:
        """A commit is seen at once."""

    def publish(self, built: Path, manifest: Mapping[str, Any], teller: Teller) -> Mapping[str, Any]:
        """One commit."""
        told = {key: value for key, value in manifest.items() if key not in ("files", "schema")}
        apart = self.place.target.with_name(
            f"{self.place.target.name}.{self.task}.{self.as_of}.quarantine.parquet"
        )
        set_apart(_paths(built, manifest, QUARANTINE), built / "quarantine.parquet", apart)
        parts = _paths(built, manifest, PARTS)
        columns = schema(self.task, horizons=horizons_in(manifest["schema"]))
        rows = pa.RecordBatchReader.from_batches(columns, _batches(parts))
        self._commit(rows, {RUN: manifest["run_id"], PARTITION: self.partition, MANIFEST: json.dumps(told)})
        return told

    def _commit(self, rows: pa.RecordBatchReader, metadata: Mapping[str, str]) -> None:
        from deltalake import CommitProperties, write_deltalake
        from deltalake.exceptions import DeltaError

        there = self._table() is not None
        try:
            write_deltalake(
                str(self.place.target), rows,
                mode="overwrite" if there else "error",
                partition_by=list(BY_FOLDER),
                predicate=f"task = '{self.task}' AND as_of = '{self.as_of}'" if there else None,
                commit_properties=CommitProperties(custom_metadata=dict(metadata)),
            )  # fmt: skip
        except DeltaError as error:
            said = str(error).partition("\n")[0][:300]  # what follows may be rows of the table
            raise OutsideError(
                Fault(
                    code="not-written",
                    found=f"{self.place.target} could not be written: {said}",
                    do="Run the same job again; what was there before is untouched",
                )
            ) from error

    def _table(self) -> DeltaTable | None:
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        try:
            return DeltaTable(str(self.place.target)) if self.place.target.is_dir() else None
        except TableNotFoundError:
            return None


def _paths(built: Path, manifest: Mapping[str, Any], folder: str) -> list[Path]:
    return [built / each["file"] for each in manifest["files"] if each["file"].startswith(f"{folder}/")]


def _batches(parts: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    for part in parts:
        for batch in pq.ParquetFile(part, page_checksum_verification=True).iter_batches(16_384):
            yield batch.replace_schema_metadata(None)
