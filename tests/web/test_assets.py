"""Styles and scripts: kept for good, packed, as they were vendored."""

from __future__ import annotations

import gzip
import hashlib
import re
from importlib import resources
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from salesml.web.assets import FOR_GOOD, Asset, Assets
from tests.web.conftest import Signed

STATIC = Path(str(resources.files("salesml.web"))) / "static"
VENDOR = STATIC / "vendor"


def test_what_others_wrote_is_as_it_was_taken() -> None:
    told = (VENDOR / "README.md").read_text(encoding="utf-8")
    scripts = [path for path in VENDOR.iterdir() if path.suffix == ".js"]
    assert scripts
    for path in scripts:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert re.search(rf"\| `{re.escape(path.name)}` \|.*\| `{digest}` \|", told), path.name
        assert path.with_name(path.name.replace(".min.js", ".LICENSE")).read_text(encoding="utf-8")
    assert {path.name for path in STATIC.rglob("*.js")} - {path.name for path in scripts} == {"site.js"}


def test_an_address_holds_for_good_and_any_other_is_asked_again(visitor: TestClient) -> None:
    address = Assets().address("site.css")
    kept = visitor.get(address)
    assert kept.headers["cache-control"] == FOR_GOOD
    assert kept.headers["content-type"].startswith("text/css")
    for other in ("/static/site.css", "/static/site.css?v=0", "/static/site.css?v="):
        assert visitor.get(other).headers["cache-control"] == "no-cache"
    assert visitor.get("/static/site.css", headers={"if-none-match": kept.headers["etag"]}).status_code == 304


def test_another_content_has_another_address() -> None:
    files = [Assets({"a.css": Asset("a.css", content)}) for content in (b"one", b"two")]
    assert files[0].address("a.css") != files[1].address("a.css")


def test_packed_for_those_who_can_unpack(visitor: TestClient) -> None:
    plain = visitor.get("/static/site.css", headers={"accept-encoding": "identity"})
    packed = visitor.get("/static/site.css", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content == (STATIC / "site.css").read_bytes()
    assert packed.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    "path", ["nothing.css", "", "vendor/", "vendor/README.md", "../site.py", "%2e%2e/site.py", "..%2fsite.py"]
)
def test_nothing_else_is_there(visitor: TestClient, path: str) -> None:
    assert visitor.get(f"/static/{path}").status_code == 404


def test_only_asked_for(visitor: TestClient) -> None:
    assert visitor.post("/static/site.css").status_code == 405
    assert visitor.head("/static/site.css").content == b""


@pytest.mark.parametrize("path", ["/accounts", "/accounts/C-000001"])
def test_a_page_with_all_it_loads_weighs_less_than_60_kb(signed_in: Signed, path: str) -> None:
    client = signed_in("rep0" if path == "/accounts" else "rep1")
    page = client.get(path).text
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(loaded) == 4
    weight = len(gzip.compress(page.encode()))
    weight += sum(len(gzip.compress(client.get(each.replace("&amp;", "&")).content)) for each in loaded)
    assert weight < 60_000


def test_pages_work_without_script(signed_in: Signed) -> None:
    page = signed_in("rep0").get("/accounts").text
    form = re.search(r'<form class="filters" method="get" action="/accounts".*?</form>', page, re.DOTALL)
    assert form
    assert "<button>" in form[0]
