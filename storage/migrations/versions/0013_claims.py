"""Claims: what members report themselves, until a reviewer has decided it and since."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("time_us", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_us", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decider", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("activity", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["activity"], ["activity.seq"], name=op.f("fk_claim_activity")),
        sa.ForeignKeyConstraint(["decider"], ["member.key"], name=op.f("fk_claim_decider")),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_claim_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("activity", name=op.f("uq_claim_activity")),
    )
    op.create_index(op.f("ix_claim_member_made_us"), "claim", ["member", "made_us"])
    op.create_index(op.f("ix_claim_state_id"), "claim", ["state", "id"])
    standing = sa.text("state IN ('waiting', 'approved')")
    op.create_index(
        "ix_claim_once",
        "claim",
        ["member", "content"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
