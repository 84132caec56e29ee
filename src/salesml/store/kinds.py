"""Which kinds of values the columns of a published table may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from salesml.errors import Fault

Kind = tuple[Callable[[pa.DataType], bool], str]
"""A test of a type, and what passes it in words."""


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    types = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_null)
    return any(each(kind) for each in types)


def _is_number(kind: pa.DataType) -> bool:
    types = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null)
    return any(each(kind) for each in types)


def _is_day(kind: pa.DataType) -> bool:
    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))


def _is_reasons(kind: pa.DataType) -> bool:
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return False
    fields = kind.value_type
    return bool(pa.types.is_struct(fields) and {"words", "direction"} <= {field.name for field in fields})


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _is_struct(kind: pa.DataType) -> bool:
    return bool(pa.types.is_struct(kind))


def _is_structs(kind: pa.DataType) -> bool:
    return _is_list(kind) and _is_struct(kind.value_type)


TEXT: Final[Kind] = (_is_text, "text")
NUMBER: Final[Kind] = (_is_number, "numbers")
DAY: Final[Kind] = (_is_day, "dates")
REASONS: Final[Kind] = (_is_reasons, "lists of reasons with `words` and `direction`")
LIST: Final[Kind] = (_is_list, "lists")
STRUCT: Final[Kind] = (_is_struct, "structs")
STRUCTS: Final[Kind] = (_is_structs, "lists of structs")

SCORE_TABLE: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        ("scoring_run_id", "model", "task", "entity_id", "rep_id", "status", "problem", "band",
         "model_version", "list", "picked", "unlisted"), TEXT,
    ),
    **dict.fromkeys(
        ("probability", "raw_score", "base_value", "other_contribution", "value", "expected_loss",
         "expected_value", "expected_low", "expected_high", "expected_hours", "return_on_effort", "rank",
         "pick_probability"), NUMBER,
    ),
    "as_of": DAY,
    "reasons": REASONS,
}  # fmt: skip

SIMILAR_TABLE: Final[Mapping[str, Kind]] = {
    "entity_id": TEXT, "account_id": TEXT, "place": NUMBER, "similarity": NUMBER, "shared": LIST,
}  # fmt: skip

RECENT_TABLE: Final[Mapping[str, Kind]] = {"entity_id": TEXT, "events": STRUCTS}
MOVES_TABLE: Final[Mapping[str, Kind]] = {"entity_id": TEXT, "moved": STRUCT}


def wrong_kinds(path: Path, schemas: Sequence[pa.Schema], wanted: Mapping[str, Kind]) -> list[Fault]:
    """A fault for each column of another kind."""
    found: dict[str, Fault] = {}
    for schema in schemas:
        for name, (fits, words) in wanted.items():
            if name in schema.names and not fits(schema.field(name).type):
                found[name] = Fault(
                    code="bad-column",
                    found=f"The column {name} of {path} holds {schema.field(name).type}",
                    allowed=f"It holds {words}",
                    do="Publish the file as `salesml score` or `salesml rank` wrote it",
                    column=name,
                )
    return list(found.values())
