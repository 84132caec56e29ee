"""The hours that a rep has in a week, for lists within them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "published_0004"
down_revision = "published_0003"


def upgrade() -> None:
    """Add the column; it is filled by the next publishing that brings reps."""
    op.add_column("reps", sa.Column("hours_per_week", sa.Double))
