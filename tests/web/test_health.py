"""Probes: that the process lives, and that it can show scores."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from salesml.store.engine import Store
from salesml.store.migrate import migrate
from salesml.store.models import Pointer
from salesml.web.app import create_app
from salesml.web.health import health
from salesml.web.settings import Settings
from tests.web.conftest import KEY

SETTINGS = Settings(secure=False)


def asking(store: Store, **more: object) -> TestClient:
    settings = Settings(**{"secure": False, **more})  # type: ignore[arg-type]
    return TestClient(create_app(store, settings, key=KEY), follow_redirects=False)


def test_a_site_with_scores_is_ready(visitor: TestClient) -> None:
    lives, ready = visitor.get("/health"), visitor.get("/ready")
    assert (lives.status_code, lives.text) == (200, "ok")
    assert (ready.status_code, ready.json()) == (200, {"ready": True})


def test_a_store_without_scores_is_not(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as empty:
        migrate(empty)
        answer = asking(empty).get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "code": "no-scores"})
    assert answer.headers["retry-after"] == "10"


@pytest.mark.parametrize("part", ["published", "feedback"])
def test_a_store_that_another_version_changed_is_not(store: Store, part: str) -> None:
    changed = sa.text("UPDATE alembic_version SET version_num = :to")
    store.write(lambda con: con.execute(changed, {"to": f"{part}_9999"}), getattr(store, part))
    assert health(store, SETTINGS).problem == "store-newer"
    client = asking(store)
    assert client.get("/ready").status_code == 503
    assert client.get("/health").status_code == 200


def test_a_store_that_is_gone_is_not(store: Store, tmp_path: Path) -> None:
    for each in tmp_path.glob("store*"):
        each.unlink()
    answer = asking(store).get("/ready")
    assert answer.status_code == 503
    assert answer.json()["code"] in ("no-store", "store-away")


def test_many_probes_look_once(visitor: TestClient, store: Store) -> None:
    visitor.get("/ready")
    store.write(lambda con: con.execute(sa.delete(Pointer)))
    assert visitor.get("/ready").status_code == 200


def test_probes_tell_strangers_nothing_of_the_store(store: Store) -> None:
    client = asking(store)
    told = json.dumps([client.get(path).text for path in ("/health", "/ready")])
    assert "churn" not in told
    assert "store.db" not in told
    assert "set-cookie" not in client.get("/ready").headers


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_may_ask_by_an_address(store: Store, path: str) -> None:
    client = asking(store, url="https://scores.example.com", secure=True)
    status = {host: client.get(path, headers={"host": host}).status_code for host in
              ("10.0.0.7:8000", "[::1]:8000", "scores.example.com", "evil.example.com", "[",
               "10.0.0.7.evil")}  # fmt: skip
    assert status == {"10.0.0.7:8000": 200, "[::1]:8000": 200, "scores.example.com": 200,
                      "evil.example.com": 400, "[": 400, "10.0.0.7.evil": 400}  # fmt: skip
    assert client.get("/accounts", headers={"host": "10.0.0.7"}).status_code == 400
    assert client.post(path, headers={"host": "10.0.0.7"}).status_code == 400
