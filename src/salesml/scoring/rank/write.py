"""Writing a ranked list with its rules."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from salesml.errors import DataError, Fault
from salesml.scoring.rank.ranking import ranked_schema
from salesml.scoring.rank.rows import task_of
from salesml.scoring.rank.rules import rules
from salesml.scoring.table import expected_column, horizons_in
from salesml.scoring.write import aside, check_free, check_target, write

METADATA = "salesml.rules"


def write_ranked(ranked: pd.DataFrame, path: Path | str, *, overwrite: bool = False) -> Path:
    """Write a ranked list, and its rules as JSON beside it; the path of the rules.

    In Parquet the rules stand in the file's metadata too, under ``salesml.rules``.

    Raises
    ------
    DataError
        ``rules-lost`` when the lists have a limit and a step in between lost their rules.
    """
    task = task_of(ranked["task"].unique(), ranked.columns)
    wanted = ranked_schema(task, horizons_in(ranked.columns))
    table = pa.Table.from_pandas(ranked, schema=wanted, preserve_index=False)
    return write_batches(table.to_batches(), wanted, _rules_of(ranked, task), path, overwrite=overwrite)


def write_batches(
    batches: Iterable[pa.RecordBatch],
    wanted: pa.Schema,
    rules: dict[str, Any],
    path: Path | str,
    *,
    overwrite: bool = False,
) -> Path:
    """As :func:`write_ranked`, from batches that need not fit in memory together."""
    path = Path(path)
    beside = path.with_name(path.name + ".rules.json")
    check_target(path, overwrite=overwrite)
    check_free(beside, overwrite=overwrite)
    text = json.dumps(rules, indent=2, sort_keys=True) + "\n"
    write(batches, wanted, path, overwrite=overwrite, metadata={METADATA: text})
    with aside(beside, overwrite=overwrite) as file:
        file.write(text.encode())
    return beside


def _rules_of(ranked: pd.DataFrame, task: str) -> dict[str, Any]:
    """The rules that a list carries; made anew where a step in between lost them."""
    carried: dict[str, Any] | None = ranked.attrs.get("rules")
    if carried:
        return carried
    if "unlisted" in ranked and (ranked["unlisted"].notna() & ranked["pick_probability"].notna()).any():
        raise DataError(
            Fault(
                code="rules-lost",
                found="The lists have a limit, and their rules are no longer with them",
                allowed="A ranked list carries its rules in `attrs`",
                do="Write what `salesml.rank` returned, or set its `attrs` again",
            )
        )
    seed = int(ranked["seed"].iloc[0]) if len(ranked) else 0
    return rules(expected_column(task), seed)
