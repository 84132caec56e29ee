"""Whom to call this week, written to files, and what is refused before anything is done."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

pytest.importorskip("fastapi", reason="the extra `web` is not installed")

from salesml.cli import main
from salesml.cli.letter_files import LIST, file_of
from salesml.store import directory
from salesml.store.engine import Store
from salesml.store.models import Rep
from tests.cli.five_reps import five_reps


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(directory, "LASTS", 0.0)
    return five_reps(tmp_path)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--smtp", "mail.example.com", "--from", "a@b.de", "--tls", "none"), 2, "[needs-tls]"),
        (("--smtp", "mail.example.com"), 2, "It is not said whom letters are from"),
        (("--smtp", "a b", "--from", "a@b.de"), 2, "[bad-server]"),
        (("--smtp", "mail:99999", "--from", "a@b.de"), 2, "[bad-server]"),
        (("--smtp", "mail", "--from", "nobody"), 2, "[bad-address]"),
        (("--smtp", "mail", "--from", "a@b.de\nBcc: c@d.ef"), 2, "[bad-address]"),
        (("--smtp", "mail", "--from", "a@b.de", "--user", "u"), 2, "[bad-secret]"),
        (("--smtp", "mail", "--from", "a@b.de", "--user", "u", "--password", "hunter2"), 2, "[bad-secret]"),
        (("--smtp", "mail", "--from", "a@b.de", "--address", "javascript:1"), 2, "[bad-address]"),
        (("--out", "letters", "--from", "a@b.de"), 2, "[unused-option]"),
        (("--out", "letters", "--rep", "R99"), 1, "[no-rep] No rep has the id R99"),
        (("--out", "letters", "--zone", "Mars"), 2, "[bad-zone]"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...], code: int, words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["this-week", "--store", url, *options]) == code
    said = capsys.readouterr().err
    assert words in said
    assert "hunter2" not in said
    assert not (tmp_path / "letters").exists()


def test_files_are_written_for_every_rep_who_has_a_book(url: str, tmp_path: Path) -> None:
    out = tmp_path / "letters"
    assert main(["this-week", "--store", url, "--out", str(out)]) == 0
    assert sorted(each.name for each in out.iterdir()) == sorted([LIST, *(f"R{n}.txt" for n in range(5))])
    head, _, body = (out / "R1.txt").read_text(encoding="utf-8").partition("\n\n")
    assert head.splitlines()[0] == "To: rep1@example.com"
    assert head.splitlines()[1].startswith("Subject: Call first this week")
    assert "Call first" in body
    for without_address in ("R2", "R4"):
        assert (out / f"{without_address}.txt").read_text(encoding="utf-8").startswith("Subject: ")
    assert json.loads((out / LIST).read_text())["R1.txt"]["rep"] == "R1"
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_who_has_no_letter_now_finds_no_old_one(url: str, tmp_path: Path) -> None:
    out = tmp_path / "letters"
    command = ["this-week", "--store", url, "--out", str(out)]
    main(command)
    (out / "mine.txt").write_text("not a letter")
    with Store(url) as store:
        store.write(lambda con: con.execute(sa.delete(Rep).where(Rep.rep_id == "R2")))
    before = (out / "R3.txt").stat().st_ino
    assert main([*command, "--rep", "R1"]) == 0
    assert (out / "R2.txt").exists()
    assert (out / "R3.txt").stat().st_ino == before
    assert main(command) == 0
    assert sorted(each.name for each in out.iterdir()) == sorted(
        [LIST, "mine.txt", *(f"R{n}.txt" for n in (0, 1, 3, 4))]
    )


def test_a_folder_of_other_things_is_left_alone(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "R1.txt").write_text("a poem")
    assert main(["this-week", "--store", url, "--out", str(tmp_path / "letters")]) == 2
    assert "[not-ours]" in capsys.readouterr().err
    assert (tmp_path / "letters" / "R1.txt").read_text() == "a poem"


@pytest.mark.parametrize(
    "rep", ["../../etc/passwd", "a/b", "", ".", "..", "CON", "r1", "ü", "x" * 300, "a\nb", "שלום", "R1.txt"]
)
def test_names_of_files_stay_in_the_folder(rep: str) -> None:
    name = file_of(rep)
    assert Path(name).name == name
    assert name.isascii()
    assert name.isprintable()
    assert len(name) < 100
    assert name not in (".", "..", LIST)


def test_ids_that_differ_have_files_that_differ() -> None:
    ids = ["r1", "R1", "R-1", "R/1", "R 1", "R1 ", "ß", "SS", "ss", "é", "e\u0301"]
    assert len({file_of(each).casefold() for each in ids}) == len(ids)


def test_as_json(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["this-week", "--store", url, "--out", str(tmp_path / "o"), "--rep", "R1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"rep": "R1", "to": "rep1@example.com", "what": "written", "why": ""}
    ]


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert (
        main(["this-week", "--store", f"sqlite:///{tmp_path / 'no.db'}", "--out", str(tmp_path / "o")]) == 1
    )
    assert not (tmp_path / "no.db").exists()
    assert not (tmp_path / "o").exists()
