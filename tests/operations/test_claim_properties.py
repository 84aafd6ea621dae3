"""Whatever is claimed, reviewed, withdrawn and retracted: the service says what a naive reference says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from activity.intake import Refused
from activity.tables import claim as claim_table
from activity.tables import retraction
from operations.adjust import Author
from operations.enrol import Profile
from operations.retract import retract
from tests.conftest import OpenStore
from tests.operations.claims import CLAIMED, approving, as_member, claiming, refusing, withdrawing
from tests.world import MANAGER, WHY, World

PEOPLE = ("ada", "ben")
REVIEWERS = (*PEOPLE, None)  # two who take part and review, and a key that acts for nobody
OPEN_MAX, PER_DAY, PAID_PER_DAY = 2, 3, 1
TOPICS = "abc"
BEGINS = datetime(2026, 10, 24, 9, tzinfo=UTC)  # the next day has 25 hours in London
LONDON = ZoneInfo("Europe/London")
POINTS = 20
DAYS_BACK = 3

PROGRAMME = f"claims: {{open_max: {OPEN_MAX}, per_day: {PER_DAY}}}" + CLAIMED.replace("P90D", f"P{DAYS_BACK}D")
PROGRAMME = PROGRAMME.replace("{max: 2, per: day}", f"{{max: {PAID_PER_DAY}, per: day}}")

Step = tuple[Any, ...]
NUMBERS = st.integers(1, 6)
CLAIM = st.tuples(st.just("claim"), st.sampled_from(PEOPLE), st.sampled_from(TOPICS), st.sampled_from([0, 1]))
APPROVE = st.tuples(st.just("approve"), st.lists(NUMBERS, min_size=1, max_size=4), st.sampled_from(REVIEWERS))
OTHERS = st.one_of(
    st.tuples(st.just("claim"), st.sampled_from(PEOPLE), st.sampled_from(TOPICS), st.integers(2, DAYS_BACK + 1)),
    st.tuples(st.just("refuse"), NUMBERS, st.sampled_from(REVIEWERS)),
    st.tuples(st.just("withdraw"), NUMBERS, st.sampled_from(PEOPLE)),
    st.tuples(st.just("retract"), NUMBERS),
    st.tuples(st.just("take part"), st.sampled_from(PEOPLE), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([1, 8, 15, 24])),
)
# Many claims for each of the others, or no limit would be reached.
STEPS: st.SearchStrategy[Sequence[Step]] = st.lists(
    st.tuples(CLAIM, CLAIM, APPROVE | OTHERS, OTHERS), min_size=2, max_size=8
).map(lambda rounds: [step for each in rounds for step in each])


@dataclass
class Made:
    """One claim, as the reference has it."""

    member: str
    time: datetime
    topic: str
    made: datetime
    state: str = "waiting"
    retracted: bool = False


@dataclass
class Reference:
    """What must come of it, in a few plain lines."""

    now: datetime = BEGINS
    claims: list[Made] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    recorded: list[Made] = field(default_factory=list)  # what was approved, in order
    paid: list[Made] = field(default_factory=list)

    def claim(self, member: str, topic: str, days: int) -> bool:
        time = self.morning(days)
        mine = [each for each in self.claims if each.member == member]
        same = [each for each in mine if (each.time, each.topic) == (time, topic)]
        today = [each for each in mine if each.made.astimezone(LONDON).date() == self.now.astimezone(LONDON).date()]
        sound = self.now - timedelta(days=DAYS_BACK) <= time <= self.now + timedelta(hours=1)
        if (
            member in self.away
            or not sound
            or any(each.state in ("waiting", "approved") for each in same)
            or sum(each.state == "waiting" for each in mine) >= OPEN_MAX
            or len(today) >= PER_DAY
        ):
            return False
        self.claims.append(Made(member, time, topic, self.now))
        return True

    def approve(self, numbers: Sequence[int], reviewer: str | None) -> list[bool]:
        before = [self.reviewable(number, reviewer) and self.of(number).member not in self.away for number in numbers]
        for number, may in zip(numbers, before, strict=True):
            if may and self.of(number).state == "waiting":
                claim = self.of(number)
                claim.state = "approved"
                counted = [each for each in self.paid if not each.retracted and each.member == claim.member]
                same_day = [each for each in counted if each.time.date() == claim.time.date()]
                self.recorded.append(claim)
                if len(same_day) < PAID_PER_DAY:
                    self.paid.append(claim)
        return before

    def refuse(self, number: int, reviewer: str | None) -> bool:
        return self.reviewable(number, reviewer) and self.decide(number, "refused")

    def withdraw(self, number: int, member: str) -> bool:
        mine = self.there(number) and self.of(number).member == member and self.of(number).state == "waiting"
        return mine and self.decide(number, "withdrawn")

    def retract(self, number: int) -> bool:
        if not self.there(number) or self.of(number).state != "approved":
            return False
        self.of(number).retracted = True
        return True

    def decide(self, number: int, state: str) -> bool:
        self.of(number).state = state
        return True

    def reviewable(self, number: int, reviewer: str | None) -> bool:
        return self.there(number) and self.of(number).state == "waiting" and self.of(number).member != reviewer

    def there(self, number: int) -> bool:
        return number <= len(self.claims)

    def of(self, number: int) -> Made:
        return self.claims[number - 1]

    def morning(self, days: int) -> datetime:
        return (self.now - timedelta(days=days)).replace(hour=6, minute=0)

    def points(self) -> dict[str, int]:
        standing = [each for each in self.paid if not each.retracted]
        return {name: POINTS * sum(each.member == name for each in standing) for name in PEOPLE}


class Company:
    """The service, told the same."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def claim(self, member: str, topic: str, time: datetime) -> bool:
        return await self._done(claiming(self.world, member, at=time, topic=topic))

    async def approve(self, numbers: Sequence[int], reviewer: str | None) -> list[bool]:
        found = await approving(self.world, *numbers, author=await self._author(reviewer))
        return [each.seq is not None for each in found]

    async def refuse(self, number: int, reviewer: str | None) -> bool:
        return await self._done(refusing(self.world, number, author=await self._author(reviewer)))

    async def withdraw(self, number: int, member: str) -> bool:
        return await self._done(withdrawing(self.world, number, member))

    async def retract(self, number: int) -> bool:
        async def retracting() -> None:
            async with self.world.store.writing() as work:
                told = {"author": "manager", "reason": WHY, "now": self.world.now}
                await retract(work, self.world.revisions, "claims", str(number), **told)  # type: ignore[arg-type]

        return await self._done(retracting())

    async def _author(self, name: str | None) -> Author:
        return MANAGER if name is None else await as_member(self.world, name)

    async def _done(self, doing: Any) -> bool:
        try:
            await doing
        except Refused:
            return False
        return True

    async def points(self) -> dict[str, int]:
        ledger = await self.world.ledger()
        return {name: sum(points for member, _, points in ledger if member == name) for name in PEOPLE}

    async def states(self) -> list[tuple[str, bool]]:
        async with self.world.store.reading() as work:
            retracted = {row.activity for row in await work.rows(select(retraction))}
            rows = await work.rows(select(claim_table).order_by(claim_table.c.id))
        return [(row.state, row.activity in retracted) for row in rows]


