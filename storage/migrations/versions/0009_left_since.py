"""Who left while a period was closed: found by an index, and passed over without a position of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index(
        "ix_standing_unlisted",
        "standing",
        ["board", "period", sa.text("score DESC"), "reached_us", "competitor"],
        postgresql_where=sa.text("NOT listed"),
        sqlite_where=sa.text("NOT listed"),
    )
    connection = op.get_bind()
    query = sa.text("SELECT closing, podium, member, position, why, reason FROM passed_over")
    before = [dict(row) for row in connection.execute(query).mappings()]
    op.drop_table("passed_over")
    table = op.create_table(
        "passed_over",
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("podium", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_passed_over_member")),
        sa.ForeignKeyConstraint(["podium"], ["element.id"], name=op.f("fk_passed_over_podium")),
        sa.PrimaryKeyConstraint("closing", "podium", "member", name=op.f("pk_passed_over")),
        sqlite_with_rowid=False,
    )
    if before:
        op.bulk_insert(table, before)
