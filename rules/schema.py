"""GraphQL types of the rules domain: rules as they were written, and what they said of an activity."""

from datetime import datetime

import strawberry
from strawberry import relay

from activity.calendar import Calendar, PeriodKind
from activity.schema import BigInt, ReportedActivity
from rules.rule import Limit as LimitValue
from rules.rule import Rule as RuleValue
from rules.verdict import Outcome, Result, sentence

strawberry.enum(
    Result,
    name="VerdictResult",
    description="What a rule said: it paid (AWARDED), its condition did not hold (CONDITION_FALSE), a limit was used "
    "up (LIMITED), the time lies outside its validity (NOT_ELIGIBLE), or an expression had no value (ERROR).",
)


@strawberry.type(description="How often a rule pays.")
class Limit:
    max: int = strawberry.field(description="At most so many awards in a period.")
    per: PeriodKind = strawberry.field(description="The period in which they are counted.")
    by: str | None = strawberry.field(description="An expression: awards are counted for each of its values apart.")
    across_members: bool = strawberry.field(description="Whether the awards of all members are counted together.")

    @classmethod
    def of(cls, limit: LimitValue) -> "Limit":
        return cls(max=limit.max, per=limit.per, by=limit.by, across_members=limit.across_members)


@strawberry.type(description="What certain activities earn: one version of a rule, which never changes.")
class Rule(relay.Node):
    number: relay.NodeID[int]
    key: str = strawberry.field(description="Its name in the programme.")
    title: str = strawberry.field(description="What it rewards, in words.")
    on: list[str] = strawberry.field(description="The keys of the activity types that it looks at.")
    when: str | None = strawberry.field(description="The condition under which it pays, in CEL. Null: always.")
    points: str = strawberry.field(description="What it pays: a whole number, or an expression in CEL.")
    tags: list[str] = strawberry.field(description="What boards select points by.")
    limits: list[Limit] = strawberry.field(description="How often it pays. Each of them must allow an award.")
    valid_from: datetime | None = strawberry.field(description="The first instant at which an activity counts.")
    valid_to: datetime | None = strawberry.field(description="The first instant at which it no longer does.")
    version: BigInt = strawberry.field(
        description="The number of this version. A change makes a new one; verdicts and ledger keep theirs."
    )

    @classmethod
    def of(cls, version: int, rule: RuleValue) -> "Rule":
        return cls(
            number=version,
            key=rule.key,
            title=rule.title,
            on=list(rule.on),
            when=rule.when,
            points=str(rule.points),
            tags=list(rule.tags),
            limits=[Limit.of(limit) for limit in rule.limits],
            valid_from=rule.valid_from,
            valid_to=rule.valid_to,
            version=BigInt(version),
        )


@strawberry.type(description="What one rule said of one activity.")
class Verdict:
    rule: Rule = strawberry.field(description="The version of the rule that judged.")
    result: Result = strawberry.field(description="What it came to.")
    points: BigInt = strawberry.field(description="What it paid.")
    sentence: str = strawberry.field(description='Why, in words: "limited: 3 of 3 already paid on 12 November 2026".')

    @classmethod
    def of(cls, outcome: Outcome, rule: RuleValue, calendar: Calendar, day: int) -> "Verdict":
        return cls(
            rule=Rule.of(outcome.version, rule),
            result=outcome.result,
            points=BigInt(outcome.points),
            sentence=sentence(outcome, rule, calendar, day),
        )


@strawberry.type(name="Activity", description="One thing that a member did, and what the rules said of it.")
class JudgedActivity(ReportedActivity):
    verdicts: list[Verdict] = strawberry.field(
        description="What each rule said that looks at its type, in the programme's order, when it was recorded."
    )
