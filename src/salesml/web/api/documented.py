"""What the description of the API says of refusals."""

from __future__ import annotations

from typing import Any, Final

from salesml.web.api.models import Problem

_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

_REFUSALS: Final = {
    400: "The request cannot be read, or came by an address that is not the site's.",
    401: "There is no token, or it is unknown, revoked or too old, or its person is shut out.",
    403: "The token has not the scope, the person only looks, or another site's page asked.",
    404: "There is no such thing, or it is not the person's to see.",
    422: "Something in the address or the body cannot be taken.",
    429: "Too many requests by this token; `Retry-After` says how many seconds to wait.",
    503: "The store is away; `Retry-After` says how many seconds to wait.",
}
_OF_READS: Final = {410: "The scores that the list began with are kept no longer."}
_OF_WRITES: Final = {
    408: "The body did not arrive in time.",
    413: "The body is too large.",
}
_HEADERS: Final = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"schema": {"type": "integer"}}},
    503: {"Retry-After": {"schema": {"type": "integer"}}},
}


def _documented(*groups: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"description": words, "content": _PROBLEM}
        | ({"headers": _HEADERS[status]} if status in _HEADERS else {})
        for group in groups
        for status, words in sorted(group.items())
    }


READS: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "The program has the same already, by `If-None-Match`."},
    **_documented(_REFUSALS, _OF_READS),
}
WRITES: Final = _documented(_REFUSALS, _OF_WRITES)


def add_problem(described: dict[str, Any]) -> dict[str, Any]:
    """The description with the form of refusals."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = schema.pop("$defs", {})
    described.setdefault("components", {}).setdefault("schemas", {}).update(parts | {"Problem": schema})
    return described
