"""The picture of a payoff: rates by band and place, and what listing did beside what looks like an effect."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from salesml.payoffs.about import About
from salesml.payoffs.figure import (
    CONTACT,
    DRAWN,
    LISTING,
    OBSERVED,
    OFF,
    OUTCOME,
    RANKED,
    RATE,
    SAID,
    Figure,
    find,
)

INK, MUTED, ACCENT, WARM = "#1f2933", "#9aa5b1", "#0b7285", "#c2570c"
GROUPS = (
    (RANKED, ACCENT, "listed for their rank"),
    (DRAWN, WARM, "listed by lot"),
    (OFF, MUTED, "on no list"),
)


def draw_payoff(about: About, figures: Sequence[Figure], path: Path) -> Path:
    """Draw rates by band on the left, differences on the right."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(11.5, 4.6), layout="constrained")
    FigureCanvasAgg(canvas)
    left, right = canvas.subplots(1, 2)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK, labelsize=8.5)
    _rates(left, about, figures)
    _differences(right, about, figures)
    canvas.suptitle(f"{about.name}: did scoring pay?", x=0.01, ha="left", fontsize=13, color=INK)
    # Metadata would name the version of matplotlib; without it equal charts are equal files.
    canvas.savefig(path, dpi=120, metadata={"Software": None})
    return path


def _rates(axes: Any, about: About, figures: Sequence[Figure]) -> None:
    bands = sorted({each.band for each in figures if each.estimand == RATE and each.band})
    for shift, (who, color, label) in enumerate(GROUPS):
        found = [
            (at, each) for at, band in enumerate(bands) if (each := find(figures, RATE, OUTCOME, who, band))
        ]
        for at, each in found:
            at_x = at + 0.22 * (shift - 1)
            if each.bounded:
                axes.plot([at_x] * 2, [100 * each.low, 100 * each.high], color=color, linewidth=1.5)
            axes.plot([at_x], [100 * each.value], "o", color=color, markersize=5)
            said = find(figures, RATE, SAID, who, band=each.band)
            if said:
                axes.plot([at_x - 0.08, at_x + 0.08], [100 * said.value] * 2, color=INK, linewidth=1)
        if found:
            axes.plot([], [], "o", color=color, label=label)
    axes.plot([], [], color=INK, linewidth=1, label="what the scores said")
    axes.set_xticks(range(len(bands)), [f"band {band}" for band in bands])
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)
    axes.set_title(f"{about.did.capitalize()}, per cent", fontsize=10.5, loc="left", color=INK)


def _differences(axes: Any, about: About, figures: Sequence[Figure]) -> None:
    bands = sorted({each.band for each in figures if each.estimand == LISTING and each.band})
    lines = [
        ("being listed", find(figures, LISTING), ACCENT),
        *((f"being listed, band {band}", find(figures, LISTING, band=band), ACCENT) for band in bands),
        ("a contact because listed", find(figures, CONTACT), ACCENT),
        ("contacted beside others\n(reps chose: no effect)", find(figures, OBSERVED), MUTED),
    ]
    told = [(name, each, color) for name, each, color in lines if each and each.bounded][::-1]
    for place, (_, each, color) in enumerate(told):
        axes.plot([100 * each.low, 100 * each.high], [place] * 2, color=color, linewidth=2)
        axes.plot([100 * each.value], [place], "o", color=color, markersize=6)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(told)), [name for name, _, _ in told])
    axes.set_ylim(-0.7, max(len(told), 1) - 0.3)
    title = f"What it did to the share that was {about.did}, points"
    axes.set_title(title if told else "Nothing can be told of effects", fontsize=10.5, loc="left", color=INK)
