"""`serve`: the rep's page over a store."""

from __future__ import annotations

import argparse
import ipaddress
import logging
from typing import TYPE_CHECKING

from salesml.cli.options import Commands
from salesml.cli.say import aside
from salesml.cli.store import store_option
from salesml.cli.values import count
from salesml.errors import Fault, UsageError

if TYPE_CHECKING:
    from salesml.web.settings import Settings

HTTPS = "https://"


def add_commands(commands: Commands) -> None:
    """Add the command that serves pages."""
    add = commands.add_parser("serve", help="show reps their accounts, in a browser")
    store_option(add)
    add.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1, this machine only)")
    add.add_argument("--port", type=_port, default=8000, help="(8000)")
    add.add_argument(
        "--socket",
        default="",
        metavar="FILE",
        help="listen there, for a proxy of this machine, and at no port",
    )
    add.add_argument("--workers", type=count, default=1, metavar="N", help="processes (1)")
    add.add_argument(
        "--url", default="", metavar="URL", help="the address by which people reach it, such as https://…"
    )
    add.add_argument("--hosts", nargs="+", default=[], metavar="NAME", help="further names it goes by")
    add.add_argument("--zone", default="UTC", metavar="ZONE", help="the company's, such as Europe/Berlin")
    add.add_argument(
        "--stale-after", type=count, default=2, metavar="DAYS", help="after which scores are called old (2)"
    )
    add.add_argument(
        "--sign-in", default="password", metavar="HOW", help="password, proxy or oidc (password)"
    )
    add.add_argument(
        "--proxies", nargs="+", default=[], metavar="ADDRESS",
        help="of proxies that are believed; `unix` for a socket file",
    )  # fmt: skip
    add.add_argument("--login-header", default="", metavar="NAME", help="in which a proxy says who it is")
    add.add_argument("--sign-out-url", default="", metavar="URL", help="where people sign out of the proxy")
    add.add_argument("--issuer", metavar="URL", help="of the provider of OpenID Connect")
    add.add_argument("--client-id", default="", metavar="ID", help="what the provider calls this site")
    add.add_argument("--client-secret", default="", metavar="$NAME", help="the variable that holds it")
    add.add_argument("--claim", default="email", metavar="NAME", help="that is the login (email)")
    add.add_argument("--provider-name", default="", metavar="TEXT", help="what people call the provider")
    add.add_argument(
        "--metrics-for", nargs="+", default=["127.0.0.1", "::1"], metavar="ADDRESS",
        help="of machines that may read /metrics (this one)",
    )  # fmt: skip
    add.add_argument("--access-log", action="store_true", help="a JSON line for each request, by whom")
    add.set_defaults(run=_serve)


def _serve(arguments: argparse.Namespace) -> None:
    from salesml.web.packages import packages_for_pages

    with packages_for_pages():
        from salesml.web.server import serve
    settings = _settings(arguments)
    if arguments.access_log:
        _tell_requests()
    where = arguments.url or arguments.socket or f"http://{_in_address(arguments.host)}:{arguments.port}"
    aside(f"Pages at {where}; Ctrl-C ends them")
    serve(
        arguments.store, settings, host=arguments.host, port=arguments.port, workers=arguments.workers,
        socket_file=arguments.socket or None,
    )  # fmt: skip


def _settings(arguments: argparse.Namespace) -> Settings:
    from salesml.web.provider.settings import Provider, secret_of
    from salesml.web.settings import Settings

    secure = arguments.url.startswith(HTTPS)
    if not (secure or arguments.socket or _is_this_machine(arguments.host)):
        raise UsageError(
            Fault(
                code="needs-https",
                found=f"Pages at {arguments.host} can be reached from other machines, without https",
                allowed="Passwords and sessions only go over https, but for 127.0.0.1",
                do="Put a proxy with a certificate before it and give its address as --url https://…, "
                "or leave out --host",
            )
        )
    provider = None
    if arguments.issuer:
        provider = Provider(
            arguments.issuer, arguments.client_id, secret_of(arguments.client_secret),
            claim=arguments.claim, name=arguments.provider_name,
        )  # fmt: skip
    return Settings(
        way_in=arguments.sign_in, url=arguments.url, hosts=tuple(arguments.hosts),
        proxies=tuple(arguments.proxies), login_header=arguments.login_header,
        sign_out_url=arguments.sign_out_url, provider=provider, zone=arguments.zone, secure=secure,
        access_log=arguments.access_log, metrics_for=tuple(arguments.metrics_for),
        stale_after=arguments.stale_after,
    )  # fmt: skip


def _port(text: str) -> int:
    port = count(text)
    if port > 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port: it is 65535 at most")
    return port


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tell_requests() -> None:
    log = logging.getLogger("salesml.web.access")
    log.setLevel(logging.INFO)
    log.addHandler(logging.StreamHandler())
