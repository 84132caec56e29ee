"""`publish`, `migrate` and `erase`: the store that pages read."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from salesml.cli.exit_codes import ALARMS
from salesml.cli.inputs import open_crm, tracking
from salesml.cli.options import Commands, config_option
from salesml.cli.say import aside, say
from salesml.cli.values import count, number
from salesml.errors import Fault, UsageError

if TYPE_CHECKING:
    from salesml.store.retention import Retention


def add_commands(commands: Commands) -> None:
    """Add the commands about a store."""
    _add_publish(commands)
    _add_migrate(commands)
    _add_erase(commands)


def store_option(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Where published scores are."""
    parser.add_argument(
        "--store", required=required, metavar="URL",
        help="sqlite:///FILE.db or postgresql://USER@HOST/DATABASE; $NAME stands for a variable",
    )  # fmt: skip


def _add_publish(commands: Commands) -> None:
    add = commands.add_parser("publish", help="make scores, a ranked list or a scorecard what pages show")
    what = add.add_mutually_exclusive_group(required=True)
    what.add_argument("--scores", type=Path, metavar="FILE|DIR", help="Parquet, from `score` or `rank`")
    what.add_argument("--scorecard", type=Path, metavar="DIR", help="the folder that `scorecard` wrote")
    store_option(add)
    add.add_argument("--similar", type=Path, metavar="FILE", help="what `score --similar` wrote")
    add.add_argument("--changes", type=Path, metavar="FILE", help="what `changes` wrote for these scores")
    add.add_argument(
        "--crm", type=Path, metavar="FILE", help="crm.yaml, for names, attributes, events and reps"
    )
    add.add_argument("--spec", type=Path, metavar="FILE", help="with --crm; default: models/NAME.yaml")
    add.add_argument(
        "--model", metavar="URI|DIR", help="the model that made the scores, for what pages say of it"
    )
    config_option(add)
    add.add_argument("--keep", type=count, default=3, metavar="N", help="generations that stay whole (3)")
    add.add_argument(
        "--history-days", type=count, default=400, metavar="N", help="days that figures go back (400)"
    )
    add.add_argument(
        "--history-every", type=count, default=7, metavar="N", help="days between figures that stay (7)"
    )
    add.add_argument(
        "--older", action="store_true", help="also in the place of scores of a later date, or again"
    )
    _wait_option(add)
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_publish)


def _add_migrate(commands: Commands) -> None:
    add = commands.add_parser("migrate", help="make a store's tables, or bring them up to date")
    store_option(add)
    add.set_defaults(run=_migrate)


def _add_erase(commands: Commands) -> None:
    add = commands.add_parser("erase", help="erase a customer or prospect everywhere, with proof")
    add.add_argument("--account", action="append", default=[], metavar="ID", help="may be repeated")
    add.add_argument("--prospect", action="append", default=[], metavar="ID", help="may be repeated")
    store_option(add, required=False)
    add.add_argument(
        "--files", type=Path, nargs="+", default=[], metavar="PATH",
        help="also in these score tables, lists, and folders of such files, such as models/",
    )  # fmt: skip
    add.add_argument("--rewrite", action="store_true", help="rewrite PostgreSQL's files; readers wait")
    _wait_option(add)
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_erase)


def _wait_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wait", type=number, default=600.0, metavar="SECONDS", help="while another job writes (600)"
    )


def _publish(arguments: argparse.Namespace) -> int:
    from salesml.lifecycle.publish import publish
    from salesml.store.engine import Store
    from salesml.store.retention import Retention

    rule = Retention(arguments.keep, arguments.history_days, arguments.history_every)
    if arguments.scorecard:
        return _publish_scorecard(arguments, rule)
    crm = open_crm(arguments) if arguments.crm else None
    with Store(arguments.store) as store:
        done = publish(
            store, arguments.scores, similar=arguments.similar, crm=crm, changes=arguments.changes,
            model=arguments.model, tracking=tracking(arguments) if arguments.model else None,
            protected=_protected(arguments), retention=rule, older=arguments.older, wait=arguments.wait,
            say=aside if arguments.json else say,
        )  # fmt: skip
    say(json.dumps(done.as_dict()) if arguments.json else done.text())
    return ALARMS if done.alarming else 0


def _protected(arguments: argparse.Namespace) -> tuple[str, ...]:
    """What the spec of the scores protects: pages do not show it, whatever the model does with it."""
    from salesml.config import read_spec
    from salesml.store.source import ScoreTable

    if not arguments.crm:
        return ()
    path = arguments.spec
    if path is None:
        path = Path("models") / f"{ScoreTable(arguments.scores).about.model}.yaml"
        if not path.is_file():
            return ()
    spec = read_spec(path)
    return (*spec.protected, *spec.used)


def _publish_scorecard(arguments: argparse.Namespace, rule: Retention) -> int:
    from salesml.store.engine import Store
    from salesml.store.publish_card import publish_scorecard

    given = [
        f"--{name}" for name in ("similar", "changes", "crm", "spec", "model") if getattr(arguments, name)
    ]
    if given:
        raise UsageError(
            Fault(
                code="options-together",
                found=f"{' and '.join(given)} was given with --scorecard",
                allowed="A scorecard brings the names of reps with it",
                do="Leave it out",
            )
        )
    with Store(arguments.store) as store:
        done = publish_scorecard(
            store, arguments.scorecard, retention=rule, older=arguments.older, wait=arguments.wait,
            say=aside if arguments.json else say,
        )  # fmt: skip
    say(json.dumps(done.as_dict()) if arguments.json else done.text())
    return ALARMS if done.alarming else 0


def _migrate(arguments: argparse.Namespace) -> None:
    from salesml.store.engine import Store
    from salesml.store.migrate import migrate

    with Store(arguments.store) as store:
        for form in migrate(store):
            before = form.revision or "nothing"
            done = f"from {before} to {form.wanted}" if before != form.wanted else f"{form.wanted} already"
            say(f"{form.part}: {done}")


def _erase(arguments: argparse.Namespace) -> int:
    from salesml.lifecycle.erase import erase_everywhere

    done = erase_everywhere(
        arguments.account, arguments.prospect, store=arguments.store, files=arguments.files,
        rewrite=arguments.rewrite, wait=arguments.wait,
    )  # fmt: skip
    say(json.dumps(done.as_dict()) if arguments.json else done.text())
    return ALARMS if done.alarming else 0
