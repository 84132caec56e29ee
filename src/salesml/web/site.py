"""What every request of a site shares: its settings, its store, its texts and templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse

from salesml.store.access import Person
from salesml.store.engine import Store
from salesml.web import show
from salesml.web.catalogue import Texts, texts
from salesml.web.door import Door
from salesml.web.settings import OIDC, Settings

if TYPE_CHECKING:
    from salesml.web.provider.client import Client


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
    def templates(self) -> jinja2.Environment:
        """Jinja's environment: escaping is on, and a name that is not there is an error."""
        environment = jinja2.Environment(
            loader=jinja2.FunctionLoader(_source), autoescape=True, undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        environment.globals["t"] = self.texts
        environment.filters |= show.FILTERS
        return environment

    def page(
        self, request: Request, name: str, *, person: Person | None = None, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page by its template."""
        html = self.templates.get_template(name).render(
            person=person, path=request.url.path, csrf=getattr(request.state, "csrf", ""), **values
        )
        return HTMLResponse(html, status_code=status)


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    site: Site = request.app.state.site
    return site


def _source(name: str) -> str | None:
    file = resources.files("salesml.web").joinpath("templates", name)
    return file.read_text(encoding="utf-8") if file.is_file() else None
