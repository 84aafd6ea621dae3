"""Who can earn on a board: stretches of the sequence in which members cannot, and the day on which each first took
part."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "exclusion",
        sa.Column("board", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("after_seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["board"], ["version.id"], name=op.f("fk_exclusion_board")),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_exclusion_member")),
        sa.PrimaryKeyConstraint("board", "member", "first_seq", name=op.f("pk_exclusion")),
        sqlite_with_rowid=False,
    )
    op.add_column("member", sa.Column("first_day", sa.Integer(), nullable=True))
    _tell_first_days(op.get_bind())


def _tell_first_days(connection: sa.Connection) -> None:
    document = connection.scalar(sa.text("SELECT document FROM revision ORDER BY number DESC LIMIT 1"))
    if document is None:
        return
    time_zone = ZoneInfo(json.loads(document)["time_zone"])
    first = (
        "SELECT member, recorded_us FROM member_facts AS f WHERE seq = "
        "(SELECT min(g.seq) FROM member_facts AS g WHERE g.member = f.member AND g.participates)"
    )
    days = []
    for row in connection.execute(sa.text(first)):
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row.recorded_us)
        days.append({"member": row.member, "day": at.astimezone(time_zone).toordinal()})
    if days:
        connection.execute(sa.text("UPDATE member SET first_day = :day WHERE key = :member"), days)
