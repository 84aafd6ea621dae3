"""Tables of who stands where."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

from activity.tables import metadata
from rules.tables import element, version

# One board version in one period that has seen points. Everyone who records writes it, so it is written last.
board_period = Table(
    "board_period",
    metadata,
    Column("board", Integer, ForeignKey(version.c.id), primary_key=True),
    Column("period", Integer, primary_key=True),  # first day, or 0 for ever
    Column("participants", Integer, nullable=False),  # listed standings
    Column("revision", BigInteger, nullable=False),  # grows with every change to the standings: a cache key
    sqlite_with_rowid=False,
)

standing = Table(
    "standing",
    metadata,
    Column("board", Integer, primary_key=True),
    Column("period", Integer, primary_key=True),
    Column("competitor", BigInteger, primary_key=True),  # member key or team id
    Column("score", BigInteger, nullable=False),
    Column("reached_us", BigInteger, nullable=False),  # latest activity time among the entries counted
    Column("entries", Integer, nullable=False),  # how many entries are counted
    Column("listed", Boolean, nullable=False),  # takes part, and has at least one entry
    sqlite_with_rowid=False,
)

# The total order: score, then who reached it first, then key. One index answers top, page, rank and around. `listed` is
# its last column for SQLite, which else looks up every row that it counts: 15 times slower.
Index(
    "ix_standing_order",
    standing.c.board,
    standing.c.period,
    standing.c.score.desc(),
    standing.c.reached_us,
    standing.c.competitor,
    standing.c.listed,
    postgresql_where=text("listed"),
    sqlite_where=text("listed"),
)

# One period of a board that closes, from its cutoff on.
closing = Table(
    "closing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("element", Integer, ForeignKey(element.c.id), nullable=False),  # the board
    Column("version", Integer, ForeignKey(version.c.id), nullable=False),
    Column("period", Integer, nullable=False),  # first day
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("cutoff_seq", BigInteger),
    Column("cutoff_us", BigInteger),
    Column("disputes_until_us", BigInteger),
    Column("final_seq", BigInteger),
    Column("final_us", BigInteger),
    Column("digest", Text),
    Column("participants", Integer),
    Unique("element", "period"),
)

# The places of a closed period, frozen.
result = Table(
    "result",
    metadata,
    Column("closing", Integer, ForeignKey(closing.c.id), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("competitor", BigInteger, nullable=False),  # member key or team id
    Column("score", BigInteger, nullable=False),
    Column("reached_us", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
