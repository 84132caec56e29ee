"""Whether a site can show scores, and how old they are: what probes and metrics ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from salesml.errors import SalesmlError
from salesml.store.engine import Store
from salesml.store.status import Shown, status
from salesml.web.settings import Settings

SECONDS: Final = 5.0
"""How old an answer may be: probes come often, and nobody is known who sends them."""

NO_SCORES: Final = "no-scores"


@dataclass(frozen=True)
class Health:
    """What a look at the store found.

    Attributes
    ----------
    problem : str
        Why no scores can be shown, as a reason code: ``store-away``, ``store-older``, ``store-newer``,
        ``no-store``, ``no-scores``; empty where they can.
    shown : sequence of Shown
        The current scores of each model.
    """

    problem: str
    shown: Sequence[Shown] = ()

    @property
    def ready(self) -> bool:
        return not self.problem


def health(store: Store, settings: Settings) -> Health:
    """Look at a store: whether it can be reached, has the right form, and has scores."""
    try:
        found = status(store, stale_after=settings.stale_after, today=settings.today())
    except SalesmlError as error:
        return Health(error.code)
    return Health("" if found.shown else NO_SCORES, found.shown)
