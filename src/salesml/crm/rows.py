"""Faults in the rows of one table: one pass counts everything, a second shows examples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import duckdb
from sqlglot import exp

from salesml.crm import values
from salesml.crm.bound import Bound
from salesml.crm.codes import EXAMPLES, fault
from salesml.crm.probes import Probe, probes, texts
from salesml.crm.sources import quoted, unreadable
from salesml.crm.tables import ANSWERS
from salesml.errors import Fault

_SLASHES, _DOTS, _CLOCK = r"\d{1,2}/\d{1,2}/\d{4}", r"\d{1,2}\.\d{1,2}\.\d{4}", r" \d{1,2}:\d{2}"

FORMS = {
    "%d/%m/%Y": _SLASHES, "%m/%d/%Y": _SLASHES, "%d.%m.%Y": _DOTS, "%Y/%m/%d": r"\d{4}/\d{1,2}/\d{1,2}",
    "%Y%m%d": r"\d{8}", "%d-%m-%Y": r"\d{1,2}-\d{1,2}-\d{4}", "%d %b %Y": r"\d{1,2} [A-Za-z]{3} \d{4}",
    "%d-%b-%Y": r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%b %d, %Y": r"[A-Za-z]{3} \d{1,2}, \d{4}",
    "%d/%m/%Y %H:%M": _SLASHES + _CLOCK, "%m/%d/%Y %H:%M": _SLASHES + _CLOCK,
    "%d.%m.%Y %H:%M": _DOTS + _CLOCK,
    "%d/%m/%Y %H:%M:%S": _SLASHES + _CLOCK + r":\d{2}", "%m/%d/%Y %H:%M:%S": _SLASHES + _CLOCK + r":\d{2}",
}  # fmt: skip
"""Forms of dates that are recognised, to be named in the advice; none is taken without being told."""


def check_rows(bound: Bound, con: duckdb.DuckDBPyConnection, today: dt.date) -> tuple[int, list[Fault]]:
    """Rows of a table, and what is wrong in them; -1 rows when they cannot be read to the end."""
    try:
        # What `where` cannot read it leaves out, so that is looked for in all rows.
        everything = replace(bound, where=None)
        _, _, faults = _run(everything, list(texts(bound, bound.where_texts)), con)
        total, found, others = _run(bound, probes(bound, today), con)
        known = {(each.code, each.column) for each in faults}
        faults += [each for each in others if (each.code, each.column) not in known]
        if not total:
            return 0, [*faults, *([] if bound.table == ANSWERS else [_no_rows(bound, con)])]
    except (duckdb.BinderException, duckdb.ParserException):
        raise  # the query is ours
    except duckdb.Error as error:
        return -1, [unreadable(bound.table, error)]
    return total, [*faults, *_unusable(bound, found, total), *_mixed_attributes(bound, con)]


def _run(
    bound: Bound, wanted: Sequence[Probe], con: duckdb.DuckDBPyConnection
) -> tuple[int, dict[Probe, int], list[Fault]]:
    """All rows, what was found in how many of them, and the faults that it makes."""
    if not wanted:
        return 0, {}, []
    total, counts = _counts(bound, wanted, con)
    found = {probe: count for probe, count in zip(wanted, counts, strict=True) if count}
    return total, found, _faults(bound, found, _examples(bound, list(found), con), total, con)


def _counts(bound: Bound, wanted: Sequence[Probe], con: duckdb.DuckDBPyConnection) -> tuple[int, list[int]]:
    counters = [_where(exp.Count(this=exp.Star()), probe.condition) for probe in wanted]
    row = con.execute(_over(bound, [exp.Count(this=exp.Star()), *counters])).fetchone() or (0,)
    return row[0], list(row[1:])


def _examples(bound: Bound, found: Sequence[Probe], con: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    """The first few different values of each, in one pass."""
    if not found:
        return []
    first = [
        _where(
            exp.Anonymous(
                this="min",
                expressions=[exp.Distinct(expressions=[probe.example.copy()]), exp.Literal.number(EXAMPLES)],
            ),
            probe.condition,
        )
        for probe in found
    ]
    row = con.execute(_over(bound, first)).fetchone() or ()
    return [tuple(repr(str(value)) for value in each or ()) for each in row]


def _over(bound: Bound, columns: Sequence[exp.Expr]) -> str:
    query = exp.select(*columns).from_(exp.to_table(bound.raw_name))
    return (query.where(bound.where) if bound.where is not None else query).sql("duckdb")


def _where(aggregate: exp.Expr, condition: exp.Expr) -> exp.Expr:
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition.copy()))


def _faults(
    bound: Bound,
    found: dict[Probe, int],
    examples: Sequence[tuple[str, ...]],
    total: int,
    con: duckdb.DuckDBPyConnection,
) -> list[Fault]:
    shown = dict(zip(found, examples, strict=True))
    faults = []
    for probe, count in found.items():
        rows = f"{count:,} of {total:,} rows"
        if probe.code == "bad-date":
            good = next((n for p, n in found.items() if p.code == "bare" and p.column == probe.column), 0)
            faults.append(_bad_date(bound, probe, count, good, rows, shown[probe], con))
        elif probe.code == "zoned":
            faults.extend(_mixed_zones(bound, probe, found, shown))
        elif probe.code != "bare":
            text = probe.found.format(rows=rows)
            faults.append(
                fault(
                    probe.code,
                    text,
                    table=bound.table,
                    column=probe.column,
                    count=count,
                    examples=shown[probe],
                )
            )
    return faults


def _unusable(bound: Bound, found: dict[Probe, int], total: int) -> list[Fault]:
    """A table none of whose rows can be used is as good as empty."""
    lacks = {"null-link": "belongs to anybody", "null-date": "has a date"}
    return [
        fault(
            "no-rows", f"Not one of its {total:,} rows {lacks[probe.code]}", do="Name another column",
            table=bound.table, column=probe.column, count=count,
        )
        for probe, count in found.items()
        if count == total and probe.code in lacks
    ]  # fmt: skip


def _mixed_zones(
    bound: Bound, probe: Probe, found: dict[Probe, int], shown: dict[Probe, tuple[str, ...]]
) -> list[Fault]:
    bare = next((each for each in found if each.code == "bare" and each.column == probe.column), None)
    if bare is None:
        return []
    text = f"{found[probe]:,} rows have a time with an offset from UTC, {found[bare]:,} have none"
    return [
        fault(
            "mixed-zones", text, table=bound.table, column=probe.column, count=min(found[probe], found[bare]),
            examples=[*shown[probe][:2], *shown[bare][:3]],
        )
    ]  # fmt: skip


def _bad_date(
    bound: Bound,
    probe: Probe,
    count: int,
    good: int,
    rows: str,
    examples: tuple[str, ...],
    con: duckdb.DuckDBPyConnection,
) -> Fault:
    """Text that is no date: is it of another form, a word for none, or rubbish?"""
    forms, all_alike = _forms(bound, probe, con)
    words = _words(bound, probe, con)
    code, found, do = "bad-date", probe.found.format(rows=rows), ""
    if forms and (good or not all_alike):
        code, found = "mixed-dates", f"{rows} are of another form than 2026-01-31, or of several"
        do = f"Write all dates alike: {good:,} are as they should be, others look like {' or '.join(forms)}"
    elif forms:
        do = f"If all are of one form, write `date_format: '{forms[0]}'` in this table"
        if len(forms) > 1:
            do += f" (or '{forms[1]}': the dates do not tell which)"
    elif words:
        listed = ", ".join(f"'{word}'" for word in words)
        do = f"If that means none, write `null_values: {{{probe.column}: [{listed}]}}` in this table"
    return fault(code, found, do=do, table=bound.table, column=probe.column, count=count, examples=examples)


def _forms(bound: Bound, probe: Probe, con: duckdb.DuckDBPyConnection) -> tuple[list[str], bool]:
    """The forms that wrong dates have, the commonest two first, and whether one is that of all."""
    counters = [
        _where(
            exp.Count(this=exp.Star()),
            exp.and_(
                probe.condition.copy(),
                values.matches(probe.example, rf"^\s*{pattern}\s*$"),
                exp.not_(
                    exp.Is(
                        this=exp.Anonymous(
                            this="try_strptime",
                            expressions=[probe.example.copy(), exp.Literal.string(form)],
                        ),
                        expression=exp.Null(),
                    )
                ),
            ),
        )
        for form, pattern in FORMS.items()
    ]
    everything = _where(exp.Count(this=exp.Star()), probe.condition)
    row = con.execute(_over(bound, [everything, *counters])).fetchone() or (0,)
    counts = dict(zip(FORMS, row[1:], strict=True))
    most = max(counts.values())
    alike = most == row[0]
    seen = [form for form, count in counts.items() if count and (count == most or not alike)]
    return sorted(seen, key=lambda form: -counts[form])[:2], alike


def _words(bound: Bound, probe: Probe, con: duckdb.DuckDBPyConnection) -> list[str]:
    """The wrong texts, when they are a few words without digits."""
    query = exp.select(exp.Distinct(expressions=[probe.example.copy()])).from_(exp.to_table(bound.raw_name))
    query = query.where(probe.condition.copy()).limit(4)
    seen = sorted(str(row[0]) for row in con.execute(query.sql("duckdb")).fetchall())
    plain = all(len(text) <= 20 and not any(each.isdigit() for each in text) for text in seen)
    return seen if plain and len(seen) <= 3 else []


def _no_rows(bound: Bound, con: duckdb.DuckDBPyConnection) -> Fault:
    if bound.where is not None:
        row = con.execute(f"SELECT count(*) FROM {bound.raw_name}").fetchone()
        if row and row[0]:
            return fault(
                "no-rows", f"`where` leaves none of its {row[0]:,} rows", do="Mend `where`", table=bound.table
            )
    return fault("no-rows", "The table has no rows", table=bound.table)


def _mixed_attributes(bound: Bound, con: duckdb.DuckDBPyConnection) -> list[Fault]:
    """Attributes of a CSV file that would be numbers but for a few values."""
    attributes = [each for each in bound.fields if each.part == "attribute" and each.type == "VARCHAR"]
    if bound.raw.typed or not attributes:
        return []
    columns: list[exp.Expr] = []
    for field in attributes:
        number = exp.Is(this=values.cast(field.raw.copy(), "DOUBLE"), expression=exp.Null())
        odd = exp.and_(number, exp.not_(exp.Is(this=exp.paren(field.raw.copy()), expression=exp.Null())))
        coded = values.matches(field.raw, r"^\s*[+-]?0[0-9]")
        shown = exp.Anonymous(
            this="min",
            expressions=[exp.Distinct(expressions=[field.raw.copy()]), exp.Literal.number(EXAMPLES)],
        )
        columns += [
            exp.func("COUNT", field.raw.copy()),
            _where(exp.Count(this=exp.Star()), odd),
            _where(exp.Count(this=exp.Star()), coded),
            _where(shown, odd),
        ]
    row = con.execute(_over(bound, columns)).fetchone() or ()
    faults = []
    for place, field in enumerate(attributes):
        filled, wrong, codes, examples = row[4 * place : 4 * place + 4]
        if wrong and not codes and wrong <= 0.1 * filled:
            found = f"{wrong:,} of {filled:,} values are not numbers, all others are"
            faults.append(
                fault(
                    "mixed-attribute", found, table=bound.table, column=field.column, count=wrong,
                    examples=[quoted(str(each)) for each in examples or ()],
                )
            )  # fmt: skip
    return faults
