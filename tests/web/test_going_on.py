"""Two processes, a restart, a rescoring and a migration in the middle of a session lose no answer."""

from __future__ import annotations

import datetime as dt
import re
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import httpx2
import sqlalchemy as sa

from salesml.cli import main
from salesml.store.engine import Store
from salesml.store.feedback import Feedback
from salesml.store.publish import publish
from tests.serving import free_port, serving, status_of
from tests.store.made import DAY, scores
from tests.web.conftest import PASSWORD, form_token

ACCOUNT = "C-000001"
PATIENCE = 120.0


class Rep(threading.Thread):
    """Somebody who answers again and again in one session, and sends what found no answer once more."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.client = httpx2.Client(base_url=url, timeout=30)
        form = {"login": "rep1@example.com", "password": PASSWORD}
        assert self.client.post("/sign-in", data=form).status_code == 303
        page = self.client.get(f"/accounts/{ACCOUNT}").text
        seen = re.search(r'name="seen" value="(\d+)"', page)
        assert seen
        self.form = {"csrf": form_token(page), "kind": "account", "id": ACCOUNT, "seen": seen[1],
                     "what": "contacted"}  # fmt: skip
        self.kept: list[str] = []
        self.refused: list[int] = []
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            note = f"note {len(self.kept)}"
            self._until_kept(note)
            self.kept.append(note)

    def _until_kept(self, note: str) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                status = self.client.post(
                    "/answers", data=self.form | {"note": note, "key": f"key of {note}"}
                )
            except httpx2.TransportError:
                time.sleep(0.05)
                continue
            if status.status_code == 303:
                return
            self.refused.append(status.status_code)
            time.sleep(0.05)

    def some(self, more: int = 5) -> None:
        """Wait until some further answers were kept."""
        wanted, until = len(self.kept) + more, time.monotonic() + PATIENCE
        while len(self.kept) < wanted:
            assert time.monotonic() < until, self.refused
            time.sleep(0.02)


def test_no_answer_is_lost(store: Store, tmp_path: Path) -> None:
    address, port = f"sqlite:///{tmp_path / 'store.db'}", free_port()
    with serving(address, "--workers", "2", port=port) as (server, url):
        assert status_of(f"{url}/ready") == 200
        rep = Rep(url)
        rep.start()
        rep.some()
        publish(store, scores(tmp_path / "later.parquet", day=DAY + dt.timedelta(days=1), run="later"))
        rep.some()
        assert main(["migrate", "--store", address]) == 0
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
    with serving(address, "--workers", "2", port=port) as (_, url):
        assert status_of(f"{url}/ready") == 200
        rep.some()
        _as_a_later_version_would(store)
        rep.some()
        rep.done.set()
        rep.join(timeout=60)
        page = rep.client.get(f"/accounts/{ACCOUNT}").text
    assert rep.kept[-1] in page
    query = sa.select(Feedback.note).where(Feedback.entity_id == ACCOUNT)
    there = Counter(store.read(lambda con: con.execute(query).scalars().all(), store.feedback))
    assert there == Counter(rep.kept)
    assert not set(rep.refused) - {503}


def _as_a_later_version_would(store: Store) -> None:
    """Change the form of both parts, as a migration to a version does that this one does not know."""
    for part, table in (("published", "scores"), ("feedback", "feedback")):
        for change in (
            f"ALTER TABLE {table} ADD COLUMN later TEXT",
            f"UPDATE alembic_version SET version_num = '{part}_9999'",
        ):
            store.write(lambda con, change=change: con.exec_driver_sql(change), getattr(store, part))  # type: ignore[misc]
