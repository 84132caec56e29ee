"""The written rule: every reason code of a check, whether it is fatal, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesml.errors import Fault


@dataclass(frozen=True)
class Code:
    """A kind of fault.

    Parameters
    ----------
    fatal : bool
        Whether nothing may be trained or scored while it stands; otherwise it is a warning.
    meaning : str
        What it says, in one sentence without a full stop.
    do : str
        What the reader can do about it.
    """

    fatal: bool
    meaning: str
    do: str


FATAL, WARNING = True, False

CODES: dict[str, Code] = {
    # crm.yaml itself
    "bad-yaml": Code(FATAL, "The file is not YAML", "Mend the file at the place that is named"),
    "not-a-mapping": Code(FATAL, "A mapping of keys to values was expected", "Write `key: value` lines"),
    "unknown-key": Code(FATAL, "crm.yaml has a key that means nothing", "Take the key that is suggested"),
    "missing-key": Code(FATAL, "crm.yaml lacks a key that must be there", "Name the column or the file"),
    "bad-value": Code(FATAL, "A value in crm.yaml is not of the right form", "Write it as described"),
    "bad-name": Code(FATAL, "A name in crm.yaml cannot be used", "Take small letters, digits, underscores"),
    "bad-timezone": Code(FATAL, "The time zone is not known", "Take an IANA name such as Europe/London"),
    "unknown-table": Code(FATAL, "A table is named that crm.yaml does not have", "Take one that it has"),
    "newer-format": Code(FATAL, "crm.yaml is of a newer version", "Install a newer salesml"),
    "nothing-to-read": Code(FATAL, "crm.yaml names no events, accounts or prospects", "Name one of them"),
    # the source of a table
    "missing-file": Code(FATAL, "A file or folder is not there", "Mend `source`, or bring the file"),
    "unknown-format": Code(FATAL, "A file is neither CSV nor Parquet", "Export the table as CSV or Parquet"),
    "unreadable-file": Code(
        FATAL,
        "A file cannot be read to its end",
        "Mend the file at the place that is named, or export it again",
    ),
    "mixed-schemas": Code(FATAL, "Files of one table have different columns", "Export them alike"),
    "missing-table": Code(FATAL, "The database has no such table or refuses the query", "Mend `source`"),
    "missing-column": Code(FATAL, "A column is not in its table", "Take the name that is suggested"),
    "no-rows": Code(FATAL, "A table is empty", "Bring the rows, or take the table out of crm.yaml"),
    # what stands in the rows
    "wrong-type": Code(FATAL, "A column holds another type than its role needs", "Name another column"),
    "bad-expression": Code(FATAL, "A SQL expression cannot be read", "Mend the expression"),
    "not-a-row-expression": Code(
        FATAL, "A SQL expression does more than look at its own row", "Compute it from the row's columns"
    ),
    "known-later": Code(
        FATAL,
        "A log of answers reads what was not known when they were given",
        "Leave the column out: it would tell the model its own future",
    ),
    "null-key": Code(FATAL, "Rows have no id", "Fill in the id, or leave the rows out"),
    "duplicate-key": Code(FATAL, "One id stands in several rows", "Keep one row for each id"),
    "null-link": Code(
        WARNING, "Rows do not say whom they belong to; they are left out", "Fill it in, or leave it so"
    ),
    "null-date": Code(WARNING, "Rows have no date, so nothing can use them", "Fill it in, or leave it so"),
    "bad-date": Code(
        FATAL,
        "Text is not a date of the form 2026-01-31",
        "Say which form it has (`date_format`) or which words mean nothing (`null_values`)",
    ),
    "mixed-dates": Code(FATAL, "Dates of several forms stand in one column", "Write them all alike"),
    "mixed-zones": Code(
        FATAL, "Some times of a column have an offset from UTC and some do not", "Write them all alike"
    ),
    "future-event": Code(
        FATAL, "Events are dated after today", "Correct the rows, or leave them out with `where`"
    ),
    "future-date": Code(WARNING, "Dates that should be past lie after today", "Correct them"),
    "ancient-date": Code(WARNING, "Dates lie before 1971: often a stand-in for none", "Leave them empty"),
    "before-start": Code(WARNING, "Rows are dated before the account began", "Correct one of the dates"),
    "after-end": Code(WARNING, "Events are dated after the account ended", "Correct one of the dates"),
    "end-before-start": Code(WARNING, "Something ends before it starts", "Correct one of the dates"),
    "bad-number": Code(
        FATAL, "Text stands where a number is needed", "Write plain numbers such as 1234.50, without signs"
    ),
    "not-finite": Code(FATAL, "A number is NaN or infinite", "Leave it empty, or correct it"),
    "too-large": Code(FATAL, "A number has more than twelve digits before the point", "Correct it"),
    "no-hours": Code(
        WARNING, "Hours are zero or below zero; they count nothing", "Correct them, or leave them empty"
    ),
    "mixed-attribute": Code(
        WARNING, "An attribute is nearly all numbers, and is read as text", "Correct the odd values"
    ),
    # between tables
    "orphan": Code(WARNING, "Ids do not exist in the table they point to", "Bring the missing rows"),
    "no-match": Code(FATAL, "Not one id exists in the table it points to", "Check that both name one id"),
    # completeness
    "not-yet": Code(
        FATAL,
        "`observed_until` lies after today",
        "Write the first day that is not complete yet, or leave it out",
    ),
    "stale": Code(
        FATAL,
        "The newest row is older than `freshness` allows; when scoring without a limit, older than 2 days "
        "and than 1.5 times the longest gap of the log's last year",
        "Load the newest rows",
    ),
    "missing-day": Code(
        FATAL,
        "Almost nothing came on one of the last days",
        "Load the day again, or list it under `closed` if nobody worked",
    ),
    "double-day": Code(
        FATAL,
        "Every row of one of the last days stands twice or more often",
        "Load the day once; rows that are alike and yet different need a column that tells them apart",
    ),
    "stopped": Code(
        WARNING, "A table came to its end long before the others", "Check that it is still loaded"
    ),
    "thin-day": Code(WARNING, "Far fewer rows than usual came on one of the last days", "Load it again"),
    "old-missing-day": Code(
        WARNING, "Almost nothing came on an earlier day", "Load it again, or list it under `closed`"
    ),
    "old-thin-day": Code(WARNING, "Far fewer rows than usual came on an earlier day", "Load it again"),
}
"""Every code that :meth:`salesml.crm.CRM.check` may report; docs/data-contract.md lists the same."""

EXAMPLES = 5


def fault(
    code: str,
    found: str,
    *,
    allowed: str = "",
    do: str = "",
    table: str = "",
    column: str = "",
    count: int = 0,
    examples: Sequence[str] = (),
) -> Fault:
    """A fault whose severity, and whose advice unless given, come from the registry."""
    rule = CODES[code]
    return Fault(
        code=code, found=found, allowed=allowed, do=do or rule.do, fatal=rule.fatal, table=table,
        column=column, count=count, examples=tuple(examples)[:EXAMPLES],
    )  # fmt: skip
