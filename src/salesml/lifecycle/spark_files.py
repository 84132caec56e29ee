"""What Spark writes: a folder of Parquet files, visible with its manifest in one step when it is whole."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from salesml.errors import Fault, OutsideError, UsageError
from salesml.scoring.batch.manifest import FORMAT
from salesml.scoring.batch.parts import APART, leaves

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

MANIFEST, QUARANTINE = "_manifest.json", "_quarantine"
"""In the folder, so that they appear with it; readers of Parquet folders pass over names like these."""


VALUES_OF_FILE = 8_000_000
"""A task that digests a file holds all of it, several times over: no file has more values, some 40 MB."""


def written_as(schema: StructType) -> dict[str, str]:
    """How Parquet files of rows are written: as on one machine, without dictionaries that save nothing."""
    from pyspark.sql.pandas.types import to_arrow_schema

    paths = leaves(to_arrow_schema(schema))
    apart = [path for path in paths if path.rpartition(".")[2] in APART]
    return {
        "compression": "zstd",
        "maxRecordsPerFile": str(max(1, VALUES_OF_FILE // len(paths))),
        **{f"parquet.enable.dictionary#{path}": "false" for path in apart},
    }


class Folder:
    """A folder of an address that Spark can write to.

    Parameters
    ----------
    spark : SparkSession
    out : str
        Such as ``s3a://bucket/scores/2026-01-01``.

    Raises
    ------
    UsageError
        ``bad-ending`` for the name of a file.
    """

    def __init__(self, spark: SparkSession, out: str) -> None:
        if out.lower().endswith((".csv", ".parquet")):
            raise UsageError(
                Fault(
                    code="bad-ending",
                    found=f"{out} is the name of a file",
                    allowed="Spark writes a folder of Parquet files",
                    do="Name a folder, such as scores/2026-01-01",
                )
            )
        self.spark = spark
        self.out = out.rstrip("/") or out

    @property
    def exists(self) -> bool:
        """Whether something stands there."""
        return bool(self._system.exists(self._path(self.out)))

    def check(self) -> None:
        """That nothing stands where the folder is to be, or what a job of scores has written.

        Raises
        ------
        UsageError
            ``file-exists``.
        """
        if self.exists and self.manifest is None:
            self.refuse_existing()

    def refuse_existing(self) -> None:
        """That nothing stands where the folder is to be.

        Raises
        ------
        UsageError
            ``file-exists``.
        """
        if self.exists:
            raise UsageError(
                Fault(
                    code="file-exists",
                    found=f"{self.out} exists already",
                    allowed="A folder is never written into twice",
                    do="Name another folder, or remove this one",
                )
            )

    @property
    def manifest(self) -> dict[str, Any] | None:
        """The manifest in the folder; None where none can be read."""
        path = self._path(f"{self.out}/{MANIFEST}")
        if not self._system.exists(path):
            return None
        stream = self._system.open(path)
        try:
            content = json.loads(self._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
        except ValueError:
            return None
        finally:
            stream.close()
        known = isinstance(content, dict) and content.get("format") == FORMAT
        return content if known else None

    def finished(self, run_id: str) -> dict[str, Any] | None:
        """The manifest of this very job, where its files are as they were written."""
        manifest = self.manifest
        if manifest is None or manifest["run_id"] != run_id:
            return None
        there = {**self.digests(self.out), **self.digests(self.out, QUARANTINE)}
        whole = all(there.get(each["file"]) == each["sha256"] for each in manifest["files"])
        return manifest if whole else None

    def digests(self, folder: str, below: str = "") -> dict[str, str]:
        """The SHA-256 of each Parquet file in a folder or below it, computed where Spark's tasks run."""
        address = f"{folder}/{below}".rstrip("/")
        if not self._system.exists(self._path(address)):
            return {}
        found = (
            self.spark.read.format("binaryFile")
            .option("pathGlobFilter", "*.parquet")
            .load(address)
            .selectExpr("_metadata.file_name AS name", "sha2(content, 256) AS sha256")
        )
        ahead = f"{below}/" if below else ""
        return {f"{ahead}{row['name']}": row["sha256"] for row in found.collect()}

    @contextmanager
    def aside(self) -> Iterator[Unfinished]:
        """Where to write meanwhile; nothing of it is left behind unless it was published."""
        # A name with an underscore in front is passed over by whoever reads the folder around it.
        from py4j.protocol import Py4JError

        unfinished = f"{self._ahead}{uuid.uuid4().hex[:8]}"
        try:
            yield Unfinished(self, unfinished)
        finally:
            # What cannot be removed now, perhaps as Java has ended, the next job removes.
            with suppress(Py4JError, ConnectionError):
                self._system.delete(self._path(unfinished), True)

    def give_name(self, unfinished: str) -> None:
        """Have readers see an unfinished folder, and remove what killed jobs of this folder left.

        Raises
        ------
        OutsideError
            ``not-written`` when something came to stand there, or the file system refuses.
        """
        self._rename(self._path(unfinished), self._path(self.out))
        start = self._ahead.rpartition("/")[2]
        for left in self._system.listStatus(self._path(self.out).getParent()):
            if left.getPath().getName().startswith(start):
                self._system.delete(left.getPath(), True)

    @property
    def _ahead(self) -> str:
        """How the names of unfinished folders begin."""
        above, slash, name = self.out.rpartition("/")
        return f"{above}{slash}_{name}."

    def _rename(self, unfinished: Any, path: Any) -> None:
        from py4j.protocol import Py4JJavaError

        fs, context = self._jvm.org.apache.hadoop.fs, self.spark.sparkContext
        why = "the file system refuses"
        try:
            # Unlike FileSystem.rename it never moves a folder into one that is there.
            files = fs.FileContext.getFileContext(path.toUri(), context._jsc.hadoopConfiguration())
            files.rename(unfinished, path, context._gateway.new_array(fs.Options.Rename, 0))
        except Py4JJavaError as error:
            why = str(error.java_exception.getMessage())
            other = "UnsupportedFileSystem" in str(error.java_exception.getClass().getName())
            if other and not self.exists and self._system.rename(unfinished, path):
                return
        else:
            return
        raise OutsideError(
            Fault(
                code="not-written",
                found=f"{self.out} could not be given its name: "
                + ("something came to stand there" if self.exists else why),
                do="Choose another folder; what was there before is untouched",
            )
        )

    @cached_property
    def _system(self) -> Any:
        """The file system that the address belongs to."""
        context = self.spark.sparkContext
        return self._path(self.out).getFileSystem(context._jsc.hadoopConfiguration())

    @property
    def _jvm(self) -> Any:
        return self.spark.sparkContext._jvm

    def _path(self, address: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(address)

    def _write(self, address: str, data: bytes) -> None:
        stream = self._system.create(self._path(address), False)
        try:
            stream.write(bytearray(data))
        finally:
            stream.close()


class Unfinished:
    """A folder that nobody sees yet."""

    def __init__(self, folder: Folder, address: str) -> None:
        self.folder = folder
        self.address = address

    def write(self, frame: DataFrame, below: str = "") -> DataFrame:
        """Write a frame into the folder or below it, and hand out what has been written."""
        address = f"{self.address}/{below}".rstrip("/")
        frame.write.options(**written_as(frame.schema)).parquet(address)
        return self.folder.spark.read.schema(frame.schema).parquet(address)

    def files(self, rows: Mapping[str, int]) -> list[dict[str, Any]]:
        """What a manifest says of the files: name, rows, SHA-256."""
        found = {
            **self.folder.digests(self.address),
            **self.folder.digests(self.address, QUARANTINE),
        }
        return [{"file": name, "rows": rows.get(name, 0), "sha256": found[name]} for name in sorted(found)]

    def publish(self, manifest: Mapping[str, Any] | None = None) -> None:
        """Give the folder its name."""
        if manifest is not None:
            text = json.dumps(dict(manifest), indent=2, sort_keys=True, ensure_ascii=False)
            self.folder._write(f"{self.address}/{MANIFEST}", text.encode() + b"\n")
        self.folder.give_name(self.address)
