"""Who has left the programme: found by an index, since a final result keeps their places, and counts them no more."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    left = sa.text("NOT participates AND first_day IS NOT NULL")
    op.create_index("ix_member_left", "member", ["key"], postgresql_where=left, sqlite_where=left)
