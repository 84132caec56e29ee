"""How a finding speaks."""

from __future__ import annotations

import pytest

from salesml.model.screening import Finding


@pytest.mark.parametrize(
    ("sure", "words"),
    [
        (1.0, "counted"),
        (0.9995, "all but certain (0.9995)"),
        (0.99, "very likely (0.99)"),
        (0.2, "worth a look (0.2)"),
    ],
)
def test_how_sure_it_is_in_words_and_as_a_number(sure: float, words: str) -> None:
    finding = Finding(code="x", severity="warn", what="This.", do="That.", sure=sure)
    assert finding.sure_words == words
    assert finding.as_dict()["sure_words"] == words
    assert str(finding) == "This. That."
