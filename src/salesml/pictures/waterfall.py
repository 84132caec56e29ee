"""How one score comes about, as a picture in a file of its own, with its look in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesml.words.drawing import waterfall as drawing

LIGHT = {
    "text": "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif;"
    "font-size:14px;fill:#1f2933;direction:ltr;unicode-bidi:isolate",
    ".paper": "fill:#fff", ".title": "font-size:20px;font-weight:600", ".soft": "fill:#5b6773",
    ".fine": "font-size:12px;fill:#5b6773", ".strong": "font-weight:600", ".grid": "stroke:#e4e8ec",
    ".link": "stroke:#9aa5b1;stroke-dasharray:2 3", ".dot": "fill:#1f2933",
    ".raises": "fill:#c2500f", ".lowers": "fill:#1f6fb2", ".mark": "font-weight:700",
}  # fmt: skip
DARK = {
    "text": "fill:#e6eaee", ".paper": "fill:#15191e", ".soft": "fill:#a3b0bd", ".fine": "fill:#a3b0bd",
    ".grid": "stroke:#2b333c", ".link": "stroke:#66727e", ".dot": "fill:#e6eaee",
    ".raises": "fill:#f2935c", ".lowers": "fill:#6db3ec",
}  # fmt: skip
"""What the parts look like; in print it is always light."""


def waterfall(row: Mapping[str, Any]) -> str:
    """A scored row as an SVG picture.

    Parameters
    ----------
    row : mapping
        A row of a score table that was scored, such as ``scores.to_pylist()[0]``; see
        :func:`salesml.scoring.table.schema`.

    Returns
    -------
    str
        A document without script and without references, all texts escaped and shortened, with a title
        and a description for screen readers. It follows the reader's light or dark scheme and is light in
        print.
    """
    return drawing.waterfall(row, drawing.ALONE, _style())


def _style() -> str:
    light, dark = (
        "\n".join(f".{drawing.NAME} {part}{{{look}}}" for part, look in looks.items())
        for looks in (LIGHT, DARK)
    )
    return f"\n{light}\n@media screen and (prefers-color-scheme:dark){{\n{dark}\n}}\n"
