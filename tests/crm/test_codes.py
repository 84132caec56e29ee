from __future__ import annotations

import re
from pathlib import Path

import pytest

from salesml.crm.codes import CODES, fault
from salesml.crm.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/data-contract.md").read_text(encoding="utf-8")


def test_the_page_documents_every_code_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (fatal|warning) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
    expected = [
        (code, "fatal" if rule.fatal else "warning", rule.meaning, rule.do) for code, rule in CODES.items()
    ]
    assert rows == expected


def test_every_code_that_the_checks_use_is_registered_and_used() -> None:
    source = "".join(path.read_text() for path in (ROOT / "src/salesml").glob("c*/*.py"))
    used = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', source))
    built = {f"{old}{kind}-day" for old in ("", "old-") for kind in ("missing", "thin")}
    assert {code for code in CODES if "-" in code} <= used | built


@pytest.mark.parametrize("table", TABLES)
def test_the_page_names_every_key_of_every_table(table: str) -> None:
    for key in TABLES[table]:
        assert re.search(rf"\b{key}\b", PAGE), key


def test_severity_and_advice_come_from_the_rule() -> None:
    made = fault("orphan", "One id is not there", examples=[str(each) for each in range(9)])
    assert (made.fatal, made.do) == (False, CODES["orphan"].do)
    assert len(made.examples) == 5


def test_an_unwritten_code_is_refused() -> None:
    with pytest.raises(KeyError):
        fault("unheard-of", "x")
