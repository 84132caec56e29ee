"""What is known of the models behind the scores that a person sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesml.store.generations import Current
from salesml.web.desk.desk import Desk
from salesml.web.desk.display import Display, display

TASKS = ("churn", "conversion", "fit", "seeds")


@dataclass(frozen=True)
class Model:
    """One model whose scores are current, and what was published of it; each part may be missing."""

    now: Current
    shown: Display

    @property
    def means(self) -> str:
        return self._text("means")

    @property
    def version(self) -> str:
        return self._text("version") or self.now.model_version

    @property
    def quality(self) -> Sequence[str]:
        found = self.shown.said.get("quality")
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []

    @property
    def trained(self) -> Mapping[str, Any]:
        """``at``, ``until`` as texts of a date; ``rows`` and ``outcomes`` as whole numbers."""
        found = self.shown.said.get("trained")
        said = found if isinstance(found, dict) else {}
        whole = {name: said.get(name) for name in ("rows", "outcomes")}
        kept: dict[str, Any] = {name: each for name, each in whole.items() if isinstance(each, int)}
        days = {name: said.get(name) for name in ("at", "until")}
        return kept | {name: each for name, each in days.items() if isinstance(each, str) and each}

    def _text(self, name: str) -> str:
        found = self.shown.said.get(name)
        return found if isinstance(found, str) else ""


def models(desk: Desk) -> list[Model]:
    """The models whose scores are current, accounts first."""
    known = [now for task in TASKS for now in desk.names.values() if now.task == task]
    return [Model(now, display(desk, now.id)) for now in known]
