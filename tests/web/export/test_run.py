"""Files of reps: whole, of theirs alone, and asking nothing of anybody."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import stat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from salesml.errors import DataError, OutsideError, UsageError
from salesml.scoring import table
from salesml.store.engine import Store
from salesml.store.migrate import migrate
from salesml.store.publish import publish
from salesml.web.export import run
from salesml.web.export.book import Binder
from salesml.web.export.files import MANIFEST, file_name, read_manifest, write
from salesml.web.export.run import export_pages
from tests.store.made import row, unscored, write_rows
from tests.web.conftest import ACCOUNTS, REPS
from tests.web.made import LATER, ODD, publish_later
from tests.web.test_prospects import listed, publish_list


def text_of(folder: Path, rep: str) -> str:
    return (folder / file_name(rep)).read_text(encoding="utf-8")


def owned(rep: str) -> set[str]:
    """The accounts and prospects of the made company that are a rep's."""
    return {f"C-{number:06d}" for number in range(ACCOUNTS) if f"R{number % REPS}" == rep}


def test_each_rep_has_a_file_of_theirs_alone(store: Store, tmp_path: Path) -> None:
    done = export_pages(store, tmp_path / "out")
    assert [each["rep_id"] for each in done.written] == [f"R{number}" for number in range(REPS)]
    for each in done.written:
        page = (tmp_path / "out" / each["file"]).read_text(encoding="utf-8")
        assert set(re.findall(r"C-\d{6}", page)) == owned(each["rep_id"])
        assert each["accounts"] == each["prospects"] == len(owned(each["rep_id"]))
        assert f"Made for Rep {each['rep_id'][1:]}" in page


def test_a_manager_s_file_has_their_own_book_only(store: Store, tmp_path: Path) -> None:
    export_pages(store, tmp_path / "out", rep_id="R0")
    assert set(re.findall(r"C-\d{6}", text_of(tmp_path / "out", "R0"))) == owned("R0")


def test_a_file_asks_nothing_of_anybody(store: Store, tmp_path: Path) -> None:
    export_pages(store, tmp_path / "out", rep_id="R1")
    page = text_of(tmp_path / "out", "R1")
    assert not re.search(r"<(?:script|form|link|img|iframe|input|button|select)\b", page)
    assert not re.search(r"\s(?:src|on\w+|hx-\w+|style)=", page)
    addresses = re.findall(r'href="([^"]*)"', page)
    assert addresses
    assert all(each.startswith("#") for each in addresses)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src &#39;sha256-{digest}&#39;" in page
    assert "default-src &#39;none&#39;" in page
    assert "url(" not in style[1]


def test_every_link_leads_somewhere_and_ids_are_given_once(store: Store, tmp_path: Path) -> None:
    publish_later(store, tmp_path)
    export_pages(store, tmp_path / "out", rep_id="R1")
    page = text_of(tmp_path / "out", "R1")
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    named = [
        each
        for found in re.findall(r'aria-(?:labelledby|describedby)="([^"]*)"', page)
        for each in found.split()
    ]
    for each in (*re.findall(r'href="#([^"]*)"', page), *named):
        assert html.unescape(each) in ids
    assert 'id="accounts-without-score"' in page
    assert "revenue is infinite" in page
    assert "<section" in page
    assert not re.search(r"<section[^>]* aria-", page)
    assert page.count("<h1>") == len(re.findall("<article", page))


def test_a_file_has_as_many_as_are_wanted(store: Store, tmp_path: Path) -> None:
    done = export_pages(store, tmp_path / "out", rep_id="R1", rows=3)
    assert done.written[0]["accounts"] == done.written[0]["prospects"] == 3
    page = text_of(tmp_path / "out", "R1")
    assert page.count("Only the first of them are in this file") == 2
    assert f"{len(owned('R1'))} accounts" in page
    page = Binder(store, today=LATER, zone="UTC", rows=50).book("R1").html
    assert "Only the first" not in page
    assert "Made on 8 January 2026" in page


def test_the_list_of_the_week_and_customers_alike_are_in_it(store: Store, tmp_path: Path) -> None:
    publish_list(store, tmp_path, [listed(1, rank=1, picked="explore", unlisted=None), listed(2)])
    export_pages(store, tmp_path / "out", rep_id="R1")
    page = text_of(tmp_path / "out", "R1")
    assert "Drawn by lot. " in page
    assert re.findall(r'class="opens" href="#(prospects-\d+)"', page)
    assert len(re.findall(r'<article class="part" id="prospects-\d+"', page)) == 1


def test_any_name_and_id_stands_in_a_file(store: Store, tmp_path: Path) -> None:
    rows = [
        row(place, day=LATER, run="run-2") | {"rep_id": "R1", "entity_id": each}
        for place, each in enumerate(ODD)
    ]
    evil = "</style><script>alert(1)</script>"
    names = pa.table({"entity_id": list(ODD), "name": [evil] * len(ODD), "attributes": ["{}"] * len(ODD)})
    publish(store, write_rows(tmp_path / "odd.parquet", rows), entities=names)
    export_pages(store, tmp_path / "out", rep_id="R1")
    page = text_of(tmp_path / "out", "R1")
    assert "<script" not in page
    assert page.count("</style>") == 1
    assert len(re.findall(r'class="opens" href="#accounts-\d+"', page)) == len(ODD)


