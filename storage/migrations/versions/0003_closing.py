"""Closings of periods, what happened to them, and their results."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("programme", sa.Column("closings", sa.Integer(), nullable=False, server_default="0"))
    if op.get_context().dialect.name != "sqlite":
        op.alter_column("programme", "closings", server_default=None)
    op.create_table(
        "closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("element", sa.Integer(), nullable=False),
        sa.Column("board", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("cutoff_seq", sa.BigInteger(), nullable=False),
        sa.Column("cutoff_us", sa.BigInteger(), nullable=False),
        sa.Column("disputes_until_us", sa.BigInteger(), nullable=False),
        sa.Column("final_seq", sa.BigInteger(), nullable=True),
        sa.Column("final_us", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["board"], ["version.id"], name=op.f("fk_closing_board")),
        sa.ForeignKeyConstraint(["element"], ["element.id"], name=op.f("fk_closing_element")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
        sa.UniqueConstraint("element", "period", name=op.f("uq_closing_element_period")),
    )
    op.create_table(
        "closing_event",
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("competitor", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["closing"], ["closing.id"], name=op.f("fk_closing_event_closing")),
        sa.PrimaryKeyConstraint("closing", "ordinal", name=op.f("pk_closing_event")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "result",
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("competitor", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("reached_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("closing", "position", name=op.f("pk_result")),
        sqlite_with_rowid=False,
    )
