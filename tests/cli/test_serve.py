"""`salesml serve`: what it refuses, and a server that is started, asked and stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesml.cli import main
from salesml.store.engine import Store
from salesml.store.migrate import migrate

pytest.importorskip("fastapi", reason="the extra `web` is not installed")


@pytest.fixture
def store(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'store.db'}"
    with Store(address) as there:
        migrate(there)
    return address


def refused(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    code = main(["serve", *options])
    return code, capsys.readouterr().err


def test_a_store_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, said = refused(capsys, "--store", f"sqlite:///{tmp_path / 'none.db'}")
    assert (code, "[no-store]" in said) == (1, True)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--host", "0.0.0.0"], "needs-https"),
        (["--sign-in", "proxy"], "needs-proxies"),
        (["--sign-in", "oidc"], "needs-provider"),
        (["--sign-in", "smile"], "bad-value"),
        (["--zone", "Mars/Olympus"], "bad-value"),
        (["--issuer", "https://id.example.com", "--client-secret", "sesame"], "bad-secret"),
    ],
)
def test_settings_that_would_let_the_wrong_people_in(
    options: list[str], fault: str, capsys: pytest.CaptureFixture[str], store: str
) -> None:
    code, said = refused(capsys, "--store", store, *options)
    assert code == 2
    assert f"[{fault}]" in said
    assert "sesame" not in said


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(store: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    port = free_port()
    command = [sys.executable, "-m", "salesml.cli", "serve", "--store", store, "--port", str(port), *options]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ)
    try:
        yield server, f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.communicate()


def status_of(address: str) -> int:
    """The status of a page, once somebody listens."""
    until = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_answers_until_it_is_told_to_stop(store: str, workers: str) -> None:
    with serving(store, "--workers", workers) as (server, address):
        assert status_of(f"{address}/sign-in") == 200
        assert status_of(f"{address}/nowhere") == 404
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=60)
    assert f"Pages at {address}" in said
    assert "Traceback" not in said
    assert server.returncode in (0, -signal.SIGTERM)
