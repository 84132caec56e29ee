"""Keys that all processes share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from salesml.store import keys
from salesml.store.engine import Store
from salesml.store.keys import SESSIONS, Key, key
from salesml.store.migrate import migrate
from salesml.store.users import sign_out_all


def test_all_who_ask_at_once_get_the_same_key(address: str) -> None:
    with Store(address) as store:
        migrate(store)
    stores = [Store(address) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda store: key(store, SESSIONS), stores))
    for store in stores:
        store.close()
    assert len(set(found)) == 1
    assert len(found[0]) == 32


def test_each_name_has_a_key_of_its_own(store: Store) -> None:
    migrate(store)
    assert key(store, "sessions") != key(store, "attempts")


def test_another_key_holds_after_some_seconds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(keys.time, "monotonic", lambda: clock[0])
    migrate(store)
    now = Key(store, SESSIONS)
    before = now()
    sign_out_all(store, by="test")
    assert now() == before
    clock[0] += keys.LASTS
    assert now() == key(store, SESSIONS) != before


def test_others_on_the_machine_cannot_read_the_file_of_keys(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path}/store.db") as store:
        migrate(store)
        feedback = store.address.files[1]
        feedback.chmod(0o664)
        key(store, SESSIONS)
        assert feedback.stat().st_mode & 0o777 == 0o660
        beside = list(feedback.parent.glob("store-feedback.db-*"))
        assert beside
        assert [each.name for each in beside if each.stat().st_mode & 0o007] == []
        assert repr(Key(store, SESSIONS)) == "Key('sessions')"
