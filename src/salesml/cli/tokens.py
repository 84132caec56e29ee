"""`tokens`: which programs may ask the JSON API, on whose behalf."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from salesml.cli.options import Commands
from salesml.cli.say import aside, say
from salesml.cli.users import done, nothing, table, verb
from salesml.cli.values import count

if TYPE_CHECKING:
    from salesml.store.engine import Store


def add_commands(commands: Commands) -> None:
    """Add the commands about tokens."""
    tokens = commands.add_parser("tokens", help="which programs may ask the JSON API")
    tokens.set_defaults(run=lambda _: nothing(tokens))
    verbs = tokens.add_subparsers(title="commands", metavar="COMMAND")
    add = verb(verbs, "add", _add, "make a token, and print it once")
    add.add_argument("--client", required=True, metavar="NAME", help="what the program is called")
    add.add_argument("--login", required=True, metavar="LOGIN", help="whose rows it sees")
    add.add_argument(
        "--scope", action="append", required=True, metavar="SCOPE",
        help="scores:read, feedback:read or feedback:write; may be repeated",
    )  # fmt: skip
    add.add_argument("--days", type=count, default=90, metavar="N", help="how long it lasts (90)")
    verb(verbs, "list", _list, "tokens that were made")
    revoke = verb(verbs, "revoke", _revoke, "end a token now")
    revoke.add_argument("id", metavar="ID", help="as `tokens list` shows it")


def _add(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.tokens import make

    token = make(store, given.client, given.login, given.scope, given.days, by=by)
    if given.json:
        done(given, "made", token=token, id=token.split(".")[1])
        return
    aside("The token, which is shown only now:")
    say(token)


def _list(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.tokens import listed

    found = listed(store)
    head = ("id", "client", "login", "scopes", "made", "lasts until", "revoked")
    days = [[f"{m:%Y-%m-%d}" if m else "" for m in (t.created_at, t.expires_at, t.revoked_at)] for t in found]
    lines = [(t.id, t.client, t.login, t.scopes, *of) for t, of in zip(found, days, strict=True)]
    table(given, found, head, lines)


def _revoke(store: Store, given: argparse.Namespace, by: str) -> None:
    from salesml.store.tokens import revoke

    revoke(store, given.id, by=by)
    done(given, f"{given.id} is of no more use", id=given.id)
