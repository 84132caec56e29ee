"""The first form of published scores."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "published_0001"
down_revision = None

ID = sa.BigInteger
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, the row by which writers take turns, and the key of digests."""
    _generations()
    _scores()
    _similar_and_history()
    _who_writes_and_who_was_erased()


def _generations() -> None:
    op.create_table(
        "generations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("scoring_run_id", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("loaded", ID, nullable=False),
        sa.Column("rows", ID, nullable=False),
        sa.Column("unscored", ID, nullable=False),
        sa.Column("similar", ID, nullable=False),
        sa.Column("erased", ID, nullable=False),
        sa.Column("summary", sa.Text),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
    )
    op.create_index("ix_generations_name", "generations", ["name", "state"])
    op.create_table(
        "pointers",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("generation_id", sa.Integer, sa.ForeignKey("generations.id"), nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
    )


def _scores() -> None:
    op.create_table(
        "scores",
        sa.Column("id", ID, primary_key=True, autoincrement=False),
        sa.Column("generation_id", sa.Integer, nullable=False),
        sa.Column("entity_id", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("name", "attributes", "rep_id")),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("problem", sa.Text),
        *(
            sa.Column(name, sa.Double)
            for name in ("probability", "raw_score", "base_value", "other_contribution")
        ),
        sa.Column("band", sa.Text),
        *(
            sa.Column(name, sa.Double)
            for name in (
                "value", "expected", "expected_low", "expected_high", "expected_hours", "return_on_effort",
            )
        ),
        sa.Column("rank", sa.BigInteger),
        sa.Column("list", sa.Text),
        sa.Column("pick_probability", sa.Double),
        *(sa.Column(name, sa.Text) for name in ("picked", "unlisted", "strongest", "strongest_direction")),
    )  # fmt: skip
    op.create_index("ux_scores_entity", "scores", ["generation_id", "entity_id"], unique=True)
    op.create_index("ix_scores_rep", "scores", ["generation_id", "rep_id", "expected"])
    op.create_table(
        "reasons",
        sa.Column("score_id", ID, primary_key=True, autoincrement=False),
        sa.Column("reasons", sa.Text, nullable=False),
    )


def _similar_and_history() -> None:
    op.create_table(
        "similar_accounts",
        sa.Column("id", ID, primary_key=True, autoincrement=False),
        sa.Column("generation_id", sa.Integer, nullable=False),
        sa.Column("entity_id", sa.Text, nullable=False),
        sa.Column("accounts", sa.Text, nullable=False),
    )
    op.create_index("ux_similar_entity", "similar_accounts", ["generation_id", "entity_id"], unique=True)
    op.create_table(
        "history",
        sa.Column("generation_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entity_id", sa.Text, primary_key=True),
        sa.Column("probability", sa.Double),
        sa.Column("band", sa.Text),
        sa.Column("value", sa.Double),
        sa.Column("expected", sa.Double),
    )


def _who_writes_and_who_was_erased() -> None:
    op.create_table(
        "reps",
        sa.Column("rep_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text) for name in ("name", "team", "login", "role", "manager_id")),
    )
    turns = op.create_table(
        "turns",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text),
        sa.Column("taken_at", MOMENT),
        sa.Column("expires_at", MOMENT),
    )
    op.create_table(
        "erased",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("erased_at", MOMENT, nullable=False),
    )
    settings = op.create_table(
        "settings",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.bulk_insert(turns, [{"name": "writing"}])
    op.bulk_insert(settings, [{"name": "key", "value": secrets.token_hex(32)}])
