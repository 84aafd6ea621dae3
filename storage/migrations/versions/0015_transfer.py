"""Activities that turned out to be another member's, by which identity they were named, and merged members."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "transfer",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_member", sa.BigInteger(), nullable=False),
        sa.Column("to_member", sa.BigInteger(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["from_member"], ["member.key"], name=op.f("fk_transfer_from_member")),
        sa.ForeignKeyConstraint(["to_member"], ["member.key"], name=op.f("fk_transfer_to_member")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_transfer")),
    )
    for name in ("from_member", "to_member"):
        op.create_index(op.f(f"ix_transfer_{name}"), "transfer", [name])
    op.create_table(
        "transferred",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("activity", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["activity"], ["activity.seq"], name=op.f("fk_transferred_activity")),
        sa.ForeignKeyConstraint(["seq"], ["transfer.seq"], name=op.f("fk_transferred_seq")),
        sa.PrimaryKeyConstraint("seq", "activity", name=op.f("pk_transferred")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_transferred_activity"), "transferred", ["activity"])
    op.add_column("verdict", sa.Column("named", sa.Text()))
    op.add_column("member", sa.Column("merged_into", sa.BigInteger()))
    # What is known of a member first holds from the beginning.
    op.execute(
        "UPDATE exclusion SET first_seq = 0 WHERE first_seq = "
        "(SELECT min(seq) FROM member_facts WHERE member_facts.member = exclusion.member)"
    )
