"""The ledger, what is held back from it, badges, the progress towards them, and the prizes of podiums."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

from activity.tables import activity, member, metadata, team
from rules.tables import element, version

# Entries are never changed or removed. (seq, ordinal) is the place in the programme's one sequence, and within it.
entry = Table(
    "entry",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("kind", Integer, nullable=False),  # rewards.ledger.Kind
    Column("member", BigInteger, ForeignKey(member.c.key), nullable=False),
    Column("team", Integer, ForeignKey(team.c.id)),  # the member's team when the activity was recorded
    Column("version", Integer, ForeignKey(version.c.id)),  # the rule or badge version that paid
    Column("type", Integer),  # element id of the activity's type
    Column("activity", BigInteger, ForeignKey(activity.c.seq)),
    Column("points", BigInteger, nullable=False),
    Column("time_us", BigInteger, nullable=False),  # of the activity
    Column("day", Integer, nullable=False),  # the local day of that time: which periods it belongs to
    Column("reverses_seq", BigInteger),  # the entry that this one takes back
    Column("reverses_ordinal", Integer),
    Index(None, "member", "seq", "ordinal"),
    # Each entry is taken back at most once.
    Index(
        "ix_entry_reverses",
        "reverses_seq",
        "reverses_ordinal",
        unique=True,
        sqlite_where=text("reverses_seq IS NOT NULL"),
        postgresql_where=text("reverses_seq IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

# Where in the sequence the entries of a local day begin: of the day on which they were recorded, whatever day they are
# of. Places are taken in the order of time, so what stood at the end of a day is what comes before the next one.
recording_day = Table(
    "recording_day",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("first_seq", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Points of a rule that holds them for a while. They become an entry when they are released.
hold = Table(
    "hold",
    metadata,
    Column("seq", BigInteger, primary_key=True),  # of the activity
    Column("ordinal", Integer, primary_key=True),
    Column("member", BigInteger, ForeignKey(member.c.key), nullable=False),
    Column("team", Integer, ForeignKey(team.c.id)),
    Column("version", Integer, ForeignKey(version.c.id), nullable=False),
    Column("type", Integer, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("day", Integer, nullable=False),
    Column("due_us", BigInteger, nullable=False),
    Column("ended_seq", BigInteger),  # where in the sequence they were released, or the activity retracted
    Column("released", Boolean, nullable=False),
    Index("ix_hold_due", "due_us", sqlite_where=text("ended_seq IS NULL"), postgresql_where=text("ended_seq IS NULL")),
    Index(None, "member"),
    sqlite_with_rowid=False,
)

# Points that a person gave or took, with their reason. The entry has the same seq.
adjustment = Table(
    "adjustment",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_us", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

# A badge that a member was awarded, or a zone that they entered, and what it rests on.
award = Table(
    "award",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("member", BigInteger, ForeignKey(member.c.key), nullable=False),
    Column("element", Integer, ForeignKey(element.c.id), nullable=False),
    Column("version", Integer, ForeignKey(version.c.id), nullable=False),
    Column("level", Integer, nullable=False),  # from 1; of a zone 1
    Column("period", Integer, nullable=False),  # for a badge that repeats: the day that tells one time from another
    Column("activity", BigInteger, ForeignKey(activity.c.seq)),  # the last that it took; None when given by hand
    Column("time_us", BigInteger, nullable=False),
    Column("value", BigInteger, nullable=False),  # of the metric
    Column("first_day", Integer, nullable=False),  # the days that were counted
    Column("last_day", Integer, nullable=False),
    Column("expires_us", BigInteger),
    Column("entry", Integer),  # the ordinal of the entry with its points
    Column("author", Text),  # who gave it by hand
    Column("reason", Text),
    Column("recorded_us", BigInteger, nullable=False),
    Column("revoked_seq", BigInteger),
    Column("revoked_us", BigInteger),
    Column("revoked_by", Text),  # None when its evidence fell away
    Column("revoked_reason", Text),
    Index(None, "member", "element"),
    Index(
        None,
        "revoked_seq",
        sqlite_where=text("revoked_seq IS NOT NULL"),
        postgresql_where=text("revoked_seq IS NOT NULL"),
    ),
    Index(
        "ix_award_once",
        "member",
        "element",
        "level",
        "period",
        unique=True,
        sqlite_where=text("revoked_seq IS NULL"),
        postgresql_where=text("revoked_seq IS NULL"),
    ),
    sqlite_with_rowid=False,
)

# How far members are towards badges and zones: see rewards/progress.py for what is kept under which key.
progress = Table(
    "progress",
    metadata,
    Column("member", BigInteger, primary_key=True),
    Column("measure", Integer, primary_key=True),
    Column("period", Integer, primary_key=True),
    Column("scope", BigInteger, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("level", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# A podium that gave its prizes for one closed period: the row is there once, and so the prizes are given once.
prize_giving = Table(
    "prize_giving",
    metadata,
    Column("closing", Integer, primary_key=True),
    Column("podium", Integer, ForeignKey(element.c.id), primary_key=True),
    Column("version", Integer, ForeignKey(version.c.id), nullable=False),  # by which the winners were found
    Column("given_us", BigInteger, nullable=False),
    Column("empty", Text, nullable=False),  # JSON: the places that nobody won, with the reason
    sqlite_with_rowid=False,
)

# One prize for one member. What became free again goes on to the next in line as another, with the next turn.
payout = Table(
    "payout",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("closing", Integer, nullable=False),
    Column("podium", Integer, ForeignKey(element.c.id), nullable=False),
    Column("version", Integer, ForeignKey(version.c.id), nullable=False),
    Column("place", Integer, nullable=False),
    Column("share", Integer, nullable=False),  # among those who share the place, from 1
    Column("turn", Integer, nullable=False),  # 0 for the winner, then the next in line
    Column("member", BigInteger, ForeignKey(member.c.key), nullable=False),
    Column("position", Integer, nullable=False),  # of the member in the result
    Column("state", Text, nullable=False),  # rewards.payout.State
    Column("prize", Text, nullable=False),  # JSON
    Column("amount", BigInteger),  # what the member gets of it
    Column("expires_us", BigInteger),  # when it can no longer be claimed, once it is granted
    Unique("closing", "podium", "place", "share", "turn"),
    Unique("closing", "podium", "member"),
    Index(None, "member"),
    Index(
        "ix_payout_due",
        "expires_us",
        sqlite_where=text("state = 'granted'"),
        postgresql_where=text("state = 'granted'"),
    ),
)

payout_event = Table(
    "payout_event",
    metadata,
    Column("payout", Integer, ForeignKey(payout.c.id), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("from_state", Text),  # None for the first
    Column("to_state", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("author", Text),  # None when it came about by itself
    Column("reason", Text),
    sqlite_with_rowid=False,
)

# A member who would have won a prize of a podium, and did not.
passed_over = Table(
    "passed_over",
    metadata,
    Column("closing", Integer, primary_key=True),
    Column("podium", Integer, ForeignKey(element.c.id), primary_key=True),
    Column("member", BigInteger, ForeignKey(member.c.key), primary_key=True),
    Column("position", Integer, nullable=False),  # in the result; or that of who stands there as they left
    Column("why", Text, nullable=False),  # rewards.winners.Why
    Column("reason", Text, nullable=False),
    sqlite_with_rowid=False,
)
