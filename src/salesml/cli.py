"""The command line: parse, call, print. Every stage is imported when its command runs."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesml import __version__
from salesml.errors import Fault, SalesmlError, UsageError

if TYPE_CHECKING:
    from salesml.config import Spec, Tracking
    from salesml.crm import CRM
    from salesml.lifecycle.ordered import Order
    from salesml.lifecycle.training import Trained

REFUSED = 1
ALARMS = 3
STOPPED = 130
"""What a shell says of a command that was interrupted."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done, 1 the data or the model is refused, 2 wrong usage, 3 done with alarms,
    4 something outside is away: try again.
    """
    arguments = _parser().parse_args(argv)
    if arguments.run is None:
        _parser().print_help()
        return UsageError.exit_code
    try:
        return int(arguments.run(arguments) or 0)
    except SalesmlError as error:
        _show_error(error, as_json=getattr(arguments, "json", False))
        return error.exit_code
    except KeyboardInterrupt:
        print("salesml: stopped", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="salesml",
        description="Which customers are about to leave, why, and whom to call first.",
        epilog="Exit codes: 0 done, 1 data or model refused, 2 wrong usage, 3 done with alarms, "
        "4 something outside is away.",
    )
    parser.add_argument("--version", action="version", version=f"salesml {__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    add = commands.add_parser("init", help="a commented project: crm.yaml, mlflow.yaml, models/")
    add.add_argument("folder", type=Path, metavar="DIR")
    add.set_defaults(run=_init)

    add = commands.add_parser("sample", help="a simulated company with known truth")
    add.add_argument("folder", type=Path, metavar="DIR")
    add.add_argument("--size", type=_count, default=2000, metavar="N", help="about so many accounts (2000)")
    add.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed, the same company (0)")
    add.add_argument("--days", type=_count, default=730, metavar="N", help="up to 2025-12-31 (730)")
    add.set_defaults(run=_sample)

    add = commands.add_parser("demo", help="the whole way on 1.47 million real retail transactions")
    add.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="where it works (demo)")
    add.set_defaults(run=_demo)

    add = commands.add_parser("validate", help="every fault of the tables in one report")
    _crm_option(add)
    add.add_argument("--today", type=_date, metavar="DATE", help="for freshness; default: today")
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_validate)

    add = commands.add_parser("snapshot", help="features as known on a date, as a table or as SQL")
    _name_options(add)
    add.add_argument("--as-of", type=_date, required=True, metavar="DATE")
    add.add_argument("--out", type=Path, metavar="FILE", help="Parquet or CSV")
    add.add_argument("--sql", action="store_true", help="print the SQL instead of running it")
    add.add_argument("--dialect", default="duckdb", help="of the SQL: duckdb, postgres, spark, …")
    add.set_defaults(run=_snapshot)

    add = commands.add_parser("train", help="train, evaluate out of time, track and register a model")
    _name_options(add)
    add.add_argument("--table", type=Path, metavar="FILE", help="a flat table instead of crm.yaml")
    add.add_argument("--id", metavar="COL", help="with --table: the column that identifies a row's account")
    add.add_argument("--target", metavar="COL", help="with --table: the outcome")
    add.add_argument(
        "--positive", metavar="VALUE", help="with --table: the value that counts as yes; all others are no"
    )
    add.add_argument(
        "--seeds", type=Path, metavar="FILE", help="with --table, instead of --target: the ids of best "
        "customers, where nothing is known of the others",
    )  # fmt: skip
    add.add_argument("--folds", type=int, metavar="N", help="with --table: folds of the test (5)")
    add.add_argument("--weight", metavar="COL", help="with --table: how much each row counts")
    add.add_argument(
        "--base-rate", type=float, metavar="SHARE", help="with --table: the rate where the model is used, "
        "such as 0.02, if the table was sampled by outcome; with --seeds: of best customers among others",
    )  # fmt: skip
    add.add_argument(
        "--as-of", type=_date, metavar="DATE", help="with --table: the day it was taken (the latest in it)"
    )
    add.add_argument(
        "--order-by", metavar="COL", help="with --table: test on the last rows by this column, not by folds"
    )
    add.add_argument(
        "--test-last", type=float, metavar="SHARE", help="with --order-by: so much of the rows (0.3)"
    )
    add.add_argument("--test-from", metavar="VALUE", help="with --order-by: rows from this value on instead")
    _check_options(add)
    add.set_defaults(run=_train)

    add = commands.add_parser("backtest", help="the whole procedure replayed over many dates")
    _name_options(add)
    add.add_argument("--dates", type=_count, metavar="N", help="at most so many with a known outcome (12)")
    add.add_argument("--from", dest="start", type=_date, metavar="DATE", help="no date before this one")
    add.add_argument("--to", dest="end", type=_date, metavar="DATE", help="no date after this one")
    add.add_argument("--every", choices=("month", "week"), help="how far apart; default: as the spec says")
    _check_options(add)
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_backtest)

    add = commands.add_parser("register", help="log a training or a backtest kept while MLflow was away")
    add.add_argument("folder", type=Path, metavar="DIR")
    _config_option(add)
    add.set_defaults(run=_register)

    add = commands.add_parser("status", help="the trainings of a model, side by side")
    add.add_argument("name", metavar="NAME", help="a stem in models/, such as churn")
    _config_option(add)
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_status)

    add = commands.add_parser("score", help="a calibrated probability, its worth and reasons per account")
    _name_options(add)
    add.add_argument("--as-of", type=_date, metavar="DATE", help="the date the scores are for")
    add.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="Parquet or CSV; never overwritten"
    )
    add.add_argument("--model", metavar="URI|DIR", help="default: the registered champion")
    add.add_argument("--table", type=Path, metavar="FILE", help="a flat table instead of crm.yaml")
    add.add_argument("--id", metavar="COL", help="with --table: the column that identifies a row")
    add.add_argument("--reasons", type=_count, default=5, metavar="N", help="at most so many per account (5)")
    add.add_argument(
        "--similar", type=Path, metavar="FILE",
        help="for the task fit: also write which ideal accounts each prospect resembles",
    )  # fmt: skip
    add.set_defaults(run=_score)

    add = commands.add_parser("rank", help="who comes first: by expected return, within what reps can do")
    _name_options(add, crm=None)
    add.add_argument("--scores", type=Path, required=True, metavar="FILE")
    add.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="Parquet or CSV; never overwritten"
    )
    add.add_argument(
        "--hours-per-rep", type=_number, metavar="N",
        help="the hours of each rep's list; without it --crm gives each rep's hours per week",
    )  # fmt: skip
    add.add_argument(
        "--places-per-rep", type=_number, metavar="N", help="the rows of each rep's list, instead of hours"
    )
    add.add_argument(
        "--explore", type=_number, default=0.0, metavar="SHARE",
        help="share of the hours or places for rows drawn by lot, such as 0.05 (0)",
    )  # fmt: skip
    add.add_argument("--seed", type=int, default=0, metavar="N", help="what lots are drawn from (0)")
    add.set_defaults(run=_rank)
    return parser


def _crm_option(parser: argparse.ArgumentParser, default: Path | None = Path("crm.yaml")) -> None:
    words = "crm.yaml" if default else "crm.yaml, for its reps and their hours"
    parser.add_argument("--crm", type=Path, default=default, metavar="FILE", help=words)


def _config_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, default=Path("mlflow.yaml"), metavar="FILE", help="mlflow.yaml"
    )


def _name_options(parser: argparse.ArgumentParser, crm: Path | None = Path("crm.yaml")) -> None:
    parser.add_argument("name", metavar="NAME", help="a stem in models/, such as churn")
    _crm_option(parser, crm)
    _config_option(parser)
    parser.add_argument("--spec", type=Path, metavar="FILE", help="default: models/NAME.yaml")


def _check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="COL", help="leave a column out; may be repeated"
    )
    parser.add_argument(
        "--allow", action="append", default=[], metavar="COL",
        help="insist on a column that the checks refuse; may be repeated",
    )  # fmt: skip


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-01-31") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _dialect(name: str) -> str:
    """A dialect that sqlglot writes, which is asked only when SQL is printed."""
    from sqlglot import Dialect

    from salesml.config.section import nearest

    if Dialect.get(name) is None:
        raise UsageError(
            Fault(
                code="unknown-dialect",
                found=f"--dialect is {name!r}",
                allowed=nearest(name, [each for each in Dialect.classes if each]),
            )
        )
    return name


def _init(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.project import init

    for path in init(arguments.folder):
        _say(f"wrote {path}")
    _say(f"Next: describe your tables in {arguments.folder / 'crm.yaml'}, then run `salesml validate` there.")


def _sample(arguments: argparse.Namespace) -> None:
    from salesml.crm.sample import sample

    written = sample(
        arguments.folder, size=arguments.size, seed=arguments.seed, days=arguments.days, say=_say
    )
    for path in written:
        _say(f"wrote {path}")
    _say(f"Next: run `salesml validate` or `salesml train conversion` in {arguments.folder}.")


def _demo(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.demo import demo

    demo(arguments.out, say=_say)


def _validate(arguments: argparse.Namespace) -> int:
    from salesml.crm import validate

    report = validate(arguments.crm, arguments.today)
    _say(json.dumps(report.as_json()) if arguments.json else report.text())
    return REFUSED if report.fatal else 0


def _snapshot(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.snapshot import save_snapshot
    from salesml.snapshots import snapshot_sql

    spec, crm = _spec(arguments), _crm(arguments)
    if arguments.sql:
        dialect = _dialect(arguments.dialect)
        _say(snapshot_sql(spec, crm, [arguments.as_of], labels=False, dialect=dialect))
        return
    _say(save_snapshot(spec, crm, arguments.as_of, _needed(arguments, "out")))


def _train(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle import train, train_table

    if arguments.seeds is not None and arguments.table is not None:
        training = _train_seeds(arguments)
    elif arguments.table is None:
        _only_with_table(
            arguments, "id", "seeds", "target", "positive", "folds", "weight", "base_rate", "as_of"
        )
        training = train(
            arguments.name, _crm(arguments), spec=_decided(arguments), tracking=_tracking(arguments), say=_say
        )
    else:
        training = train_table(
            arguments.name,
            arguments.table,
            id_column=_needed(arguments, "id"),
            target=_needed(arguments, "target"),
            positive=arguments.positive,
            folds=arguments.folds,
            weight=arguments.weight,
            base_rate=arguments.base_rate,
            as_of=arguments.as_of,
            order=_order(arguments),
            exclude=arguments.exclude,
            allow=arguments.allow,
            spec_path=arguments.spec,
            tracking=_tracking(arguments),
            say=_say,
        )
    _say(training.text())


def _order(arguments: argparse.Namespace) -> Order | None:
    from salesml.lifecycle.ordered import SHARE, Order

    if arguments.order_by is None:
        for option in ("test_last", "test_from"):
            if getattr(arguments, option) is not None:
                _needed(arguments, "order_by")
        return None
    share = SHARE if arguments.test_last is None else arguments.test_last
    return Order(arguments.order_by, share, arguments.test_from)


def _train_seeds(arguments: argparse.Namespace) -> Trained:
    from salesml.lifecycle.train_seeds import train_seeds

    _not_with(arguments, "seeds", "target", "positive", "weight", "order_by", "test_last", "test_from")
    return train_seeds(
        arguments.name,
        arguments.table,
        id_column=_needed(arguments, "id"),
        seeds=arguments.seeds,
        base_rate=arguments.base_rate,
        folds=arguments.folds,
        as_of=arguments.as_of,
        exclude=arguments.exclude,
        allow=arguments.allow,
        spec_path=arguments.spec,
        tracking=_tracking(arguments),
        say=_say,
    )


def _backtest(arguments: argparse.Namespace) -> int:
    from salesml.lifecycle.backtest import backtest

    done = backtest(
        arguments.name, _crm(arguments), dates=arguments.dates, start=arguments.start, end=arguments.end,
        every=arguments.every, spec=_decided(arguments), tracking=_tracking(arguments),
        say=_aside if arguments.json else _say,
    )  # fmt: skip
    _say(json.dumps({**done.data, "folder": str(done.folder)}) if arguments.json else done.text())
    return ALARMS if done.alarming else 0


def _register(arguments: argparse.Namespace) -> None:
    from salesml.tracking import register
    from salesml.tracking.backtests import FILE, log_backtest

    if (arguments.folder / FILE).is_file():
        run_id = log_backtest(arguments.folder, _tracking(arguments))
        _say(f"Logged in MLflow as run {run_id}, without a row of the data")
        return
    logged = register(arguments.folder, _tracking(arguments))
    _say(f"Registered as {logged.uri} (run {logged.run_id})")


def _status(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.status import side_by_side
    from salesml.tracking import runs

    if not (arguments.config.parent / "models" / f"{arguments.name}.yaml").exists():
        _say(f"There is no models/{arguments.name}.yaml beside {arguments.config}.")
    table = runs(_tracking(arguments), arguments.name)
    _say(table.to_json(orient="records", date_format="iso") if arguments.json else side_by_side(table))


def _score(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.score import score, score_table

    if arguments.table is None:
        _only_with_table(arguments, "id")
        as_of = _needed(arguments, "as_of")
        spec, crm = _spec(arguments), _crm(arguments)
        done = score(
            spec, crm, as_of, arguments.out,
            model=arguments.model, tracking=_tracking(arguments), top=arguments.reasons,
            similar=arguments.similar, say=_say,
        )  # fmt: skip
    else:
        done = score_table(
            arguments.name, arguments.table, arguments.out,
            id_column=_needed(arguments, "id"), as_of=arguments.as_of,
            model=arguments.model, tracking=_tracking(arguments), top=arguments.reasons,
        )  # fmt: skip
    _say(done.text())


def _rank(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.rank import rank_file

    crm = _crm(arguments) if arguments.crm else None
    _say(
        rank_file(
            arguments.scores, arguments.out, name=arguments.name, seed=arguments.seed,
            hours_per_rep=arguments.hours_per_rep, places_per_rep=arguments.places_per_rep,
            explore=arguments.explore, crm=crm,
        )
    )  # fmt: skip


def _crm(arguments: argparse.Namespace) -> CRM:
    from salesml.crm import CRM

    return CRM.open(arguments.crm)


def _spec(arguments: argparse.Namespace) -> Spec:
    from salesml.config import read_spec

    return read_spec(arguments.spec or Path("models") / f"{arguments.name}.yaml")


def _decided(arguments: argparse.Namespace) -> Spec:
    """The spec, with what the command leaves out or insists on."""
    spec = _spec(arguments)
    return replace(spec, exclude=(*spec.exclude, *arguments.exclude), allow=(*spec.allow, *arguments.allow))


def _tracking(arguments: argparse.Namespace) -> Tracking:
    from salesml.config import read_tracking

    return read_tracking(arguments.config)


def _needed(arguments: argparse.Namespace, option: str) -> Any:
    value = getattr(arguments, option)
    if value is None:
        flag = "--" + option.replace("_", "-")
        raise UsageError(Fault(code="missing-option", found=f"{flag} is missing", do=f"Give {flag}"))
    return value


def _only_with_table(arguments: argparse.Namespace, *options: str) -> None:
    """Refuse what means something for a flat table only: it would have no effect, without a word."""
    faults = [
        Fault(
            code="needs-table",
            found=f"--{option.replace('_', '-')} is given without --table",
            allowed="It is about a flat table; of the tables in crm.yaml the spec says such things",
            do="Give --table FILE, or leave it out",
        )
        for option in options
        if getattr(arguments, option) is not None
    ]
    if faults:
        raise UsageError(faults)


def _not_with(arguments: argparse.Namespace, given: str, *options: str) -> None:
    """Refuse what has no meaning beside another option."""
    faults = [
        Fault(
            code="bad-value",
            found=f"Both --{given} and --{option.replace('_', '-')} are given",
            allowed="A list of best customers is all that is known; rows count alike and have no order",
            do="Leave one of them out",
        )
        for option in options
        if getattr(arguments, option) is not None
    ]
    if faults:
        raise UsageError(faults)


def _show_error(error: SalesmlError, *, as_json: bool) -> None:
    if as_json:
        _say(json.dumps({"faults": [fault.as_dict() for fault in error.faults]}))
    else:
        for fault in error.faults:
            print(f"salesml: [{fault.code}] {fault}{_details(fault)}", file=sys.stderr, flush=True)


def _details(fault: Fault) -> str:
    """How many rows a fault concerns, and examples of them."""
    count = f" Rows: {fault.count:,}." if fault.count else ""
    return count + (f" For example: {'; '.join(fault.examples)}." if fault.examples else "")


def _say(text: str) -> None:
    print(text, flush=True)


def _aside(text: str) -> None:
    """Where another program reads the answer, people read the progress beside it."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
