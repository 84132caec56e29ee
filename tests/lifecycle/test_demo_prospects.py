"""The demo's prospects, and what their order is held against."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from salesml.lifecycle.demo_people import how_to_look
from salesml.lifecycle.demo_prospects import AS_OF, demo_prospects
from salesml.lifecycle.demo_store import demo_store
from salesml.lifecycle.demo_truth import against_truth, with_truth, worth
from salesml.store.access import person
from salesml.store.engine import Store
from salesml.store.models import Base, Moved, Pointer, Recent
from salesml.store.passwords import is_password


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The ranked list's path and everything printed, of a small company."""
    lines: list[str] = []
    folder = tmp_path_factory.mktemp("company")
    return demo_prospects(folder, lines.append, size=1_000), "\n".join(lines)


def test_prospects_are_trained_ranked_and_shown(shown: tuple[Path, str]) -> None:
    path, text = shown
    ranked = pd.read_parquet(path)
    assert (pd.to_datetime(ranked["as_of"]).dt.date == AS_OF).all()
    first = ranked[ranked["rank"] == 1].iloc[0]
    place = text.index(f"  1. {first['entity_id']}")
    entry = text[place : text.index("\n\n", place)]
    assert first["reasons"][0]["words"] in " ".join(entry.split())
    assert "expected in" in entry
    assert len(re.findall(r"Ideal\s+customers\s+like\s+it:", text)) == 3
    assert text.count("Verdict:") == 2


def test_what_is_shown_of_the_truth_is_between_none_and_all(shown: tuple[Path, str]) -> None:
    reached = re.search(r"the models\s+reach\s+(\d+)%\s+of\s+it", shown[1])
    assert reached
    assert 50 <= int(reached[1]) <= 105


@pytest.fixture(scope="module")
def published(shown: tuple[Path, str]) -> str:
    """The address of a store that has all that its reps' pages show."""
    (path, _) = shown
    return demo_store(path.parents[2], path.parent)


def test_all_that_pages_show_is_published(published: str) -> None:
    with Store(published) as store:
        names = store.read(lambda con: set(con.execute(sa.select(Pointer.name)).scalars()))
        filled = [store.read(partial(_any, table=table)) for table in (Recent, Moved)]
    assert names == {"churn", "conversion", "fit"}
    assert all(filled)


def _any(connection: sa.Connection, table: type[Base]) -> bool:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() > 0


def test_two_people_are_told_how_they_sign_in_and_again_when_it_is_run_again(published: str) -> None:
    pytest.importorskip("argon2", reason="the extra `web` is not installed")
    for _ in range(2):
        said = how_to_look(published)
        assert f" serve --store {published} --stale-after " in said
        assert "http://127.0.0.1:8000" in said
        people = signs_in(said)
        with Store(published) as store:
            assert [is_password(store, *each) for each in people] == [True, True]
            rep, manager = (person(store, login, AS_OF) for login, _ in people)
        assert rep
        assert manager
        assert (rep.role, manager.role) == ("rep", "manager")
        assert rep.rep_id in (manager.books or ())


def signs_in(said: str) -> list[tuple[str, str]]:
    """Names and passwords that were told."""
    return re.findall(r"^    name +(\S+)\n    password +(\S+)$", said, re.MULTILINE)


def test_the_oracle_is_the_best_order_and_chance_alone_is_worse() -> None:
    """Two prospects of equal chance, of which one takes ten times the hours."""
    day = pd.Timestamp("2026-01-01")
    scores = pd.DataFrame(
        {
            "entity_id": ["quick", "slow", "failed"], "as_of": day, "status": ["scored"] * 2 + ["not scored"],
            "rep_id": "ann", "probability": [0.4, 0.5, np.nan], "return_on_effort": [100.0, 10.0, np.nan],
        }
    )  # fmt: skip
    truth = pd.DataFrame(
        {
            "prospect_id": ["quick", "slow"], "as_of": day, "p_observable": [0.5, 0.5],
            "value_observable": [200.0, 200.0], "hours_observable": [1.0, 10.0],
        }
    )  # fmt: skip
    rows = with_truth(scores, truth)
    assert rows["true_return"].tolist() == [100.0, 10.0]
    assert worth(rows, "return_on_effort", {"ann": 10.0}) == 100.0
    assert worth(rows, "probability", {"ann": 10.0}) == 10.0
    assert worth(rows, "probability", {"bob": 10.0}) == 0.0
    said = against_truth(scores, truth, {"ann": 10.0}, "GBP")
    assert "the models reach 100% of it" in said
    assert "£10, 10%" in said
