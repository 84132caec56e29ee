"""The picture of one account's score, from a score table in a file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from salesml.errors import Fault, UsageError
from salesml.pictures.waterfall import waterfall
from salesml.scoring.table import SCORED
from salesml.scoring.write import aside, check_free

NEEDED = (
    "task", "entity_id", "as_of", "status", "problem", "base_value", "other_contribution", "reasons",
)  # fmt: skip


def picture(scores: Path, entity: str, out: Path, *, as_of: dt.date | None = None) -> str:
    """Write how an account's score comes about as an SVG file, and say so.

    Parameters
    ----------
    scores : Path
        A score table or a ranked list, as Parquet: in CSV reasons are text only.
    entity : str
        The account's ``entity_id``.
    out : Path
        Ends in ``.svg``; never overwritten.
    as_of : datetime.date, optional
        Which of the account's rows, where the table has several.

    Raises
    ------
    UsageError
        ``missing-file``, ``not-scores``, ``no-such-entity``, ``several-rows``, ``not-scored``,
        ``bad-ending``, ``missing-folder``, ``file-exists``.
    OutsideError
        ``not-written`` when the disk is full or refuses.
    """
    _check_out(out)
    row = _row(scores, entity, as_of)
    with aside(out, overwrite=False) as file:
        file.write(waterfall(row).encode())
    return f"Wrote {out}"


def _check_out(out: Path) -> None:
    faults = []
    if out.suffix.lower() != ".svg":
        faults.append(
            Fault(
                code="bad-ending",
                found=f"{out} ends in {out.suffix or 'nothing'}",
                allowed="A picture is written as .svg, which every browser shows",
            )
        )
    if not out.parent.is_dir():
        faults.append(
            Fault(code="missing-folder", found=f"The folder {out.parent} does not exist", do="Make it first")
        )
    if faults:
        raise UsageError(faults)
    check_free(out)


def _row(scores: Path, entity: str, as_of: dt.date | None) -> dict[str, Any]:
    """The one row that is asked for, scored."""
    rows = _rows(scores, entity)
    if as_of:
        rows = [row for row in rows if row["as_of"] == as_of]
    if not rows:
        when = f" as of {as_of}" if as_of else ""
        raise _refused("no-such-entity", f"{scores} has no row of {entity!r}{when}",
                       "An account is named by its entity_id, as it stands there",
                       "Look it up in the table")  # fmt: skip
    if len(rows) > 1:
        days = ", ".join(str(row["as_of"]) for row in rows[:5])
        raise _refused("several-rows", f"{scores} has {len(rows)} rows of {entity!r}: as of {days}",
                       "A picture shows one score", "Say which with --as-of")  # fmt: skip
    if rows[0]["status"] != SCORED:
        raise _refused("not-scored", f"{entity!r} could not be scored: {rows[0]['problem']}",
                       "A picture shows a score", "Mend the row and score again")  # fmt: skip
    return rows[0]


def _rows(scores: Path, entity: str) -> list[dict[str, Any]]:
    if not scores.is_file():
        raise _refused("missing-file", f"{scores} does not exist", "", "Make it with `salesml score`")
    try:
        names = pq.read_schema(scores).names
        missing = [name for name in NEEDED if name not in names]
        if missing:
            raise _not_scores(scores, f"it lacks {', '.join(missing)}")
        table = pq.read_table(scores, columns=[*NEEDED], filters=[("entity_id", "==", entity)])
    except (pa.ArrowException, OSError) as error:
        raise _not_scores(scores, str(error).splitlines()[0]) from error
    if not pa.types.is_list(table.schema.field("reasons").type):
        raise _not_scores(scores, "its reasons are text")
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def _not_scores(scores: Path, why: str) -> UsageError:
    return _refused("not-scores", f"{scores} cannot be read as a score table: {why}",
                    "A score table or a ranked list, as Parquet: in CSV reasons are text only",
                    "Write it with `salesml score ... --out FILE.parquet`")  # fmt: skip


def _refused(code: str, found: str, allowed: str, do: str) -> UsageError:
    return UsageError(Fault(code=code, found=found, allowed=allowed, do=do))
