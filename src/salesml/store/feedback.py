"""What reps answer: one line for each answer, never changed, in a file or schema of its own."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from salesml.store.moments import Moment

IDS = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts up only what is called INTEGER."""


class FeedbackBase(DeclarativeBase):
    """Everything that people write."""

    type_annotation_map = {str: sa.Text(), dt.datetime: Moment()}  # noqa: RUF012  # SQLAlchemy's own form


class Feedback(FeedbackBase):
    """One answer. It belongs to the account or prospect, not to a generation, and so outlives scores."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(IDS, primary_key=True)
    at: Mapped[dt.datetime]
    by: Mapped[str]
    """Who answered, as they sign in."""
    what: Mapped[str]
    """``contacted``, ``saved``, ``lost``, ``reason-is-wrong``, ``disagree``, or ``withdrawn``."""
    name: Mapped[str]
    """The model that the score was of."""
    task: Mapped[str]
    entity_id: Mapped[str]
    as_of: Mapped[dt.date | None]
    """The date of the score that was seen."""
    probability: Mapped[float | None] = mapped_column(sa.Double)
    reason: Mapped[str | None]
    """The features of the reason that it is about."""
    note: Mapped[str | None]
    expires_on: Mapped[dt.date | None]
    about: Mapped[int | None] = mapped_column(sa.ForeignKey("feedback.id"))
    """An earlier answer that this one withdraws or follows."""
    key: Mapped[str | None]
    """Says which sending of which form it came from: one that is sent twice is one answer."""
    rep_id: Mapped[str | None]
    """Whose account or prospect it was."""
    model_version: Mapped[str | None]
    reason_words: Mapped[str | None]
    """The reason as it was read."""
    band: Mapped[str | None]
    rank: Mapped[int | None] = mapped_column(sa.BigInteger)
    list: Mapped[str | None]
    pick_probability: Mapped[float | None] = mapped_column(sa.Double)
    """What chance there was that the list would hold the row, drawn by lot or not."""
    picked: Mapped[str | None]

    __table_args__ = (
        sa.Index("ix_feedback_entity", "entity_id", "task"),
        sa.Index("ux_feedback_key", "key", unique=True),
        sa.Index("ix_feedback_about", "about"),
    )


class AnswerOutcome(FeedbackBase):
    """What came of whom an answer was about, once that was known; found again, it is written again."""

    __tablename__ = "outcomes"

    answer: Mapped[int] = mapped_column(
        IDS, sa.ForeignKey("feedback.id"), primary_key=True, autoincrement=False
    )
    label: Mapped[int] = mapped_column(sa.SmallInteger)
    """1 where what the score spoke of came about."""
    horizon_start: Mapped[dt.date]
    horizon_end: Mapped[dt.date]
    """The day after the last one that the label looks at."""
    found_at: Mapped[dt.datetime]
