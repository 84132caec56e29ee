"""Answers that are one however often they are sent, and what they were about in words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "feedback_0003"
down_revision = "feedback_0002"


def upgrade() -> None:
    """Widen the table."""
    for name in ("key", "rep_id", "model_version", "reason_words"):
        op.add_column("feedback", sa.Column(name, sa.Text))
    op.create_index("ux_feedback_key", "feedback", ["key"], unique=True)
    op.create_index("ix_feedback_about", "feedback", ["about"])
