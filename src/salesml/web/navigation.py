"""Where one can go from every page, by who one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from starlette.routing import Match

from salesml.store.access import Person


def _everybody(_: Person) -> bool:
    return True


@dataclass(frozen=True)
class Place:
    """A page that the menu names.

    Attributes
    ----------
    key : str
        Its text in the catalogue.
    whose : callable
        Whether a person has it.
    """

    path: str
    key: str
    whose: Callable[[Person], bool] = _everybody

    def holds(self, path: str) -> bool:
        """Whether a path is this page or one below it."""
        return path == self.path or path.startswith(f"{self.path}/")


METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

PLACES: Final = (
    Place("/accounts", "site.accounts"),
    Place("/prospects", "site.prospects"),
    Place("/this-week", "site.week", lambda person: person.has_book),
    Place("/team", "site.team", lambda person: person.leads),
    Place("/about", "site.about"),
)


def places(app: FastAPI, person: Person | None) -> Sequence[Place]:
    """The pages of the menu that this site has and the person may open."""
    if person is None:
        return ()
    if not hasattr(app.state, "places"):
        app.state.places = [each for each in PLACES if answers(app, each.path)]
    return [each for each in app.state.places if each.whose(person)]


def methods(app: FastAPI, path: str) -> list[str]:
    """All methods that a path has, whichever routes they belong to."""
    return [each for each in METHODS if answers(app, path, each)]


def answers(app: FastAPI, path: str, method: str = "GET") -> bool:
    """Whether the site has something at a path."""
    asked = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return any(route.matches(asked)[0] is Match.FULL for route in app.routes)
