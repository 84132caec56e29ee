"""`users`: who may sign in to the rep's page, who stands in for whom, and what was done."""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from salesml.cli.options import Commands
from salesml.cli.say import aside, say
from salesml.cli.store import store_option
from salesml.cli.values import count, date
from salesml.cli.who import by_command_line
from salesml.errors import DataError, Fault, UsageError

if TYPE_CHECKING:
    from salesml.store.engine import Store

ROLES = "rep, manager, analyst or admin"

Verb = Callable[["Store", argparse.Namespace, str], Any]


def add_commands(commands: Commands) -> None:
    """Add the commands about people."""
    users = commands.add_parser("users", help="who may sign in to the rep's page, and who did what")
    users.set_defaults(run=lambda _: nothing(users))
    verbs = users.add_subparsers(title="commands", metavar="COMMAND")
    add = verb(verbs, "add", _add, "let somebody in", login=True)
    add.add_argument("--role", metavar="ROLE", help=f"{ROLES}; default: as the table of reps says")
    add.add_argument("--zone", metavar="ZONE", help="time zone in which moments are shown to them")
    _password_options(add)
    add.add_argument("--no-password", action="store_true", help="a proxy or a provider says who they are")
    _password_options(verb(verbs, "set-password", _set_password, "another password", login=True))
    change = verb(verbs, "change", _change, "another role or time zone", login=True)
    change.add_argument("--role", metavar="ROLE", help=f"{ROLES}; '' for what the table of reps says")
    change.add_argument("--zone", metavar="ZONE", help="such as Europe/Berlin; '' for the company's")
    verb(verbs, "disable", _disable, "shut somebody out", login=True)
    verb(verbs, "enable", _enable, "let somebody in again", login=True)
    out = verb(verbs, "sign-out", _sign_out, "end sessions wherever they are")
    out.add_argument("login", nargs="?", metavar="LOGIN")
    out.add_argument("--all", action="store_true", help="of everybody, by another key")
    verb(verbs, "list", _list, "who may sign in")
    deputy = verb(verbs, "deputy", _deputy, "have a rep see another's book for some days")
    deputy.add_argument("--of", required=True, metavar="REP", help="whose book, by the rep's id")
    deputy.add_argument("--by", required=True, metavar="REP", help="who stands in, by the rep's id")
    deputy.add_argument("--from", dest="first", required=True, type=date, metavar="DATE", help="first day")
    deputy.add_argument("--until", required=True, type=date, metavar="DATE", help="last day, included")
    verb(verbs, "deputies", _deputies, "who stands in for whom")
    end = verb(verbs, "end-deputy", _end_deputy, "end it before its time")
    end.add_argument("id", type=count, metavar="ID")
    audit = verb(verbs, "audit", _audit, "who signed in, was refused, or changed something")
    audit.add_argument("--since", type=date, metavar="DATE", help="in UTC")
    audit.add_argument("--last", type=count, metavar="N", help="only so many of the newest lines")


def verb(
    verbs: Commands, name: str, call: Verb, words: str, *, login: bool = False
) -> argparse.ArgumentParser:
    """A command about people, over a store."""
    parser = verbs.add_parser(name, help=words)
    if login:
        parser.add_argument("login", metavar="LOGIN")
    store_option(parser)
    parser.add_argument("--json", action="store_true", help="for another program to read")
    parser.set_defaults(run=lambda arguments: _run(call, arguments))
    return parser


