"""What routes of the API ask for: a token, its scope, and the desk of the person on whose behalf it asks."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from salesml.store import tokens
from salesml.store.access import Person, person
from salesml.store.engine import reading
from salesml.web.desk import Desk
from salesml.web.refused import NotSignedIn, SlowDown, TooNarrow
from salesml.web.site import Site, site_of

PER_MINUTE: Final = 600
"""Requests of one token that one process answers in a minute, on average."""

AT_ONCE: Final = 100
"""That may come at once after a pause."""

MOST_KEPT: Final = 10_000


class Limits:
    """How often each token may ask one process: a bucket for each, filled at an even pace."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, token: str) -> None:
        """Take one.

        Raises
        ------
        SlowDown
            When none is left.
        """
        now, pace = time.monotonic(), PER_MINUTE / 60
        with self._lock:
            if len(self._left) >= MOST_KEPT:
                self._left.clear()
            then, left = self._left.get(token, (now, float(AT_ONCE)))
            left = min(float(AT_ONCE), left + (now - then) * pace)
            if left < 1:
                raise SlowDown(math.ceil((1 - left) / pace))
            self._left[token] = now, left - 1


BEARER: Final = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token that `salesml tokens add` made. Scopes: " + ", ".join(tokens.SCOPES) + ".",
)

Given = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]


def _desk(scope: str) -> Callable[..., Iterator[Desk]]:
    """What hands over the desk to those whose token has a scope."""

    def desk(request: Request, given: Given) -> Iterator[Desk]:
        site = site_of(request)
        who = _who(request, site, given.credentials if given else "", scope)
        with reading(site.store.published) as connection:
            yield Desk(connection, who, site.settings.today())

    return desk


def _who(request: Request, site: Site, given: str, scope: str) -> Person:
    known = tokens.find(site.store, given)
    if known is None:
        raise NotSignedIn
    limits(request).take(known.id)
    who = person(site.store, known.login, site.settings.today())
    if who is None:
        raise NotSignedIn
    if scope not in known.scopes.split():
        raise TooNarrow(scope)
    request.state.person = who
    request.state.client = f"{who.login} ({known.client})"
    return who


def limits(request: Request) -> Limits:
    """Those of this process."""
    if not hasattr(request.app.state, "limits"):
        request.app.state.limits = Limits()
    found: Limits = request.app.state.limits
    return found


ScoresDesk = Annotated[Desk, Depends(_desk(tokens.SCORES_READ))]
FeedbackDesk = Annotated[Desk, Depends(_desk(tokens.FEEDBACK_READ))]
AnswersDesk = Annotated[Desk, Depends(_desk(tokens.FEEDBACK_WRITE))]
