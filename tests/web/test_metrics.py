"""What a site counts, who may read it, and that it names nobody."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from salesml.errors import UsageError
from salesml.store.engine import Store
from salesml.web.app import create_app
from salesml.web.metrics import Metrics
from salesml.web.settings import Settings
from salesml.web.settings_checks import check
from tests.web.conftest import DAY, KEY, PASSWORD, Signed

HERE = ("127.0.0.1", 40_000)


def figures(text: str) -> dict[str, float]:
    """Values by name and labels: ``salesml_answers_total{}``."""
    return {
        f"{sample.name}{{{','.join(f'{key}={value}' for key, value in sorted(sample.labels.items()))}}}":
        sample.value
        for family in text_string_to_metric_families(text) for sample in family.samples
    }  # fmt: skip


def read(app: FastAPI) -> dict[str, float]:
    answer = TestClient(app, client=HERE).get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return figures(answer.text)


def test_requests_are_told_by_route_and_status(app: FastAPI, signed_in: Signed) -> None:
    client = signed_in("rep1")
    for path in ("/accounts/C-000001", "/accounts/C-000008", "/accounts/C-000002", "/nowhere/C-000001",
                 "/static/site.css", "/accounts?search=secret"):  # fmt: skip
        client.get(path)
    client.request("BREW", "/accounts")
    found = read(app)
    one = "method=GET,route=/accounts/{entity_id:path}"
    assert found[f"salesml_requests_total{{{one},status=200}}"] == 2
    assert found[f"salesml_requests_total{{{one},status=404}}"] == 1
    assert found["salesml_requests_total{method=GET,route=/accounts,status=200}"] == 1
    assert found["salesml_request_seconds_count{route=/accounts/{entity_id:path}}"] == 3
    assert sum(value for key, value in found.items() if "route=other" in key and "_total" in key) >= 2
    assert "salesml_requests_total{method=other" in "".join(found)
    told = "".join(found)
    assert not any(each in told for each in ("C-000001", "secret", "nowhere", "BREW", "rep1"))


def test_sign_ins_are_told_by_what_came_of_them(app: FastAPI, signed_in: Signed) -> None:
    signed_in("rep1")
    client = TestClient(app, follow_redirects=False)
    for _ in range(7):
        client.post("/sign-in", data={"login": "rep2@example.com", "password": "not the right one"})
    client.post("/sign-in", data={"login": "rep3@example.com", "password": PASSWORD})
    found = read(app)
    assert {key: found[f"salesml_sign_ins_total{{outcome={key}}}"] for key in ("let-in", "refused")} == {
        "let-in": 2, "refused": 5,
    }  # fmt: skip
    assert found["salesml_sign_ins_total{outcome=slowed}"] == 2


def test_answers_are_counted_where_they_were_kept() -> None:
    metrics = Metrics(lambda: pytest.fail("not asked"))
    for method, route, status in (("POST", "/answers", 303), ("POST", "/answers", 422),
                                  ("GET", "/answers", 303), ("POST", "/api/v1/feedback", 201),
                                  ("POST", "/sign-out", 303)):  # fmt: skip
        metrics.count(method, route, status, 0.01)
    assert metrics.answers.collect()[0].samples[0].value == 2  # type: ignore[attr-defined]


def test_the_age_of_scores_is_told(app: FastAPI) -> None:
    found = read(app)
    age = (dt.datetime.now(dt.UTC).date() - DAY).days
    assert found["salesml_scores_age_days{model=churn}"] == age
    assert found["salesml_scores_rows{model=conversion}"] == 100
    assert found["salesml_ready{}"] == 1


def test_what_goes_wrong_unforeseen_is_counted(app: FastAPI) -> None:
    @app.get("/fails")
    def fails() -> None:
        raise RuntimeError("a secret")

    TestClient(app, raise_server_exceptions=False).get("/fails")
    assert read(app)["salesml_requests_total{method=GET,route=/fails,status=500}"] == 1


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.0.0.9", {}, 200),
        ("10.0.0.10", {}, 404),
        ("192.0.2.1", {}, 404),
        ("testclient", {}, 404),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.1"}, 404),
        ("127.0.0.1", {"x-forwarded-for": "10.0.0.9"}, 404),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, 404),
        ("10.0.0.7", {"x-forwarded-for": "127.0.0.1"}, 404),
        ("10.0.0.7", {}, 404),
        ("127.0.0.1", {"host": "scores.example.com"}, 404),
        ("127.0.0.1", {"host": "scores.example.com:443"}, 404),
        ("127.0.0.1", {"host": "127.0.0.1:8000"}, 200),
        ("127.0.0.1", {"host": "evil.example.com"}, 400),
    ],
)  # fmt: skip
def test_only_listed_machines_read_them(
    store: Store, client: str, headers: dict[str, str], status: int
) -> None:
    settings = Settings(url="https://scores.example.com", hosts=("inner",), proxies=("10.0.0.7",),
                        metrics_for=("127.0.0.1", "10.0.0.8/31"))  # fmt: skip
    app = create_app(store, settings, key=KEY)
    asking = TestClient(app, client=(client, 40_000), base_url="http://inner")
    answer = asking.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("salesml_requests" in answer.text) is (status == 200)


def test_a_list_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="'smile' in the list of machines that may read metrics"):
        check(Settings(metrics_for=("smile",)))


COUNTS = """
import sys
from salesml.web.health import Health
from salesml.web.metrics import Metrics
metrics = Metrics(lambda: Health("no-scores"))
metrics.count("GET", "/accounts", 200, 0.01)
sys.stdout.buffer.write(metrics.text())
"""


def test_processes_of_a_server_tell_what_all_of_them_counted(tmp_path: Path) -> None:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    told = [
        subprocess.run([sys.executable, "-c", COUNTS], env=environment, check=True, capture_output=True)
        for _ in range(3)
    ]
    counted = [figures(each.stdout.decode()) for each in told]
    of_all = "salesml_requests_total{method=GET,route=/accounts,status=200}"
    assert [each[of_all] for each in counted] == [1, 2, 3]
    assert [each["salesml_ready{}"] for each in counted] == [0, 0, 0]
