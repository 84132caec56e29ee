"""`salesml serve`: what it refuses, and a server that is started, asked and stopped."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

from salesml.cli import main
from salesml.store.engine import Store
from salesml.store.migrate import migrate
from tests.serving import serving, status_of

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
        (["--metrics-for", "everybody"], "bad-value"),
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


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_answers_until_it_is_told_to_stop(store: str, workers: str) -> None:
    with serving(store, "--workers", workers) as (server, address):
        assert status_of(f"{address}/sign-in") == 200
        assert status_of(f"{address}/nowhere") == 404
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=60)
    assert f"Pages at {address}" in said
    assert "Traceback" not in said
    assert server.returncode == 0


def test_processes_of_a_server_count_together(store: str) -> None:
    with serving(store, "--workers", "2") as (_, address):
        for _ in range(12):  # whichever process takes them
            assert status_of(f"{address}/health") == 200
        with urllib.request.urlopen(f"{address}/metrics", timeout=60) as answer:
            told = answer.read().decode()
    assert 'salesml_requests_total{method="GET",route="/health",status="200"} 12.0' in told
    assert "salesml_ready 0.0" in told


def test_nothing_goes_on_when_the_first_process_is_killed(store: str) -> None:
    with serving(store, "--workers", "2") as (server, address):
        assert status_of(f"{address}/health") == 200
        server.kill()
        server.communicate(timeout=60)  # each process holds the other end until it ends
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=5)


def test_a_request_that_is_being_answered_ends(store: str) -> None:
    """A form that is still arriving when the server is told to stop is answered."""
    with serving(store) as (server, address):
        assert status_of(f"{address}/health") == 200
        body = b"login=a&password=b&next=/"
        head = f"POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n"
        head += "content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=60) as half:
            half.sendall(head.encode() + body[:5])
            time.sleep(1)
            server.send_signal(signal.SIGTERM)
            time.sleep(1)
            half.sendall(body[5:])
            assert half.makefile("rb").readline().split()[1] == b"403"
        server.communicate(timeout=60)
        assert server.returncode == 0


def test_a_socket_file_takes_the_place_of_a_port(store: str) -> None:
    """Also where a server that was killed left one."""
    with tempfile.TemporaryDirectory(prefix="salesml-", dir="/tmp") as folder:
        path = f"{folder}/pages"
        for _ in range(2):
            with serving(store, "--workers", "2", "--socket", path, "--proxies", "unix") as (server, _url):
                assert health_at(path) == 200
                refused = subprocess.run(
                    [sys.executable, "-m", "salesml.cli", "serve", "--store", store, "--socket", path],
                    capture_output=True, text=True, timeout=120,
                )  # fmt: skip
                assert (refused.returncode, "[bad-socket]" in refused.stderr) == (2, True)
                assert health_at(path) == 200
                server.kill()
                server.communicate(timeout=60)
            assert Path(path).exists()


def health_at(path: str) -> int:
    until = time.monotonic() + 120
    while True:
        with socket.socket(socket.AF_UNIX) as one:
            try:
                one.connect(path)
                one.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                return int(one.makefile("rb").readline().split()[1])
            except (FileNotFoundError, ConnectionError):
                assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.parametrize("name", ["no/folder/pages", "x" * 200])
def test_a_socket_file_that_cannot_be_made(
    name: str, capsys: pytest.CaptureFixture[str], store: str, tmp_path: Path
) -> None:
    code, said = refused(capsys, "--store", store, "--socket", str(tmp_path / name))
    assert (code, "[bad-socket]" in said) == (2, True)


def test_a_file_that_is_no_socket_stays(
    capsys: pytest.CaptureFixture[str], store: str, tmp_path: Path
) -> None:
    (tmp_path / "notes").write_text("mine")
    code, said = refused(capsys, "--store", store, "--socket", str(tmp_path / "notes"))
    assert (code, "[bad-socket]" in said) == (2, True)
    assert (tmp_path / "notes").read_text() == "mine"


def test_nobody_new_is_let_in_while_old_requests_end(store: str) -> None:
    """With several processes, too: the first one has the port open for them."""
    with serving(store, "--workers", "2") as (server, address):
        assert status_of(f"{address}/health") == 200
        where = ("127.0.0.1", int(address.rpartition(":")[2]))
        body = b"login=a&password=b&next=/"
        head = f"POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n"
        head += "content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\n"
        with socket.create_connection(where, timeout=60) as half:
            half.sendall(head.encode() + body[:5])
            time.sleep(1)
            server.send_signal(signal.SIGTERM)
            until = time.monotonic() + 8  # a body has ten seconds to arrive
            while _lets_in(where):
                assert time.monotonic() < until
                time.sleep(0.1)
            half.sendall(body[5:])
            assert half.makefile("rb").readline().split()[1] == b"403"
        server.communicate(timeout=60)
        assert server.returncode == 0


def _lets_in(where: tuple[str, int]) -> bool:
    try:
        socket.create_connection(where, timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True
