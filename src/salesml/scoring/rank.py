"""Ranked lists: who comes first, by a rule that is written beside the list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from salesml.errors import DataError, Fault
from salesml.scoring.table import SCORED, expected_column, schema
from salesml.scoring.write import aside, check_free, check_target, write

EVERYONE = "all"
"""The one list there is where no row names a rep."""

NOBODY = "unassigned"
"""The list of those without a rep, where others have one."""

EXTRA = pa.schema(
    [("rank", pa.int64()), ("list", pa.string()), ("pick_probability", pa.float64()), ("seed", pa.int64())]
)

METADATA = "salesml.rules"


def rank(scores: pd.DataFrame | pa.Table, *, seed: int = 0) -> pd.DataFrame:
    """Order scored rows by value at risk, within the list of each rep.

    The value at risk is ``expected_loss`` (or ``expected_value``): probability times value. Equal
    ones are ordered by ``raw_score``, which still tells apart what probabilities near 0 or 1 no
    longer do, then by ``entity_id``. Rows whose value is not known follow, ordered likewise. Rows
    that could not be scored stand last, without a rank.

    Parameters
    ----------
    scores : DataFrame or pyarrow.Table
        A score table of one task, of one as-of date or several: each date has its own lists.
    seed : int
        Kept with the list. Nothing is drawn by lot so far: every ``pick_probability`` is 1.

    Returns
    -------
    DataFrame
        The score table with ``rank`` (from 1, within ``list`` and ``as_of``), ``list``,
        ``pick_probability`` and ``seed``; ordered by as-of date, then over all lists.
        ``attrs["rules"]`` holds the rules.

    Raises
    ------
    DataError
        ``not-scores`` when columns of a score table are missing or it mixes tasks.
    """
    frame = _as_frame(scores)
    expected = _check(frame)
    frame = frame.iloc[_order(frame, expected)].reset_index(drop=True)
    frame["list"] = _lists(frame)
    frame["rank"] = _places(frame)
    frame["pick_probability"] = np.where(frame["rank"].notna(), 1.0, np.nan)
    frame["seed"] = np.int64(seed)
    result = frame[[*[name for name in frame.columns if name not in EXTRA.names], *EXTRA.names]]
    result.attrs["rules"] = rules(expected, seed)
    return result


def rules(expected: str, seed: int) -> dict[str, Any]:
    """The rules of a ranked list as plain data, which is kept beside it."""
    return {
        "format": 1,
        "order": [f"{expected} descending, unknown last", "raw_score descending", "entity_id ascending"],
        "list": f"rep_id; {NOBODY!r} for rows without one, {EVERYONE!r} where no row has one",
        "rank": "from 1 within as_of and list; none for rows that could not be scored",
        "pick_probability": "1: nothing is drawn by lot",
        "seed": seed,
    }


def write_ranked(ranked: pd.DataFrame, path: Path | str, *, overwrite: bool = False) -> Path:
    """Write a ranked list, and its rules as JSON beside it; the path of the rules.

    In Parquet the rules stand in the file's metadata too, under ``salesml.rules``.
    """
    path = Path(path)
    beside = path.with_name(path.name + ".rules.json")
    check_target(path, overwrite=overwrite)
    check_free(beside, overwrite=overwrite)
    task = str(ranked["task"].iloc[0]) if len(ranked) else "churn"
    text = json.dumps(_rules_of(ranked, task), indent=2, sort_keys=True) + "\n"
    whole = ranked_schema(task)
    batches = pa.Table.from_pandas(ranked, schema=whole, preserve_index=False).to_batches()
    write(batches, whole, path, overwrite=overwrite, metadata={METADATA: text})
    with aside(beside, overwrite=overwrite) as file:
        file.write(text.encode())
    return beside


def ranked_schema(task: str) -> pa.Schema:
    """Columns of the rank table of a task, in order."""
    return pa.schema([*schema(task), *EXTRA])


def _rules_of(ranked: pd.DataFrame, task: str) -> dict[str, Any]:
    """The rules that a list carries; made anew where a step in between lost them."""
    carried: dict[str, Any] | None = ranked.attrs.get("rules")
    seed = int(ranked["seed"].iloc[0]) if len(ranked) else 0
    return carried or rules(expected_column(task), seed)


def _as_frame(scores: pd.DataFrame | pa.Table) -> pd.DataFrame:
    if isinstance(scores, pd.DataFrame):
        return scores.copy()
    frame: pd.DataFrame = scores.to_pandas()
    return frame


def _check(frame: pd.DataFrame) -> str:
    """The name of the expected column, when the frame is a score table."""
    tasks = sorted(set(frame["task"].dropna())) if "task" in frame else []
    if len(tasks) > 1:
        raise DataError(
            Fault(
                code="not-scores",
                found=f"The scores are of the tasks {', '.join(tasks)}",
                allowed="One task a list",
            )
        )
    wanted = schema(tasks[0] if tasks else "churn")
    missing = [name for name in wanted.names if name not in frame]
    if missing:
        raise DataError(
            Fault(
                code="not-scores",
                found=f"The table lacks {', '.join(missing)}",
                allowed="It must be a score table, as `salesml score` writes it",
                count=len(missing),
            )
        )
    return expected_column(tasks[0] if tasks else "churn")


def _order(frame: pd.DataFrame, expected: str) -> NDArray[np.intp]:
    keys = pd.DataFrame(
        {
            "as_of": frame["as_of"].map(lambda day: "" if pd.isna(day) else str(day)),
            "unscored": frame["status"] != SCORED,
            "unknown": frame[expected].isna(),
            "expected": -frame[expected].astype(float).fillna(0.0),
            "raw": -frame["raw_score"].astype(float).fillna(0.0),
            "entity": frame["entity_id"].map(lambda key: "" if pd.isna(key) else str(key)),
        }
    )
    ordered = keys.reset_index(drop=True).sort_values(list(keys.columns), kind="stable")
    return ordered.index.to_numpy()


def _lists(frame: pd.DataFrame) -> list[str]:
    if frame["rep_id"].isna().all():
        return [EVERYONE] * len(frame)
    return [NOBODY if pd.isna(rep) else str(rep) for rep in frame["rep_id"]]


def _places(frame: pd.DataFrame) -> pd.Series[Any]:
    scored = frame["status"] == SCORED
    keys = [frame["as_of"].map(str), frame["list"]]
    places = scored.astype("int64").groupby(keys, sort=False).cumsum()
    return places.astype("Int64").where(scored)
