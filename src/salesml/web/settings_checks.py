"""What is wrong with the settings of a site: it does not start before all of it is mended."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salesml.errors import Fault, UsageError
from salesml.web.networks import UNIX, WIDEST, Networks
from salesml.web.paths import is_safe
from salesml.web.settings import OIDC, PROXY, WAYS_IN, Settings

SPOKEN_FOR = ("authorization", "connection", "content-length", "content-type", "cookie", "forwarded", "host",
              "origin", "referer", "transfer-encoding", "x-forwarded-for", "x-forwarded-proto")  # fmt: skip


def check(settings: Settings) -> None:
    """Refuse settings that would let the wrong people in, or nobody.

    Raises
    ------
    UsageError
        ``bad-value``, ``needs-proxies``, ``wide-network``, ``needs-provider``, ``needs-url``, ``bad-url``.
    """
    faults = [*_values(settings), *_proxies(settings), *_provider(settings), *_urls(settings)]
    if faults:
        raise UsageError(faults)


def _values(settings: Settings) -> Iterator[Fault]:
    if settings.way_in not in WAYS_IN:
        found = f"{settings.way_in!r} is no way to sign in"
        yield Fault(code="bad-value", found=found, allowed=f"One of {', '.join(WAYS_IN)}")
    try:
        ZoneInfo(settings.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found = f"{settings.zone!r} is not a time zone"
        yield Fault(code="bad-value", found=found, allowed="A name such as Europe/Berlin")
    for name in ("session_minutes", "session_hours", "body_bytes", "body_seconds", "audit_days", "page_rows"):
        if getattr(settings, name) <= 0:
            found = f"{name} is {getattr(settings, name)}"
            yield Fault(code="bad-value", found=found, allowed="It is more than 0")


def _proxies(settings: Settings) -> Iterator[Fault]:
    for text in settings.proxies:
        yield from _network(text)
    for text in settings.metrics_for:
        yield from _is_network(text, "machines that may read metrics")
    if settings.way_in != PROXY:
        return
    if not settings.proxies:
        yield Fault(
            code="needs-proxies",
            found="A proxy is to say who somebody is, but no addresses of proxies are listed",
            allowed="A header is believed only from listed addresses: anybody else could write it",
            do="List the proxy's address, or `unix` where it reaches the server by a socket file",
        )
    if not re.fullmatch(r"[A-Za-z0-9-]+", settings.login_header):
        yield Fault(
            code="needs-proxies",
            found=f"{settings.login_header!r} is not the name of a header" if settings.login_header
            else "A proxy is to say who somebody is, but the name of its header is missing",
            do="Name the header that it always sets, or removes, itself, such as X-Remote-User",
        )  # fmt: skip
    elif settings.login_header.lower() in SPOKEN_FOR:
        found = f"The header {settings.login_header} means something else already"
        yield Fault(code="needs-proxies", found=found, do="Have the proxy use one such as X-Remote-User")


def _network(text: str) -> Iterator[Fault]:
    wrong = list(_is_network(text, "proxies"))
    yield from wrong
    if wrong or text == UNIX:
        return
    network = ipaddress.ip_network(text)
    least = WIDEST[network.version]
    if network.prefixlen < least:
        yield Fault(
            code="wide-network",
            found=f"The network {text} in the list of proxies has {network.num_addresses:,} addresses",
            allowed=f"At most a /{least}: whoever is in it is believed whoever they say they are",
            do="List the proxies themselves",
        )


def _is_network(text: str, of: str) -> Iterator[Fault]:
    try:
        Networks.of((text,))
    except ValueError:
        allowed = "Each is an address such as 10.0.0.7, a network such as 10.0.0.0/28, or `unix`"
        yield Fault(code="bad-value", found=f"{text!r} in the list of {of} is no address", allowed=allowed)


def _provider(settings: Settings) -> Iterator[Fault]:
    if settings.way_in != OIDC:
        return
    given = settings.provider
    if given is None or not (given.issuer and given.client_id and given.secret and given.claim):
        yield Fault(
            code="needs-provider",
            found="A provider is to say who somebody is, but its issuer, the client's id, its secret or the "
            "claim is missing",
            do="Name them as the provider's pages on applications show them",
        )
        return
    if "openid" not in given.scopes.split():
        yield Fault(code="needs-provider", found=f"The scopes {given.scopes!r} are without openid")
    if not is_safe(given.issuer):
        allowed = "https, but for a provider on this machine: nobody may change its answers on the way"
        yield Fault(code="bad-url", found=f"The issuer is {given.issuer!r}", allowed=allowed)
    if not settings.url:
        yield Fault(
            code="needs-url",
            found="A provider sends people back to this site, but its own address is missing",
            do="Name the address by which people reach it, such as https://scores.example.com",
        )


def _urls(settings: Settings) -> Iterator[Fault]:
    parts = urlsplit(settings.url)
    plain = settings.url == f"{parts.scheme}://{parts.netloc}" and parts.hostname and not parts.username
    if settings.url and (parts.scheme not in ("http", "https") or not plain):
        allowed = "Only https, name and port, such as https://scores.example.com"
        yield Fault(code="bad-url", found=f"The site's address is {settings.url!r}", allowed=allowed)
    elif settings.url and settings.secure and parts.scheme != "https":
        allowed = "https: sessions are only sent by it"
        yield Fault(code="bad-url", found=f"The site's address is {settings.url!r}", allowed=allowed)
    if (
        settings.sign_out_url
        and not is_safe(settings.sign_out_url)
        and not settings.sign_out_url.startswith("/")
    ):
        found = f"The address for signing out is {settings.sign_out_url!r}"
        yield Fault(code="bad-url", found=found, allowed="A path, or an address with https")
