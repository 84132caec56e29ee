"""The site, put together."""

from __future__ import annotations

from fastapi import FastAPI

from salesml.store.engine import Store
from salesml.store.keys import SESSIONS, Key
from salesml.web.api import routes as api
from salesml.web.assets import AT
from salesml.web.protection import add_protection
from salesml.web.refusals import add_refusals
from salesml.web.routes import about, accounts, answers, health, prospects, sign_in, team, this_week
from salesml.web.settings import OIDC, Settings
from salesml.web.settings_checks import check
from salesml.web.site import Site


def create_app(store: Store, settings: Settings, *, key: bytes | None = None) -> FastAPI:
    """The site over a store.

    Parameters
    ----------
    store : Store
    settings : Settings
    key : bytes, optional
        Signs sessions; the store's own, which all its processes share, where none is given.

    Raises
    ------
    UsageError
        When settings would let the wrong people in, or nobody.
    """
    check(settings)
    app = FastAPI(title="salesml", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = site = Site(settings, store, Key(store, SESSIONS) if key is None else lambda: key)
    app.mount(AT, site.assets, name="static")
    for routes in (health, sign_in, accounts, prospects, this_week, answers, team, about):
        app.include_router(routes.router)
    app.include_router(api.router)
    if settings.way_in == OIDC:
        from salesml.web.routes import provider

        app.include_router(provider.router)
    add_refusals(app)
    add_protection(app, settings)
    return app
