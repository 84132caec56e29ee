"""The JSON API: the same rows by the same rules, for whoever has a token."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from salesml.errors import DataError
from salesml.store import tokens, users
from salesml.store.engine import Store
from salesml.store.models import Generation, Score
from salesml.store.moments import now
from salesml.store.people import Token
from salesml.web.api import ask
from tests.store.made import DAY, row
from tests.web.conftest import Signed
from tests.web.made import publish_later

V1 = "/api/v1"
MINE, THEIRS = "C-000001", "C-000002"
Client = Callable[..., TestClient]


@pytest.fixture
def client(app: FastAPI, store: Store) -> Client:
    """A program that asks for somebody."""

    def made(who: str = "rep1", scopes: tuple[str, ...] = tokens.SCOPES) -> TestClient:
        token = tokens.make(store, "CRM", f"{who}@example.com", scopes, 30, by="test")
        return TestClient(app, headers={"authorization": f"Bearer {token}"}, follow_redirects=False)

    return made


def test_a_list_is_paged_to_its_end_in_the_order_of_what_is_at_stake(client: Client) -> None:
    program, found, cursor = client(), [], None
    while True:
        more: dict[str, str] = {"cursor": cursor} if cursor else {}
        page = program.get(f"{V1}/accounts", params={"limit": 4, **more}).json()
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    wanted = sorted((each for each in map(row, range(100)) if each["rep_id"] == "R1"),
                    key=lambda each: -each["expected_loss"])  # fmt: skip
    assert [each["id"] for each in found] == [each["entity_id"] for each in wanted]
    assert found[0]["probability"] == wanted[0]["probability"]
    assert page["scores"] == {"model": "churn", "model_version": "salesml-churn/3", "as_of": str(DAY)}


def test_a_list_goes_on_in_the_scores_it_began_with_and_says_when_they_are_gone(
    client: Client, store: Store, tmp_path: Path
) -> None:
    program = client()
    cursor = program.get(f"{V1}/accounts", params={"limit": 4}).json()["next"]
    publish_later(store, tmp_path)
    page = program.get(f"{V1}/accounts", params={"limit": 4, "cursor": cursor}).json()
    assert page["scores"]["as_of"] == str(DAY)
    # Of the accounts of then only those are shown that are theirs by the scores of now.
    assert {each["id"] for each in page["items"]} <= {"C-000001", "C-000008", "C-000015", "C-000022"}
    gone = sa.text("UPDATE generations SET state = 'gone' WHERE as_of = :day")
    store.write(lambda con: con.execute(gone, {"day": str(DAY)}))
    answer = program.get(f"{V1}/accounts", params={"limit": 4, "cursor": cursor})
    assert answer.status_code == 410
    assert "Begin again" in answer.json()["detail"]


def test_one_account_with_reasons_and_a_tag_that_changes_with_it(
    client: Client, store: Store, tmp_path: Path
) -> None:
    program = client()
    answer = program.get(f"{V1}/accounts/{MINE}")
    assert answer.json()["probability"] == row(1)["probability"]
    assert answer.json()["reasons"][0]["key"] == "orders_1d"
    tag = {"if-none-match": f'"other", W/{answer.headers["etag"]}'}
    same = program.get(f"{V1}/accounts/{MINE}", headers=tag)
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["cache-control"] == "private, no-cache"
    publish_later(store, tmp_path)
    later = program.get(f"{V1}/accounts/{MINE}", headers=tag)
    assert (later.status_code, len(later.json()["history"])) == (200, 2)


def test_when_an_account_leaves_is_told_where_that_was_found_to_be_true(client: Client, store: Store) -> None:
    def put(curves: bool) -> None:
        said = sa.update(Generation).values(display=json.dumps({"horizon_days": 90, "curves": curves}))
        curve = sa.update(Score).values(curve='{"90": 0.75, "30": 0.9}')
        store.write(lambda connection: (connection.execute(said), connection.execute(curve)))

    program = client()
    put(curves=True)
    assert program.get(f"{V1}/accounts/{MINE}").json()["stays"] == {"30": 0.9, "90": 0.75}
    put(curves=False)
    assert program.get(f"{V1}/accounts/{MINE}").json()["stays"] == {}


def test_feedback_is_kept_once_for_each_key_and_withdrawn(client: Client) -> None:
    program = client()
    said = {"kind": "account", "id": MINE, "what": "disagree", "note": "They signed."}
    given = [program.post(f"{V1}/feedback", json=said, headers={"idempotency-key": "1"}) for _ in range(2)]
    assert [each.status_code for each in given] == [201, 201]
    assert given[0].json() == given[1].json()
    about = {"kind": "account", "id": MINE}
    [there] = program.get(f"{V1}/feedback", params=about).json()["items"]
    assert (there["state"], there["by"], there["note"]) == ("active", "rep1@example.com", "They signed.")
    gone = program.post(f"{V1}/feedback/{there['id']}/withdrawal").json()
    assert (gone["state"], gone["withdrawn_by"]) == ("withdrawn", "rep1@example.com")
    assert client("rep2").post(f"{V1}/feedback/{there['id']}/withdrawal").status_code == 404
    assert client("analyst").post(f"{V1}/feedback", json=said).status_code == 403


@pytest.mark.parametrize(
    "more",
    [
        {"what": "reason-is-wrong"}, {"what": "reason-is-wrong", "reason": "x"}, {"what": "disagree"},
        {"more": 1}, {"note": "x\0"}, {"expires_on": "2020-01-01"}, {"note": "\ud800"}, {"seen": -1},
    ],
)  # fmt: skip
def test_feedback_that_cannot_be_taken_is_refused_with_words(client: Client, more: dict[str, str]) -> None:
    import json

    said = json.dumps({"kind": "account", "id": MINE, "what": "saved"} | more)
    answer = client().post(f"{V1}/feedback", content=said, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")


def test_what_is_not_known_in_an_address_is_refused(client: Client) -> None:
    program = client()
    assert program.get(f"{V1}/accounts?sort=name").status_code == 422
    assert program.get(f"{V1}/accounts?cursor=x").status_code == 404
    assert program.get(f"{V1}/accounts?rep=R2").status_code == 404
    assert program.get(f"{V1}/accounts?rep=nobody").status_code == 404


def test_only_a_token_of_the_scope_opens_the_api_and_none_opens_the_pages(
    client: Client, signed_in: Signed, store: Store
) -> None:
    assert signed_in("rep1").get(f"{V1}/accounts").status_code == 401
    program = client(scopes=(tokens.FEEDBACK_READ,))
    assert program.get("/accounts").status_code == 303
    answer = program.get(f"{V1}/accounts")
    assert (answer.status_code, answer.json()["detail"]) == (
        403, "This token does not have the scope scores:read.",
    )  # fmt: skip
    assert "insufficient_scope" in answer.headers["www-authenticate"]
    assert program.get(f"{V1}/feedback", params={"kind": "account", "id": MINE}).status_code == 200
    users.disable(store, "rep1@example.com", by="test")
    assert program.get(f"{V1}/feedback", params={"kind": "account", "id": MINE}).status_code == 401


@pytest.mark.parametrize("how", ["wrong", "revoked", "old", "none", "basic"])
def test_a_token_that_is_no_token(client: Client, store: Store, how: str) -> None:
    program = client()
    given = program.headers["authorization"]
    assert program.get(f"{V1}/about").status_code == 200
    number = given.split(".")[1]
    if how == "wrong":
        program.headers["authorization"] = given[:-1] + ("0" if given[-1] != "0" else "1")
    elif how == "revoked":
        tokens.revoke(store, number, by="test")
    elif how == "old":
        past = sa.update(Token).values(expires_at=now() - dt.timedelta(seconds=1))
        store.write(lambda con: con.execute(past), store.feedback)
    elif how == "basic":
        program.headers["authorization"] = "Basic cmVwMTpx"
    else:
        del program.headers["authorization"]
    answer = program.get(f"{V1}/about")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_no_secret_is_kept(client: Client, store: Store) -> None:
    secret = client().headers["authorization"].split(".")[2]
    rows = store.read(lambda con: con.execute(sa.select(*Token.__table__.c)).all(), store.feedback)
    assert rows
    assert secret not in str(rows)


def test_a_token_that_says_too_little_is_not_made(store: Store) -> None:
    with pytest.raises(DataError) as error:
        tokens.make(store, " ", "", ("all",), 4_000, by="test")
    assert [each.code for each in error.value.faults] == ["bad-token"] * 4


def test_one_token_that_asks_too_often_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "AT_ONCE", 2)
    monkeypatch.setattr(ask, "PER_MINUTE", 1)
    program, other = client(), client()
    codes = [program.get(f"{V1}/about").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert 1 <= int(program.get(f"{V1}/about").headers["retry-after"]) <= 60
    assert other.get(f"{V1}/about").status_code == 200


def test_the_description_names_every_route_and_refusal(app: FastAPI) -> None:
    said = TestClient(app).get(f"{V1}/openapi.json").json()
    assert set(said["paths"]) == {
        f"{V1}{each}" for each in (
            "/accounts", "/accounts/", "/accounts/{entity_id}", "/prospects", "/prospects/",
            "/prospects/{entity_id}", "/feedback", "/feedback/{number}/withdrawal", "/about",
        )
    }  # fmt: skip
    for path in said["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"token": []}]
            assert {"400", "401", "403", "404", "422", "429", "503"} <= set(operation["responses"])
