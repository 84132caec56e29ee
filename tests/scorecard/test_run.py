from __future__ import annotations

from pathlib import Path

import pytest

from salesml.crm import CRM
from salesml.scorecard import Scorecard, scorecard
from salesml.scorecard.registry import all_tables
from salesml.scorecard.run import _scored_days
from tests.scorecard.small import TABLES, company, tables


def made(folder: Path, *without: str) -> Scorecard:
    return scorecard(CRM.open(company(folder / "company", tables(), without=without)), threads=1)


@pytest.mark.parametrize("without", [(), tuple(TABLES), ("activities",), ("reps", "history")])
def test_whatever_tables_are_missing_there_is_a_report(tmp_path: Path, without: tuple[str, ...]) -> None:
    found = made(tmp_path, *without)
    text = found.report()
    for number in range(1, 8):
        assert f'id="check-{number}"' in text
    assert "What is missing, and what it could tell" in text
    assert len(found.tables["summary"]) == 7


def test_every_table_has_the_columns_that_are_declared(tmp_path: Path) -> None:
    known = {each.name: {column.name for column in each.columns} for each in all_tables()}
    for name, table in made(tmp_path).tables.items():
        assert name in known, f"{name} is not declared in salesml.scorecard.declared"
        assert set(table) == known[name], name


def test_lines_of_progress_go_to_whoever_listens(tmp_path: Path) -> None:
    lines: list[str] = []
    scorecard(CRM.open(company(tmp_path / "company", tables())), threads=1, say=lines.append)
    assert lines[0] == "reading what happened: customers, money, wins, work"
    assert any("metrics of 35 periods" in line for line in lines)


@pytest.mark.parametrize("days", [30, None])
def test_hours_are_held_against_scores_over_their_own_horizon(tmp_path: Path, days: int | None) -> None:
    """As the spec of the model that scored prospects says; three months where there is none."""
    (tmp_path / "models").mkdir()
    if days:
        text = f"task: conversion\nlabel: {{kind: won}}\nhorizon_days: {days}\n"
        (tmp_path / "models" / "conversion.yaml").write_text(text)
    assert _scored_days(tmp_path, "conversion") == (days or 90)