@pytest.mark.parametrize(
    "rep", ["../../etc/passwd", "R/1", "", " ", "ü", "a" * 500, "CON", "r1\n", "=cmd()", ".hidden", "日本"]
)
def test_a_file_s_name_is_safe_whatever_the_rep_is_called(rep: str) -> None:
    name = file_name(rep)
    assert re.fullmatch(r"[a-z0-9]+[a-z0-9-]*\.html", name)
    assert len(name) <= 60
    assert file_name(rep + "x") != name


def test_two_reps_never_share_a_file() -> None:
    reps = ["R1", "r1", "R-1", "R 1", "R1 ", "é", "e\u0301", "日", "本"]
    assert len({file_name(each) for each in reps}) == len(reps)


def test_reps_without_anything_lose_their_file_and_nothing_else_is_touched(
    store: Store, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    export_pages(store, out)
    (out / "notes.html").write_text("mine")
    for model in ("churn", "conversion"):
        rows = [row(number, day=LATER, model=model, run="run-2") | {"rep_id": "R2"} for number in range(3)]
        publish(store, write_rows(tmp_path / f"{model}.parquet", rows))
    done = export_pages(store, out)
    assert [each["rep_id"] for each in done.written] == ["R2"]
    assert sorted(done.removed) == sorted(file_name(f"R{number}") for number in range(REPS) if number != 2)
    assert {each.name for each in out.iterdir()} == {"notes.html", MANIFEST, file_name("R2")}
    assert list(read_manifest(out)) == ["R2"]


def test_one_rep_s_file_leaves_the_others(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_pages(store, out)
    before = {each.name: each.stat().st_mtime_ns for each in out.iterdir()}
    done = export_pages(store, out, rep_id="R1")
    assert not done.removed
    changed = {each.name for each in out.iterdir() if before[each.name] != each.stat().st_mtime_ns}
    assert changed == {MANIFEST, file_name("R1")}
    assert len(read_manifest(out)) == REPS


def test_the_same_scores_make_the_same_files(store: Store, tmp_path: Path) -> None:
    first, second = (export_pages(store, tmp_path / each) for each in ("one", "two"))
    assert first.written == second.written
    for each in first.written:
        content = (tmp_path / "one" / each["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == each["sha256"]
        assert len(content) == each["bytes"]


def test_files_are_for_who_made_them(store: Store, tmp_path: Path) -> None:
    export_pages(store, tmp_path / "new" / "out", rep_id="R1")
    assert stat.S_IMODE((tmp_path / "new" / "out").stat().st_mode) == 0o700
    for each in (tmp_path / "new" / "out").iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "said",
    ["", "[]", '{"form": 1}', '{"form": 1, "files": [{"rep_id": "gone", "file": "../keep.html"}, 3]}',
     '{"form": 2, "files": [{"rep_id": "gone", "file": "keep.html"}]}'],
)  # fmt: skip
def test_a_list_that_is_not_ours_removes_nothing(store: Store, tmp_path: Path, said: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "keep.html").write_text("mine")
    (out / "keep.html").write_text("mine")
    (out / MANIFEST).write_text(said)
    assert export_pages(store, out, rep_id="R1").removed == []
    export_pages(store, out)
    assert (tmp_path / "keep.html").exists()
    assert (out / "keep.html").exists()


def test_what_does_not_end_leaves_whole_files_that_are_known(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    export_pages(store, out)
    old = text_of(out, "R3")
    publish_later(store, tmp_path)

    def full(path: Path, content: bytes) -> None:
        if path.name == file_name("R1"):
            raise OutsideError([])
        write(path, content)

    monkeypatch.setattr(run, "write", full)
    with pytest.raises(OutsideError):
        export_pages(store, out)
    assert text_of(out, "R3") == old
    assert len(read_manifest(out)) == REPS
    assert not [each for each in out.iterdir() if each.name.startswith(".")]


def test_a_folder_that_cannot_be_written_is_named(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError, match="cannot be written"):
        export_pages(store, tmp_path / "file" / "out")


def test_nothing_is_written_for_a_rep_who_has_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'R9' has no accounts and no prospects"):
        export_pages(store, tmp_path / "out", rep_id="R9")
    assert not (tmp_path / "out").exists()


def test_a_store_without_scores_says_so(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'empty.db'}") as store:
        migrate(store)
        with pytest.raises(DataError, match="The store has no scores"):
            export_pages(store, tmp_path / "out")


def test_old_scores_are_called_old(store: Store, tmp_path: Path) -> None:
    export_pages(store, tmp_path / "out", rep_id="R1")
    assert re.search(r'<p class="banner">These scores are of', text_of(tmp_path / "out", "R1"))


def test_accounts_alone_make_a_file(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        rows: list[dict[str, Any]] = [row(1) | {"rep_id": "R1"}, unscored(2) | {"rep_id": "R1"}]
        path = tmp_path / "churn.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=table.schema("churn")), path)
        publish(store, path)
        done = export_pages(store, tmp_path / "out")
        assert done.written[0]["prospects"] == 0
        assert "My prospects" not in text_of(tmp_path / "out", "R1")
        assert json.loads((tmp_path / "out" / MANIFEST).read_text())["files"][0]["name"] == "R1"
