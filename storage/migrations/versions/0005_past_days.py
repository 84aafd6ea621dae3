"""Where in the sequence days begin, for boards as of a past day; the members of a team; aliases; autovacuum."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

QUARTER = timedelta(minutes=15)  # every day of every time zone has begun on one


def upgrade() -> None:
    days = op.create_table(
        "recording_day",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_recording_day")),
        sqlite_with_rowid=False,
    )
    op.add_column("member", sa.Column("alias", sa.Text(), nullable=True))
    op.create_index(op.f("ix_member_team"), "member", ["team"])
    if op.get_context().dialect.name == "postgresql":
        # Positions are counted in an index alone as long as vacuum has been there since the last changes.
        op.execute("ALTER TABLE standing SET (autovacuum_vacuum_scale_factor = 0.02)")
    _begin_days(op.get_bind(), days)


def _begin_days(connection: sa.Connection, days: sa.Table) -> None:
    """Days so far, by the activities recorded on them: of other entries nobody noted when they were made."""
    document = connection.scalar(sa.text("SELECT document FROM revision ORDER BY number DESC LIMIT 1"))
    if document is None:
        return
    time_zone = ZoneInfo(json.loads(document)["time_zone"])
    quarter_us = QUARTER // timedelta(microseconds=1)
    query = f"SELECT recorded_us / {quarter_us} AS quarter, min(seq) AS seq FROM activity GROUP BY 1"  # noqa: S608
    begins: dict[int, int] = {}
    for row in connection.execute(sa.text(query)):
        day = (datetime(1970, 1, 1, tzinfo=UTC) + row.quarter * QUARTER).astimezone(time_zone).toordinal()
        begins[day] = min(begins.get(day, row.seq), row.seq)
    if begins:
        op.bulk_insert(days, [{"day": day, "first_seq": seq} for day, seq in sorted(begins.items())])
