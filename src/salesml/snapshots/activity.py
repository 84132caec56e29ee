"""How much happened in each window: events, sums, means, greatest, returns, and the trend."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from salesml.snapshots.build import Build, plural
from salesml.snapshots.entity import ACCOUNT
from salesml.snapshots.events import Log, placed
from salesml.snapshots.feature import Feature
from salesml.snapshots.sql import (
    Expr,
    absolute,
    col,
    days_between,
    divided,
    double,
    greatest,
    grouped,
    less,
    more,
    named,
    or_zero,
    total,
    when,
    whole,
)
from salesml.snapshots.timeline import DATES
from salesml.snapshots.totals import Cell, add_totals
from salesml.words import money_unit

YEAR = 365


def trend_windows(windows: Iterable[int]) -> list[int]:
    """Windows that are compared with the days before them.

    Those whose double still lies within the longest window, and always the shortest one.
    """
    days = sorted(windows)
    return [window for window in days if 2 * window <= days[-1] or window == days[0]]


def year_ago(build: Build) -> tuple[int, int] | None:
    """The reaches between which, a year earlier, the days of the horizon lie; None if out of sight.

    Prospects have no season of their own: hardly one was there a year ago.
    """
    if build.entity is not ACCOUNT:
        return None
    start = YEAR - build.spec.gap_days
    end = start - build.spec.horizon_days
    return (start, end) if max(build.spec.windows_days) >= YEAR and end >= 0 else None


def reaches(build_windows: Iterable[int], extra: Iterable[int] = ()) -> set[int]:
    """All days before an as-of date at which something begins or ends."""
    windows = list(build_windows)
    return {*windows, *(2 * window for window in trend_windows(windows)), *extra}


def add_activity(build: Build, log: Log, value_measure: str = "") -> None:
    """Steps and features of the events in each window."""
    measures = tuple(dict.fromkeys((*log.measures, *([value_measure] if value_measure else []))))
    add_partials(build, log, measures)
    add_totals(build, log, _cells(build, log, value_measure))
    build.join(log.step("windows"))
    for window in build.spec.windows_days:
        _features_of(build, log, window)
    for window in trend_windows(build.spec.windows_days):
        _trend(build, log, window)
    _season(build, log)


def add_partials(build: Build, log: Log, measures: tuple[str, ...]) -> None:
    """Partial sums per account and interval: every event is touched once for all as-of dates."""
    keys = [named(col("i", "d"), "i")] + ([named(col("i", "n"), "known")] if log.spreads else [])
    columns = [col("entity", "e"), *keys, named(total(_active(log, col("n", "e"))), "n")]
    for name in measures:
        columns.append(named(total(col(f"m_{name}", "e")), f"m_{name}"))
    for name in log.measures:
        columns.append(named(greatest(_active(log, col(f"t_{name}", "e"))), f"x_{name}"))
    if log.has_returns:
        columns.append(named(total(_returned(col("n", "e"))), "r"))
        for name in log.measures:
            columns.append(named(total(_returned(col(f"m_{name}", "e"))), f"r_{name}"))
    group = [col("entity", "e"), col("i", "d")] + ([col("i", "n")] if log.spreads else [])
    query = placed(log, log.step("events"), known=log.spreads).select(*columns)
    build.steps.add(log.step("by_interval"), grouped(query, group))


def _cells(build: Build, log: Log, value_measure: str) -> list[Cell]:
    """Every number of a window that a feature needs."""
    windows = build.spec.windows_days
    doubled = [2 * window for window in trend_windows(windows)]
    measures = [f"m_{name}" for name in log.measures]
    cells = [Cell(name, reach) for reach in sorted({*windows, *doubled}) for name in ("n", *measures)]
    for window in windows:
        cells += [Cell(f"x_{name}", window, "max") for name in log.measures]
        if log.has_returns:
            cells += [Cell(name, window) for name in ("r", *(f"r_{name}" for name in log.measures))]
    if value_measure:
        cells.append(Cell(f"m_{value_measure}", value_span(build)))
    ago = year_ago(build)
    if ago:
        cells.append(Cell("n", ago[0], until=ago[1], name="n_year_ago"))
    return list(dict.fromkeys(cells))


def value_span(build: Build) -> int:
    """Days that the expected value is taken from: a year, or the longest window if that is shorter."""
    return min(YEAR, max(build.spec.windows_days))


def _active(log: Log, value: Expr) -> Expr:
    return when(_not_returned(), value) if log.has_returns else value


def _not_returned() -> Expr:
    return exp.Not(this=col("is_return", "e"))


def _returned(value: Expr) -> Expr:
    return when(col("is_return", "e"), value)


def _features_of(build: Build, log: Log, window: int) -> None:
    events, step, last = plural(log.log.singular), log.step("windows"), f"in the last {window} days"
    source = log.source
    count = or_zero(col(f"n_{window}", step))
    build.feature(
        Feature(
            name=f"{log.name}_count_{window}d", source=source, window_days=window, unit=log.log.singular,
            form="count", words=f"{events} {last}", group=f"{log.name}.activity", tag="symptom",
        ),
        double(count),
    )  # fmt: skip
    for name in log.measures:
        word, tag = build.contract.word(name), build.tag(name, "symptom")
        group, unit = f"{log.name}.{name}", money_unit(build.contract.currency, name, word)
        for kind, expression, words in (
            (
                "sum",
                double(or_zero(col(f"m_{name}_{window}", step))),
                f"{_measured(build, log, name)} {last}",
            ),
            (
                "mean",
                divided(_gross(log, name, window), count.copy()),
                f"{word} per {log.log.singular} {last}",
            ),
            (
                "max",
                double(col(f"x_{name}_{window}", step)),
                f"largest {word} of one {log.log.singular} {last}",
            ),
        ):
            build.feature(
                Feature(
                    name=f"{log.name}_{name}_{kind}_{window}d", source=source, column=name,
                    window_days=window, unit=unit, form="money" if unit else "number", words=words,
                    group=group, tag=tag,
                ),
                expression,
            )  # fmt: skip
    if log.has_returns:
        _returns(build, log, window)


def _measured(build: Build, log: Log, name: str) -> str:
    """What a measure is called: with its log, where another log has it too, or it is of a rep's work."""
    logs = build.contract.events.values()
    shared = sum(name in other.measures for other in logs) > 1 or log.name not in build.contract.events
    word = build.contract.word(name)
    return f"{word} of {plural(log.log.singular)}" if shared else word


