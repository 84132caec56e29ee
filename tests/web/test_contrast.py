"""Every text of the pages can be told from its ground, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from importlib import resources

import pytest

STYLE = (resources.files("salesml.web") / "static" / "site.css").read_text(encoding="utf-8")

TEXTS = [
    *((text, "paper") for text in ("text", "soft", "link", "raises", "lowers")),
    *((text, "raised") for text in ("text", "soft", "link", "raises", "lowers")),
    ("on-button", "button"), ("on-warn", "warn"), ("on-note", "note"),
    *((f"on-{band}", band) for band in "abcd"),
]  # fmt: skip
EDGES = [("field", "paper"), ("focus", "paper"), ("focus", "raised"), ("button", "paper")]


def colours(dark: bool) -> dict[str, tuple[float, ...]]:
    """The colours by name; those of the dark scheme are put over those of the light one."""
    found: dict[str, tuple[float, ...]] = {}
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    for block in blocks[: 2 if dark else 1]:
        for name, value in re.findall(r"--([\w-]+): #([0-9a-f]{6});", block):
            found[name] = tuple(int(value[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return found


def contrast(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: tuple[float, ...]) -> float:
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_texts_stand_out(text: str, ground: str, dark: bool) -> None:
    found = colours(dark)
    assert contrast(found[text], found[ground]) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_what_one_uses_stand_out(edge: str, ground: str, dark: bool) -> None:
    found = colours(dark)
    assert contrast(found[edge], found[ground]) >= 3


def test_colours_have_names_and_stand_nowhere_else() -> None:
    rest = re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rest)
    assert contrast((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)) == pytest.approx(21)
