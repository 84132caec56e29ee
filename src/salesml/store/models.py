"""Tables of what is published: generations of rows that never change, and a pointer to the current one.

A row of ``scores`` has the id ``generation * 2**32 + place``, so that the rows of a generation are one range
of ids, loaded, read and deleted in order. Large tables have no foreign keys, which would cost a look-up for
every row of a load: only who has the turn writes, and a generation's line is never deleted.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from salesml.store.moments import Moment

LOADING: Final = "loading"
"""Rows are coming; nobody reads them."""
WHOLE: Final = "whole"
"""Every row is there; it is current, or was, or is about to be."""
HISTORY: Final = "history"
"""Only its figures are left, in ``history``."""
GONE: Final = "gone"
"""Its rows were removed by the rule of retention; this line remains."""
ABANDONED: Final = "abandoned"
"""Its load did not end, and its rows were removed."""

PLACES: Final = 2**32
"""Ids that a generation has."""

SCORED: Final = "scored"
"""``status`` of a row that could be scored."""


class Base(DeclarativeBase):
    """Everything that a load writes."""

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it as it stands
        str: sa.Text(),
        float: sa.Double(),
        dt.datetime: Moment(),
    }


class Generation(Base):
    """One load of one model's scores; the line stays when its rows are long gone."""

    __tablename__ = "generations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    """The model, a stem in ``models/``; a pointer's name."""
    task: Mapped[str]
    model_version: Mapped[str]
    as_of: Mapped[dt.date]
    scoring_run_id: Mapped[str]
    digest: Mapped[str]
    """SHA-256 of the content that was published."""
    state: Mapped[str]
    loaded: Mapped[int] = mapped_column(sa.BigInteger)
    """How far the load has come, in places."""
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    """Rows of ``scores`` that it has, once it is whole."""
    unscored: Mapped[int] = mapped_column(sa.BigInteger)
    """Those of them that could not be scored."""
    similar: Mapped[int] = mapped_column(sa.BigInteger)
    erased: Mapped[int] = mapped_column(sa.BigInteger)
    """Rows of the published table that were left out because whom they are about was erased."""
    summary: Mapped[str | None]
    """What the scoring job said of itself, as JSON."""
    display: Mapped[str | None]
    """What pages say of all its rows, as a JSON object: currency, horizon, quality in words."""
    published_by: Mapped[str]
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]

    __table_args__ = (sa.Index("ix_generations_name", "name", "state"),)


class Pointer(Base):
    """Which generation of a name is current: readers begin here."""

    __tablename__ = "pointers"

    name: Mapped[str] = mapped_column(primary_key=True)
    generation_id: Mapped[int] = mapped_column(sa.ForeignKey("generations.id"))
    moved_at: Mapped[dt.datetime]


class Score(Base):
    """What a page shows of one account or prospect, but for the reasons."""

    __tablename__ = "scores"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    generation_id: Mapped[int]
    entity_id: Mapped[str]
    name: Mapped[str | None]
    attributes: Mapped[str | None]
    """What else is shown of it, as a JSON object."""
    rep_id: Mapped[str | None]
    status: Mapped[str]
    problem: Mapped[str | None]
    probability: Mapped[float | None]
    raw_score: Mapped[float | None]
    base_value: Mapped[float | None]
    other_contribution: Mapped[float | None]
    band: Mapped[str | None]
    value: Mapped[float | None]
    expected: Mapped[float | None]
    """``expected_loss`` or ``expected_value`` of the score table."""
    expected_low: Mapped[float | None]
    expected_high: Mapped[float | None]
    expected_hours: Mapped[float | None]
    return_on_effort: Mapped[float | None]
    rank: Mapped[int | None] = mapped_column(sa.BigInteger)
    list: Mapped[str | None]
    pick_probability: Mapped[float | None]
    picked: Mapped[str | None]
    unlisted: Mapped[str | None]
    strongest: Mapped[str | None]
    """The words of the strongest reason."""
    strongest_direction: Mapped[str | None]
    curve: Mapped[str | None]
    """How likely it is still there after so many days, as a JSON object by number of days."""

    __table_args__ = (
        sa.Index("ux_scores_entity", "generation_id", "entity_id", unique=True),
        sa.Index("ix_scores_rep", "generation_id", "rep_id", "expected", "status", "band", "id"),
        sa.Index(
            "ix_scores_ranked", "generation_id", "rep_id", "rank",
            sqlite_where=sa.text("rank IS NOT NULL"), postgresql_where=sa.text("rank IS NOT NULL"),
        ),
    )  # fmt: skip


class Reasons(Base):
    """The reasons of a score, strongest first, as a JSON list; apart, so that lists stay narrow."""

    __tablename__ = "reasons"

    score_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    reasons: Mapped[str]


class Similar(Base):
    """The ideal accounts that a prospect resembles, nearest first, as a JSON list."""

    __tablename__ = "similar_accounts"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    generation_id: Mapped[int]
    entity_id: Mapped[str]
    accounts: Mapped[str]

    __table_args__ = (sa.Index("ux_similar_entity", "generation_id", "entity_id", unique=True),)


class Recent(Base):
    """The latest events of an account or prospect, newest first, as a JSON list."""

    __tablename__ = "recent_events"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    generation_id: Mapped[int]
    entity_id: Mapped[str]
    events: Mapped[str]

    __table_args__ = (sa.Index("ux_recent_entity", "generation_id", "entity_id", unique=True),)


class Moved(Base):
    """What moved a score since an earlier one, as a JSON object."""

    __tablename__ = "moves"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    generation_id: Mapped[int]
    entity_id: Mapped[str]
    moved: Mapped[str]

    __table_args__ = (sa.Index("ux_moves_entity", "generation_id", "entity_id", unique=True),)


class ScorecardRow(Base):
    """A row of one table of a scorecard, as a JSON object."""

    __tablename__ = "scorecard_rows"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    generation_id: Mapped[int]
    part: Mapped[str]
    """The table: ``figures``, ``definitions``; ``report`` is the page."""
    level: Mapped[str | None]
    subject: Mapped[str | None]
    """Which team or rep it is about, where it is about one."""
    row: Mapped[str]

    __table_args__ = (sa.Index("ix_scorecard_rows_part", "generation_id", "part", "level", "subject"),)


class History(Base):
    """The figures of a generation whose rows were removed."""

    __tablename__ = "history"

    generation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entity_id: Mapped[str] = mapped_column(primary_key=True)
    probability: Mapped[float | None]
    band: Mapped[str | None]
    value: Mapped[float | None]
    expected: Mapped[float | None]


class Rep(Base):
    """Who works accounts and prospects, as of the latest publishing that said so."""

    __tablename__ = "reps"

    rep_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    team: Mapped[str | None]
    login: Mapped[str | None]
    role: Mapped[str | None]
    manager_id: Mapped[str | None]
    hours_per_week: Mapped[float | None]
    """What a list of a week's work may take."""


class Turn(Base):
    """Who may write now; one row, made with the table."""

    __tablename__ = "turns"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    taken_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime | None]


class Erased(Base):
    """Who was erased, as a keyed digest that cannot be read back, so that no later load brings them back."""

    __tablename__ = "erased"

    digest: Mapped[str] = mapped_column(primary_key=True)
    erased_at: Mapped[dt.datetime]


class Setting(Base):
    """What the store keeps of itself, such as the key of digests."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
