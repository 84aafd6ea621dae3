"""What each member adds to a team, for boards of means; the members of a team at a time in the past."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "team_share",
        sa.Column("board", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("team", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reached_us", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("board", "period", "team", "member", name=op.f("pk_team_share")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_member_facts_team"), "member_facts", ["team"])
