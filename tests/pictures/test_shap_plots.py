"""shap's plots are drawn of any columns, the same each time, and leave the session as it was."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.image import imread

from salesml.model.coding import Coding
from salesml.model.column import Column
from salesml.pictures import shap_plots
from salesml.pictures.shap_plots import Sample, draw_shap
from salesml.snapshots.feature import Feature

COLUMNS = (
    Column("a"),
    Column("b", kind="category", levels=("<b>&$x$", "y" * 100, "会社")),
    Column("nothing", kind="empty"),
    Column("many", kind="category", levels=tuple(f"l{number}" for number in range(30))),
    Column("holes"),
    Column("constant", fill=1.0),
)
FEATURES = (
    Feature(name="a", words="amount in $ and _ ^ {} \\frac of $"),
    Feature(name="b", kind="category", words="industry"),
    Feature(name="nothing"),
    Feature(name="many", kind="category", words="city"),
    Feature(name="holes", words="x" * 200),
    Feature(name="constant"),
)


def sample(rows: int = 80, seed: int = 0) -> Sample:
    """Rows in which features count in the order in which they stand."""
    rng = np.random.default_rng(seed)
    coded = np.column_stack([
        rng.normal(size=rows), rng.integers(0, 3, rows), np.full(rows, np.nan),
        rng.integers(0, 30, rows), rng.normal(size=rows), np.ones(rows),
    ])  # fmt: skip
    coded[rng.random(rows) < 0.3, 1] = np.nan
    coded[rng.random(rows) < 0.3, 4] = np.nan
    contributions = rng.normal(size=(rows, 7)) * np.array([3, 2, 1e-9, 1.5, 1, 0.5, 1])
    return Sample(coded, contributions)


def panels(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Name and marks of each panel that is drawn from here on."""
    found: list[tuple[str, list[str]]] = []
    save = shap_plots._save

    def noted(drawn: object, path: Path) -> None:
        save(drawn, path)
        for axes in drawn.axes:  # type: ignore[attr-defined]
            marks = [label.get_text() for label in axes.get_xticklabels()]
            found.append((axes.get_xlabel(), marks))
        found.append((drawn.get_suptitle(), []))  # type: ignore[attr-defined]

    monkeypatch.setattr(shap_plots, "_save", noted)
    return found


def test_drawn_the_same_each_time_and_without_a_trace(tmp_path: Path) -> None:
    np.random.seed(5)
    own = plt.figure()
    state, backend, figures = np.random.get_state()[1].copy(), matplotlib.get_backend(), plt.get_fignums()
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        written.append(draw_shap(sample(), FEATURES, Coding(COLUMNS), tmp_path / name))
    assert [path.name for path in written[0]] == ["shap_summary.png", "shap_dependence.png"]
    for one, two in zip(*written, strict=True):
        assert one.read_bytes() == two.read_bytes()
        assert imread(one)[..., :3].std() > 0.05
    assert (np.random.get_state()[1] == state).all()
    assert matplotlib.get_backend() == backend
    assert plt.get_fignums() == figures
    assert plt.gcf() is own
    plt.close(own)


def test_categories_are_told_by_their_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = panels(monkeypatch)
    draw_shap(sample(), FEATURES, Coding(COLUMNS), tmp_path, rows="rows of the test")
    marks = dict(found)
    assert set(marks["Industry"]) == {r"<b>&\$x\$", "y" * 17 + "…", "会社", "missing or rare"}
    assert "City" not in marks
    assert "Nothing" not in marks
    title = found[-1][0]
    assert "80 rows of the test" in title
    assert "not drawn, more than 12 levels: City" in title


def test_the_strongest_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = panels(monkeypatch)
    columns = tuple(Column(f"f{number}") for number in range(30))
    rng = np.random.default_rng(0)
    parts = rng.normal(size=(50, 31)) * np.array([*range(30), 1])
    features = [Feature(name=f"f{number}") for number in range(30)]
    draw_shap(Sample(rng.normal(size=(50, 30)), parts), features, Coding(columns), tmp_path)
    names = [name for name, marks in found if marks and name.startswith("F")]
    assert set(names) <= {f"F{number}" for number in range(20, 30)}
    assert len(names) == 6
    assert "the 20 of 30 features that move it most, 50 rows" in next(t for t, _ in found if "What" in t)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_few_rows(rows: int, tmp_path: Path) -> None:
    assert len(draw_shap(sample(rows), FEATURES, Coding(COLUMNS), tmp_path)) == 2


def test_nothing_to_draw(tmp_path: Path) -> None:
    assert draw_shap(sample(0), FEATURES, Coding(COLUMNS), tmp_path) == ()
    only = Sample(np.full((3, 1), np.nan), np.zeros((3, 2)))
    drawn = draw_shap(only, [Feature(name="n")], Coding((Column("n", kind="empty"),)), tmp_path)
    assert [path.name for path in drawn] == ["shap_summary.png"]
