"""What a command prints, and what becomes of it where nobody takes it: work never ends for that.

The reader of a pipe goes away, the disk of a log is full, a scheduler closes what it does not need: a job
that scores goes on all the same, and its exit code tells what it did.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

from salesml.errors import OutsideError

NUMBERS = (0, 1, 2)
"""What every process has open: input, output, errors."""

_lost: list[str] = []


def steady() -> None:
    """Have all three streams open, and none of them stumble over a letter that it cannot write.

    A stream that is closed would give its number to the next file that is opened, and whatever a library
    prints would go into that.
    """
    for number in NUMBERS:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    sys.stdin = sys.stdin or Path(os.devnull).open()  # noqa: SIM115
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure and stream.errors == "strict":
            reconfigure(errors="backslashreplace")


def put(text: str, stream: TextIO, *, end: str = "\n") -> None:
    """Print to a stream at once; from the first time that it takes no more, nothing more is printed there."""
    try:
        print(text, file=stream, end=end, flush=True)
    except BrokenPipeError:
        _silence(stream)  # whoever read has read enough
    except OSError as error:
        _silence(stream)
        _lost.append(error.strerror or str(error))


def code_of(code: int, *, works: bool) -> int:
    """The exit code of a command: what it printed counts where that is all it came for.

    Parameters
    ----------
    works : bool
        Whether it did more than to print, so that its code tells what that came to.
    """
    if not _lost:
        return code
    put(f"salesml: [not-printed] The output takes no more: {_lost[0]}. Make room.", sys.stderr)
    return code if code or works else OutsideError.exit_code


def _silence(stream: TextIO) -> None:
    """Let the rest go nowhere; what the stream still holds goes there when Python ends."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        stream.close()
