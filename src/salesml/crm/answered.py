"""Columns of the table of answers that say what was not known when the answer was given.

`salesml feedback export` writes them beside each answer. As an event log the table is known at the moment of
the answer; what came of it, and what became of the answer since, would reach back to that moment.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from salesml.crm.bound import Bound
from salesml.crm.codes import fault
from salesml.crm.tables import ANSWERS
from salesml.errors import Fault

EXPORTED = frozenset({"what", "state", "model_version", "as_of", "withdrawn_at", "horizon_end", "label"})
"""A source with all of these is a table of answers."""

LATER = ("label", "ripe", "no_label", "state", "withdrawn_at", "withdrawn_by")
"""What was not known then."""


def later_faults(bound: Bound) -> Iterator[Fault]:
    """Faults of a log or table made of answers whose columns or expressions read what came later.

    Only the table of answers itself may: no feature is made of it.
    """
    if bound.table == ANSWERS or not {*bound.place.names} >= EXPORTED:
        return
    later = {bound.place.names[name]: name for name in LATER if name in bound.place.names}
    read: dict[str, list[exp.Expr]] = {each.column: [each.raw, each.value] for each in bound.fields}
    read |= {"where": [bound.where]} if bound.where is not None else {}
    for key, expressions in read.items():
        columns = {column.name for each in expressions for column in each.find_all(exp.Column)}
        for name in sorted(later[each] for each in columns & later.keys()):
            yield fault(
                "known-later",
                f"{key!r} reads {name!r}, which was not known when the answer was given",
                table=bound.table,
                column=name,
            )
