"""`validate` and `snapshot`: the tables checked, and as known on a date."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from salesml.cli.combined import needed, only_with_spark
from salesml.cli.dialect import known_dialect
from salesml.cli.exit_codes import REFUSED
from salesml.cli.inputs import named_spec, open_crm
from salesml.cli.options import Commands, crm_option, engine_options, name_options
from salesml.cli.say import say
from salesml.cli.values import date

if TYPE_CHECKING:
    from salesml.crm import CRM


def add_commands(commands: Commands) -> None:
    """Add the commands that look at the tables."""
    _add_validate(commands)
    _add_snapshot(commands)


def _add_validate(commands: Commands) -> None:
    add = commands.add_parser("validate", help="every fault of the tables in one report")
    crm_option(add)
    add.add_argument("--today", type=date, metavar="DATE", help="for freshness; default: today")
    add.add_argument("--json", action="store_true", help="for another program to read")
    add.set_defaults(run=_validate)


def _add_snapshot(commands: Commands) -> None:
    add = commands.add_parser("snapshot", help="features as known on a date, as a table or as SQL")
    name_options(add)
    add.add_argument("--as-of", type=date, required=True, metavar="DATE")
    add.add_argument("--out", metavar="FILE", help="Parquet or CSV")
    add.add_argument("--sql", action="store_true", help="print the SQL instead of running it")
    add.add_argument(
        "--dialect", default="duckdb", help="of the SQL: duckdb, postgres, snowflake, bigquery, spark"
    )
    engine_options(add)
    add.set_defaults(run=_snapshot)


def _seen_by_spark(crm: CRM, master: str) -> CRM:
    """The same contract with the tables that Spark sees: those of its catalog, too."""
    from salesml.snapshots.engines.session import session
    from salesml.snapshots.engines.spark_crm import SparkCRM

    return SparkCRM(crm.contract, session(master))


def _validate(arguments: argparse.Namespace) -> int:
    from salesml.crm import validate

    report = validate(arguments.crm, arguments.today)
    say(json.dumps(report.as_json()) if arguments.json else report.text())
    return REFUSED if report.fatal else 0


def _snapshot(arguments: argparse.Namespace) -> None:
    from salesml.lifecycle.snapshot import save_snapshot
    from salesml.snapshots import snapshot_sql

    only_with_spark(arguments)
    spec, crm = named_spec(arguments), open_crm(arguments)
    if arguments.sql:
        dialect = known_dialect(arguments.dialect)
        if arguments.engine == "spark":
            crm = _seen_by_spark(crm, arguments.master or "")
        say(snapshot_sql(spec, crm, [arguments.as_of], labels=False, dialect=dialect))
        return
    out = needed(arguments, "out")
    if arguments.engine == "spark":
        from salesml.lifecycle import with_spark

        say(with_spark.save_snapshot(spec, crm, arguments.as_of, out, master=arguments.master or ""))
        return
    say(save_snapshot(spec, crm, arguments.as_of, Path(out)))
