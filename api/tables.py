"""Table of the API keys."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from activity.tables import member, metadata

api_key = Table(
    "api_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),  # what or whom it was made for
    Column("hash", LargeBinary, nullable=False),  # SHA-256 of the key; the key itself is kept nowhere
    Column("scopes", Text, nullable=False),  # separated by spaces: ingest, read, manage
    Column("created_us", BigInteger, nullable=False),
    Column("revoked_us", BigInteger),
    Column("member", BigInteger, ForeignKey(member.c.key)),  # on whose behalf it acts, who may not reward themself
    Unique("hash"),
)
