"""Summary and dependence plots of a model's SHAP values, by the plots of the package shap."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salesml.model.coding import Coding
from salesml.model.column import Column
from salesml.pictures.agg import figure
from salesml.snapshots.feature import Feature
from salesml.words.texts import named, one_line

SUMMARY, DEPENDENCE = "shap_summary.png", "shap_dependence.png"
SHOWN = 20
"""Features of the summary; the rest is one line."""

PANELS, MOST_LEVELS = 6, 12
"""Features whose dependence is drawn, and the levels that a category among them may have."""

LONGEST_LEVEL, LONGEST_NAME = 18, 56
UNREAD = "missing or rare"
AXIS = "SHAP value (calibrated log-odds)"
GREY, DASHES = "Grey: categories, and missing values", "Dashes on the left edge: missing values"
DPI = 100


@dataclass(frozen=True)
class Sample:
    """Rows with their SHAP values.

    Parameters
    ----------
    coded : ndarray of shape (rows, features)
        As the ensemble reads them: numbers, codes of levels.
    contributions : ndarray of shape (rows, features + 1)
        In calibrated log-odds, the base value last.
    """

    coded: NDArray[np.float64]
    contributions: NDArray[np.float64]

    def scaled(self, factor: float) -> Sample:
        """The same under a calibration whose slope is so many times as steep."""
        return Sample(self.coded, self.contributions * factor)


def draw_shap(
    sample: Sample, features: Sequence[Feature], coding: Coding, folder: Path, *, rows: str = "rows"
) -> tuple[Path, ...]:
    """Draw ``shap_summary.png`` and ``shap_dependence.png``.

    The summary is shap's beeswarm of the features that move scores most; categories are grey in it, since
    their codes have no order. Dependence is drawn of the strongest features: of a category by its levels,
    of one with many levels not at all, which the title says.

    Parameters
    ----------
    sample : Sample
        At least one row; some hundreds are enough.
    features : sequence of Feature
    coding : Coding
        In the order of the features.
    folder : Path
        Must be there.
    rows : str
        What the rows are, for the titles, such as "rows of the test".

    Returns
    -------
    tuple of Path
        What was drawn; nothing without features.
    """
    if not len(sample.coded) or not len(features):
        return ()
    names = [_label(feature) for feature in features]
    about = f"{len(sample.coded):,} {rows}"
    drawn = [_summary(sample, names, coding.columns, folder / SUMMARY, about)]
    strongest = np.argsort(-np.abs(sample.contributions[:, :-1]).mean(axis=0), kind="stable")[:PANELS]
    told = [place for place in strongest.tolist() if _can_be_drawn(coding.columns[place])]
    left = [names[place] for place in strongest.tolist() if place not in told]
    if told:
        drawn.append(_dependence(sample, names, coding.columns, told, left, folder / DEPENDENCE, about))
    return tuple(drawn)


def _shap() -> Any:
    """The package shap, which is imported when first drawn with; what it warns of concerns its own code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        import shap
    return shap


def _summary(sample: Sample, names: Sequence[str], columns: Sequence[Column], path: Path, about: str) -> Path:
    shap = _shap()
    frame = pd.DataFrame(sample.coded)
    grey = [place for place, column in enumerate(columns) if not _coloured(column, sample.coded[:, place])]
    frame = frame.astype(dict.fromkeys(grey, object))
    explained = shap.Explanation(sample.contributions[:, :-1].copy(), data=frame, feature_names=[*names])
    lines = min(SHOWN, len(names))
    with figure((9.5, 1.9 + 0.36 * lines)) as drawn:
        axes = drawn.add_subplot()
        shap.plots.beeswarm(
            explained,
            max_display=SHOWN,
            ax=axes,
            plot_size=None,
            show=False,
            s=9,
            group_remaining_features=False,
        )
        axes.tick_params("y", labelsize=9)
        axes.set_xlabel(AXIS, fontsize=10)
        most = f"the {lines} of {len(names)} features that move it most" if lines < len(names) else about
        told = f"What moves the score: {most}{f', {about}' * (most != about)}"
        drawn.suptitle(f"{told}\n{GREY}", fontsize=10, x=0.01, ha="left")
        _save(drawn, path)
    return path


def _dependence(
    sample: Sample,
    names: Sequence[str],
    columns: Sequence[Column],
    places: Sequence[int],
    left: Sequence[str],
    path: Path,
    about: str,
) -> Path:
    width, depth = min(3, len(places)), -(-len(places) // 3)
    with figure((4.3 * width, 3.4 * depth + 0.7)) as drawn:
        for number, place in enumerate(places):
            axes = drawn.add_subplot(depth, width, number + 1)
            _panel(axes, sample, names[place], columns[place], place)
        title = f"How the strongest features move the score: {about}\n{DASHES}"
        more = f"; not drawn, more than {MOST_LEVELS} levels: {', '.join(left)}" if left else ""
        drawn.suptitle(title + more, fontsize=10, x=0.01, ha="left")
        _save(drawn, path)
    return path


def _panel(axes: Any, sample: Sample, name: str, column: Column, place: int) -> None:
    shap = _shap()
    values, contributions = sample.coded[:, place], sample.contributions[:, place]
    display = None
    if column.kind == "category":
        # A level that the model does not read gets a place of its own, after the others.
        values = np.where(np.isnan(values), len(column.levels), values)
        labels = [_plain(level, LONGEST_LEVEL) for level in column.levels]
        display = np.array([*labels, UNREAD], dtype=object)[values.astype(np.intp)]
    explained = shap.Explanation(contributions, data=values, display_data=display, feature_names=name)
    shap.plots.scatter(explained, ax=axes, show=False, color="#0b7285", dot_size=9, alpha=0.6, hist=False)
    axes.axhline(0, color="#9aa5b1", linewidth=0.8, zorder=-1)
    axes.set_xlabel(name, fontsize=9)
    axes.set_ylabel(AXIS, fontsize=8)
    axes.tick_params(labelsize=8)
    if display is not None:
        axes.tick_params("x", labelrotation=35)
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("right")


def _coloured(column: Column, values: NDArray[np.float64]) -> bool:
    """Whether the size of its values says something, and there is any."""
    return column.kind == "number" and not np.isnan(values).all()


def _can_be_drawn(column: Column) -> bool:
    return column.kind == "number" or (column.kind == "category" and len(column.levels) <= MOST_LEVELS)


def _label(feature: Feature) -> str:
    text = named(feature.words, feature.name)
    return _plain(text[:1].upper() + text[1:], LONGEST_NAME)


def _plain(text: str, longest: int) -> str:
    """A text in which matplotlib finds no formula."""
    return one_line(text, longest).replace("$", r"\$")


def _save(drawn: Any, path: Path) -> None:
    # Metadata would name the version of matplotlib; without it equal plots are equal files.
    drawn.savefig(path, dpi=DPI, metadata={"Software": None})
