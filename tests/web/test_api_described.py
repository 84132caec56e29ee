"""Whatever is asked of the API, it answers as it says in its description."""

from __future__ import annotations

from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, Phase, given, settings

schemathesis: Any = pytest.importorskip("schemathesis", reason="the extra `dev` is not installed")

from salesml.store import answers, tokens  # noqa: E402
from salesml.store.answers import Said, Seen  # noqa: E402
from salesml.store.engine import Store  # noqa: E402
from salesml.web.api import ask  # noqa: E402
from salesml.web.api.routes import description  # noqa: E402
from tests.store.made import DAY  # noqa: E402

EACH: Final = 30
"""Requests of an operation that are made by lot as it is described, and as many that are not so."""

STORIES: Final = 25
"""Rows of requests, each of which follows a link of an answer before."""

SEED: Final = 8


def described() -> Any:
    config = schemathesis.Config.from_dict({"seed": SEED})
    return schemathesis.openapi.from_dict(description(), config=config)


OPERATIONS: Final = [each.ok().label for each in described().get_all_operations()]
MODES: Final = list(schemathesis.GenerationMode)


def by_lot(each: int, **more: Any) -> settings:
    """The same requests each time."""
    return settings(
        max_examples=each, deadline=None, database=None, derandomize=True, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck), **more,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "AT_ONCE", 10**9)


@pytest.fixture
def bearer(store: Store) -> dict[str, str]:
    """Of a rep about one of whose accounts something was answered."""
    about = Seen("churn", "churn", "C-000001", DAY, "salesml-churn/3", 0.5, "R1")
    said = Said("contacted")
    store.write(
        lambda con: answers.add(con, about, said, by="rep1@example.com", today=DAY, key="1"), store.feedback
    )
    made = tokens.make(store, "test", "rep1@example.com", tokens.SCOPES, 30, by="test")
    return {"Authorization": f"Bearer {made}"}


@pytest.fixture
def schema(app: FastAPI) -> Any:
    """The description, asked of the app itself; checks that ask once more find it there too."""
    schema = described()
    schema.app = app
    return schema


@pytest.fixture
def operation(schema: Any, name: str) -> Any:
    return schema.find_operation_by_label(name)


def bounds(operation: Any) -> list[Any]:
    """Requests that are just as it is described, and just not so."""
    schema = operation.schema
    config = schema.config.generation_for(operation=operation)
    return list(schema.iter_coverage_cases(operation, generation_modes=MODES, generation_config=config))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_asked_by_lot_is_answered_as_described(
    operation: Any, mode: Any, bearer: dict[str, str]
) -> None:
    @by_lot(EACH)
    @given(operation.as_strategy(generation_mode=mode))
    def ask_for(case: Any) -> None:
        case.call_and_validate(headers=bearer)

    ask_for()


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_lies_at_the_bounds_is_answered_as_described(operation: Any, bearer: dict[str, str]) -> None:
    cases = bounds(operation)
    assert len(cases) > 1
    for case in cases:
        case.call_and_validate(headers=bearer)


@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_is_answered_without_a_token(operation: Any) -> None:
    for case in bounds(operation):
        answer = case.call_and_validate()
        assert answer.status_code >= 400, answer.text


def test_what_an_answer_leads_to_is_answered_as_described(schema: Any, bearer: dict[str, str]) -> None:
    followed = set()

    class Stories(schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": bearer}

        def before_call(self, case: Any) -> None:
            if case.operation.label == "POST /api/v1/feedback" and case.meta.generation.mode.is_positive:
                # By lot nobody would be met.
                case.body = {"kind": "account", "id": "C-000001", "what": "contacted"}

        def after_call(self, response: Any, case: Any) -> None:
            followed.add((case.operation.label, response.status_code))

    Stories.run(settings=by_lot(STORIES, stateful_step_count=6))
    assert ("POST /api/v1/feedback/{number}/withdrawal", 200) in followed
    assert ("GET /api/v1/accounts/{entity_id}", 200) in followed


def test_the_description_is_whole(app: FastAPI) -> None:
    said = description()
    routes = {
        (method.lower(), str(route.path).replace(":path", ""))
        for route in iter_route_contexts(app.routes)
        if str(route.path).startswith("/api/") and not str(route.path).endswith("/openapi.json")
        for method in route.methods or ()
    }
    assert routes == {(method, path) for path, each in said["paths"].items() for method in each}
    names = [each["operationId"] for path in said["paths"].values() for each in path.values()]
    assert len(set(names)) == len(names)
    for path in said["paths"].values():
        for each in path.values():
            assert each["summary"]
            assert each["description"]
            assert any(status in each["responses"] for status in ("200", "201"))
            for status, answer in each["responses"].items():
                assert answer["description"] != "Successful Response"
                assert status == "304" or all("schema" in kind for kind in answer["content"].values())
                leads = answer.get("links", {}).values()
                assert {link["operationId"] for link in leads} <= set(names)
