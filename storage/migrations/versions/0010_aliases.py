"""What members go by, as it is compared: so that nobody can be taken for somebody else by an alias."""

import sqlalchemy as sa
from alembic import op

from activity.alias import likeness

revision = "0010"
down_revision = "0009"

CHUNK = 10_000
HASHED = ("external_id", "name", "alias")


def upgrade() -> None:
    for name in HASHED:
        unknown = {} if name == "alias" else {"server_default": "0"}
        op.add_column("member", sa.Column(f"{name}_hash", sa.BigInteger(), nullable=name == "alias", **unknown))
        if unknown and op.get_context().dialect.name != "sqlite":
            op.alter_column("member", f"{name}_hash", server_default=None)
    _hash(op.get_bind())
    for name in HASHED:
        op.create_index(op.f(f"ix_member_{name}_hash"), "member", [f"{name}_hash"])


def _hash(connection: sa.Connection) -> None:
    query = sa.text("SELECT key, external_id, name, alias FROM member WHERE key > :last ORDER BY key LIMIT :most")
    hashes = ", ".join(f"{name}_hash = :{name}" for name in HASHED)
    written = sa.text(f"UPDATE member SET {hashes} WHERE key = :key")  # noqa: S608
    last = -1
    while rows := connection.execute(query, {"last": last, "most": CHUNK}).mappings().all():
        of_text = [{name: None if row[name] is None else likeness(row[name]) for name in HASHED} for row in rows]
        connection.execute(written, [{"key": row["key"], **each} for row, each in zip(rows, of_text, strict=True)])
        last = rows[-1]["key"]
