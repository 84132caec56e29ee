"""All the English that reps read stands in one file, which another language can replace."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import salesml
from salesml.words import english

ROOT = Path(salesml.__file__).parent
CATALOGUE = ROOT / "words" / "english.py"
NOT_FOR_REPS = {
    "scoring/audit": "what is wrong with a score table, for those who run the night jobs",
    "scoring/batch": "progress and faults of a job, for those who run the night jobs",
    "scoring/frame.py": "problems of a row, for those who run the night jobs",
    "scoring/table.py": "the two values of the column status",
    "scoring/rank": "what was handed out by which rule, for those who hand it out",
}
"""Files and folders that speak to others."""
SPOKEN = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")
"""Two words with a space between them."""


def files() -> list[Path]:
    found = [path for folder in ("words", "scoring") for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if path != CATALOGUE and not for_others(path)]


def for_others(path: Path) -> bool:
    return any(relative(path).startswith(name) for name in NOT_FOR_REPS)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def literals(tree: ast.AST) -> Iterator[ast.Constant]:
    """Texts of a file, without docstrings and without what an error says."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Fault", "_note"):
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node
        yield from literals(node)


@pytest.mark.parametrize("path", files(), ids=relative)
def test_no_sentence_stands_elsewhere(path: Path) -> None:
    found = [
        f"line {node.lineno}: {node.value!r}"
        for node in literals(ast.parse(path.read_text()))
        if SPOKEN.search(str(node.value))
    ]
    assert not found, f"{relative(path)} says to a rep what belongs into {CATALOGUE.name}: {found}"


def test_a_sentence_elsewhere_would_be_found() -> None:
    tree = ast.parse('def f():\n    "Not this one."\n    return g("No order", Fault(found="nor this"))\n')
    assert [node.value for node in literals(tree) if SPOKEN.search(str(node.value))] == ["No order"]


@pytest.mark.parametrize("path", files(), ids=relative)
def test_no_reason_is_said_to_be_a_cause(path: Path) -> None:
    assert "because" not in " ".join(str(node.value) for node in literals(ast.parse(path.read_text())))


@pytest.mark.parametrize("name", NOT_FOR_REPS)
def test_what_is_left_out_is_there(name: str) -> None:
    assert (ROOT / name).exists()


def test_the_catalogue_never_says_because() -> None:
    texts = " ".join(str(node.value) for node in literals(ast.parse(CATALOGUE.read_text())))
    assert SPOKEN.search(texts)
    said = texts.replace(english.CAUSES, "")
    assert not re.search(r"\b(because|due to|causes?d?|leads? to)\b", said.lower())


def test_the_catalogue_holds_nothing_but_texts() -> None:
    tree = ast.parse(CATALOGUE.read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Call)]
