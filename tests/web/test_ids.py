"""An account can be opened whatever its id is."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pyarrow as pa
import pytest
from fastapi.testclient import TestClient

from salesml.store import tokens
from salesml.store.engine import Store
from salesml.store.publish import publish
from salesml.web.show import segment
from tests.store.made import row, write_rows
from tests.web.conftest import Signed, fields, names
from tests.web.made import LATER

ODD = (
    "two\nlines", "ends\n", "ends", "a/b", "a?b#c", " ", ".", "..", "../..", "../accounts", "a/..", "./b",
    "a/./b", "\\..\\b", "...", "a..b", "?id=..",
)  # fmt: skip
V1 = "/api/v1"


@pytest.mark.parametrize("at", ["/accounts/", "/prospects/"])
def test_each_is_itself(store: Store, signed_in: Signed, tmp_path: Path, at: str) -> None:
    model = "churn" if at == "/accounts/" else "conversion"
    rows = [row(place, day=LATER, model=model) | {"entity_id": each} for place, each in enumerate(ODD)]
    path = write_rows(tmp_path / "odd.parquet", [each | {"rep_id": "R1"} for each in rows])
    publish(store, path, entities=names(list(ODD)))
    client = signed_in("rep1")
    bearer = {
        "authorization": f"Bearer {tokens.make(store, 'x', 'rep1@example.com', tokens.SCOPES, 1, by='x')}"
    }
    for each in ODD:
        # The client leaves out parts of paths as a browser does.
        answer = client.get(at + segment(each))
        assert (each, answer.status_code) == (each, 200)
        assert f"<h1><bdi>Company {each}</bdi></h1>" in unescape(answer.text)
        for told in (
            client.get(f"{V1}{at}{segment(each)}", headers=bearer),
            client.get(f"{V1}{at}", params={"id": each}, headers=bearer),
        ):
            assert (each, told.json()["id"]) == (each, each)
        assert client.get(at, params={"id": each}).text.count("<h1>") == 1
    links = [unescape(each) for each in re.findall(r'class="opens" href="([^"]+)"', listed(client, at))]
    assert {client.get(each).status_code for each in links} == {200}
    assert len(set(links)) == len(ODD)


def listed(client: TestClient, at: str) -> str:
    answer = client.get(at.rstrip("/"), params={"show": "all"} if at == "/prospects/" else {})
    return answer.text


def test_an_answer_leads_back_to_whom_it_is_about(store: Store, signed_in: Signed, tmp_path: Path) -> None:
    rows = [row(1, day=LATER) | {"entity_id": "..", "rep_id": "R1"}]
    publish(store, write_rows(tmp_path / "odd.parquet", rows), entities=names([".."]))
    client = signed_in("rep1")
    page = client.get("/accounts/?id=..")
    answer = client.post("/answers", data=fields(page.text, what="contacted"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts/?id=..#answers")
    assert client.get(answer.headers["location"]).status_code == 200
    out = TestClient(client.app, follow_redirects=False).get("/accounts/?id=..")
    assert out.headers["location"] == "/sign-in?next=%2Faccounts%2F%3Fid%3D.."


def test_a_rep_can_be_opened_whatever_their_id_is(store: Store, signed_in: Signed, tmp_path: Path) -> None:
    reps = [
        {"rep_id": "R0", "name": "Rep 0", "login": "rep0@example.com", "role": "manager"},
        {"rep_id": "..", "name": "Dot", "login": "dot@example.com", "role": "rep", "manager_id": "R0"},
    ]
    reps = [each | {"team": "North"} for each in reps]
    path = write_rows(tmp_path / "odd.parquet", [row(1, day=LATER) | {"rep_id": ".."}])
    publish(store, path, reps=pa.Table.from_pylist(reps))
    client = signed_in("rep0")
    [link] = re.findall(r'href="(/team/[^"]*)"', client.get("/team").text)
    answer = client.get(unescape(link))
    assert (answer.status_code, "<h1><bdi>Dot</bdi>" in answer.text) == (200, True)
    for nobody in ("/team/", "/team/?rep_id=...", "/accounts/", "/prospects/", "/accounts/?id=C-000002"):
        assert client.get(nobody).status_code == 404