def _gross(log: Log, name: str, window: int) -> Expr:
    step = log.step("windows")
    net = col(f"m_{name}_{window}", step)
    return less(net, or_zero(col(f"r_{name}_{window}", step))) if log.has_returns else net


def _returns(build: Build, log: Log, window: int) -> None:
    step, last, group = log.step("windows"), f"in the last {window} days", f"{log.name}.returns"
    events = plural(log.log.singular)
    build.feature(
        Feature(
            name=f"{log.name}_returns_count_{window}d", source=log.source, window_days=window,
            unit="returns", form="count", words=f"returned {events} {last}", group=group, tag="symptom",
        ),
        double(or_zero(col(f"r_{window}", step))),
    )  # fmt: skip
    for name in log.measures:
        unit = money_unit(build.contract.currency, name, build.contract.word(name))
        build.feature(
            Feature(
                name=f"{log.name}_returns_{name}_{window}d", source=log.source, column=name,
                window_days=window, unit=unit, form="money" if unit else "number",
                words=f"{build.contract.word(name)} of returned {events} {last}", group=group,
                tag=build.tag(name, "symptom"),
            ),
            double(absolute(or_zero(col(f"r_{name}_{window}", step)))),
        )  # fmt: skip


def _trend(build: Build, log: Log, window: int) -> None:
    """Recent against previous window of equal length.

    Events: (recent + 1) ÷ (previous + 1); the one event added keeps it defined and calm for few.
    Measures: (recent - previous) ÷ (|recent| + |previous|), from -1 to 1, and 0 when both are 0.
    Missing at as-of dates whose previous window begins before the log does: what was never
    recorded is no decline.
    """
    events = plural(log.log.singular)
    against = f"in the last {window} days against the {window} days before"
    recent, before = _recent_and_before(log, "n", window)
    build.feature(
        Feature(
            name=f"{log.name}_count_trend_{window}d", source=log.source, window_days=2 * window,
            form="ratio", words=f"{events} {against}", group=f"{log.name}.activity", tag="symptom",
        ),
        when(
            recorded(log, 2 * window),
            divided(more(recent, whole(1)), more(before, whole(1))),
        ),
    )  # fmt: skip
    for name in log.measures:
        recent, before = _recent_and_before(log, f"m_{name}", window)
        size = more(absolute(recent), absolute(before))
        build.feature(
            Feature(
                name=f"{log.name}_{name}_trend_{window}d", source=log.source, column=name,
                window_days=2 * window, form="number",
                words=f"change of {_measured(build, log, name)} {against}", group=f"{log.name}.{name}",
                tag=build.tag(name, "symptom"),
            ),
            when(
                recorded(log, 2 * window), or_zero(divided(less(recent.copy(), before.copy()), size))
            ),
        )  # fmt: skip


def _recent_and_before(log: Log, column: str, window: int) -> tuple[Expr, Expr]:
    recent, both = (or_zero(col(f"{column}_{days}", log.step("windows"))) for days in (window, 2 * window))
    return recent, less(both, recent.copy())


def recorded(log: Log, days: int) -> Expr:
    """Whether the log, as known then, goes back so many days before the as-of date."""
    return days_between(col("first_day", log.step("began")), col("as_of", DATES)) >= whole(days)


def _season(build: Build, log: Log) -> None:
    """The account's own season: what it did a year ago in the days that the label looks at.

    Missing at as-of dates from which the log does not go back so far.
    """
    ago = year_ago(build)
    if not ago:
        return
    events = plural(log.log.singular)
    build.feature(
        Feature(
            name=f"{log.name}_count_year_ago", source=log.source, window_days=YEAR,
            unit=log.log.singular, form="count",
            words=f"{events} a year ago in the {build.spec.horizon_days} days then ahead",
            group=f"{log.name}.season", tag="symptom",
        ),
        when(recorded(log, ago[0]), double(or_zero(col("n_year_ago", log.step("windows"))))),
    )  # fmt: skip
