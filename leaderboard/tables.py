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

# One board in one period that was closed, for good or until it is reopened.
closing = Table(
    "closing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("element", Integer, ForeignKey(element.c.id), nullable=False),  # the board
    Column("board", Integer, ForeignKey(version.c.id), nullable=False),  # as it was when the period was closed
    Column("period", Integer, nullable=False),  # first day
    Column("state", Text, nullable=False),  # open (again), provisional, final
    Column("attempt", Integer, nullable=False),  # how often it has been closed
    Column("cutoff_seq", BigInteger, nullable=False),  # what activities bring after it is late
    Column("cutoff_us", BigInteger, nullable=False),
    Column("disputes_until_us", BigInteger, nullable=False),
    Column("final_seq", BigInteger),  # after it nothing counts; the standings are being frozen, or are
    Column("final_us", BigInteger),
    Column("digest", Text),  # SHA-256 over the result, hexadecimal
    Column("participants", Integer),  # places in the result
    Unique("element", "period"),
)

# The places of a final closing. Without a foreign key, and an index by competitor: a million of them would take several
# times as long to write. The standings behind it stay, and tell where to look for a competitor.
result = Table(
    "result",
    metadata,
    Column("closing", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),  # from 1, in the total order
    Column("rank", Integer, nullable=False),  # as the tie rule shows it
    Column("competitor", BigInteger, nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("reached_us", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
