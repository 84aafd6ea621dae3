"""GraphQL types of the rules domain: rules as they were written, and what they said of an activity."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from activity.calendar import Calendar, PeriodKind
from activity.schema import BigInt, resolved
from rules.rule import Bonus as BonusValue
from rules.rule import Credit, Steps
from rules.rule import Limit as LimitValue
from rules.rule import Rule as RuleValue
from rules.rule import WorkingTime as WorkingTimeValue
from rules.sentence import Hold, sentence, with_values
from rules.verdict import Outcome, Result
from rules.working_time import working_time_to_plain
from section import duration_to_plain

strawberry.enum(
    Result,
    name="VerdictResult",
    description="What a rule said: it paid (AWARDED), or pays when the points are released (HELD), its condition did "
    "not hold (CONDITION_FALSE), a limit, cool-down or budget was used up (LIMITED), it is not for this member or not "
    "for this time (NOT_ELIGIBLE), or an expression had no value (ERROR).",
)
strawberry.enum(
    Credit,
    description="What each member gets when an activity names several: all of it (EACH), equal parts (SPLIT), or all "
    "of it for the one named first (FIRST).",
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


@strawberry.type(description="How many points a rule pays at most, to all members together.")
class Budget:
    points: BigInt = strawberry.field(description="At most so many in a period. What would exceed it is not paid.")
    per: PeriodKind = strawberry.field(description="The period in which they are counted.")


@strawberry.type(description="A time in which a rule pays more. Of several that fit, the largest counts.")
class Bonus:
    multiplier: float = strawberry.field(description="What the points are multiplied by; rounded towards zero.")
    title: str | None = strawberry.field(description="What it is called.")
    valid_from: datetime | None = strawberry.field(description="The first instant at which it counts.")
    valid_to: datetime | None = strawberry.field(description="The first instant at which it no longer does.")

    @classmethod
    def of(cls, bonus: BonusValue) -> "Bonus":
        return cls(
            multiplier=bonus.percent / 100, title=bonus.title, valid_from=bonus.valid_from, valid_to=bonus.valid_to
        )


@strawberry.type(description="When activities of certain members earn, by the clock of their own time zone.")
class WorkingTime:
    days: list[str] = strawberry.field(description="The days of the week, such as monday.")
    starts: str = strawberry.field(description="When it begins on each of them, as HH:MM.")
    ends: str = strawberry.field(description="When it ends, as HH:MM; 24:00 is the end of the day.")
    applies_to: str | None = strawberry.field(
        description="A condition in CEL over the member: for whom it holds. Null: for everyone."
    )

    @classmethod
    def of(cls, working_time: WorkingTimeValue) -> "WorkingTime":
        plain = working_time_to_plain(working_time)
        return cls(days=list(plain["days"]), starts=plain["from"], ends=plain["to"], applies_to=plain.get("for"))


@strawberry.type(description="What certain activities earn: one version of a rule, which never changes.")
class Rule(relay.Node):
    number: relay.NodeID[int]
    key: str = strawberry.field(description="Its name in the programme.")
    title: str = strawberry.field(description="What it rewards, in words.")
    on: list[str] = strawberry.field(description="The keys of the activity types that it looks at.")
    when: str | None = strawberry.field(description="The condition under which it pays, in CEL. Null: always.")
    audience: str | None = strawberry.field(
        description="A condition in CEL over the member: who can earn it. Null: everyone."
    )
    points: str = strawberry.field(
        description="What it pays: a whole number, or an expression in CEL. Several, as in `50, 20, 10 per month`, are "
        "for a member's first award in the period, the second, and so on; after the last the last again."
    )
    tags: list[str] = strawberry.field(description="What boards select points by.")
    limits: list[Limit] = strawberry.field(description="How often it pays. Each of them must allow an award.")
    cooldown: str | None = strawberry.field(
        description="How far apart two awards of a member must lie, as an ISO 8601 duration such as PT4H."
    )
    budget: Budget | None = strawberry.field(description="How much it pays at most to all members together.")
    bonuses: list[Bonus] = strawberry.field(description="When it pays more.")
    credit: Credit = strawberry.field(description="What each member gets when an activity names several.")
    hold: str | None = strawberry.field(
        description="For how long points are held, on no board, before they count: an ISO 8601 duration such as P14D."
    )
    any_time: bool = strawberry.field(description="Whether it pays outside the programme's working time too.")
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
            audience=rule.audience,
            points=_points(rule),
            tags=list(rule.tags),
            limits=[Limit.of(limit) for limit in rule.limits],
            cooldown=duration_to_plain(rule.cooldown) if rule.cooldown else None,
            budget=Budget(points=BigInt(rule.budget.points), per=rule.budget.per) if rule.budget else None,
            bonuses=[Bonus.of(bonus) for bonus in rule.bonuses],
            credit=rule.credit,
            hold=duration_to_plain(rule.hold) if rule.hold else None,
            any_time=rule.any_time,
            valid_from=rule.valid_from,
            valid_to=rule.valid_to,
            version=BigInt(version),
        )


@strawberry.type(description="A value that decided something: of a field of the activity, or of its member.")
class DecidingValue:
    name: str = strawberry.field(description="Its name in expressions, such as activity.reach.")
    value: JSON | None = strawberry.field(description="What it was. Null when it had none.")


Deciding = Callable[[], Awaitable[Mapping[str, object]]]  # values by their names in expressions


@strawberry.type(description="What one rule said of one activity.")
class Verdict:
    rule: Rule = strawberry.field(description="The version of the rule that judged.")
    result: Result = strawberry.field(description="What it came to.")
    points: BigInt = strawberry.field(
        description="What it paid, or holds. Of an activity that was retracted: what it had paid or held before."
    )
    words: strawberry.Private[str]
    deciding: strawberry.Private[Deciding]

    @resolved('Why, in words: "limited: 3 of 3 already paid on 12 November 2026".')
    async def sentence(self) -> str:
        if self.result is not Result.CONDITION_FALSE:
            return self.words
        return with_values(self.words, self.result, self.rule.when, await self.deciding())

    @resolved("What the activity's fields and its member's facts were that decided it, as far as the rule names them.")
    async def values(self) -> list[DecidingValue]:
        return [
            DecidingValue(name=name, value=None if value is None else JSON(value))
            for name, value in (await self.deciding()).items()
        ]

    @classmethod
    def of(
        cls,
        outcome: Outcome,
        rule: RuleValue,
        calendar: Calendar,
        time: datetime,
        deciding: Deciding,
        *,
        hold: Hold | None = None,
        retracted: bool = False,
    ) -> "Verdict":
        return cls(
            rule=Rule.of(outcome.version, rule),
            result=outcome.result,
            points=BigInt(outcome.points),
            words=sentence(outcome, rule, calendar, time, hold=hold, retracted=retracted),
            deciding=deciding,
        )


def _points(rule: RuleValue) -> str:
    if not isinstance(rule.points, Steps):
        return str(rule.points)
    amounts = ", ".join(map(str, rule.points.amounts))
    return amounts if rule.points.per is PeriodKind.EVER else f"{amounts} per {rule.points.per}"
