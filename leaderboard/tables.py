"""Tables of who stands where."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

from activity.tables import member, metadata
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
    Column("score", BigInteger, nullable=False),  # points, on a board of means in thousandths
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

# The few who are not listed: who left while their period was closed is looked for when its prizes are given.
Index(
    "ix_standing_unlisted",
    standing.c.board,
    standing.c.period,
    standing.c.score.desc(),
    standing.c.reached_us,
    standing.c.competitor,
    postgresql_where=text("NOT listed"),
    sqlite_where=text("NOT listed"),
)

# A stretch of the sequence in which a member is outside of a board version's `members`: what is recorded of them there
# does not count on it. Most boards have none.
exclusion = Table(
    "exclusion",
    metadata,
    Column("board", Integer, ForeignKey(version.c.id), primary_key=True),
    Column("member", BigInteger, ForeignKey(member.c.key), primary_key=True),
    Column("first_seq", BigInteger, primary_key=True),
    Column("after_seq", BigInteger),  # the first place that is no longer of it; None: there has been none
    sqlite_with_rowid=False,
)

# What each member adds to a team on a board of means, also who does not take part now. Of periods that are open: closed
# ones go by the ledger.
team_share = Table(
    "team_share",
    metadata,
    Column("board", Integer, primary_key=True),
    Column("period", Integer, primary_key=True),
    Column("team", Integer, primary_key=True),
    Column("member", BigInteger, primary_key=True),
    Column("points", BigInteger, nullable=False),
    Column("reached_us", BigInteger, nullable=False),
    Column("entries", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# One board in one period that was closed, for good or until it is reopened. See leaderboard/closing.py for its life.
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

# What happened to a closing, in order.
closing_event = Table(
    "closing_event",
    metadata,
    Column("closing", Integer, ForeignKey(closing.c.id), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("kind", Text, nullable=False),  # leaderboard.closing.Event
    Column("at_us", BigInteger, nullable=False),
    Column("author", Text),  # None: the service itself
    Column("reason", Text),
    Column("competitor", BigInteger),  # who was disqualified or reinstated
    sqlite_with_rowid=False,
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

# Where standings are mirrored: one row while they are. Without it nobody writes dirty marks.
mirror = Table(
    "mirror",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("epoch", Text, nullable=False),  # names what is mirrored since the row, or the run in it, is there
    Column("run", Text, nullable=False),  # of the Redis server
)

# Dirty marks: standings that changed and that the mirror may not have. Written with the change, deleted once sent,
# never updated, so that nobody waits for another. No id comes twice: who deletes what they read deletes no other.
dirty = Table(
    "dirty",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("board", Integer, nullable=False),
    Column("period", Integer, nullable=False),
    Column("leaving", Boolean, nullable=False),  # they left or came back, or all is new: that is seen at once
    Column("competitors", LargeBinary, nullable=False),  # their keys, 8 bytes each; none: all that the board has there
    sqlite_autoincrement=True,
)
