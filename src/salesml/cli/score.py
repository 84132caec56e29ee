"""`score`, `changes`, `picture`, `rank`: who is likely to, what moved it, why, and whom to call first."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from salesml.cli.combined import needed, only_with_spark, only_with_table
from salesml.cli.exit_codes import ALARMS
from salesml.cli.inputs import named_spec, open_crm, tracking
from salesml.cli.listen import listening
from salesml.cli.options import Commands, engine_options, name_options
from salesml.cli.say import say
from salesml.cli.values import count, date, named, number, size

if TYPE_CHECKING:
    from salesml.lifecycle.score import How, Scored


def add_commands(commands: Commands) -> None:
    """Add the commands that end in a list."""
    _add_score(commands)
    _add_changes(commands)
    _add_picture(commands)
    _add_rank(commands)


def _add_score(commands: Commands) -> None:
    add = commands.add_parser("score", help="a calibrated probability, its worth and reasons per account")
    name_options(add)
    add.add_argument("--as-of", type=date, metavar="DATE", help="the date the scores are for")
    add.add_argument(
        "--out", required=True, type=named, metavar="FILE|DIR|URL",
        help="a new .parquet or .csv file; a folder of scores by task and date, of which that date is "
        "replaced at once; or a store, sqlite:///FILE.db or postgresql://USER@HOST/DATABASE",
    )  # fmt: skip
    add.add_argument("--model", metavar="URI|DIR", help="default: the registered champion")
    add.add_argument(
        "--table", metavar="FILE",
        help="a flat table instead of crm.yaml; with --engine spark also an address, or a table of a catalog",
    )  # fmt: skip
    add.add_argument("--id", metavar="COL", help="with --table: the column that identifies a row")
    add.add_argument("--reasons", type=count, default=5, metavar="N", help="at most so many per account (5)")
    add.add_argument(
        "--similar", type=Path, metavar="FILE",
        help="for the task fit: also write which ideal accounts each prospect resembles",
    )  # fmt: skip
    add.add_argument(
        "--work", type=Path, metavar="DIR",
        help="with a store: where unfinished work lies (beside a SQLite file, else in this folder)",
    )  # fmt: skip
    engine_options(add)
    add.add_argument("--dry-run", action="store_true", help="check everything, say what would be done")
    add.add_argument("--json", action="store_true", help="one event per line, for a scheduler")
    add.add_argument(
        "--strict", action="store_true",
        help="end with code 3 where something is not as in training or rows could not be scored",
    )  # fmt: skip
    add.add_argument(
        "--memory", type=size, metavar="SIZE",
        help="what the snapshot may take (900MB, and half of the machine's where that is not enough)",
    )  # fmt: skip
    add.add_argument("--threads", type=count, default=0, metavar="N", help="rows are scored by so many (all)")
    add.set_defaults(run=_score, apart=True)


def _add_changes(commands: Commands) -> None:
    add = commands.add_parser("changes", help="what moved each score since a date: its data, or the model")
    name_options(add)
    add.add_argument("--as-of", type=date, required=True, metavar="DATE", help="the date of now")
    add.add_argument("--since", type=date, required=True, metavar="DATE", help="the date of before")
    add.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="Parquet or CSV; never overwritten"
    )
    add.add_argument("--model", metavar="URI|DIR", help="the model of now; default: the registered champion")
    add.add_argument("--since-model", metavar="URI|DIR", help="the model of before; default: that of now")
    add.add_argument("--reasons", type=count, default=5, metavar="N", help="at most so many per part (5)")
    add.set_defaults(run=_changes)


def _add_picture(commands: Commands) -> None:
    add = commands.add_parser("picture", help="how one account's score comes about, to look at")
    add.add_argument("scores", type=Path, metavar="SCORES", help="a score table or ranked list, Parquet")
    add.add_argument("--entity", required=True, metavar="ID", help="the account's entity_id")
    add.add_argument("--as-of", type=date, metavar="DATE", help="which of its rows, where there are several")
    add.add_argument("--out", type=Path, required=True, metavar="FILE.svg", help="never overwritten")
    add.set_defaults(run=_picture)


def _add_rank(commands: Commands) -> None:
    add = commands.add_parser("rank", help="who comes first: by expected return, within what reps can do")
    name_options(add, crm=None)
    add.add_argument(
        "--scores", type=Path, required=True, metavar="FILE|DIR",
        help="what `score` wrote: a Parquet file, or of a folder one date, task=NAME/as_of=DATE",
    )  # fmt: skip
    add.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="Parquet or CSV; never overwritten"
    )
    add.add_argument(
        "--hours-per-rep", type=number, metavar="N",
        help="the hours of each rep's list; without it --crm gives each rep's hours per week",
    )  # fmt: skip
    add.add_argument(
        "--places-per-rep", type=number, metavar="N", help="the rows of each rep's list, instead of hours"
    )
    add.add_argument(
        "--explore", type=number, default=0.0, metavar="SHARE",
        help="share of the hours or places for rows drawn by lot, such as 0.05 (0)",
    )  # fmt: skip
    add.add_argument("--seed", type=int, default=0, metavar="N", help="what lots are drawn from (0)")
    add.set_defaults(run=_rank)


def _score(arguments: argparse.Namespace) -> int:
    from salesml.lifecycle.score import How, score, score_table

    only_with_spark(arguments)
    how = How(
        listener=listening(as_json=arguments.json),
        memory=arguments.memory or "",
        workers=arguments.threads,
        dry=arguments.dry_run,
        work=arguments.work,
    )
    if arguments.engine == "spark":
        done = _score_with_spark(arguments, how)
    elif arguments.table is None:
        only_with_table(arguments, "id")
        as_of = needed(arguments, "as_of")
        spec, crm = named_spec(arguments), open_crm(arguments)
        done = score(
            spec, crm, as_of, arguments.out,
            model=arguments.model, tracking=tracking(arguments), top=arguments.reasons,
            similar=arguments.similar, say=say, how=how,
        )  # fmt: skip
    else:
        done = score_table(
            arguments.name, Path(arguments.table), arguments.out,
            id_column=needed(arguments, "id"), as_of=arguments.as_of,
            model=arguments.model, tracking=tracking(arguments), top=arguments.reasons, how=how,
        )  # fmt: skip
    return ALARMS if arguments.strict and done.alarms else 0


def _changes(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.changes import score_changes

    done = score_changes(
        named_spec(arguments), open_crm(arguments), arguments.since, arguments.as_of, arguments.out,
        model=arguments.model, since_model=arguments.since_model, tracking=tracking(arguments),
        top=arguments.reasons, say=say,
    )  # fmt: skip
    say(done.text())


def _picture(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.picture import picture

    say(picture(arguments.scores, arguments.entity, arguments.out, as_of=arguments.as_of))


def _score_with_spark(arguments: argparse.Namespace, how: How) -> Scored:
    from salesml.lifecycle.with_spark import score, score_table

    if arguments.table is None:
        only_with_table(arguments, "id")
        return score(
            named_spec(arguments), open_crm(arguments), needed(arguments, "as_of"), arguments.out,
            model=arguments.model, tracking=tracking(arguments), top=arguments.reasons,
            master=arguments.master or "", how=how,
        )  # fmt: skip
    return score_table(
        arguments.name, arguments.table, arguments.out,
        id_column=needed(arguments, "id"), as_of=arguments.as_of,
        model=arguments.model, tracking=tracking(arguments), top=arguments.reasons,
        master=arguments.master or "", how=how,
    )  # fmt: skip


def _rank(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.rank import rank_file

    crm = open_crm(arguments) if arguments.crm else None
    say(
        rank_file(
            arguments.scores, arguments.out, name=arguments.name, seed=arguments.seed,
            hours_per_rep=arguments.hours_per_rep, places_per_rep=arguments.places_per_rep,
            explore=arguments.explore, crm=crm,
        )
    )  # fmt: skip
