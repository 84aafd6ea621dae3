"""Tables of the programme's revisions and versions, and of what judging remembers."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from activity.tables import activity, metadata

# The one programme of this database: what its first apply fixed, and which revision is in force.
programme = Table(
    "programme",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("key", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # 32 random bytes: key of every stored hash
)

revision = Table(
    "revision",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("applied_us", BigInteger, nullable=False),
    Column("document", Text, nullable=False),  # the whole programme as JSON, in the order of its file
    Unique("seq"),
)

# One thing that a programme declares, for as long as it lives: a rule keeps its element through changes and renames.
element = Table(
    "element",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),  # activity, rule, board
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

# What a tally counts: the paid awards of one rule in the periods of one kind, for each value of one expression. Limits
# of later versions that count the same share the measure, so changing `max` forgets nothing.
measure = Table(
    "measure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("element", Integer, ForeignKey(element.c.id), nullable=False),
    Column("per", Text, nullable=False),
    Column("by", Text, nullable=False),  # CEL, or empty
    Column("across_members", Boolean, nullable=False),
    Unique("element", "per", "by", "across_members"),
)

tally = Table(
    "tally",
    metadata,
    Column("member", BigInteger, primary_key=True),  # 0 where a limit holds across members
    Column("measure", Integer, primary_key=True),
    Column("period", Integer, primary_key=True),  # first day, or 0 for ever
    Column("scope", BigInteger, primary_key=True),  # keyed hash of the value of `by`, or 0
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What the rules said of one activity, under the revision that was in force.
verdict = Table(
    "verdict",
    metadata,
    Column(
        "activity",
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey(activity.c.seq),
        primary_key=True,
        autoincrement=False,
    ),
    Column("revision", Integer, nullable=False),
    Column("outcomes", Text, nullable=False),  # JSON, see rules/judge.py
)
