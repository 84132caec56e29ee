"""What a rep's file consists of: their lists, and each account and prospect of these in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from salesml.store.generations import Current
from salesml.web.contexts import of_account, of_prospect
from salesml.web.desk import Desk
from salesml.web.desk.about import models
from salesml.web.desk.display import display
from salesml.web.desk.lists import Wanted, listed
from salesml.web.desk.prospects import TASKS, Asked, prospects
from salesml.web.desk.unscored import unscored
from salesml.web.export.links import Links

ACCOUNTS: Final = "churn"


@dataclass(frozen=True)
class Part:
    """A page of a site, as a part of a file.

    Attributes
    ----------
    anchor : str
        Where it is, and what its ids begin with.
    template : str
    values : mapping
        What the template is given.
    """

    anchor: str
    template: str
    values: Mapping[str, Any]


@dataclass
class Parts:
    """The parts of one rep's file.

    Attributes
    ----------
    lists : list of Part
    entities : dict
        The ids of those that stand in full, by the path of their list.
    """

    desk: Desk
    links: Links
    names: Mapping[str, str]
    rows: int
    lists: list[Part] = field(default_factory=list)
    entities: dict[str, list[tuple[Current, str, str]]] = field(default_factory=dict)

    def add_accounts(self) -> None:
        """The list of accounts, and those that could not be scored."""
        now = self.desk.of_task(ACCOUNTS)
        if now is None:
            return
        wanted = Wanted(rows=self.rows)
        found = listed(self.desk, now, wanted)
        self._add("/accounts", now, [line.entity_id for line in found.lines], found=found, wanted=wanted)
        if found.counts.unscored:
            self._add_unscored("accounts", now)

    def add_prospects(self) -> None:
        """The list of prospects, and those that could not be scored."""
        now = self.desk.of_task(*TASKS)
        if now is None:
            return
        asked = Asked(rows=self.rows)
        found = prospects(self.desk, now, asked)
        self._add(
            "/prospects", now, [line.entity_id for line in found.lines], found=found, asked=asked, show="week"
        )
        if found.unscored:
            self._add_unscored("prospects", now)

    def add_about(self, zone: str) -> None:
        """What the scores say."""
        self.lists.append(
            Part(self.links.add("/about"), "about.html", {"models": models(self.desk), "zone": zone})
        )

    def whole(self) -> Iterator[Part]:
        """Each account and prospect of the lists in full, read one after the other."""
        for path, of in (("/accounts", of_account), ("/prospects", of_prospect)):
            template = "account.html" if path == "/accounts" else "prospect.html"
            for now, entity_id, anchor in self.entities.get(path, ()):
                given = of(self.desk, now, entity_id, self.names)
                if given is not None:
                    yield Part(anchor, template, given)

    def _add(self, path: str, now: Current, ids: list[str], **values: Any) -> None:
        given = {"now": now, "task": now.task, "shown": display(self.desk, now.id), "rep_names": self.names}
        self.lists.append(Part(self.links.add(path), f"{path.strip('/')}.html", given | values))
        self.entities[path] = [(now, each, self.links.add(path, each)) for each in ids]

    def _add_unscored(self, kind: str, now: Current) -> None:
        here = f"/{kind}-without-score"
        values = {
            "now": now, "found": unscored(self.desk, now, None, 1, self.rows), "rep": "", "kind": kind,
            "above": f"/{kind}", "here": here,
        }  # fmt: skip
        self.lists.append(Part(self.links.add(here), "unscored.html", values))
