"""Where a command begins and ends: parse, run, and the exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from salesml.cli.contained import contained
from salesml.cli.exit_codes import STOPPED
from salesml.cli.parser import make_parser
from salesml.cli.say import show_error
from salesml.errors import SalesmlError, UsageError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done, 1 the data or the model is refused, 2 wrong usage, 3 done with alarms,
    4 something outside is away: try again.
    """
    parser = make_parser()
    arguments = parser.parse_args(argv)
    if arguments.run is None:
        parser.print_help()
        return UsageError.exit_code
    # In a program that calls this, or a test, the work stays in its process.
    apart = argv is None and getattr(arguments, "apart", False)
    if not apart:
        return _run(arguments)
    try:
        return contained(lambda: _run(arguments))
    except SalesmlError as error:
        show_error(error, as_json=getattr(arguments, "json", False))
        return error.exit_code


def _run(arguments: argparse.Namespace) -> int:
    try:
        return int(arguments.run(arguments) or 0)
    except SalesmlError as error:
        show_error(error, as_json=getattr(arguments, "json", False))
        return error.exit_code
    except KeyboardInterrupt:
        print("salesml: stopped", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
