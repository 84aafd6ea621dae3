"""Tables of who did what.

Instants are stored as whole microseconds since 1970 in UTC (`*_us`), days as proleptic ordinals in the programme's time
zone: both databases order and compare them alike. JSON is stored as canonical text.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

team = Table(
    "team",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Unique("name"),
)

member = Table(
    "member",
    metadata,
    # Random, so that a result which outlives a person's name says nothing about them.
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("external_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("alias", Text),  # what others see instead of the name
    # The facts in force now; `member_facts` has those of every earlier place in the sequence.
    Column("team", Integer, ForeignKey(team.c.id)),
    Column("location", Text),
    Column("department", Text),
    Column("time_zone", Text),
    Column("attributes", Text, nullable=False),
    Column("participates", Boolean, nullable=False),
    # The latest revision with effect from a past date under which their activities have been judged anew.
    Column("rejudged", Integer, nullable=False),
    Column("first_day", Integer),  # the local day on which they first took part; None before it
    # Of who left the company: when, and whether they took part before. A profile of them brings them back.
    Column("left_us", BigInteger),
    Column("took_part", Boolean),
    # Of who turned out to be another member: that one's key. They have nothing any more, and their external id names
    # the other.
    Column("merged_into", BigInteger),
    # What they go by as it is compared: see activity/alias.py.
    Column("external_id_hash", BigInteger, nullable=False),
    Column("name_hash", BigInteger, nullable=False),
    Column("alias_hash", BigInteger),
    Unique("external_id"),
    Index(None, "team"),
    Index(None, "external_id_hash"),
    Index(None, "name_hash"),
    Index(None, "alias_hash"),
    # The few who left.
    Index(
        "ix_member_left",
        "key",
        sqlite_where=text("NOT participates AND first_day IS NOT NULL"),
        postgresql_where=text("NOT participates AND first_day IS NOT NULL"),
    ),
)

member_facts = Table(
    "member_facts",
    metadata,
    Column("member", BigInteger, ForeignKey(member.c.key), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("recorded_us", BigInteger, nullable=False),
    Column("team", Integer, ForeignKey(team.c.id)),
    Column("location", Text),
    Column("department", Text),
    Column("time_zone", Text),
    Column("attributes", Text, nullable=False),
    Column("participates", Boolean, nullable=False),
    Index(None, "team"),
    sqlite_with_rowid=False,
)

# What members are known by in other tools: see activity/identity.py.
identity = Table(
    "identity",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("handle", Text, primary_key=True),  # as it is compared
    Column("shown", Text, nullable=False),  # as it was written
    Column("member", BigInteger, ForeignKey(member.c.key), nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Index(None, "member"),
    sqlite_with_rowid=False,
)

# Identities that were taken from members.
identity_removal = Table(
    "identity_removal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("shown", Text, nullable=False),
    Column("member", BigInteger, ForeignKey(member.c.key), nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text),
    Index(None, "member"),
)

# Activities that are sound, and name somebody who is not known yet. They have no place in the sequence before.
kept = Table(
    "kept",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("identity", LargeBinary, nullable=False),  # as that of an activity
    Column("content", LargeBinary, nullable=False),
    Column("source", Text, nullable=False),
    Column("type", Integer, nullable=False),  # element id
    Column("report", Text, nullable=False),  # JSON
    # The first of the names in it that nobody has: as it is compared, the kind of an external id empty; and as written.
    Column("kind", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("received_us", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),  # in the batch in which it came
    Column("due", Boolean, nullable=False),  # whether it is to be looked at again: that name may be known now
    Column("problem", Text),  # why it could not be recorded when it was looked at
    Unique("identity"),
    Index(None, "kind", "handle"),
    Index(None, "received_us"),
    Index("ix_kept_due", "received_us", "place", "id", sqlite_where=text("due"), postgresql_where=text("due")),
)

activity = Table(
    "activity",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    # Keyed hashes. The first is (source, id), and stays when the two are erased so that a redelivery is still known;
    # the second is what was said, and tells a duplicate from a conflict.
    Column("identity", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("source", Text),
    Column("id", Text),
    Column("type", Integer, nullable=False),  # element id
    Column("member", BigInteger, ForeignKey(member.c.key), nullable=False),  # the one named first
    Column("credited", Integer, nullable=False),  # how many members it names; each that takes part has a verdict
    Column("time_us", BigInteger, nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
    Column("data", Text),
    Unique("identity"),
)

# Activities that turned out to be another member's, and which they were. They are as if that one had done them; where
# members share a rule, it is theirs from this place in the sequence on.
transfer = Table(
    "transfer",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("from_member", BigInteger, ForeignKey(member.c.key), nullable=False),
    Column("to_member", BigInteger, ForeignKey(member.c.key), nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "from_member"),
    Index(None, "to_member"),
)

transferred = Table(
    "transferred",
    metadata,
    Column("seq", BigInteger, ForeignKey(transfer.c.seq), primary_key=True, autoincrement=False),
    Column("activity", BigInteger, ForeignKey(activity.c.seq), primary_key=True, autoincrement=False),
    # Of one that credited both: their places among those whom it credited, and the identity by which it named the one
    # who is not credited any more, as it is compared.
    Column("from_place", Integer),
    Column("to_place", Integer),
    Column("named", Text),
    Index(None, "activity"),
    sqlite_with_rowid=False,
)

# An activity that turned out not to count: a deleted post, a fraud finding.
retraction = Table(
    "retraction",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("activity", BigInteger, ForeignKey(activity.c.seq), nullable=False),
    Column("recorded_us", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Unique("activity"),
)

# What a member did by their own word: it waits for a reviewer, and is recorded when it is approved.
claim = Table(
    "claim",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("member", BigInteger, ForeignKey(member.c.key), nullable=False),
    Column("type", Integer, nullable=False),  # element id
    Column("time_us", BigInteger, nullable=False),
    Column("data", Text, nullable=False),  # as it was claimed, canonical JSON
    Column("content", LargeBinary, nullable=False),  # the keyed hash of all three, the same as the activity's
    Column("link", Text),
    Column("note", Text),
    Column("made_us", BigInteger, nullable=False),
    Column("state", Text, nullable=False),  # activity.claim.State
    Column("decided_us", BigInteger),
    Column("decided_by", Text),
    Column("decider", BigInteger, ForeignKey(member.c.key)),  # the member whose key decided, if it acts for one
    Column("reason", Text),
    Column("activity", BigInteger, ForeignKey(activity.c.seq)),  # what was recorded
    Column("stripped", Boolean, nullable=False, default=False),  # whether data, link and note are gone
    Unique("activity"),
    Index(None, "member", "made_us"),
    Index(None, "state", "id"),
    Index(
        "ix_claim_kept",
        "decided_us",
        sqlite_where=text("stripped = 0"),
        postgresql_where=text("NOT stripped"),
    ),
    # The same is not claimed twice.
    Index(
        "ix_claim_once",
        "member",
        "content",
        unique=True,
        sqlite_where=text("state IN ('waiting', 'approved')"),
        postgresql_where=text("state IN ('waiting', 'approved')"),
    ),
)
