"""How a site is set up; every setting is an option of `salesml serve`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

PASSWORD: Final = "password"
PROXY: Final = "proxy"
OIDC: Final = "oidc"
WAYS_IN: Final = (PASSWORD, PROXY, OIDC)


@dataclass(frozen=True)
class Settings:
    """How a site is set up.

    Attributes
    ----------
    way_in : str
        How people sign in, one of :data:`WAYS_IN`.
    zone : str
        The company's time zone: its day decides who stands in, and moments are shown in it to whoever has
        not chosen another.
    session_minutes : int
        How long a session lasts without a request.
    session_hours : int
        How long it lasts at most.
    secure : bool
        Whether the site is reached by https only, as everywhere but on one's own machine.
    stale_after : int
        Days after which scores are called old.
    page_rows : int
        Rows of a list that a page shows.
    """

    way_in: str = PASSWORD
    zone: str = "UTC"
    session_minutes: int = 60
    session_hours: int = 10
    secure: bool = True
    stale_after: int = 2
    page_rows: int = 50

    def today(self) -> dt.date:
        """The company's day."""
        return dt.datetime.now(ZoneInfo(self.zone)).date()
