"""The commands by which docs/deploy.md backs a store up and restores it, run while people answer."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from salesml.store.engine import Store
from salesml.store.feedback import Feedback
from salesml.store.keys import SESSIONS, Key
from salesml.store.migrate import existing
from salesml.store.models import Reasons, Score
from salesml.store.moments import now
from salesml.store.publish import publish
from tests.conftest import need
from tests.postgres import Server
from tests.store.conftest import new_database
from tests.store.made import DAY, scores

DOCS = Path(__file__).parents[2] / "docs" / "deploy.md"
LIVE, KEPT = "/var/lib/salesml", "/var/backups/salesml"
ADDRESS = "postgresql://sales@db/sales"
INSTALLED = "/opt/salesml/bin/salesml"
BACKUP, RESTORE = "VACUUM INTO", "rm -f"


def blocks() -> list[str]:
    """What the document's section on backups has to be run."""
    section = DOCS.read_text(encoding="utf-8").split("## Backup and restore")[1].split("\n## ")[0]
    return re.findall(r"```\n(.*?)```", section, re.DOTALL)


def script(holds: str) -> str:
    """The one that is run as a whole and holds this."""
    (found,) = [each for each in blocks() if holds in each]
    return found


def line(beginning: str) -> str:
    """The one line that begins so; those beside it are for whoever administers a server."""
    (found,) = [each for each in "".join(blocks()).splitlines() if each.startswith(beginning)]
    return found


def run(text: str, replaced: dict[str, str]) -> None:
    for there, here in (replaced | {INSTALLED: f"{sys.executable} -m salesml.cli"}).items():
        text = text.replace(there, here)
    done = subprocess.run(text, shell=True, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def answer(store: Store, note: str) -> None:
    line = sa.insert(Feedback).values(
        at=now(), by="rep", what="contacted", name="churn", task="churn", entity_id="C-000001", note=note
    )
    store.write(lambda connection: connection.execute(line), store.feedback)


def notes(store: Store) -> list[str | None]:
    query = sa.select(Feedback.note).order_by(Feedback.id)
    return list(store.read(lambda connection: connection.execute(query).scalars().all(), store.feedback))


@contextmanager
def answering(address: str) -> Iterator[Callable[[], None]]:
    """Somebody answers again and again meanwhile; waits for some more answers when called."""
    done, count = threading.Event(), [0]

    def work() -> None:
        with Store(address) as store:
            while not done.wait(0.005):
                answer(store, f"meanwhile {count[0]}")
                count[0] += 1

    def more() -> None:
        wanted = count[0] + 3
        while count[0] < wanted:
            assert thread.is_alive()
            done.wait(0.01)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield more
    finally:
        done.set()
        thread.join()


def filled(address: str, folder: Path) -> bytes:
    """Publish to a store, and answer; the key by which its sessions are signed."""
    with Store(address) as store:
        publish(store, scores(folder / "scores.parquet"))
        for number in range(20):
            answer(store, f"before {number}")
        return Key(store, SESSIONS)()


def same(address: str, key: bytes) -> None:
    """What is true of a restored store: scores, answers in their order, sessions, and all goes on."""
    with Store(address) as store:
        existing(store)
        for table, rows in ((Score, 100), (Reasons, 75)):
            query = sa.select(sa.func.count()).select_from(table)
            assert store.read(lambda con, query=query: con.execute(query).scalar_one()) == rows  # type: ignore[misc]
        there = notes(store)
        assert there[:20] == [f"before {number}" for number in range(20)]
        assert there[20:] == [f"meanwhile {number}" for number in range(len(there) - 20)]
        assert len(there) >= 23
        assert Key(store, SESSIONS)() == key
        answer(store, "after")
        assert notes(store)[-1] == "after"


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, str]:
    for name in ("live", "kept"):
        (tmp_path / name).mkdir()
    return {LIVE: str(tmp_path / "live"), KEPT: str(tmp_path / "kept")}


def test_files_are_backed_up_and_restored(tmp_path: Path, folders: dict[str, str]) -> None:
    need(shutil.which("sqlite3"), "sqlite3 is not installed (make services)")
    address = f"sqlite:///{folders[LIVE]}/store.db"
    key = filled(address, tmp_path)
    with answering(address) as more:
        for _ in range(2):
            more()
            run(script(BACKUP), folders)
            time.sleep(1)  # the folder's name is of a second
        more()
    made = sorted(Path(folders[KEPT]).iterdir())
    assert len(made) == 2
    assert {each.stat().st_mode & 0o777 for each in [*made, *made[1].iterdir()]} == {0o700, 0o600}
    run(script(RESTORE), folders)
    with Store(address) as store:
        for engine in (store.published, store.feedback):
            with engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    same(address, key)


def test_a_database_is_backed_up_and_restored(
    tmp_path: Path, folders: dict[str, str], server: Server
) -> None:
    address, other = new_database(server), new_database(server)
    key = filled(address, tmp_path)
    with answering(address) as more:
        more()
        run(line("pg_dump"), folders | {ADDRESS: address.replace("+psycopg", "")})
        more()
    run(line("pg_restore"), folders | {ADDRESS: other.replace("+psycopg", "")})
    run(line("salesml migrate"), {"salesml ": f"{INSTALLED} ", "postgresql://sales:$PGPASS@db/sales": other})
    same(other, key)


def test_what_was_done_between_backup_and_restore_is_as_of_the_backup(
    tmp_path: Path, folders: dict[str, str]
) -> None:
    """Scores that were published after it are published again, as if they never had been."""
    need(shutil.which("sqlite3"), "sqlite3 is not installed (make services)")
    address = f"sqlite:///{folders[LIVE]}/store.db"
    filled(address, tmp_path)
    run(script(BACKUP), folders)
    later = scores(tmp_path / "later.parquet", day=DAY.replace(month=2), run="later")
    with Store(address) as store:
        publish(store, later)
    run(script(RESTORE), folders)
    with Store(address) as store:
        assert publish(store, later).changed
