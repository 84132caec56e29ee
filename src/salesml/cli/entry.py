"""Where a command begins and ends: parse, run, and the exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from salesml.cli.contained import contained
from salesml.cli.exit_codes import STOPPED
from salesml.cli.parser import make_parser
from salesml.cli.say import show_error
from salesml.cli.stop import asked, heed
from salesml.cli.streams import code_of, put, steady
from salesml.errors import SalesmlError, UsageError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done, 1 the data or the model is refused, 2 wrong usage, 3 done with alarms,
    4 something outside is away: try again.
    """
    alone = argv is None  # nobody else's streams and signals
    if alone:
        steady()
        heed()
    try:
        return _parsed(argv, alone=alone)
    except KeyboardInterrupt:
        return _stopped()
    except Exception:
        if asked():
            return _stopped()
        raise
    finally:
        if alone:
            put("", sys.stdout, end="")


def _parsed(argv: Sequence[str] | None, *, alone: bool) -> int:
    parser = make_parser()
    arguments = parser.parse_args(argv)
    if arguments.run is None:
        parser.print_help()
        return UsageError.exit_code
    # In a program that calls this, or a test, the work stays in its process.
    if not (alone and getattr(arguments, "apart", False)):
        return _run(arguments)
    try:
        return contained(lambda: _run(arguments))
    except SalesmlError as error:
        show_error(error, as_json=getattr(arguments, "json", False))
        return error.exit_code


def _run(arguments: argparse.Namespace) -> int:
    try:
        code = int(arguments.run(arguments) or 0)
    except SalesmlError as error:
        if asked():
            raise
        show_error(error, as_json=getattr(arguments, "json", False))
        code = error.exit_code
    return code_of(code, works=getattr(arguments, "apart", False))


def _stopped() -> int:
    put("salesml: stopped", sys.stderr)
    return STOPPED