async def follow(world: World, steps: Sequence[Step]) -> None:
    reference, company = Reference(), Company(world)
    world.now = BEGINS
    await world.apply(PROGRAMME)
    await world.hire(*(name.capitalize() for name in PEOPLE))
    for verb, *told in steps:
        if verb == "wait":
            reference.now = world.now = world.now + timedelta(hours=told[0])
        elif verb == "take part":
            name, takes_part = told
            reference.away = reference.away - {name} if takes_part else reference.away | {name}
            await world.enrol(Profile(name, participates=takes_part))
        elif verb == "claim":
            member, topic, days = told
            expected = reference.claim(member, topic, days)
            assert expected == await company.claim(member, topic, reference.morning(days)), told
        else:
            expected = getattr(reference, verb)(*told)
            assert expected == await getattr(company, verb)(*told), (verb, told)
    assert [(each.state, each.retracted) for each in reference.claims] == await company.states()
    assert reference.points() == await company.points()
    assert [] == await world.differences()


@settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
async def test_claims_go_the_way_of_a_naive_reference(open_store: OpenStore, steps: Sequence[Step]) -> None:
    """Claims near the ends of days, two reviewers, several at once, retractions, and who leaves and comes back."""
    async with open_store() as store:
        await follow(World(store), steps)
