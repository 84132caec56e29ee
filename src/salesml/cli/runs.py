"""`register` and `status`: what MLflow keeps of a model."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from salesml.cli.exit_codes import ALARMS
from salesml.cli.inputs import tracking
from salesml.cli.options import Commands, config_option
from salesml.cli.say import say
from salesml.cli.store import store_option
from salesml.cli.values import count
from salesml.errors import Fault, UsageError


def add_commands(commands: Commands) -> None:
    """Add the commands that look at runs."""
    _add_register(commands)
    _add_status(commands)


def _add_register(commands: Commands) -> None:
    add = commands.add_parser(
        "register", help="log a training, backtest or tuning kept while MLflow was away"
    )
    add.add_argument("folder", type=Path, metavar="DIR")
    config_option(add)
    add.set_defaults(run=_register)


def _add_status(commands: Commands) -> None:
    add = commands.add_parser("status", help="the trainings of a model, side by side; or how a store stands")
    add.add_argument("name", metavar="NAME", nargs="?", help="a stem in models/, such as churn")
    config_option(add)
    store_option(add, required=False)
    add.add_argument(
        "--stale-after", type=count, default=2, metavar="DAYS", help="with --store: scores are stale then (2)"
    )
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_status)


def _register(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.tuning.study import STUDY
    from salesml.lifecycle.tuning.tracked import register_study
    from salesml.tracking import register
    from salesml.tracking.backtests import BACKTEST, log_backtest
    from salesml.tracking.monitors import LOOK, log_monitor
    from salesml.tracking.payoffs import PAYOFF, log_payoff

    for kind, log in ((BACKTEST, log_backtest), (LOOK, log_monitor), (PAYOFF, log_payoff)):
        if (arguments.folder / kind.file).is_file():
            run_id = log(arguments.folder, tracking(arguments))
            say(f"Logged in MLflow as run {run_id}, without a row of the data")
            return
    if (arguments.folder / STUDY).is_file():
        run_id = register_study(arguments.folder, tracking(arguments))
        say(f"Logged in MLflow as run {run_id}, each trial as a run nested in it")
        return
    logged = register(arguments.folder, tracking(arguments))
    say(f"Registered as {logged.uri} (run {logged.run_id})")


def _status(arguments: argparse.Namespace) -> int:
    if arguments.store is not None:
        return _store_status(arguments)
    if arguments.name is None:
        do = "Give the NAME of a model, or --store URL"
        raise UsageError(Fault(code="missing-option", found="Nothing is named", do=do))
    from salesml.lifecycle.status import side_by_side
    from salesml.tracking import runs

    if not (arguments.config.parent / "models" / f"{arguments.name}.yaml").exists():
        say(f"There is no models/{arguments.name}.yaml beside {arguments.config}.")
    table = runs(tracking(arguments), arguments.name)
    say(table.to_json(orient="records", date_format="iso") if arguments.json else side_by_side(table))
    return 0


def _store_status(arguments: argparse.Namespace) -> int:
    from salesml.store.engine import Store
    from salesml.store.status import status

    with Store(arguments.store) as store:
        found = status(store, stale_after=arguments.stale_after)
    say(json.dumps(found.as_dict()) if arguments.json else found.text())
    return ALARMS if found.alarming else 0
