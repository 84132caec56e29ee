"""People who sign in, deputies, tokens of programs, tries to sign in, sessions ended, what was done, keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "feedback_0002"
down_revision = "feedback_0001"

MOMENT = sa.DateTime(timezone=True)
IDS = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "users",
        sa.Column("login", sa.Text, primary_key=True),
        sa.Column("password", sa.Text),
        sa.Column("role", sa.Text),
        sa.Column("zone", sa.Text),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "deputies",
        sa.Column("id", IDS, primary_key=True),
        sa.Column("rep_id", sa.Text, nullable=False),
        sa.Column("deputy_id", sa.Text, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ended_by", sa.Text),
        sa.Column("ended_at", MOMENT),
    )
    op.create_index("ix_deputies_deputy", "deputies", ["deputy_id"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
    )
    op.create_table(
        "attempts",
        sa.Column("id", IDS, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("well", sa.Boolean, nullable=False),
    )
    op.create_index("ix_attempts_at", "attempts", ["at"])
    op.create_index("ix_attempts_login", "attempts", ["login", "at"])
    op.create_index("ix_attempts_address", "attempts", ["address", "at"])
    op.create_table(
        "ended_sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("until", MOMENT, nullable=False),
    )
    op.create_index("ix_ended_sessions_until", "ended_sessions", ["until"])
    op.create_table(
        "audit",
        sa.Column("id", IDS, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("about", sa.Text),
        sa.Column("address", sa.Text),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
