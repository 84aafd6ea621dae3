"""Podiums: the prizes that they give for closed periods, and the way of each to its winner."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "prize_giving",
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("podium", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("given_us", sa.BigInteger(), nullable=False),
        sa.Column("empty", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["podium"], ["element.id"], name=op.f("fk_prize_giving_podium")),
        sa.ForeignKeyConstraint(["version"], ["version.id"], name=op.f("fk_prize_giving_version")),
        sa.PrimaryKeyConstraint("closing", "podium", name=op.f("pk_prize_giving")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("podium", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("prize", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("expires_us", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_payout_member")),
        sa.ForeignKeyConstraint(["podium"], ["element.id"], name=op.f("fk_payout_podium")),
        sa.ForeignKeyConstraint(["version"], ["version.id"], name=op.f("fk_payout_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("closing", "podium", "member", name=op.f("uq_payout_closing_podium_member")),
        sa.UniqueConstraint(
            "closing", "podium", "place", "share", "turn", name=op.f("uq_payout_closing_podium_place_share_turn")
        ),
    )
    op.create_index(op.f("ix_payout_member"), "payout", ["member"])
    granted = sa.text("state = 'granted'")
    op.create_index("ix_payout_due", "payout", ["expires_us"], sqlite_where=granted, postgresql_where=granted)
    op.create_table(
        "payout_event",
        sa.Column("payout", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["payout"], ["payout.id"], name=op.f("fk_payout_event_payout")),
        sa.PrimaryKeyConstraint("payout", "ordinal", name=op.f("pk_payout_event")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "passed_over",
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("podium", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_passed_over_member")),
        sa.ForeignKeyConstraint(["podium"], ["element.id"], name=op.f("fk_passed_over_podium")),
        sa.PrimaryKeyConstraint("closing", "podium", "position", name=op.f("pk_passed_over")),
        sqlite_with_rowid=False,
    )
