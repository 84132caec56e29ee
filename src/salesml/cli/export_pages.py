"""`export-pages`: the rep's pages as files, for companies that want no server."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from salesml.cli.options import Commands
from salesml.cli.say import aside, say
from salesml.cli.store import store_option
from salesml.cli.values import count
from salesml.errors import Fault, UsageError


def add_commands(commands: Commands) -> None:
    """Add the command that writes pages to files."""
    add = commands.add_parser("export-pages", help="each rep's pages as one file that needs no server")
    store_option(add)
    add.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files go")
    add.add_argument("--rep", metavar="ID", help="only this rep's")
    add.add_argument(
        "--rows", type=count, default=100, metavar="N", help="accounts, and prospects, of a file (100)"
    )
    add.add_argument("--zone", default="UTC", metavar="ZONE", help="the company's, such as Europe/Berlin")
    add.add_argument(
        "--stale-after", type=count, default=2, metavar="DAYS", help="after which scores are called old (2)"
    )
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> None:
    from salesml.store.engine import Store
    from salesml.web.packages import packages_for_pages

    with packages_for_pages():
        from salesml.web.export.run import export_pages
    _check_zone(arguments.zone)
    with Store(arguments.store) as store:
        done = export_pages(
            store, arguments.out, rep_id=arguments.rep, rows=arguments.rows, zone=arguments.zone,
            stale_after=arguments.stale_after, told=_tell,
        )  # fmt: skip
    if arguments.json:
        say(json.dumps(asdict(done), ensure_ascii=False))
        return
    size = sum(each["bytes"] for each in done.written)
    say(f"Wrote {_files(len(done.written))} to {arguments.out}, {size / 1e6:,.1f} MB")
    for name in done.removed:
        say(f"Removed {name}: its rep has no accounts and no prospects any more")


def _tell(done: int, of: int) -> None:
    if done % 50 == 0:
        aside(f"{done:,} of {of:,} files")


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _check_zone(zone: str) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        raise UsageError(
            Fault(
                code="bad-zone",
                found=f"{zone!r} is no time zone that is known here",
                allowed="Names such as Europe/Berlin or UTC",
            )
        ) from None
