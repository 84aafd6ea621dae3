"""The ledger."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table

from activity.tables import activity, member, metadata, team
from rules.tables import version

# Entries are never changed or removed. (seq, ordinal) is the place in the programme's one sequence, and within it.
entry = Table(
    "entry",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("member", BigInteger, ForeignKey(member.c.key), nullable=False),
    Column("team", Integer, ForeignKey(team.c.id)),  # the member's team at recording
    Column("version", Integer, ForeignKey(version.c.id), nullable=False),  # the rule version that paid
    Column("type", Integer, nullable=False),  # element id of the activity's type
    Column("activity", BigInteger, ForeignKey(activity.c.seq), nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("time_us", BigInteger, nullable=False),  # of the activity
    Column("day", Integer, nullable=False),  # the local day of that time: which periods it belongs to
    Index(None, "member", "seq", "ordinal"),
    sqlite_with_rowid=False,
)
