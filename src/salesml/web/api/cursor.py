"""Cursors: where a list goes on, in the scores that it began with."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from salesml.web.refused import NotYours


@dataclass(frozen=True)
class Cursor:
    """A page of a generation; what it shows is looked at anew each time."""

    generation: int
    page: int

    def __str__(self) -> str:
        text = json.dumps([self.generation, self.page]).encode()
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Cursor:
        """From what a program gave.

        Raises
        ------
        NotYours
            When no answer ever said that.
        """
        try:
            given = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            generation, page = given
        except (ValueError, TypeError):
            raise NotYours from None
        numbers = all(type(each) is int and 0 < each < 2**31 for each in (generation, page))
        if not numbers or page > 100_000:
            raise NotYours
        return cls(generation, page)