def _password_options(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--password-stdin", action="store_true", help="read it from the first line of input")
    how.add_argument("--generate", action="store_true", help="make one, and print it once")


def nothing(parser: argparse.ArgumentParser) -> int:
    """What a group of commands says of itself, where none is named."""
    parser.print_help()
    return UsageError.exit_code


def _run(call: Verb, arguments: argparse.Namespace) -> None:
    with _opened(arguments.store) as store:
        call(store, arguments, by_command_line())


@contextmanager
def _opened(address: str) -> Iterator[Store]:
    from salesml.store.engine import Store
    from salesml.store.migrate import existing

    with Store(address) as store:
        existing(store)
        yield store


def _add(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.users import add, check_new, listed

    check_new(store, given.login, given.role, given.zone)
    password = None if given.no_password else _password(given)
    login = add(store, given.login, by=by, password=password, role=given.role, zone=given.zone)
    problem = next(each.problem for each in listed(store) if each.login == login)
    words = f"{login} may sign in" if not problem else f"{login} is added, but cannot sign in yet: {problem}"
    done(given, words, login=login, problem=problem, **_shown(given, password))


def _set_password(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.users import named, set_password

    login = named(store, given.login)
    password = _password(given)
    set_password(store, login, password, by=by)
    words = f"{login} has another password; their sessions are over"
    done(given, words, login=login, **_shown(given, password))


def _change(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.users import change

    change(store, given.login, by=by, role=given.role, zone=given.zone)
    done(given, "changed; it holds from their next page on", login=given.login)


def _disable(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.users import disable

    disable(store, given.login, by=by)
    done(given, f"{given.login} is shut out; their sessions are over", login=given.login)


def _enable(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.users import enable

    enable(store, given.login, by=by)
    done(given, f"{given.login} may sign in again", login=given.login)


def _sign_out(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.users import sign_out, sign_out_all

    if bool(given.login) == given.all:
        raise UsageError(
            Fault(code="missing-option", found="It is not said whose sessions are to end",
                  do="Give either a login or --all")
        )  # fmt: skip
    if given.all:
        sign_out_all(store, by=by)
        done(given, "all sessions are over; running servers know it within five seconds")
    else:
        sign_out(store, given.login, by=by)
        done(given, f"the sessions of {given.login} are over", login=given.login)


def _list(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.users import listed

    people = listed(store)
    head = ("login", "rep", "role", "zone", "way in", "problem")
    lines = [(p.login, p.rep_id, p.role or "by table", p.zone, p.way_in, p.problem) for p in people]
    table(given, people, head, lines)


def _deputy(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.deputies import appoint

    number = appoint(store, given.of, given.by, given.first, given.until, by=by)
    words = f"{given.by} sees the book of {given.of} from {given.first} to {given.until} (number {number})"
    done(given, words, id=number)


def _deputies(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.deputies import listed

    found = listed(store)
    head = ("number", "of", "by", "from", "until", "ended")
    lines = [(d.id, d.rep_id, d.deputy_id, d.starts_on, d.ends_on, _moment(d.ended_at)) for d in found]
    table(given, found, head, lines)


def _end_deputy(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.deputies import end

    end(store, given.id, by=by)
    done(given, f"number {given.id} is ended", id=given.id)


def _audit(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.audit import entries

    since = dt.datetime.combine(given.since, dt.time(), dt.UTC) if given.since else None
    found = entries(store, since, given.last)
    head = ("at (UTC)", "by", "what", "about", "address")
    table(given, found, head, [(_moment(e.at), e.by, e.what, e.about, e.address) for e in found])


def _password(given: argparse.Namespace) -> str:
    """The password that is typed, read or made."""
    if given.generate:
        from salesml.store.passwords import made

        return made()
    if given.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError(
            Fault(code="missing-option", found="There is nobody to ask for the password",
                  do="Give --password-stdin or --generate")
        )  # fmt: skip
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise DataError(Fault(code="not-the-same", found="The two passwords differ", do="Try once more"))
    return password


def _shown(given: argparse.Namespace, password: str | None) -> dict[str, str]:
    """A password that was made is shown this once."""
    return {"password": password} if given.generate and password else {}


def done(given: argparse.Namespace, words: str, **facts: Any) -> None:
    """Say what was done."""
    if given.json:
        say(json.dumps({"done": words, **facts}, ensure_ascii=False))
        return
    say(words)
    if "password" in facts:
        aside("The password, which is shown only now:")
        say(facts["password"])


def table(
    given: argparse.Namespace, found: Sequence[Any], head: Sequence[str], lines: Sequence[Sequence[Any]]
) -> None:
    """Show lines under their heads."""
    if given.json:
        say(json.dumps([asdict(each) for each in found], ensure_ascii=False, default=str))
        return
    rows = [tuple(map(_cell, line)) for line in (head, *lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    """A value on one line, whatever somebody typed as their name."""
    return "".join(each if each.isprintable() else "?" for each in str("" if value is None else value))


def _moment(at: dt.datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""
