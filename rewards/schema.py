"""GraphQL types of the rewards domain: the ledger."""

from datetime import datetime

import strawberry

from activity.schema import BigInt, Team
from rules.schema import JudgedActivity, Rule


@strawberry.type(description="Points that a member got, or lost by a correction. An entry never changes.")
class LedgerEntry:
    points: BigInt = strawberry.field(description="How many; below zero for a correction.")
    at: datetime = strawberry.field(description="When the activity happened: which periods the points count in.")
    rule: Rule = strawberry.field(description="The version of the rule that paid.")
    activity: JudgedActivity = strawberry.field(description="What they were paid for.")
    team: Team | None = strawberry.field(description="The member's team when it was recorded: whose points they are.")
    seq: BigInt = strawberry.field(description="Its place in the programme's one sequence of events.")
    ordinal: strawberry.Private[int]
