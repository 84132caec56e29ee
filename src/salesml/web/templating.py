"""The environment of templates: escaping is on, and a name that is not there is an error."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources

import jinja2

from salesml.web import show
from salesml.web.catalogue import Texts


def source(name: str) -> str | None:
    """The text of a template."""
    file = resources.files("salesml.web").joinpath("templates", name)
    return file.read_text(encoding="utf-8") if file.is_file() else None


def here(path: str) -> str | None:
    """The address of a page of this site: its path."""
    return path


def environment(
    texts: Texts, asset: Callable[[str], str], load: Callable[[str], str | None] = source
) -> jinja2.Environment:
    """An environment.

    Templates link to pages by ``at``, which finds none where a page is not there, and begin each id with
    ``part``, so that several pages can stand in one.

    Parameters
    ----------
    texts : Texts
    asset : callable
        The address of a file of ``static/``.
    load : callable
        Finds a template's text by its name.
    """
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(load), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.globals |= {"t": texts, "asset": asset, "at": here, "part": ""}
    made.filters |= show.FILTERS
    return made
