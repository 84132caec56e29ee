"""What every request of a site shares: its settings, its store, its texts and templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse

from salesml.errors import SalesmlError
from salesml.store.access import Person
from salesml.store.engine import Store
from salesml.store.status import status
from salesml.web.assets import Assets
from salesml.web.catalogue import Texts, texts
from salesml.web.desk.people import rep_names
from salesml.web.door import Door
from salesml.web.health import SECONDS as HEALTH_SECONDS
from salesml.web.health import Health, health
from salesml.web.kept import Kept
from salesml.web.navigation import places
from salesml.web.settings import OIDC, Settings
from salesml.web.templating import environment

if TYPE_CHECKING:
    from salesml.web.metrics import Metrics
    from salesml.web.provider.client import Client

SECONDS: Final = 20.0
"""How old may be what pages say of the whole store."""


@dataclass(frozen=True)
class Site:
    """What every request shares.

    Attributes
    ----------
    keys : callable
        Gives the key by which sessions are signed now; the same in every process of a site.
    """

    settings: Settings
    store: Store
    keys: Callable[[], bytes]

    @property
    def key(self) -> bytes:
        """The key by which sessions are signed."""
        return self.keys()

    @cached_property
    def door(self) -> Door:
        """Where people come in."""
        return Door(self.store, self.settings)

    @cached_property
    def client(self) -> Client | None:
        """This site as the company's provider knows it, where people sign in by one."""
        from salesml.web.provider.client import Client

        given = self.settings.provider
        return Client(given, self.settings.url) if given and self.settings.way_in == OIDC else None

    @cached_property
    def texts(self) -> Texts:
        return texts()

    @cached_property
    def assets(self) -> Assets:
        return Assets()

    @cached_property
    def health(self) -> Kept[Health]:
        """Whether scores can be shown."""
        return Kept(lambda: health(self.store, self.settings), HEALTH_SECONDS)

    @cached_property
    def metrics(self) -> Metrics:
        """What this process counts."""
        from salesml.web.metrics import Metrics

        return Metrics(lambda: self.health())

    @cached_property
    def banner(self) -> Kept[str]:
        """What stands above every page while something is wrong with the scores."""
        return Kept(self._banner, SECONDS)

    @cached_property
    def reps(self) -> Kept[Mapping[str, str]]:
        """What reps are called, by their id."""
        return Kept(self._reps, SECONDS)

    @cached_property
    def templates(self) -> jinja2.Environment:
        return environment(self.texts, self.assets.address)

    def page(
        self, request: Request, name: str, *, person: Person | None = None, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page by its template."""
        html = self.templates.get_template(name).render(
            person=person, path=request.url.path, csrf=getattr(request.state, "csrf", ""),
            places=places(request.app, person), banner=self.banner() if person else "",
            standing_in=self.called(person.standing_in) if person else [], **values,
        )  # fmt: skip
        return HTMLResponse(html, status_code=status)

    def called(self, reps: tuple[str, ...]) -> list[str]:
        """What some reps are called, by their ids."""
        return [self.reps().get(each, each) for each in reps] if reps else []

    def _reps(self) -> Mapping[str, str]:
        try:
            return self.store.read(rep_names)
        except SalesmlError:
            return {}  # a page that says that the store is away needs no names

    def _banner(self) -> str:
        try:
            found = status(self.store, stale_after=self.settings.stale_after, today=self.settings.today())
        except SalesmlError:
            return ""  # the page itself says what is wrong
        return found.banner_of_scores


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    site: Site = request.app.state.site
    return site
