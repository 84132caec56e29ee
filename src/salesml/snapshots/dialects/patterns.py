"""Texts that are numbers and dates, as regular expressions that every dialect reads alike.

Plain groups only: look-ahead and groups without a number are missing in some. A cast after such a
test cannot fail, so that no dialect needs a cast that tries.
"""

from __future__ import annotations

import re

from salesml.snapshots.dialects.refusal import UntranslatableError

NUMBER = r"^\s*[+-]?(\d{1,200}\.?\d{0,200}|\.\d{1,200})([eE][+-]?\d{1,2})?\s*$"
"""A finite number; what has more digits fits into no column anyway."""

_YEAR = r"(\d{3}[1-9]|\d{2}[1-9]\d|\d[1-9]\d{2}|[1-9]\d{3})"
_LEAP = r"(\d{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
_DATE = (
    rf"({_YEAR}-(0?[13578]|1[02])-(0?[1-9]|[12]\d|3[01])|{_YEAR}-(0?[469]|11)-(0?[1-9]|[12]\d|30)"
    rf"|{_YEAR}-0?2-(0?[1-9]|1\d|2[0-8])|{_LEAP}-0?2-29)"
)
_TIME = r"[ T]([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?"
_OFFSET = r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)"  # a blank or a small z before it DuckDB does not read

DATE = rf"^\s*{_DATE}\s*$"
"""A day that exists."""
MOMENT = rf"^\s*{_DATE}({_TIME}( ?{_OFFSET})?\s*)?$"
"""A day that exists, perhaps with a time of day and an offset from UTC; after a bare day nothing else."""
ZONED = rf"^\s*{_DATE}{_TIME}{_OFFSET}\s*$"
"""A moment with its offset."""

PARTS = {
    "%Y": r"(\d{4})", "%m": r"(\d{1,2})", "%d": r"(\d{1,2})", "%-m": r"(\d{1,2})", "%-d": r"(\d{1,2})",
    "%H": r"(\d{1,2})", "%M": r"(\d{1,2})", "%S": r"(\d{1,2})",
}  # fmt: skip
"""Parts of a ``date_format`` that are numbers."""


def rearranged(form: str) -> tuple[str, list[tuple[int, str]]]:
    """A ``date_format`` as a regular expression, and where the groups go in an ISO date.

    Returns
    -------
    pattern : str
        Matches a text of the form; each part is a group.
    template : list of (int, str)
        Numbers of groups with the text before each, from the year down.

    Raises
    ------
    UntranslatableError
        For a form with names of months or with years of two digits: other dialects read them
        otherwise, or not at all.
    """
    places: dict[str, int] = {}
    # Without separators every part has its full width.
    packed = re.fullmatch(r"(%[A-Za-z])+", form) is not None
    pattern = ""
    for piece in re.findall(r"%-?[A-Za-z]|[^%]+|%", form):
        if piece in PARTS:
            places[piece[-1]] = len(places) + 1
            pattern += PARTS[piece].replace("{1,2}", "{2}") if packed else PARTS[piece]
        elif piece.startswith("%"):
            raise UntranslatableError(f"the date_format {form!r}, for its part {piece}")
        else:
            pattern += re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", piece)
    if not {"Y", "m", "d"} <= set(places):
        raise UntranslatableError(f"the date_format {form!r}, which lacks the year, the month or the day")
    order = [("Y", ""), ("m", "-"), ("d", "-"), ("H", " "), ("M", ":"), ("S", ":")]
    template = [(places[part], before) for part, before in order if part in places]
    if "H" in places and "M" not in places:
        raise UntranslatableError(f"the date_format {form!r}, which has hours without minutes")
    return rf"^\s*{pattern}\s*$", template
