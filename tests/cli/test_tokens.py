"""`salesml tokens`: made, listed and revoked, and said once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from salesml.cli import main
from salesml.store import tokens
from salesml.store.engine import Store
from tests.store.company import company, rep

KIM = "kim@example.com"


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("getpass.getuser", lambda: "root")
    address = f"sqlite:///{tmp_path / 'store.db'}"
    with Store(address) as store:
        company(store, rep("R1", login=KIM))
    return address


@pytest.fixture
def run(address: str, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `salesml tokens`: its exit code and what it printed."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["tokens", *arguments, "--store", address])
        return code, *capsys.readouterr()

    return run


def add(run: Any, *more: str) -> tuple[int, str, str]:
    found: tuple[int, str, str] = run(
        "add", "--client", "CRM", "--login", KIM, "--scope", "scores:read", *more
    )
    return found


def test_a_token_is_printed_once_and_found_until_it_is_revoked(run: Any, address: str) -> None:
    code, token, said = add(run)
    assert (code, said) == (0, "The token, which is shown only now:\n")
    with Store(address) as store:
        known = tokens.find(store, token.strip())
        assert known is not None
        assert (known.client, known.login, known.scopes) == ("CRM", KIM, "scores:read")
        listed = run("list")[1]
        assert known.id in listed
        assert token.strip().split(".")[2] not in listed
        assert run("revoke", known.id)[0] == 0
        assert tokens.find(store, token.strip()) is None
        code, _, said = run("revoke", known.id)
    assert code == 1
    assert "[no-token]" in said


def test_a_program_reads_it(run: Any) -> None:
    made = json.loads(add(run, "--json")[1])
    assert made["token"].startswith(f"salesml.{made['id']}.")
    (line,) = json.loads(run("list", "--json")[1])
    assert line["id"] == made["id"]
    assert "digest" not in line


def test_all_that_is_wrong_is_said(run: Any) -> None:
    code, _, said = run("add", "--client", " ", "--login", "", "--scope", "all", "--days", "401")
    assert code == 1
    for words in ("no name", "is no login", "There is no scope all", "It would last 401 days"):
        assert words in said
