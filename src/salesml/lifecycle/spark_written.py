"""What Spark has written, counted from the files and held against what was audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from salesml.errors import DataError, Fault
from salesml.scoring.spark_counts import Counted
from salesml.scoring.table import SCORED

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

KINDS_OF_PROBLEMS = 1000
"""So many different problems the manifest counts, the most frequent ones."""


@dataclass(frozen=True)
class Written:
    """What files hold that have been written, counted from the files."""

    rows: int
    unscored: int
    bands: dict[str, int]
    files: dict[str, int]

    @classmethod
    def of(cls, written: DataFrame, *, plain: bool = False) -> Written:
        """Count them; ``plain`` files are no score tables."""
        keys = ["file"] if plain else ["file", "status", "band"]
        named = written.selectExpr("_metadata.file_name AS file", *keys[1:])
        bands: dict[str, int] = {}
        files: dict[str, int] = {}
        unscored = 0
        for row in named.groupBy(*keys).count().collect():
            number = int(row["count"])
            files[row["file"]] = files.get(row["file"], 0) + number
            if plain:
                continue
            if row["status"] == SCORED:
                bands[row["band"]] = bands.get(row["band"], 0) + number
            else:
                unscored += number
        bands = dict(sorted(bands.items(), key=lambda each: (-each[1], each[0])))
        return cls(sum(files.values()), unscored, bands, files)


def refuse_unaudited(counted: Counted, rows: int) -> None:
    """That what has been written is what has been audited, row for row.

    Raises
    ------
    DataError
        ``not-audited``.
    """
    if counted.rows != rows:
        raise DataError(
            Fault(
                code="not-audited",
                found=f"{rows:,} rows were written and {counted.rows:,} were audited",
                allowed="A score table is only written when every sentence in it can be traced to its data",
                do="Nothing was published: run the same job again",
                count=abs(rows - counted.rows),
            )
        )


def problems_of(written: DataFrame) -> dict[str, int]:
    """Why rows were not scored, counted, the most frequent first."""
    found = written.where("problem IS NOT NULL").groupBy("problem").count()
    most = found.orderBy("count", "problem", ascending=[False, True]).limit(KINDS_OF_PROBLEMS).collect()
    return {row["problem"]: int(row["count"]) for row in most}
