"""What is true of all scores of a generation, as it was published beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from salesml.store.models import Generation
from salesml.web.desk.desk import Desk
from salesml.web.desk.plain import mapping


@dataclass(frozen=True)
class Display:
    """What pages say of every row; each part may be missing.

    Attributes
    ----------
    currency : str
        Of all amounts; empty when it is not known.
    horizon_days : int or None
        How far a chance looks ahead.
    words : mapping
        What attributes are called.
    said : mapping
        All that was published.
    """

    currency: str = ""
    horizon_days: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def curves(self) -> bool:
        """Whether curves of when accounts leave were found to be true."""
        return self.said.get("curves") is True

    @classmethod
    def read(cls, text: str | None) -> Display:
        """From the JSON of a generation; what is not as expected is taken as missing."""
        said = mapping(text)
        days = said.get("horizon_days")
        words = said.get("words")
        words = words if isinstance(words, dict) else {}
        return cls(
            currency=str(said.get("currency") or ""),
            horizon_days=days if isinstance(days, int) and days > 0 else None,
            words={key: each for key, each in words.items() if isinstance(each, str)},
            said=said,
        )

    def label(self, attribute: str) -> str:
        """What an attribute is called: as the company says, or by its name without underscores."""
        words = self.words.get(attribute) or attribute.replace("_", " ").strip() or attribute
        return words[:1].upper() + words[1:]


def display(desk: Desk, generation: int) -> Display:
    """What was published beside the scores of a generation."""
    query = sa.select(Generation.display).where(Generation.id == generation)
    return Display.read(desk.connection.execute(query).scalar())
