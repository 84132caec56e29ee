"""Every text of the pages stands in the catalogue, and every text of it in a page."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from string import Formatter

import pytest
from markupsafe import Markup

from salesml.web.catalogue import Texts, texts

WEB = Path(str(resources.files("salesml.web")))
SOURCES = [path.read_text(encoding="utf-8") for path in WEB.rglob("*.*") if path.suffix in (".py", ".html")]
TEMPLATES = [path.read_text(encoding="utf-8") for path in WEB.rglob("*.html")]
KEYS = sorted(texts().entries)


def made_up(source: str) -> list[str]:
    """Beginnings of keys whose end is a value: ``t("accounts.orders." ~ order)``."""
    return re.findall(r"\bt\(\s*[\"']([\w.-]+\.)[\"']\s*~", source)


@pytest.mark.parametrize("key", KEYS)
def test_a_text_is_used(key: str) -> None:
    beginnings = [begin for source in SOURCES for begin in made_up(source)]
    quoted = re.compile(rf"[\"']{re.escape(key)}[\"']")
    assert any(quoted.search(source) for source in SOURCES) or key.rpartition(".")[0] + "." in beginnings


def test_a_text_that_is_used_is_there() -> None:
    used = {
        key for source in SOURCES for key in re.findall(r"\bt(?:exts)?\(\s*[\"']([\w.-]+\w)[\"']", source)
    }
    assert used
    assert used <= set(KEYS)
    for source in SOURCES:
        for begin in made_up(source):
            assert any(key.startswith(begin) for key in KEYS), begin


def test_no_template_has_a_text_of_its_own() -> None:
    for source in TEMPLATES:
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|<kbd>.*?</kbd>|<[^>]*>", "", source, flags=re.DOTALL)
        assert not re.search(r"[A-Za-z]{2,}", bare), re.search(r"[A-Za-z]{2,}.*", bare)


@pytest.mark.parametrize("key", KEYS)
def test_what_is_put_in_has_a_name(key: str) -> None:
    entry = texts().entries[key]
    for text in entry.values() if isinstance(entry, dict) else [entry]:
        assert all(name is None or name.isidentifier() for _, name, *_ in Formatter().parse(str(text)))
        assert "<" not in str(text)


def test_one_and_many() -> None:
    said = Texts({"a": {"one": "{count} account", "other": "{count} accounts"}})
    assert [said("a", count=count) for count in (0, 1, 2, 12_345)] == [
        "0 accounts", "1 account", "2 accounts", "12,345 accounts",
    ]  # fmt: skip


def test_markup_in_a_value_is_escaped_unless_it_is_markup() -> None:
    said = Texts({"a": "<{what}> & {other}"})
    assert said("a", what="<b>", other=1) == "<<b>> & 1"
    assert not isinstance(said("a", what="<b>", other=1), Markup)
    assert said("a", what=Markup("<b>"), other="<i>") == Markup("&lt;<b>&gt; &amp; &lt;i&gt;")


def test_a_missing_text_or_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        texts()("no.such.text")
    with pytest.raises(KeyError):
        texts()("accounts.intro")
