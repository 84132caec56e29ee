"""Which way rows are explained, that both ways say the same, and what is kept between processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from salesml.errors import ModelError
from salesml.explain import Explainer, cell_cache, explainer
from salesml.explain.cell_model import CellModel
from salesml.explain.forest import Tree
from tests.explain.models import FEATURES, rows, text

GROUPS = ["a", "b", "a", "", ""]


@pytest.fixture
def model() -> str:
    return text(3)


@pytest.fixture
def no_building(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets the building of tables fail from now on."""

    real = CellModel.build

    def fail(trees: list[Tree]) -> CellModel:
        if trees:
            raise BuiltError
        return real(trees)

    return lambda: monkeypatch.setattr(CellModel, "build", staticmethod(fail))


class BuiltError(Exception):
    """Tables were built."""


def test_few_rows_and_many_have_the_same_reasons(model: str) -> None:
    made = Explainer(model, GROUPS, scale=1.3, shift=-0.4)
    X = rows(5, 2000)
    few, many = made.reasons(X, 3, of=1), made.reasons(X, 3, of=10**9)
    np.testing.assert_array_equal(few.index, many.index)
    for part in ("contribution", "share", "other", "base", "members", "raw"):
        np.testing.assert_allclose(getattr(few, part), getattr(many, part), atol=1e-5)


def test_scores_are_the_same_to_the_last_bit_however_many_rows(model: str) -> None:
    made = Explainer(model, GROUPS, scale=1.3, shift=-0.4)
    X = rows(6, 700)
    few, alone = made.scored(X, 3, of=1)
    many, together = made.scored(X, 3, of=10**9)
    np.testing.assert_array_equal(few, many)
    np.testing.assert_array_equal(few[:1], made.scored(X[:1], 3)[0])
    for found in (alone, together):
        np.testing.assert_allclose(found.raw, 1.3 * few - 0.4, atol=1e-5)
    assert made.scored(X[:0], 3)[0].shape == made.scored(X[:0], 3, of=10**9)[0].shape == (0,)


def test_few_rows_build_no_tables(model: str, no_building: Callable[[], None]) -> None:
    made = Explainer(model, GROUPS)
    no_building()
    assert len(made.reasons(rows(1, 64), 2).index) == 64
    with pytest.raises(BuiltError):
        made.reasons(rows(1, 64), 2, of=10**9)


def test_the_switch_is_where_both_ways_cost_the_same(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Explainer(model, GROUPS)
    leaves = sum(int(line[11:]) for line in model.split("\n") if line.startswith("num_leaves="))
    least = (explainer.START + explainer.PER_LEAF * leaves) / (explainer.PER_LEAF_AND_ROW * leaves)
    assert not made.pays(int(least) - 1)
    assert made.pays(int(least) + 1)
    assert not made.pays(0)


def test_tables_are_built_once_and_read_by_the_next(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_building: Callable[[], None]
) -> None:
    X = rows(2, 300)
    folder = tmp_path / "bundle" / ".cache"
    first = Explainer(model, GROUPS, cache=folder).contributions(X)
    assert [path.suffix for path in folder.iterdir()] == [".npz"]
    no_building()
    np.testing.assert_array_equal(Explainer(model, GROUPS, cache=folder).contributions(X), first)
    with pytest.raises(BuiltError):
        Explainer(text(4), GROUPS, cache=folder).contributions(X)
    monkeypatch.setattr(cell_cache, "FORMAT", cell_cache.FORMAT + 1)
    with pytest.raises(BuiltError):
        Explainer(model, GROUPS, cache=folder).contributions(X)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no more", b"half"])
def test_a_damaged_file_is_built_anew(model: str, tmp_path: Path, damage: bytes) -> None:
    X = rows(2, 100)
    first = Explainer(model, GROUPS, cache=tmp_path).contributions(X)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage == b"half" else damage)
    np.testing.assert_array_equal(Explainer(model, GROUPS, cache=tmp_path).contributions(X), first)
    assert path.stat().st_size == len(whole)


def test_a_folder_that_cannot_be_written_to_is_no_fault(model: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    found = Explainer(model, GROUPS, cache=tmp_path / "file" / "cache").contributions(rows(2, 10))
    assert len(found) == 10


def test_replaced_models_leave_no_files_for_ever(tmp_path: Path) -> None:
    for seed in range(cell_cache.KEPT + 3):
        Explainer(text(seed, trees=1), GROUPS, cache=tmp_path).contributions(rows(2, 10))
    assert len(list(tmp_path.iterdir())) == cell_cache.KEPT + 1


def test_groups_and_rows_of_another_model_are_refused(model: str) -> None:
    with pytest.raises(ModelError) as caught:
        Explainer(model, ["a"])
    assert "Groups of 1 features for a model of 5" in str(caught.value)
    with pytest.raises(ModelError) as caught:
        Explainer(model, GROUPS).contributions(np.zeros((3, FEATURES + 1)))
    assert "shape (3, 6) for a model of 5 features" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("tables.base", lambda array: array + 10**9),
        ("tables.slots", lambda array: array + 100),
        ("tables.ask_row", lambda array: array + 100),
        ("tables.ask_row", lambda array: array - 100),
        ("tables.worth_first", lambda array: array * 2),
        ("tables.chunk_first", lambda array: array[:-1]),
        ("tables.table", lambda array: array[:-1]),
        ("tables.table", lambda array: array.astype(np.float64)),
        ("codes.feature", lambda array: array + 5),
        ("codes.first", lambda array: array[::-1]),
        ("halves.tree_first", lambda array: array + 1),
        ("long.tree_first", lambda array: array + 1),
        ("used", lambda array: array[::-1]),
    ],
)
def test_a_file_that_does_not_fit_together_is_built_anew(
    model: str, tmp_path: Path, name: str, change: Callable[[Any], Any]
) -> None:
    X = rows(2, 100)
    first = Explainer(model, GROUPS, cache=tmp_path).contributions(X)
    (path,) = tmp_path.iterdir()
    with np.load(path) as file:
        arrays = dict(file)
    arrays[name] = change(arrays[name])
    np.savez(path, **arrays)
    assert cell_cache.read(path, FEATURES) is None
    np.testing.assert_array_equal(Explainer(model, GROUPS, cache=tmp_path).contributions(X), first)


def test_steps_of_a_file_lead_to_no_place_beyond_its_tables(model: str, tmp_path: Path) -> None:
    Explainer(model, GROUPS, cache=tmp_path).contributions(rows(2, 10))
    (path,) = tmp_path.iterdir()
    with np.load(path) as file:
        arrays = dict(file)
    arrays["tables.ask_step"] = np.full_like(arrays["tables.ask_step"], 65_535)
    arrays["tables.start"] = np.full_like(arrays["tables.start"], 65_000)
    np.savez(path, **arrays)
    table = arrays["tables.table"]
    found = Explainer(model, GROUPS, cache=tmp_path).contributions(rows(2, 500))
    assert np.abs(found).max() <= np.abs(table).max() * len(arrays["tables.base"])
