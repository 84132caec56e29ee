"""What no template may hold, whoever writes it."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import jinja2
import pytest

from salesml.store.engine import Store
from salesml.web.settings import Settings
from salesml.web.site import Site

WEB = Path(str(resources.files("salesml.web")))
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))

MARKUP = {"catalogue/__init__.py", "drawn.py", "export/book.py"}
"""Where text is taken for markup: a text whose values are escaped, and pictures that were drawn
here, and pages that templates made."""


def plain(source: str) -> str:
    """A template as its author wrote its markup, without what Jinja puts in."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", source, flags=re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_style_script_or_handler_stands_in_a_template(path: Path) -> None:
    source = plain(path.read_text(encoding="utf-8"))
    assert not re.search(
        r"<style|\sstyle\s*=|\son[a-z]+\s*=|\shx-on|javascript:|hx-vals\s*=.?js:", source, re.I
    )
    for attributes, inside in re.findall(r"<script([^>]*)>(.*?)</script>", source, re.DOTALL):
        assert "src=" in attributes
        assert not inside.strip()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_called_safe_and_escaping_stays_on(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*(safe|forceescape)|autoescape|Markup", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_attributes_with_values_are_quoted(path: Path) -> None:
    source = re.sub(r"\{%.*?%\}", "", path.read_text(encoding="utf-8"))
    assert not re.search(r"\s[\w:-]+\s*=\s*\{\{", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_asked_of_anybody_else(path: Path) -> None:
    assert not re.search(r"(?:src|href|action|hx-get|hx-post)\s*=\s*[\"']?(?:https?:)?//", path.read_text())


def test_every_template_is_well_formed() -> None:
    site = Site(Settings(), Store("sqlite:///nowhere.db"), b"key")  # type: ignore[arg-type]
    for path in TEMPLATES:
        assert isinstance(site.templates.get_template(path.name), jinja2.Template)
    assert site.templates.from_string("{{ '<b>' }}").render() == "&lt;b&gt;"


def test_text_is_taken_for_markup_in_few_places() -> None:
    found = {
        str(path.relative_to(WEB))
        for path in WEB.rglob("*.py")
        if re.search(r"\bMarkup\(", path.read_text(encoding="utf-8"))
    }
    assert found == MARKUP
