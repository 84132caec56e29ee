"""The site, put together."""

from __future__ import annotations

from importlib import resources

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from salesml.store.engine import Store
from salesml.web.headers import add_headers
from salesml.web.refusals import add_refusals
from salesml.web.routes import accounts, sign_in
from salesml.web.settings import Settings
from salesml.web.site import Site


def create_app(store: Store, settings: Settings, *, key: bytes) -> FastAPI:
    """The site over a store.

    Parameters
    ----------
    store : Store
    settings : Settings
    key : bytes
        Signs sessions; the same in every process.
    """
    app = FastAPI(title="salesml", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = Site(settings, store, key)
    app.mount("/static", StaticFiles(directory=str(resources.files("salesml.web") / "static")), name="static")
    for routes in (sign_in, accounts):
        app.include_router(routes.router)
    add_refusals(app)
    add_headers(app, secure=settings.secure)
    return app
