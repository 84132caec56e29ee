"""How a site is set up; every setting is an option of `salesml serve`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from salesml.web.provider.settings import Provider

PASSWORD: Final = "password"
PROXY: Final = "proxy"
OIDC: Final = "oidc"
WAYS_IN: Final = (PASSWORD, PROXY, OIDC)


@dataclass(frozen=True)
class Settings:
    """How a site is set up; :func:`salesml.web.settings_checks.check` says what is wrong with it.

    Attributes
    ----------
    way_in : str
        How people sign in, one of :data:`WAYS_IN`.
    url : str
        The address by which people reach the site, such as ``https://scores.example.com``.
    hosts : tuple of str
        Names by which it may be asked for besides that of ``url``; any when there are neither.
    proxies : tuple of str
        Addresses and networks of reverse proxies whose word on where a request came from is believed, and
        with ``way_in`` proxy on who it is; ``unix`` stands for whoever may use the server's socket file.
    login_header : str
        The header in which a proxy says who it is.
    sign_out_url : str
        Where people sign out of the proxy.
    provider : Provider or None
        Who says who it is with ``way_in`` oidc.
    zone : str
        The company's time zone: its day decides who stands in, and moments are shown in it to whoever has
        not chosen another.
    session_minutes : int
        How long a session lasts without a request.
    session_hours : int
        How long it lasts at most.
    secure : bool
        Whether the site is reached by https only, as everywhere but on one's own machine.
    body_bytes : int
        How large a form may be.
    body_seconds : float
        How long it may take to arrive.
    audit_days : int
        How long lines of the audit log are kept.
    access_log : bool
        Whether each request is told to the logger ``salesml.web.access``, by whom too.
    stale_after : int
        Days after which scores are called old.
    page_rows : int
        Rows of a list that a page shows.
    metrics_for : tuple of str
        Addresses and networks of machines that may read the figures of the running site.
    """

    way_in: str = PASSWORD
    url: str = ""
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    login_header: str = ""
    sign_out_url: str = ""
    provider: Provider | None = None
    zone: str = "UTC"
    session_minutes: int = 60
    session_hours: int = 10
    secure: bool = True
    body_bytes: int = 64 * 1024
    body_seconds: float = 10.0
    audit_days: int = 400
    access_log: bool = False
    stale_after: int = 2
    page_rows: int = 50
    metrics_for: tuple[str, ...] = ("127.0.0.1", "::1")

    def today(self) -> dt.date:
        """The company's day."""
        return dt.datetime.now(ZoneInfo(self.zone)).date()
