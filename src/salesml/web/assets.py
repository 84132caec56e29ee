"""Styles and scripts: addressed by what is in them, so that browsers may keep them for good."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

AT: Final = "/static"
FOR_GOOD: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"


@dataclass(frozen=True)
class Asset:
    """One file."""

    name: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.content, mtime=0)

    @property
    def kind(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "text/plain"

    def answer(self, headers: Headers, version: str) -> Response:
        """The file, packed where the browser can unpack it, or that it has not changed."""
        told = {
            "etag": f'"{self.digest}"', "vary": "accept-encoding",
            "cache-control": FOR_GOOD if version == self.digest else ASK_AGAIN,
        }  # fmt: skip
        if told["etag"] in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=told)
        if "gzip" in headers.get("accept-encoding", ""):
            told["content-encoding"] = "gzip"
            return Response(self.packed, headers=told, media_type=self.kind)
        return Response(self.content, headers=told, media_type=self.kind)


class Assets:
    """An application that answers with the files of ``static/``, which it keeps in memory."""

    def __init__(self, files: Mapping[str, Asset] | None = None) -> None:
        root = resources.files("salesml.web") / "static"
        self.files = files or {each.name: each for each in _found(root)}

    def address(self, name: str) -> str:
        """Where a file is; another one as soon as its content is another.

        Raises
        ------
        KeyError
            When there is no such file.
        """
        return f"{AT}/{name}?v={self.files[name].digest}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        asset = self.files.get(name)
        if asset is None:
            raise HTTPException(404)
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"allow": "GET, HEAD"})
        version = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        await asset.answer(Headers(scope=scope), version)(scope, receive, send)


def _found(folder: Traversable, before: str = "") -> Iterator[Asset]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _found(each, f"{before}{each.name}/")
        elif not each.name.endswith(".md"):
            yield Asset(before + each.name, each.read_bytes())
