"""How long data is kept that nothing reads: up to where activities were stripped of it, and which claims were."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for table in ("programme", "revision"):
        op.add_column(table, sa.Column("stripped", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("claim", sa.Column("stripped", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_context().dialect.name != "sqlite":
        for table in ("programme", "revision", "claim"):
            op.alter_column(table, "stripped", server_default=None)
    op.create_index(
        "ix_claim_kept",
        "claim",
        ["decided_us"],
        sqlite_where=sa.text("stripped = 0"),
        postgresql_where=sa.text("NOT stripped"),
    )
