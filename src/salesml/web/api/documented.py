"""What the description of the API says of answers: of refusals, of tags, and of what can be asked next."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Header

from salesml.web.api.models import Problem

Said = dict[int | str, dict[str, Any]]

WORDS: Final = (
    "Scores of customers and prospects, why, and what people answered to them: as much as the person may see "
    "on whose behalf a token asks. What is not theirs does not exist: 404."
)

_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

_REFUSALS: Final = {
    400: "The request cannot be read, or came by an address that is not the site's.",
    401: "There is no token, or it is unknown, revoked or too old, or its person is shut out.",
    403: "The token has not the scope, the person only looks, or another site's page asked.",
    404: "There is no such thing, or it is not the person's to see.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    422: "Something in the address or the body cannot be taken.",
    429: "Too many requests by this token; `Retry-After` says how many seconds to wait.",
    500: "Something went wrong unforeseen; `detail` has the number under which it was written down.",
    503: "The store is away; `Retry-After` says how many seconds to wait.",
}
_OF_LISTS: Final = {410: "The scores that the list began with are kept no longer."}

_SECONDS: Final = {"Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}}}
_HEADERS: Final = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    429: _SECONDS,
    503: _SECONDS,
}
_TAG: Final = {
    "ETag": {
        "description": "Of the very content, for `If-None-Match`.",
        "required": True,
        "schema": {"type": "string"},
    }
}


async def if_none_match(
    if_none_match: Annotated[
        str | None, Header(description="Tags of what the program has; 304 while it is the same.")
    ] = None,
) -> None:
    """Only describes what `told` reads."""


def of_read(*, links: dict[str, Any] | None = None, lists: bool = False) -> Said:
    """What a route that reads can answer.

    Parameters
    ----------
    links : dict, optional
        What can be asked next, by a name.
    lists : bool
        Whether it goes on from page to page.
    """
    found: Said = {200: {"headers": _TAG} | ({"links": links} if links else {})}
    found[304] = {"description": "The program has the same already, by `If-None-Match`.", "headers": _TAG}
    return found | _documented(_REFUSALS | (_OF_LISTS if lists else {}))


def of_write(status: int, links: dict[str, Any] | None = None) -> Said:
    """What a route that writes can answer."""
    return ({status: {"links": links}} if links else {}) | _documented(_REFUSALS)


def link(operation: str, **parameters: str) -> dict[str, Any]:
    """An operation that can be asked next, and where in the answer its parameters stand."""
    return {"operationId": operation, "parameters": parameters}


def _documented(refusals: dict[int, str]) -> Said:
    return {
        status: {"description": words, "content": _PROBLEM}
        | ({"headers": _HEADERS[status]} if status in _HEADERS else {})
        for status, words in sorted(refusals.items())
    }


def add_problem(described: dict[str, Any]) -> dict[str, Any]:
    """The description with the form of refusals."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = schema.pop("$defs", {})
    described.setdefault("components", {}).setdefault("schemas", {}).update(parts | {"Problem": schema})
    return described
