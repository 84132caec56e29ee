"""Lists of accounts and prospects: a page of rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from salesml.store.generations import Current
from salesml.store.models import SCORED, Score
from salesml.web.desk.counts import MOST_ROWS, Counts, counts
from salesml.web.desk.desk import Desk
from salesml.web.desk.earlier import Earlier, earlier, trend

ORDERS: Final = {
    "at-stake": (Score.expected.desc(), Score.id),
    "chance": (Score.probability.desc(), Score.id),
    "value": (Score.value.is_(None), Score.value.desc(), Score.id),
    "name": (sa.func.lower(sa.func.coalesce(Score.name, Score.entity_id)), Score.id),
}
"""How a list may be sorted."""

MOST_BOOKS: Final = 100
"""That are read one by one; SQLite takes 500 in a query."""

BANDS: Final = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Wanted:
    """Which rows of a list somebody asked for.

    Attributes
    ----------
    search : str
        A part of the name or id, in any case of letters.
    band : str or None
    rep_id : str or None
        Only this rep's.
    order : str
        A key of :data:`ORDERS`.
    page : int
        From 1.
    rows : int
        Rows of a page.
    """

    search: str = ""
    band: str | None = None
    rep_id: str | None = None
    order: str = "at-stake"
    page: int = 1
    rows: int = 50

    @property
    def chosen(self) -> bool:
        """Whether rows were left out on purpose."""
        return bool(self.search or self.band or self.rep_id)

    @property
    def books(self) -> tuple[str, ...] | None:
        """Those asked for; nothing for all."""
        return (self.rep_id,) if self.rep_id else None

    @property
    def skipped(self) -> int:
        """Rows of the pages before."""
        return (self.page - 1) * self.rows


@dataclass(frozen=True)
class Line:
    """One account or prospect of a list.

    Attributes
    ----------
    before : float or None
        The chance about a week before.
    """

    entity_id: str
    name: str | None
    rep_id: str | None
    probability: float
    band: str | None
    value: float | None
    expected: float | None
    strongest: str | None
    strongest_direction: str | None
    before: float | None = None

    @property
    def called(self) -> str:
        return self.name or self.entity_id

    @property
    def trend(self) -> str:
        return trend(self.before, self.probability)


@dataclass(frozen=True)
class Listed:
    """A page of a list, and how many rows all pages have.

    Attributes
    ----------
    too_many : bool
        Whether a rep must be chosen first.
    earlier : Earlier or None
        The scores that these are compared with.
    """

    lines: Sequence[Line]
    count: int
    wanted: Wanted
    counts: Counts
    earlier: Earlier | None = None
    too_many: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.wanted.rows))


def listed(desk: Desk, now: Current, wanted: Wanted) -> Listed:
    """A page of the rows of a generation that could be scored."""
    counted = counts(desk, now, wanted.rep_id)
    if counted.rows > MOST_ROWS:
        return Listed([], counted.scored, wanted, counted, too_many=True)
    before, order = earlier(desk, now), _order(wanted, counted)
    if wanted.search:
        found = _found(desk, now.id, wanted, order)
        count, ids = len(found), found[wanted.skipped : wanted.skipped + wanted.rows]
    else:
        count = _count(desk, now.id, wanted, counted)
        ids = _page(desk, now.id, wanted, order) if count else []
    return Listed(_lines(desk, now.id, ids, order, before), count, wanted, counted, before)


def _lines(
    desk: Desk, generation: int, ids: Sequence[int], order: tuple[Any, ...], before: Earlier | None
) -> list[Line]:
    if not ids:
        return []
    figures: Any = before.figures if before else None
    query: sa.Select[Any] = desk.visible(
        generation, Score.entity_id, Score.name, Score.rep_id, Score.probability, Score.band, Score.value,
        Score.expected, Score.strongest, Score.strongest_direction,
        figures.probability if before else sa.null(),
    ).where(Score.id.in_(ids)).order_by(*order)  # fmt: skip
    if before:
        same = sa.and_(figures.generation_id == before.id, figures.entity_id == Score.entity_id)
        query = query.outerjoin(figures, same)
    return [Line(*row) for row in desk.connection.execute(query)]


def _found(desk: Desk, generation: int, wanted: Wanted, order: tuple[Any, ...]) -> Sequence[int]:
    """The ids of all rows that have what was searched for: who counts them has looked at every row."""
    rows = desk.visible(generation, Score.id, books=wanted.books).where(*_chosen(wanted)).order_by(*order)
    return desk.connection.execute(rows).scalars().all()


def _page(desk: Desk, generation: int, wanted: Wanted, order: tuple[Any, ...]) -> Sequence[int]:
    """The ids of the page, by an index alone where that is possible.

    Of several books, the first of each, which the index has in order, and of these the first.
    """
    by_index = order == ORDERS["at-stake"]
    columns, chosen = (Score.id, Score.expected), _chosen(wanted, by_index=by_index)
    last = wanted.skipped + wanted.rows
    books = sorted(desk.person.books or ())
    if by_index and not wanted.rep_id and 1 < len(books) <= MOST_BOOKS:
        of_books = (desk.visible(generation, *columns, books=[book]).where(*chosen) for book in books)
        each = (rows.order_by(*order).limit(last).subquery() for rows in of_books)
        first = sa.union_all(*(sa.select(one) for one in each)).subquery("first")
        query = sa.select(first.c.id).order_by(first.c.expected.desc(), first.c.id)
    else:
        query = desk.visible(generation, *columns, books=wanted.books).where(*chosen).order_by(*order)
    return desk.connection.execute(query.limit(wanted.rows).offset(wanted.skipped)).scalars().all()


def _order(wanted: Wanted, counted: Counts) -> tuple[Any, ...]:
    """By what is at stake; where nothing is known of it, by the chance."""
    if wanted.order != "at-stake" or counted.valued == counted.scored:
        return ORDERS[wanted.order]
    return ORDERS["chance"] if not counted.valued else (Score.expected.is_(None), *ORDERS["at-stake"])


def _count(desk: Desk, generation: int, wanted: Wanted, counted: Counts) -> int:
    if not wanted.band:
        return counted.scored
    if counted.bands is not None:
        return counted.bands.get(wanted.band or "", 0)
    query = desk.visible(generation, sa.func.count(), books=wanted.books).where(*_chosen(wanted))
    return int(desk.connection.execute(query).scalar_one())


def _chosen(wanted: Wanted, *, by_index: bool = False) -> list[sa.ColumnElement[bool]]:
    """Conditions on rows; what has no amount at stake stands where the index in its order is not read."""
    chosen: list[sa.ColumnElement[bool]] = [Score.status == SCORED]
    if by_index:
        chosen.append(Score.expected.is_not(None))
    if wanted.band:
        chosen.append(Score.band == wanted.band)
    if wanted.search:
        called = sa.func.coalesce(Score.name, "") + " " + Score.entity_id
        chosen.append(called.icontains(wanted.search, autoescape=True))
    return chosen
