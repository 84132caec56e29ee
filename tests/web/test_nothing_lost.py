"""What people answer is kept, once, while scores, tables and the server itself change beneath them."""

from __future__ import annotations

import http.client
import shutil
import signal
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from salesml.store import migrate as migrations
from salesml.store.engine import Store
from salesml.store.feedback import Feedback
from salesml.store.publish import publish
from tests.serving import free_port, serving, status_of
from tests.store.made import row, write_rows
from tests.web.conftest import ACCOUNTS, DAY, PASSWORD, fields, names
from tests.web.made import LATER

FORM = {"content-type": "application/x-www-form-urlencoded"}

LATER_FORM = '''"""Of a later version."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "feedback_9999", "feedback_0004"


def upgrade() -> None:
    op.add_column("feedback", sa.Column("mood", sa.Text))
    op.create_index("ix_feedback_mood", "feedback", ["mood"])
'''

LATER_VERSION = """
import sys
from pathlib import Path
from salesml.cli import main
from salesml.store import migrate
migrate.SCRIPTS = Path({scripts!r})
sys.exit(main(sys.argv[1:]))
"""


class Rep(threading.Thread):
    """Signs in once, then answers again and again, and sends again what nobody answered."""

    def __init__(self, number: int, port: int) -> None:
        super().__init__(daemon=True)
        self.number, self.port = number, port
        self.at = f"/accounts/C-{number:06d}"
        self.given: list[str] = []
        self.refused: list[int] = []
        self.tries = 0
        self.ended = threading.Event()
        login = urlencode({"login": f"rep{number}@example.com", "password": PASSWORD})
        _, self.cookie, _ = self._ask("POST", "/sign-in", login)
        self.form = fields(self._ask("GET", self.at)[2], what="contacted")

    def run(self) -> None:
        while not self.ended.is_set():
            note = f"{self.number}: {len(self.given)}"
            self.send(urlencode(self.form | {"note": note, "key": f"form {note}"}))
            self.given.append(note)

    def send(self, body: str) -> None:
        while True:
            self.tries += 1
            try:
                status, _, _ = self._ask("POST", "/answers", body)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            if status == 303:
                return
            self.refused.append(status)
            time.sleep(0.05)

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            head = {"cookie": self.cookie} if hasattr(self, "cookie") else {}
            connection.request(method, path, body, head | (FORM if body else {}))
            answer = connection.getresponse()
            cookie = (answer.headers["set-cookie"] or "").partition(";")[0]
            assert answer.headers.get("location", "") != "/sign-in"
            return answer.status, cookie, answer.read().decode()
        finally:
            connection.close()


def go_on(reps: list[Rep], more: int = 5) -> None:
    """Wait until everybody has answered some more."""
    wanted = [len(each.given) + more for each in reps]
    until = time.monotonic() + 120
    while any(len(each.given) < goal for each, goal in zip(reps, wanted, strict=True)):
        assert time.monotonic() < until, [(each.given[-1:], each.refused[-3:]) for each in reps]
        assert all(each.is_alive() for each in reps)
        time.sleep(0.02)


def test_two_processes_a_rescoring_a_restart_and_a_migration(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, two = free_port(), ("--workers", "2")
    with serving(str(store.address), *two, port=port) as (server, address):
        assert status_of(f"{address}/ready") == 200
        reps = [Rep(number, port) for number in (1, 2)]
        for each in reps:
            each.start()
        go_on(reps)
        _score_again(store, tmp_path)
        go_on(reps)
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
        assert server.returncode == 0
    with serving(str(store.address), *two, port=port):
        go_on(reps)
        scripts = _later_version(tmp_path, monkeypatch)
        before = migrations.migrate(store)
        assert before[1].revision != before[1].wanted
        go_on(reps)
    program = ("-c", LATER_VERSION.format(scripts=str(scripts)))
    with serving(str(store.address), *two, port=port, program=program):
        go_on(reps)
        for each in reps:
            each.ended.set()
            each.join(60)
            each.send(urlencode(each.form | {"note": each.given[0], "key": f"form {each.given[0]}"}))
    assert [code for each in reps for code in each.refused if code != 503] == []
    query = sa.select(Feedback.note, Feedback.by, Feedback.as_of).order_by(Feedback.id)
    kept = store.read(lambda con: con.execute(query).all(), store.feedback)
    for each in reps:
        own = [line for line in kept if line.by == f"rep{each.number}@example.com"]
        assert [line.note for line in own] == each.given
        assert {line.as_of for line in own} == {DAY}, "what they saw when the form was loaded"
        assert each.tries > len(each.given)


def _score_again(store: Store, folder: Path) -> None:
    rows = [row(number, day=LATER, run="run-2") for number in range(ACCOUNTS)]
    path = write_rows(folder / "later.parquet", rows)
    publish(store, path, entities=names([each["entity_id"] for each in rows]))


def _later_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations of a version that is yet to come."""
    scripts = folder / "migrations"
    shutil.copytree(migrations.SCRIPTS, scripts)
    (scripts / "feedback" / "feedback_9999.py").write_text(LATER_FORM, encoding="utf-8")
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)
    return scripts
