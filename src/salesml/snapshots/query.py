"""One query for a whole snapshot: all steps, the features beside the cohort, in a written order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from salesml.config import Spec
from salesml.crm.contract import Contract
from salesml.snapshots.activities import ACTIVITIES, activity_log
from salesml.snapshots.activity import add_activity, reaches, value_span, year_ago
from salesml.snapshots.agreements import add_agreements
from salesml.snapshots.attributes import add_attributes, add_calendar
from salesml.snapshots.build import Across, Build
from salesml.snapshots.cohort import COHORT, UNSCORABLE, add_cohort, add_leaving
from salesml.snapshots.entity import ACCOUNT
from salesml.snapshots.events import Log, add_event_steps, log_step, logs_of, usable_log
from salesml.snapshots.feature import Feature
from salesml.snapshots.kinds import add_kinds
from salesml.snapshots.own import OwnColumns, add_own
from salesml.snapshots.pace import add_pace
from salesml.snapshots.prospects import add_prospect
from salesml.snapshots.sql import (
    Expr,
    col,
    days_between,
    divided,
    double,
    either,
    equal,
    every,
    falling,
    joined,
    larger,
    missing,
    more,
    named,
    number_of_rows,
    or_else,
    or_zero,
    over,
    rel,
    row_number,
    select,
    text,
    whole,
)
from salesml.snapshots.stages import add_stages
from salesml.snapshots.timeline import DATES, EDGES, Timeline
from salesml.snapshots.variety import add_variety


@dataclass(frozen=True)
class Question:
    """All that a snapshot query depends on; ``leaving`` adds when accounts left."""

    spec: Spec
    contract: Contract
    columns: dict[str, dict[str, str]]
    as_of: tuple[dt.date, ...]
    training: tuple[dt.date, ...]
    observed_until: dt.date
    dated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    own: tuple[OwnColumns, ...] = ()
    labels: bool = True
    leaving: bool = False
    portable: bool = False
    wide: bool = False
    moved: bool = False
    sliced: bool = False

    def having(self, own: tuple[OwnColumns, ...]) -> Question:
        """The same question with own features."""
        return replace(self, own=own)


@dataclass(frozen=True)
class Query:
    """The snapshot as SQL, the count of who is left out, who cannot be scored, and what the columns are.

    ``across`` are the tables to make of all entities first, where the relations hold some of them only.
    """

    rows: exp.Select
    counts: exp.Select
    unscorable: exp.Select
    features: tuple[Feature, ...]
    across: tuple[Across, ...] = ()


def compose(question: Question) -> Query:
    """Put the whole query together."""
    build = start(question)
    for log in _logs(build):
        extra = question.spec.value_measure if _values(build, log) else ""
        add_event_steps(build, log, (extra,) if extra else ())
        add_activity(build, log, extra)
        add_pace(build, log)
        for category in log.categories:
            add_variety(build, log, category)
        if log.source == ACTIVITIES:
            add_kinds(build, log, question.kinds)
    add_agreements(build)
    add_stages(build)
    add_prospect(build)
    add_attributes(build)
    add_calendar(build, question.training)
    for own in question.own:
        add_own(build, own)
    _add_reps(build)
    add_cohort(build, labels=question.labels, observed_until=question.observed_until)
    left = [add_leaving(build, question.observed_until)] if question.labels and question.leaving else []
    counts = select(col("k"), col("reason"), named(number_of_rows(), "n"), source=rel("judged"))
    unscorable = select(col("entity"), col("k"), col("reason"), source=rel("judged")).where(
        exp.In(this=col("reason"), expressions=[text(reason) for reason in UNSCORABLE])
    )
    return Query(
        rows=build.steps.before(_rows(build, question.labels, left)),
        counts=build.steps.before(counts.group_by(col("k"), col("reason"))),
        unscorable=build.steps.before(unscorable.order_by(col("k"), col("entity"))),
        features=tuple(made.feature for made in build.made),
        across=tuple(build.across),
    )


def _logs(build: Build) -> Iterator[Log]:
    """Every log that names such entities, that of activities last."""
    for log in logs_of(build.contract, build.entity).values():
        yield usable_log(build, log)
    activities = activity_log(build)
    if activities:
        yield activities


def _values(build: Build, log: Log) -> bool:
    """Whether what an account is worth comes from a log."""
    return build.entity is ACCOUNT and log.name == build.spec.value_log


def start(question: Question) -> Build:
    """A query with the steps of time only."""
    spec = question.spec
    build = Build(
        spec=spec,
        contract=question.contract,
        timeline=Timeline((), ()),
        columns=question.columns,
        dated=question.dated,
        portable=question.portable,
        wide=question.wide,
        moved=question.moved,
        sliced=question.sliced,
    )
    extra = (value_span(build), *(year_ago(build) or ()))
    build.timeline = Timeline.of(question.as_of, reaches(spec.windows_days, [each for each in extra if each]))
    build.steps.add(DATES, build.timeline.dates())
    build.steps.add(EDGES, build.timeline.intervals())
    return build


def _rows(build: Build, labels: bool, left: list[Expr]) -> exp.Select:
    columns: list[Expr] = [
        named(col("entity", COHORT), "entity_id"),
        col("as_of", DATES),
        named(_rep(build), "rep_id"),
        named(_value(build), "value"),
    ]
    if labels:
        columns.append(named(exp.cast(col("label", COHORT), exp.DataType.Type.TINYINT), "label"))
    columns += left
    columns += [named(made.expression, made.feature.name) for made in build.made]
    query = select(*columns, source=rel(COHORT))
    query = joined(query, rel(DATES), equal(col("k", DATES), col("k", COHORT)))
    table = build.entity.table
    query = joined(query, rel(table), equal(col("id", table), col("entity", COHORT)))
    for beside in build.beside:
        same = equal(col("k", beside.step), col("k", COHORT))
        if beside.of_entity:
            same = every(equal(col("entity", beside.step), col("entity", COHORT)), same)
        query = joined(query, rel(beside.step), same, kind="left")
    return query.order_by(col("as_of", DATES), col("entity", COHORT))


def _value(build: Build) -> Expr:
    """The margin expected over the horizon: what came in lately, scaled to the horizon's length.

    Net sum of the last ``s`` days times horizon ÷ min(s, days since the first event + horizon),
    never below 0; ``s`` is a year, or the longest window if that is shorter. A new customer is taken
    as if it had been seen one horizon longer without buying: one order is no habit.
    """
    spec = build.spec
    if build.entity is not ACCOUNT:
        return double(exp.Null())  # nothing has come in yet
    if not spec.value:
        return double(whole(0))
    span, log = value_span(build), spec.value_log
    earned = double(or_zero(col(f"m_{spec.value_measure}_{span}", log_step(log, "windows"))))
    tenure = days_between(col("first_day", log_step(log, "pace")), col("as_of", DATES))
    seen = exp.Least(this=whole(span), expressions=[more(or_zero(tenure), whole(spec.horizon_days))])
    return larger(or_zero(divided(earned * whole(spec.horizon_days), seen)), double(whole(0)))


def _add_reps(build: Build) -> None:
    """Who worked an account at the as-of date, from past books where there are any."""
    if "assignments" not in build.contract.tables or build.entity is not ACCOUNT:
        return
    keys = [col("account", "s"), col("k", "d")]
    order = [falling(col("start", "s")), falling(col("rep", "s"))]
    ranked = joined(
        select(
            *keys,
            col("rep", "s"),
            named(over(row_number(), by=keys, order=order), "rank"),
            source=rel("assignments", "s"),
        ),
        rel(DATES, "d"),
        col("start", "s") < col("as_of", "d"),
        either(missing(col("end", "s")), col("end", "s") >= col("as_of", "d")),
    )
    query = select(named(col("account"), "entity"), col("k"), col("rep"), source=ranked.subquery("ranked"))
    build.join(build.steps.add("reps_then", query.where(equal(col("rank"), whole(1)))))


def _rep(build: Build) -> Expr:
    present = col("rep", build.entity.table)
    if "reps_then" in build.steps:
        return or_else(col("rep", "reps_then"), present)
    return present
