"""`salesml users`: who may sign in, who stands in, and what was done."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("argon2", reason="the extra `web` is not installed")

from argon2 import PasswordHasher

from salesml.cli import main
from salesml.store import directory, passwords
from salesml.store.engine import Store
from salesml.store.passwords import is_password
from tests.store.company import company, rep

KIM = "kim@example.com"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        passwords, "_hasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    )
    monkeypatch.setattr(directory, "LASTS", 0.0)
    monkeypatch.setattr("getpass.getuser", lambda: "root")


@pytest.fixture
def address(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'store.db'}"
    with Store(address) as store:
        company(store, rep("R1", login=KIM), rep("R2"))
    return address


@pytest.fixture
def run(address: str, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `salesml users`: its exit code and what it printed."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["users", *arguments, "--store", address])
        return code, *capsys.readouterr()

    return run


def knows(address: str, password: str, login: str = KIM) -> bool:
    with Store(address) as store:
        return is_password(store, login, password)


def test_a_password_is_read_from_the_first_line_of_input(
    run: Any, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(" a long password \r\nmore\n"))
    code, out, _ = run("add", "Kim@Example.com", "--password-stdin")
    assert (code, out) == (0, "kim@example.com may sign in\n")
    assert knows(address, " a long password ")


def test_one_that_is_made_is_shown_once(run: Any, address: str) -> None:
    code, out, err = run("add", KIM, "--generate")
    said, made = out.splitlines()
    assert (code, said) == (0, "kim@example.com may sign in")
    assert "shown only now" in err
    assert knows(address, made)
    code, out, _ = run("set-password", KIM, "--generate", "--json")
    told = json.loads(out)
    assert told["done"] == "kim@example.com has another password; their sessions are over"
    assert (knows(address, made), knows(address, told["password"])) == (False, True)
    assert made not in run("audit")[1] + run("list", "--json")[1]


def test_one_that_is_typed_is_typed_twice(run: Any, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    typed = iter(["a long password", "another password", "a long password", "a long password"])
    monkeypatch.setattr("sys.stdin", Screen())
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    code, _, err = run("add", KIM)
    assert (code, "[not-the-same] The two passwords differ" in err) == (1, True)
    assert run("add", KIM)[0] == 0
    assert knows(address, "a long password")


def test_where_nobody_can_be_asked_it_says_so(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, _, err = run("add", KIM)
    assert code == 2
    assert (
        "[missing-option] There is nobody to ask for the password. Give --password-stdin or --generate."
        in err
    )


def test_nobody_is_asked_for_a_password_in_vain(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: pytest.fail("was asked"))
    run("add", KIM, "--no-password")
    for arguments, code, fault in (
        (("add", KIM), 1, "user-there"), (("add", "lee", "--role", "boss"), 2, "bad-role"),
        (("set-password", "nobody"), 1, "no-user"),
    ):  # fmt: skip
        found, _, err = run(*arguments)
        assert (found, f"[{fault}]" in err) == (code, True)


def test_a_weak_password_is_refused_without_repeating_it(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("letmein\n"))
    code, out, err = run("add", KIM, "--password-stdin")
    assert (code, out) == (2, "")
    assert "[weak-password] The password has 7 letters. It has 12 to 1024 letters" in err
    assert "letmein" not in err


def test_who_cannot_sign_in_yet_is_said_so(run: Any) -> None:
    _, out, _ = run("add", "lee@example.com", "--no-password")
    assert (
        out
        == "lee@example.com is added, but cannot sign in yet: no rep has this login, and no role was given\n"
    )
    assert run("change", "lee@example.com", "--role", "analyst")[0] == 0
    _, out, _ = run("list")
    assert [line.split() for line in out.splitlines()] == [
        ["login", "rep", "role", "zone", "way", "in", "problem"],
        [KIM, "R1", "by", "table", "elsewhere"],
        ["lee@example.com", "analyst", "elsewhere"],
        ["r2@example.com", "R2", "by", "table", "elsewhere"],
    ]


def test_people_are_shut_out_let_in_and_signed_out(run: Any) -> None:
    assert run("disable", KIM)[:2] == (0, "kim@example.com is shut out; their sessions are over\n")
    assert [each["problem"] for each in json.loads(run("list", "--json")[1])] == ["shut out", ""]
    assert run("enable", KIM)[0] == 0
    assert run("sign-out", KIM)[0] == 0
    assert run("sign-out", "--all")[0] == 0
    for arguments in (("sign-out",), ("sign-out", KIM, "--all")):
        code, _, err = run(*arguments)
        assert (code, "Give either a login or --all" in err) == (2, True)
    lines = json.loads(run("audit", "--json")[1])
    assert [each["what"] for each in lines] == [
        "disabled-user", "enabled-user", "signed-out-user", "signed-out-everybody",
    ]  # fmt: skip
    assert {each["by"] for each in lines} == {"root (command line)"}
    assert len(json.loads(run("audit", "--json", "--last", "1")[1])) == 1
    assert json.loads(run("audit", "--json", "--since", "2999-01-01")[1]) == []


def test_a_deputy_is_appointed_and_ended(run: Any) -> None:
    days = ("--from", "2026-03-01", "--until", "2026-03-14")
    code, out, _ = run("deputy", "--of", "R1", "--by", "R2", *days)
    assert (code, out) == (0, "R2 sees the book of R1 from 2026-03-01 to 2026-03-14 (number 1)\n")
    assert run("end-deputy", "1")[0] == 0
    [line] = json.loads(run("deputies", "--json")[1])
    assert (line["rep_id"], line["deputy_id"], line["starts_on"]) == ("R1", "R2", "2026-03-01")
    assert line["ended_at"]
    code, out, _ = run("deputy", "--of", "R1", "--by", "R1", *days, "--json")
    assert (code, json.loads(out)["faults"][0]["code"]) == (1, "bad-deputy")


def test_a_name_cannot_write_on_the_screen(run: Any) -> None:
    run("add", "a\u202ecb", "--no-password", "--role", "analyst")
    code, _, err = run("add", "a\x1b[2Jb", "--no-password")
    assert (code, "\x1b" in err) == (2, False)


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["users"]) == 2
    assert "who may sign in" in capsys.readouterr().out


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["users", "list", "--store", f"sqlite:///{tmp_path / 'other.db'}"]) == 1
    assert "[no-store]" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
