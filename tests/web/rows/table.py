"""The table of routes: every route of the site, its methods, and each place where a value can stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

IDS: Final = {"entity_id", "id"}
"""Names of places where the id of an account or prospect stands."""

NUMBERS: Final = {"number"}
"""Of an answer."""

REPS: Final = {"rep", "rep_id"}

KINDS: Final = ("account", "prospect")


@dataclass(frozen=True)
class Field:
    """A place where a value can stand: in the path, the query, a form, a JSON body or a header."""

    where: str
    name: str
    needed: bool


@dataclass(frozen=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    fields: tuple[Field, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def names(self) -> set[str]:
        return {each.name for each in self.fields}

    @property
    def kinds(self) -> tuple[str, ...]:
        """Whom it can be about."""
        if "kind" in self.names:
            return KINDS
        if self.names & IDS:
            found = tuple(each for each in KINDS if each in self.path)
            assert len(found) == 1, f"{self}: is it about accounts or prospects? Name one in its path"
            return found
        return KINDS if self.names & NUMBERS else ()

    def request(self, values: dict[str, str]) -> dict[str, Any]:
        """What to ask with, every needed value filled in."""
        path, parts = self.path, dict[str, dict[str, str]]()
        for each in self.fields:
            value = values.get(each.name, FILLED.get(each.name))
            assert value is not None or not each.needed, (
                f"{self} needs {each.name!r}. Say in tests/web/rows/table.py what to fill in, and whether it "
                "is an id (IDS), an answer (NUMBERS) or a rep (REPS)"
            )
            if value is None:
                continue
            if each.where == "path":
                path = path.replace(f"{{{each.name}:path}}", value).replace(f"{{{each.name}}}", value)
            else:
                parts.setdefault(each.where, {})[each.name] = value
        body = {"json": parts["json"]} if "json" in parts else {}
        return {"method": self.method, "url": path, "params": parts.get("query"), "data": parts.get("form"),
                "headers": parts.get("header", {})} | body  # fmt: skip


FILLED: Final = {"kind": "account", "seen": "1", "key": "a key of a form", "what": "contacted"}
"""What stands where a value tells nothing of whom it is about."""


def routes(app: FastAPI) -> list[Route]:
    """Every route with its methods; a mounted folder has none."""
    found = []
    for context in iter_route_contexts(app.routes):
        if not context.methods:
            assert context.path == "/static", f"{context.path} is mounted: what of it is whose?"
            continue
        dependant: Any = getattr(context, "dependant", None)
        assert dependant is not None, f"{context.path}: what may stand in it is not known"
        fields = tuple(dict.fromkeys(_fields(dependant)))
        found += [Route(method, str(context.path), fields) for method in sorted(context.methods)]
    return found


def _fields(dependant: Dependant) -> Iterator[Field]:
    groups = {
        "path": dependant.path_params, "query": dependant.query_params, "header": dependant.header_params,
        "cookie": dependant.cookie_params, "body": dependant.body_params,
    }  # fmt: skip
    for where, params in groups.items():
        for each in params:
            kind = each.field_info.annotation
            place = where
            if where == "body":
                place = "form" if isinstance(each.field_info, Form) else "json"
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                for name, info in kind.model_fields.items():
                    yield Field(place, info.alias or name, info.is_required())
            else:
                yield Field(place, each.alias, each.field_info.is_required())
    for inner in dependant.dependencies:
        yield from _fields(inner)
