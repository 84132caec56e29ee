"""The first form of feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "feedback_0001"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("entity_id", sa.Text, nullable=False),
        sa.Column("as_of", sa.Date),
        sa.Column("probability", sa.Double),
        sa.Column("reason", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("expires_on", sa.Date),
        sa.Column("about", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.ForeignKey("feedback.id")),
    )
    op.create_index("ix_feedback_entity", "feedback", ["entity_id", "task"])
