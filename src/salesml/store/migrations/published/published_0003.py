"""What pages show beside scores: recent events, what moved a score, and what is true of all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "published_0003"
down_revision = "published_0002"


def upgrade() -> None:
    """Make the tables, and the column of what is true of a whole generation."""
    op.add_column("generations", sa.Column("display", sa.Text))
    op.create_table(
        "recent_events",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("generation_id", sa.Integer, nullable=False),
        sa.Column("entity_id", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
    )
    op.create_index("ux_recent_entity", "recent_events", ["generation_id", "entity_id"], unique=True)
    op.create_table(
        "moves",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("generation_id", sa.Integer, nullable=False),
        sa.Column("entity_id", sa.Text, nullable=False),
        sa.Column("moved", sa.Text, nullable=False),
    )
    op.create_index("ux_moves_entity", "moves", ["generation_id", "entity_id"], unique=True)
