"""How a verdict looks: never by colour alone, always with its sign and its word."""

from __future__ import annotations

from dataclasses import dataclass

from salesml.scorecard import told

TONES = {"better": "good", "worse": "bad", "higher": "moved", "lower": "moved"}

SIGNS = {"better": "▲", "worse": "▼", "higher": "↑", "lower": "↓"}


@dataclass(frozen=True)
class Badge:
    """A verdict as a label."""

    tone: str
    sign: str
    word: str


def badge(verdict: str) -> Badge:
    """The label of a verdict."""
    return Badge(TONES.get(verdict, "mute"), SIGNS.get(verdict, "·"), told.VERDICTS.get(verdict, verdict))
