"""How likely an account is still there after so many days, where its model tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "published_0006"
down_revision = "published_0005"


def upgrade() -> None:
    """Add the column; it is filled by the next publishing of scores with curves."""
    op.add_column("scores", sa.Column("curve", sa.Text))
