"""What a list said of the score that was answered, and what came of answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "feedback_0004"
down_revision = "feedback_0003"

IDS = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Widen the table of answers, and make the one of their outcomes."""
    for name in ("band", "list", "picked"):
        op.add_column("feedback", sa.Column(name, sa.Text))
    op.add_column("feedback", sa.Column("rank", sa.BigInteger))
    op.add_column("feedback", sa.Column("pick_probability", sa.Double))
    op.create_table(
        "outcomes",
        sa.Column("answer", IDS, sa.ForeignKey("feedback.id"), primary_key=True, autoincrement=False),
        sa.Column("label", sa.SmallInteger, nullable=False),
        sa.Column("horizon_start", sa.Date, nullable=False),
        sa.Column("horizon_end", sa.Date, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
    )
