"""Published scorecards, beside the scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "published_0002"
down_revision = "published_0001"


def upgrade() -> None:
    """Make the table of a scorecard's rows."""
    op.create_table(
        "scorecard_rows",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("generation_id", sa.Integer, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("level", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("row", sa.Text, nullable=False),
    )
    op.create_index("ix_scorecard_rows_part", "scorecard_rows", ["generation_id", "part", "level", "subject"])
