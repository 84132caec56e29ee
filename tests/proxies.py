"""nginx and Caddy, set up by the very text of docs/deploy.md, on loopback."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.conftest import need
from tests.serving import free_port

DOCS = Path(__file__).parents[1] / "docs" / "deploy.md"
NAME = "scores.example.com"
PEOPLE = "/etc/letsencrypt/live/scores.example.com"
PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
SERVER = "http://127.0.0.1:8000"

NGINX = """
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{}}
http {{
    gzip on;
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{block}
}}
"""
"""What stands around a site, as Debian has it: above all, what is text is packed."""


def block(beginning: str) -> str:
    """The block of the document that begins so."""
    section = DOCS.read_text(encoding="utf-8").split("## A reverse proxy")[1].split("\n## ")[0]
    (found,) = [
        each for each in re.findall(r"```\n(.*?)```", section, re.DOTALL) if each.startswith(beginning)
    ]
    return str(found)


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs.

    Attributes
    ----------
    port, plain : int
        Where it listens with https, and without.
    """

    name: str
    port: int
    plain: int
    certificate: Path

    def visitor(self, address: str = "127.0.0.7", host: str = NAME) -> httpx2.Client:
        """Somebody at an address of this machine who asks for the site by its name."""
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        return _Named(
            base_url=f"https://127.0.0.1:{self.port}", headers={"host": host}, timeout=60,
            transport=httpx2.HTTPTransport(verify=trusted, local_address=address),
        )  # fmt: skip


class _Named(httpx2.Client):
    """Looks at the certificate by the site's name, which stands in no list of names here."""

    def send(self, request: httpx2.Request, **options: object) -> httpx2.Response:
        request.extensions["sni_hostname"] = NAME
        return super().send(request, **options)  # type: ignore[arg-type]


@contextlib.contextmanager
def nginx(folder: Path, upstream: str) -> Iterator[Proxy]:
    """nginx before a server, with a certificate that it signed itself."""
    program = shutil.which("nginx", path=PATH)
    need(program, "nginx is not installed (make services)")
    port, plain, certificate = free_port(), free_port(), signed(folder)
    text = _replaced(
        block("server {"),
        {
            "listen 80;": f"listen 127.0.0.1:{plain};", "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
            f"{PEOPLE}/": f"{folder}/", SERVER: upstream,
        },
    )  # fmt: skip
    own = folder / "nginx.conf"
    # A user that is no root has no other to become.
    user = f"user {Path('/').owner()};" if Path(folder).owner() == "root" else ""
    own.write_text(NGINX.format(folder=folder, block=text, user=user))
    with _running([str(program), "-c", str(own), "-g", "daemon off;"], port):
        yield Proxy("nginx", port, plain, certificate)


@contextlib.contextmanager
def caddy(folder: Path, upstream: str) -> Iterator[Proxy]:
    """Caddy before a server; it is given a certificate, where the document's gets its own."""
    program = shutil.which("caddy", path=PATH)
    need(program, "Caddy is not installed (make services)")
    port, plain, certificate = free_port(), free_port(), signed(folder)
    start = "{\n    servers {"
    ports = f"{{\n    admin off\n    http_port {plain}\n    https_port {port}\n    servers {{"
    tls = f"{NAME} {{\n    tls {folder}/fullchain.pem {folder}/privkey.pem\n    bind 127.0.0.1\n"
    text = _replaced(
        block(start),
        {start: ports, f"{NAME} {{\n": tls, SERVER.removeprefix("http://"): upstream.removeprefix("http://")},
    )
    own = folder / "Caddyfile"
    own.write_text(text)
    with _running([str(program), "run", "--config", str(own), "--adapter", "caddyfile"], port):
        yield Proxy("caddy", port, plain, certificate)


KINDS: dict[str, Callable[[Path, str], contextlib.AbstractContextManager[Proxy]]] = {
    "nginx": nginx, "caddy": caddy,
}  # fmt: skip


def signed(folder: Path) -> Path:
    """A certificate of the site's name and its key, in the files that the document names."""
    need(shutil.which("openssl"), "openssl is not installed")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
               "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
               "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return folder / "fullchain.pem"


def _replaced(text: str, by: dict[str, str]) -> str:
    for there, here in by.items():
        assert there in text, f"docs/deploy.md has no {there!r}"
        text = text.replace(there, here)
    return text


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as proxy:
        try:
            _wait_for(port, proxy)
            yield
        finally:
            proxy.terminate()
            proxy.communicate(timeout=60)


def _wait_for(port: int, proxy: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            assert proxy.poll() is None, proxy.communicate()[1]
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return
