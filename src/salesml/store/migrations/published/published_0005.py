"""Indexes by which a book is counted, and the prospects on its list are found, without reading its rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "published_0005"
down_revision = "published_0004"


def upgrade() -> None:
    """Make the index of books wider, and add one of ranks, which only listed prospects have."""
    op.drop_index("ix_scores_rep", "scores")
    op.create_index(
        "ix_scores_rep", "scores", ["generation_id", "rep_id", "expected", "status", "band", "id"]
    )
    ranked = sa.text("rank IS NOT NULL")
    op.create_index(
        "ix_scores_ranked", "scores", ["generation_id", "rep_id", "rank"],
        sqlite_where=ranked, postgresql_where=ranked,
    )  # fmt: skip
