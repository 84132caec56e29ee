from __future__ import annotations

from pathlib import Path

from salesml.scorecard.data import amounts, people, time
from salesml.scorecard.listing import filled

PAGE = Path(__file__).parents[2] / "docs" / "scorecard.md"


def test_the_docs_list_what_the_registry_holds() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert filled(text) == text, "run python -m salesml.scorecard.listing docs/scorecard.md"
    assert "| Customers lost, per month (`defection`) |" in text


def test_the_docs_name_every_note_on_the_data() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sources = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in (amounts, people, time)]
    codes = {line.split('"')[1] for source in sources for line in source.split("code=")[1:]}
    assert len(codes) > 12
    assert not [code for code in codes if f"`{code}`" not in text]
