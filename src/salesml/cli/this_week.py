"""`this-week`: whom to call first, as a text for each rep, in files or by e-mail."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from salesml.cli.exit_codes import ALARMS
from salesml.cli.options import Commands
from salesml.cli.say import aside, say
from salesml.cli.store import store_option
from salesml.cli.values import count
from salesml.cli.who import by_command_line
from salesml.errors import DataError, Fault, OutsideError, UsageError

if TYPE_CHECKING:
    from salesml.store.engine import Store
    from salesml.web.letters import Prepared

WRITTEN: Final = "written"
SENT: Final = "sent"
LEFT_OUT: Final = "left out"
FAILED: Final = "failed"

_NOT_NOW: Final = {
    "sent-this-week": (LEFT_OUT, "these scores were sent to them before"),
    "sending-this-week": (LEFT_OUT, "another run is sending it to them"),
    "stopped": (
        FAILED,
        "a run was stopped while sending it, and it may have arrived; --rep ID --again sends it",
    ),
}  # fmt: skip
"""What becomes of a letter that must not be sent, and why, by what the store says of it."""


@dataclass(frozen=True)
class Done:
    """What became of one rep's letter."""

    rep: str
    to: str | None
    what: str
    why: str = ""


def add_commands(commands: Commands) -> None:
    """Add the command that writes or sends letters."""
    add = commands.add_parser("this-week", help="tell each rep whom to call first, in a file or by e-mail")
    store_option(add)
    how = add.add_mutually_exclusive_group(required=True)
    how.add_argument("--out", type=Path, metavar="DIR", help="a text file for each rep")
    how.add_argument("--smtp", metavar="HOST[:PORT]", help="the mail server that sends them")
    add.add_argument("--from", dest="sender", metavar="ADDRESS", help="with --smtp: who they are from")
    add.add_argument(
        "--tls", choices=("starttls", "tls", "none"), default="starttls",
        help="how the mail server is spoken to (starttls); none: only on this machine",
    )  # fmt: skip
    add.add_argument("--ca", type=Path, metavar="FILE", help="certificates to believe besides the usual ones")
    add.add_argument("--user", default="", metavar="NAME", help="at the mail server")
    add.add_argument("--password", default="", metavar="$NAME", help="the variable that holds it")
    add.add_argument("--address", default="", metavar="URL", help="where the pages are, for links")
    add.add_argument("--rep", action="append", metavar="ID", help="only this rep; may be repeated")
    add.add_argument("--again", action="store_true", help="also to whom these scores were sent before")
    add.add_argument("--zone", default="UTC", metavar="ZONE", help="the company's, such as Europe/Berlin")
    add.add_argument(
        "--stale-after", type=count, default=2, metavar="DAYS", help="after which scores are called old (2)"
    )
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    from salesml.store.engine import Store
    from salesml.store.migrate import existing
    from salesml.web.packages import packages_for_pages

    _check(given)
    with packages_for_pages():
        from salesml.web.letters import letters
    with Store(given.store) as store:
        existing(store)
        _check_reps(store, given.rep)
        prepared = letters(
            store, today=_today(given.zone), address=given.address, stale_after=given.stale_after,
            reps=given.rep,
        )  # fmt: skip
        made = _written(given, prepared) if given.out else _sent(given, store, prepared)
        done = list(_told(made, as_json=given.json))
    if given.json:
        say(json.dumps([asdict(each) for each in done], ensure_ascii=False))
    else:
        say(_summary(done))
    return ALARMS if any(each.what == FAILED for each in done) else 0


def _told(made: Iterable[Done], *, as_json: bool) -> Iterator[Done]:
    """Whoever got no letter is named, as soon as it is known."""
    for each in made:
        if each.why and not as_json:
            aside(f"{_plain(each.rep)}: {each.what}, {_plain(each.why)}")
        yield each


def _written(given: argparse.Namespace, prepared: Iterable[Prepared]) -> Iterator[Done]:
    from salesml.cli.letter_files import LetterFiles
    from salesml.cli.mail import is_address

    files = LetterFiles(given.out)
    for each in prepared:
        if each.letter is None:
            yield _without(each)
            continue
        to = each.login if each.login and is_address(each.login) else None
        files.write(each.rep_id, to, each.letter.subject, each.letter.body)
        yield Done(each.rep_id, to, WRITTEN)
    if not given.rep:
        files.remove_others()


def _sent(given: argparse.Namespace, store: Store, prepared: Iterable[Prepared]) -> Iterator[Done]:
    from salesml.cli.mail import is_address, message, post, sender_of, server_of
    from salesml.store.letters import Sender

    server = server_of(given.smtp, tls=given.tls, user=given.user, password=given.password, ca=given.ca)
    sender, run = sender_of(given.sender), Sender.new(store, by_command_line())
    with post(server) as opened:
        for each in prepared:
            if each.letter is None:
                yield _without(each)
                continue
            if not each.login or not is_address(each.login):
                yield Done(each.rep_id, each.login, LEFT_OUT, "their login is no e-mail address")
                continue
            not_now = run.claim(each.login, each.generation, again=given.again)
            if not_now:
                yield Done(each.rep_id, each.login, *_NOT_NOW[not_now])
                continue
            try:
                refused = opened.send(message(sender, each.login, each.letter.subject, each.letter.body))
            except OutsideError:
                run.done(each.login, each.generation, taken=False)
                raise
            run.done(each.login, each.generation, taken=not refused)
            if refused:
                yield Done(each.rep_id, each.login, FAILED, f"the mail server did not take it: {refused}")
                continue
            yield Done(each.rep_id, each.login, SENT)


def _without(each: Prepared) -> Done:
    return Done(each.rep_id, each.login, FAILED if each.failed else LEFT_OUT, each.problem)


def _summary(done: Iterable[Done]) -> str:
    found = [each.what for each in done]
    told = [f"{found.count(what):,} {what}" for what in (WRITTEN, SENT, LEFT_OUT, FAILED) if what in found]
    return "Letters: " + (", ".join(told) or "no rep is known; publish scores with --crm")


def _check(given: argparse.Namespace) -> None:
    faults = []
    if given.smtp and not given.sender:
        faults.append(
            Fault(
                code="missing-option", found="It is not said whom letters are from", do="Give --from ADDRESS"
            )
        )
    if given.out and (given.sender or given.user or given.password):
        faults.append(
            Fault(code="unused-option", found="Files are written, and a mail server's options were given",
                  do="Give either --out or --smtp")
        )  # fmt: skip
    parts = urlsplit(given.address)
    if given.address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query):
        faults.append(
            Fault(code="bad-address", found=f"{given.address!r} is not where pages are",
                  allowed="Such as https://scores.example.com")
        )  # fmt: skip
    if faults:
        raise UsageError(faults)


def _check_reps(store: Store, reps: Iterable[str] | None) -> None:
    from salesml.store.directory import directory

    known = directory(store).by_id
    faults = [
        Fault(code="no-rep", found=f"No rep has the id {each}",
              allowed="Ids are those of the company's table of reps, as it was last published")
        for each in dict.fromkeys(reps or ()) if each not in known
    ]  # fmt: skip
    if faults:
        raise DataError(faults)


def _today(zone: str) -> dt.date:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return dt.datetime.now(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            Fault(code="bad-zone", found=f"{zone!r} is not a time zone",
                  allowed="A name such as Europe/Berlin")
        ) from None  # fmt: skip


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)
