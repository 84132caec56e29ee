"""The site behind nginx and Caddy as docs/deploy.md sets them up."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.feedback import Feedback
from salesml.store.people import Audit
from tests.proxies import KINDS, NAME, Proxy
from tests.serving import free_port, serving, status_of
from tests.web.conftest import PASSWORD, fields, form_token, without_token

ACCOUNT = "C-000001"
OPTIONS = ("--workers", "2", "--url", f"https://{NAME}", "--proxies", "127.0.0.1")
PLACE = "127.0.0.7"
"""Where people come from: another address of this machine than the proxy's."""


@dataclass(frozen=True)
class Behind:
    """A site and the proxy before it."""

    proxy: Proxy
    store: Store
    address: str
    port: int
    server: subprocess.Popen[str]
    folder: Path

    @contextlib.contextmanager
    def signed_in(self) -> Iterator[httpx2.Client]:
        with self.proxy.visitor(PLACE) as client:
            form = {"login": "rep1@example.com", "password": PASSWORD}
            answer = client.post("/sign-in", data=form, headers={"origin": f"https://{NAME}"})
            assert answer.status_code == 303, answer.text
            yield client

    def refused(self) -> httpx2.Response:
        """What people are told as soon as nobody is let in, while old requests are being answered."""
        with self.proxy.visitor(PLACE) as other:
            until = time.monotonic() + 9
            while True:
                answer = other.get("/health")
                if answer.status_code == 503:
                    return answer
                assert time.monotonic() < until
                time.sleep(0.1)

    def addresses(self, what: str) -> set[str | None]:
        """Where people were who did something, as the audit log has it."""
        query = sa.select(Audit.address).where(Audit.what == what)
        return set(self.store.read(lambda con: con.execute(query).scalars().all(), self.store.feedback))


@contextlib.contextmanager
def _behind(kind: str, published: Path) -> Iterator[Behind]:
    with contextlib.ExitStack() as stack:
        # A folder of its own, whose path is short enough for a socket file.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="salesml-proxy-", dir="/tmp")))
        for each in published.glob("store*.db*"):
            shutil.copy(each, folder)
        address, port = f"sqlite:///{folder / 'store.db'}", free_port()
        proxy = stack.enter_context(KINDS[kind](folder, f"http://127.0.0.1:{port}"))
        server, url = stack.enter_context(serving(address, *OPTIONS, port=port))
        assert status_of(f"{url}/ready") == 200
        yield Behind(proxy, stack.enter_context(Store(address)), address, port, server, folder)


@pytest.fixture(params=sorted(KINDS), scope="module")
def behind(request: pytest.FixtureRequest, published: Path) -> Iterator[Behind]:
    with _behind(request.param, published) as there:
        yield there


def test_somebody_signs_in_answers_and_is_known_by_their_own_address(
    behind: Behind, client: httpx2.Client
) -> None:
    assert {each.name: each.secure for each in client.cookies.jar}["__Host-salesml"]
    page = client.get(f"/accounts/{ACCOUNT}")
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    form = fields(page.text, what="contacted", note="by the proxy")
    answer = client.post("/answers", data=form | {"csrf": form_token(page.text)})
    assert answer.status_code == 303, answer.text
    assert "by the proxy" in client.get(answer.headers["location"]).text
    assert behind.addresses("sign-in") == {PLACE}


def test_what_somebody_says_of_where_they_are_is_not_believed(behind: Behind) -> None:
    said = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "http", "forwarded": "for=203.0.113.9",
            "x-real-ip": "203.0.113.9"}  # fmt: skip
    form = {"login": "rep1@example.com", "password": "not this one at all"}
    with behind.proxy.visitor(PLACE) as client:
        assert client.post("/sign-in", data=form, headers=said).status_code == 403
    assert behind.addresses("sign-in-refused") == {PLACE}


