"""Badges, zones, retractions, adjustments, held points, verdicts of each credited member, drafts and simulations."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _add_columns()
    _renew_measures()
    _renew_tallies()
    _renew_verdicts()
    _renew_entries()
    _add_tables()


def _sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _add_columns() -> None:
    _add("activity", sa.Column("credited", sa.Integer(), nullable=False, server_default="1"))
    _add("member", sa.Column("rejudged", sa.Integer(), nullable=False, server_default="0"))
    _add("revision", sa.Column("author", sa.Text(), nullable=False, server_default=""))
    _add("revision", sa.Column("note", sa.Text(), nullable=True))
    _add("revision", sa.Column("from_us", sa.BigInteger(), nullable=True))
    _add("revision", sa.Column("back_to", sa.Integer(), nullable=True))
    _add("revision", sa.Column("pending", sa.Boolean(), nullable=False, server_default=sa.false()))
    if _sqlite():
        op.execute("ALTER TABLE api_key ADD COLUMN member BIGINT CONSTRAINT fk_api_key_member REFERENCES member (key)")
    else:
        op.add_column("api_key", sa.Column("member", sa.BigInteger(), nullable=True))
        op.create_foreign_key("fk_api_key_member", "api_key", "member", ["member"], ["key"])
    op.drop_index("ix_activity_member_seq", "activity")


def _add(table: str, column: sa.Column[object]) -> None:
    """Add a column; what its default gave to the rows that are there stays, new rows must say it."""
    given = column.server_default is not None
    op.add_column(table, column)
    if given and not _sqlite():
        op.alter_column(table, column.name, server_default=None)


@contextmanager
def _rebuilt(table: str) -> Iterator[str]:
    """SQLite changes no column of a table that is there: the block makes the table anew and copies from this name."""
    op.execute(f"ALTER TABLE {table} RENAME TO former_{table}")
    yield f"former_{table}"
    op.execute(f"DROP TABLE former_{table}")


def _renew_measures() -> None:
    rows = op.get_bind().execute(sa.text('SELECT id, element, per, "by", across_members FROM measure')).all()
    op.drop_table("measure")
    op.create_table(
        "measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("element", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("from_us", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["element"], ["element.id"], name=op.f("fk_measure_element")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sa.UniqueConstraint("element", "definition", name=op.f("uq_measure_element_definition")),
    )
    for row in rows:
        told = (
            {"awards": row.per} | ({"by": row.by} if row.by else {}) | ({"across": True} if row.across_members else {})
        )
        definition = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        op.get_bind().execute(
            sa.text("INSERT INTO measure (id, element, definition, since) VALUES (:id, :element, :definition, 0)"),
            {"id": row.id, "element": row.element, "definition": definition},
        )
    if rows and not _sqlite():
        op.execute("SELECT setval('measure_id_seq', (SELECT max(id) FROM measure))")


def _renew_tallies() -> None:
    if not _sqlite():
        op.alter_column("tally", "count", type_=sa.BigInteger())
        return
    with _rebuilt("tally") as former:
        op.create_table(
            "tally",
            sa.Column("member", sa.BigInteger(), nullable=False),
            sa.Column("measure", sa.Integer(), nullable=False),
            sa.Column("period", sa.Integer(), nullable=False),
            sa.Column("scope", sa.BigInteger(), nullable=False),
            sa.Column("count", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("member", "measure", "period", "scope", name=op.f("pk_tally")),
            sqlite_with_rowid=False,
        )
        op.execute(f"INSERT INTO tally SELECT member, measure, period, scope, count FROM {former}")  # noqa: S608


def _renew_verdicts() -> None:
    copied = "SELECT a.seq, a.member, v.revision, 0, v.outcomes FROM {} AS v JOIN activity AS a ON a.seq = v.activity"
    if _sqlite():
        with _rebuilt("verdict") as former:
            _create_verdict()
            op.execute(f"INSERT INTO verdict {copied.format(former)}")
    else:
        op.execute("ALTER TABLE verdict ADD COLUMN member BIGINT, ADD COLUMN place INTEGER")
        op.execute("UPDATE verdict SET member = a.member, place = 0 FROM activity AS a WHERE a.seq = verdict.activity")
        op.execute("ALTER TABLE verdict ALTER COLUMN member SET NOT NULL, ALTER COLUMN place SET NOT NULL")
        op.execute("ALTER TABLE verdict DROP CONSTRAINT pk_verdict")
        op.create_primary_key("pk_verdict", "verdict", ["activity", "member", "revision"])
        op.create_foreign_key("fk_verdict_member", "verdict", "member", ["member"], ["key"])
    op.create_index(op.f("ix_verdict_member_activity"), "verdict", ["member", "activity"])


def _create_verdict() -> None:
    op.create_table(
        "verdict",
        sa.Column("activity", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["activity"], ["activity.seq"], name=op.f("fk_verdict_activity")),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_verdict_member")),
        sa.PrimaryKeyConstraint("activity", "member", "revision", name=op.f("pk_verdict")),
        sqlite_with_rowid=False,
    )


def _renew_entries() -> None:
    if _sqlite():
        with _rebuilt("entry") as former:
            op.drop_index("ix_entry_member_seq_ordinal", former)
            _create_entry()
            columns = "seq, ordinal, {} member, team, version, type, activity, points, time_us, day"
            into, chosen = columns.format("kind,"), columns.format("0,")
            op.execute(f"INSERT INTO entry ({into}) SELECT {chosen} FROM {former}")  # noqa: S608
        op.create_index(op.f("ix_entry_member_seq_ordinal"), "entry", ["member", "seq", "ordinal"])
    else:
        _add("entry", sa.Column("kind", sa.Integer(), nullable=False, server_default="0"))
        for name in ("version", "type", "activity"):
            op.alter_column("entry", name, nullable=True)
        op.add_column("entry", sa.Column("reverses_seq", sa.BigInteger(), nullable=True))
        op.add_column("entry", sa.Column("reverses_ordinal", sa.Integer(), nullable=True))
    op.create_index(
        "ix_entry_reverses",
        "entry",
        ["reverses_seq", "reverses_ordinal"],
        unique=True,
        sqlite_where=sa.text("reverses_seq IS NOT NULL"),
        postgresql_where=sa.text("reverses_seq IS NOT NULL"),
    )


def _create_entry() -> None:
    op.create_table(
        "entry",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("team", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("type", sa.Integer(), nullable=True),
        sa.Column("activity", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("time_us", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("reverses_seq", sa.BigInteger(), nullable=True),
        sa.Column("reverses_ordinal", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["activity"], ["activity.seq"], name=op.f("fk_entry_activity")),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_entry_member")),
        sa.ForeignKeyConstraint(["team"], ["team.id"], name=op.f("fk_entry_team")),
        sa.ForeignKeyConstraint(["version"], ["version.id"], name=op.f("fk_entry_version")),
        sa.PrimaryKeyConstraint("seq", "ordinal", name=op.f("pk_entry")),
        sqlite_with_rowid=False,
    )


def _add_tables() -> None:
    op.create_table(
        "retraction",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("activity", sa.BigInteger(), nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["activity"], ["activity.seq"], name=op.f("fk_retraction_activity")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_retraction")),
        sa.UniqueConstraint("activity", name=op.f("uq_retraction_activity")),
    )
    op.create_table(
        "hold",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("team", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("time_us", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("due_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_seq", sa.BigInteger(), nullable=True),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_hold_member")),
        sa.ForeignKeyConstraint(["team"], ["team.id"], name=op.f("fk_hold_team")),
        sa.ForeignKeyConstraint(["version"], ["version.id"], name=op.f("fk_hold_version")),
        sa.PrimaryKeyConstraint("seq", "ordinal", name=op.f("pk_hold")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_hold_member"), "hold", ["member"])
    waiting = sa.text("ended_seq IS NULL")
    op.create_index("ix_hold_due", "hold", ["due_us"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "adjustment",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_adjustment")),
    )
    op.create_table(
        "award",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("element", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("activity", sa.BigInteger(), nullable=True),
        sa.Column("time_us", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=True),
        sa.Column("entry", sa.Integer(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_us", sa.BigInteger(), nullable=False),
        sa.Column("revoked_seq", sa.BigInteger(), nullable=True),
        sa.Column("revoked_us", sa.BigInteger(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["activity"], ["activity.seq"], name=op.f("fk_award_activity")),
        sa.ForeignKeyConstraint(["element"], ["element.id"], name=op.f("fk_award_element")),
        sa.ForeignKeyConstraint(["member"], ["member.key"], name=op.f("fk_award_member")),
        sa.ForeignKeyConstraint(["version"], ["version.id"], name=op.f("fk_award_version")),
        sa.PrimaryKeyConstraint("seq", "ordinal", name=op.f("pk_award")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_award_member_element"), "award", ["member", "element"])
    ended = sa.text("revoked_seq IS NOT NULL")
    op.create_index(op.f("ix_award_revoked_seq"), "award", ["revoked_seq"], sqlite_where=ended, postgresql_where=ended)
    held = sa.text("revoked_seq IS NULL")
    key = ["member", "element", "level", "period"]
    op.create_index("ix_award_once", "award", key, unique=True, sqlite_where=held, postgresql_where=held)
    op.create_table(
        "progress",
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("measure", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("member", "measure", "period", "scope", name=op.f("pk_progress")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draft",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("saved_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_draft")),
    )
    op.create_table(
        "simulation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("started_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("judged", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulation")),
    )
