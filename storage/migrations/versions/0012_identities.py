"""What members are known by in other tools, activities of people who are not known yet, and who left the company."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("member", sa.Column("left_us", sa.BigInteger()))
    op.add_column("member", sa.Column("took_part", sa.Boolean()))
    op.create_table(
        "identity",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_identity_member")),
        sa.PrimaryKeyConstraint("kind", "handle", name=op.f("pk_identity")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_identity_member"), "identity", ["member"])
    op.create_table(
        "identity_removal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_identity_removal_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_removal")),
    )
    op.create_index(op.f("ix_identity_removal_member"), "identity_removal", ["member"])
    op.create_table(
        "kept",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept")),
        sa.UniqueConstraint("identity", name=op.f("uq_kept_identity")),
    )
    op.create_index(op.f("ix_kept_kind_handle"), "kept", ["kind", "handle"])
    op.create_index(op.f("ix_kept_received_us"), "kept", ["received_us"])
    columns = ["received_us", "place", "id"]
    op.create_index("ix_kept_due", "kept", columns, sqlite_where=sa.text("due"), postgresql_where=sa.text("due"))