def test_people_without_https_are_sent_to_it(behind: Behind) -> None:
    with httpx2.Client(base_url=f"http://127.0.0.1:{behind.proxy.plain}", headers={"host": NAME}) as client:
        answer = client.get("/accounts?q=a%20b")
    assert answer.status_code in (301, 308)
    assert answer.headers["location"] == f"https://{NAME}/accounts?q=a%20b"


def bare(html: str) -> str:
    """A page without what is of this sending alone."""
    return re.sub(r'name="key" value="[^"]+"', "", without_token(html))


def test_pages_and_files_are_packed(client: httpx2.Client) -> None:
    for path in ("/accounts", f"/accounts/{ACCOUNT}", "/static/site.css"):
        answer = client.get(path)
        assert answer.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in answer.headers["vary"].lower()
        plain = client.get(path, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert bare(plain.text) == bare(answer.text)
    again = client.get("/static/site.css", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics?x=1", "/metrics/", "//metrics", "/%6detrics", "/a/../metrics"]
)
def test_figures_of_the_site_are_not_told_to_the_world(behind: Behind, path: str) -> None:
    with behind.proxy.visitor(PLACE) as client:
        answer = client.get(path)
    assert answer.status_code in (303, 307, 404)
    assert "salesml_requests" not in answer.text
    assert status_of(f"http://127.0.0.1:{behind.port}/metrics") == 200


def test_other_names_are_refused(behind: Behind) -> None:
    with behind.proxy.visitor(PLACE, host="elsewhere.example.com") as client:
        answer = client.get("/sign-in")
    assert "<form" not in answer.text
    # Caddy knows its sites by their names, and answers nothing for another.
    assert (answer.status_code, answer.text) == (200, "") or answer.status_code == 400


def test_what_is_too_large_is_refused_in_words(client: httpx2.Client) -> None:
    answer = client.post("/answers", data={"note": "x" * 70_000})
    assert (answer.status_code, "too" in answer.text) == (413, True)
    for letters in (300_000, 5_000_000):
        with contextlib.suppress(httpx2.TransportError):  # whoever is refused may still be writing
            assert client.post("/answers", data={"note": "x" * letters}).status_code == 413


@pytest.fixture
def client(behind: Behind) -> Iterator[httpx2.Client]:
    """Somebody who signed in."""
    with behind.signed_in() as client:
        yield client


@pytest.fixture(params=sorted(KINDS))
def own(request: pytest.FixtureRequest, published: Path) -> Iterator[Behind]:
    """One that a test may stop."""
    with _behind(request.param, published) as there:
        yield there


def test_a_restart_loses_no_answer_and_says_what_happens(own: Behind) -> None:
    """The server is stopped while an answer waits for the store, then started again."""
    with own.signed_in() as client:
        page = client.get(f"/accounts/{ACCOUNT}").text
        form = fields(page, what="contacted", note="while it stopped") | {"csrf": form_token(page)}
        with _locked(own.folder / "store-feedback.db"):
            statuses: list[int] = []
            one = threading.Thread(
                target=lambda: statuses.append(client.post("/answers", data=form).status_code)
            )
            one.start()
            time.sleep(1)
            own.server.send_signal(signal.SIGTERM)
            away = own.refused()
        one.join(timeout=60)
        assert statuses == [303]
        assert own.server.wait(timeout=60) == 0
        assert away.headers["retry-after"] == "10"
        assert "try again in a minute" in away.text
        with serving(own.address, *OPTIONS, port=own.port) as (_, url):
            assert status_of(f"{url}/ready") == 200
            assert "while it stopped" in client.get(f"/accounts/{ACCOUNT}").text
            assert client.post("/answers", data=form).status_code == 303  # sent once more, it counts once
    query = sa.select(sa.func.count()).select_from(Feedback)
    assert own.store.read(lambda con: con.execute(query).scalar_one(), own.store.feedback) == 1


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Nobody else may write to a store's file meanwhile: whoever would waits for ten seconds."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
