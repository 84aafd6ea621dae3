"""Tables of the programme's revisions and versions, and of what judging remembers."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from activity.tables import activity, member, metadata

# The one programme of this database: what its first apply fixed, and which revision is in force.
programme = Table(
    "programme",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("key", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # 32 random bytes: key of every stored hash
    Column("closings", Integer, nullable=False),  # grows whenever what is closed changes: writers keep it in memory
    # Activities up to this place in the sequence have no data left that nothing reads: see operations/strip.py.
    Column("stripped", BigInteger, nullable=False, default=0),
)

revision = Table(
    "revision",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("applied_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),  # the whole programme as JSON, in the order of its file
    Column("author", Text, nullable=False),  # who published it
    Column("note", Text),  # why, in their words
    Column("from_us", BigInteger),  # activities since then are judged anew; None: it takes effect from now
    Column("back_to", Integer),  # the revision after which it leaves out all others; None: it undoes nothing
    Column(
        "pending", Boolean, nullable=False
    ),  # whether there are members whose activities are still to be judged anew
    # Up to which place activities had been stripped when it was published, of what only it and later ones read.
    Column("stripped", BigInteger, nullable=False, default=0),
    Unique("seq"),
)

# One thing that a programme declares, for as long as it lives: a rule keeps its element through changes and renames.
element = Table(
    "element",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),  # activity, rule, badge, zone, board, podium
    Column("key", Text, nullable=False),
    Column("retired", Integer, ForeignKey(revision.c.number)),  # the first revision without it
)

# What an element said from one revision on. A version never changes.
version = Table(
    "version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("element", Integer, ForeignKey(element.c.id), nullable=False),
    Column("revision", Integer, ForeignKey(revision.c.number), nullable=False),
    Column("key", Text, nullable=False),
    Column("definition", Text, nullable=False),  # JSON
    Unique("element", "revision"),
)

# What is counted for an element: see rules/tally.py. Limits and badges of later versions that count the same share the
# measure, so changing `max` or a level forgets nothing. The counts of one that is no longer used are dropped, and made
# again from the history if it comes back. A metric counts the activities recorded after `since`, and those that
# happened from `from_us` on. One that only revisions used that were undone begins anew when it is used again.
measure = Table(
    "measure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("element", Integer, ForeignKey(element.c.id), nullable=False),
    Column("definition", Text, nullable=False),  # canonical JSON
    Column("since", BigInteger),  # place in the sequence; None: it has not begun
    Column("from_us", BigInteger),
    Unique("element", "definition"),
)

tally = Table(
    "tally",
    metadata,
    Column("member", BigInteger, primary_key=True),  # 0 where a limit holds across members
    Column("measure", Integer, primary_key=True),
    Column("period", Integer, primary_key=True),  # first day, or 0 for ever
    Column("scope", BigInteger, primary_key=True),  # keyed hash of the value of `by`, or 0
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What the rules said of one activity for one of the members it credits, under the revision in force. A revision that
# takes effect from a past date adds a row where it says something else; the latest one holds.
verdict = Table(
    "verdict",
    metadata,
    Column("activity", BigInteger, ForeignKey(activity.c.seq), primary_key=True),
    Column("member", BigInteger, ForeignKey(member.c.key), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("place", Integer, nullable=False),  # of the member among those that the activity credits, from 0
    Column("outcomes", Text, nullable=False),  # JSON, see rules/verdict.py
    # The identity by which the report named them, as it is compared: KIND:HANDLE. None: by an external id, or judged
    # again. All of them where there were more, a line each, an external id as an empty one: see operations/naming.py.
    Column("named", Text),
    Index(None, "member", "activity"),
    sqlite_with_rowid=False,
)

# A programme that somebody is working on, and has not published yet.
draft = Table(
    "draft",
    metadata,
    Column("name", Text, primary_key=True),
    Column("file", Text, nullable=False),  # as it was written
    Column("author", Text, nullable=False),
    Column("note", Text),
    Column("saved_us", BigInteger, nullable=False),
)

# What a draft would have done. Whoever asked looks here for how far it is, and for what came of it.
simulation = Table(
    "simulation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file", Text, nullable=False),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("started_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),  # while it runs, when its process last told that it lives
    Column("status", Text, nullable=False),  # running, done, cancelled, failed
    Column("judged", BigInteger, nullable=False),  # activities so far
    Column("total", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),  # the last place of the history that it looked at
    Column("report", Text),  # JSON, see operations/simulation/simulate.py; the reason where it failed
)
