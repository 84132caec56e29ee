"""Answers of the API, with what lets a program keep them until they change."""

from __future__ import annotations

import hashlib

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response


def told(request: Request, what: BaseModel | None, status: int = 200) -> Response:
    """An answer; without its body where the program has the same already.

    The tag is made of the body itself, so that it is right whatever changed: scores, answers, names, whose
    rows they are, or that somebody was erased.
    """
    body = what.model_dump_json().encode() if what else b"null"
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "authorization"}
    if request.method == "GET" and _has(request, tag):
        return Response(status_code=304, headers=headers)
    if request.method != "GET":
        headers = {}
    return Response(body, status, headers, "application/json")


def _has(request: Request, tag: str) -> bool:
    given = ",".join(request.headers.getlist("if-none-match"))
    tags = {each.strip().removeprefix("W/") for each in given.split(",")}
    return tag in tags or "*" in tags
