"""One rep's pages as one file that needs no server, no script and nothing from elsewhere."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from salesml.store.access import REP, Person
from salesml.store.engine import Store, reading
from salesml.web.assets import Assets
from salesml.web.catalogue import texts
from salesml.web.desk import Desk
from salesml.web.desk.people import rep_names
from salesml.web.export.links import Links
from salesml.web.export.parts import Part, Parts
from salesml.web.navigation import PLACES
from salesml.web.templating import environment, source

ELSEWHERE: Final = {
    "base.html": "{% block content %}{% endblock %}",
    "accounts_filters.html": "", "prospects_filters.html": "", "answers.html": "", "answered.html": "",
    "pages.html": '{% macro pages(path, page, pages, kept) %}{% if pages > 1 %}<p>{{ t("export.more") }}</p>'
    "{% endif %}{% endmacro %}",
}  # fmt: skip
"""What templates have for a file in place of what asks a server."""


_REGION: Final = re.compile(r'<section\b([^>]*?) aria-label(?:ledby)?="[^"]*"')
"""A landmark of one page; a file would have hundreds, all called the same."""


@dataclass(frozen=True)
class Book:
    """A rep's file.

    Attributes
    ----------
    html : str
    accounts, prospects : int
        How many stand in it in full.
    """

    rep_id: str
    name: str
    html: str
    accounts: int
    prospects: int


class Binder:
    """Makes the files of reps.

    Parameters
    ----------
    store : Store
    today : date
        The company's day.
    zone : str
        Time zone in which moments are shown.
    rows : int
        Accounts, and prospects, that a file has at most.
    banner : str
        What stands above every file while something is wrong with the scores.
    """

    def __init__(self, store: Store, *, today: dt.date, zone: str, rows: int, banner: str = "") -> None:
        self.store = store
        self.today = today
        self.zone = zone
        self.rows = rows
        self.banner = banner
        assets = Assets()
        self.style = assets.files["site.css"].content.decode()
        self.templates = environment(texts(), assets.address, _source)

    def book(self, rep_id: str) -> Book:
        """A rep's file as of one moment."""
        with reading(self.store.published) as connection:
            names = rep_names(connection)
            person = Person(
                login="", name=names.get(rep_id, rep_id), role=REP, rep_id=rep_id, books=frozenset({rep_id})
            )
            parts = Parts(Desk(connection, person, self.today), Links(), names, self.rows)
            parts.add_accounts()
            parts.add_prospects()
            parts.add_about(self.zone)
            html = self._bound(parts, person)
        return Book(
            rep_id, person.name, html,
            accounts=len(parts.entities.get("/accounts", ())),
            prospects=len(parts.entities.get("/prospects", ())),
        )  # fmt: skip

    def _bound(self, parts: Parts, person: Person) -> str:
        common = {
            "person": person, "standing_in": [], "at": parts.links,
            "places": [place for place in PLACES if parts.links(place.path)],
        }  # fmt: skip
        pages = [(each.anchor, self._page(each, common)) for each in (*parts.lists, *parts.whole())]
        return self.templates.get_template("book.html").render(
            **common, pages=pages, today=self.today, banner=self.banner, policy=policy(self.style),
            style=Markup(f"<style>{self.style}</style>"),
        )  # fmt: skip

    def _page(self, part: Part, common: dict[str, Any]) -> Markup:
        html = self.templates.get_template(part.template).render(
            **common, **part.values, part=f"{part.anchor}-"
        )
        return Markup(_REGION.sub(r"<section\1", html))


def policy(style: str) -> str:
    """What a browser may do with a file: show it, in this style."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _source(name: str) -> str | None:
    return ELSEWHERE[name] if name in ELSEWHERE else source(name)
