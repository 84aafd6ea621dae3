"""The service itself, as the model drives it: its operations with a clock that is handed in, and its own answers."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from activity.calendar import instant
from activity.intake import Refused, Report
from activity.tables import member, team
from api.access import Caller, Scope
from api.context import Context, Service
from api.schema import schema
from leaderboard.tables import closing
from operations.adjust import Author
from operations.close import close_due
from operations.disqualify import Competitor
from operations.enrol import Profile
from operations.jobs import Jobs
from operations.payouts import move
from operations.prizes import payouts_query, record_of
from operations.revision import Revisions
from rewards.payout import PayoutRefused, Verb
from rewards.tables import entry
from rules.tables import element
from storage.engine import Store
from storage.work import UnitOfWork
from tests.conftest import OpenStore
from tests.model.calendar import Period
from tests.model.closings import Answer, Late
from tests.model.mirror import Beside
from tests.model.programme import Board
from tests.model.reference import Deed, Place
from tests.world import MANAGER, World

Json = dict[str, Any]

STANDING = """
fragment Standing on LeaderboardEntry { rank position score reachedAt member { externalId } team { name } }
"""

BOARD = f"""query Board($key: String!, $period: String!, $member: String, $team: String) {{
  leaderboard(key: $key, period: $period) {{
    state participants
    closing {{
      attempt disputesUntil digest
      late(first: 100) {{ arrivals {{ entries points member {{ externalId }} team {{ name }} }} }}
    }}
    top(n: 100) {{ ...Standing }}
    place(member: $member, team: $team) {{ ...Standing }}
    around(member: $member, team: $team, radius: 1) {{ ...Standing }}
  }}
}} {STANDING}"""

PAGE = f"""query Page($key: String!, $period: String!, $first: Int, $after: String, $last: Int, $before: String) {{
  leaderboard(key: $key, period: $period) {{
    entries(first: $first, after: $after, last: $last, before: $before) {{
      edges {{ node {{ ...Standing }} }}
      pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
    }}
  }}
}} {STANDING}"""

CALLER = Caller(1, "manager", frozenset({Scope.MANAGE}))


class Unpaid(Exception):
    """Nobody was paid."""


class Decided(NamedTuple):
    """What was paid, closed and won.

    Closings are by board and first day; payouts by podium, period, place, share and turn, each with its number.
    """

    totals: dict[str, int]
    closings: dict[tuple[str, int], str]
    payouts: dict[tuple[Any, ...], tuple[int, tuple[Any, ...]]]


class Product:
    """The service on a store, with a second process beside it that runs the same jobs."""

    def __init__(self, store: Store, now: datetime, beside: Beside | None) -> None:
        self.now = now
        self._store = store
        self._redis = beside

    @classmethod
    async def opened(
        cls, open_store: OpenStore, beside: Beside | None, stack: AsyncExitStack, now: datetime
    ) -> "Product":
        product = cls(await stack.enter_async_context(open_store()), now, beside)
        if beside:
            await beside.begin()
        await product._open()
        return product

    async def _open(self) -> None:
        mirror = (await self._redis.attend(self._store)).mirror if self._redis else None
        self.service = Service.of(self._store, lambda: self.now, mirror)
        self.world = World(self._store)
        self.world.revisions, self.world.now = self.service.revisions, self.now
        self.jobs = Jobs(self._store, self.service.revisions, lambda: self.now)
        self._other = Store(self._store.url.render_as_string(hide_password=False))
        self.jobs_of_other = Jobs(self._other, Revisions(), lambda: self.now)

    async def close(self) -> None:
        await self._other.close()
        if self._redis:
            await self._redis.leave()

    async def restart(self) -> None:
        """Ends the process, with all that it keeps in memory, and begins another."""
        await self.close()
        await self._store.close()
        store = Store(self._store.url.render_as_string(hide_password=False))
        store.engine = self._store.engine
        self._store = store
        await self._open()

    async def settle(self) -> None:
        """Let the mirror know what changed."""
        if self._redis:
            await self._redis.settle()

    def pass_time(self, span: timedelta) -> None:
        self.now += span
        self.world.now = self.now

    async def publish(self, file: str) -> None:
        await self.world.apply(file)

    async def enrol(self, name: str, team_name: str | None) -> tuple[int, tuple[str, int] | None]:
        """The key of the member, and the team with its number."""
        await self.world.enrol(Profile(name, name=name, team=team_name or ""))
        async with self._store.reading() as work:
            query = select(member.c.key, team.c.name, team.c.id).outerjoin(team, team.c.id == member.c.team)
            row = (await work.rows(query.where(member.c.external_id == name)))[0]
        return row.key, (row.name, row.id) if row.name is not None else None

    async def participate(self, name: str, participates: bool) -> None:
        await self.world.enrol(Profile(name, participates=participates))

    async def record(self, deeds: Sequence[tuple[str, Deed]]) -> list[str]:
        receipts = await self.world.record(
            *(
                Report("test", identifier, deed.type, deed.member, deed.time, {"reach": deed.reach})
                for identifier, deed in deeds
            )
        )
        return [receipt.status.value for receipt in receipts]

    async def retract(self, identifier: str) -> str:
        try:
            return (await self.world.retract(identifier)).status.value
        except Refused:
            return "refused"

    async def adjust(self, name: str, points: int, rule: str | None, at: datetime) -> bool:
        return await _done(self.world.adjust(name, points, rule=rule, at=at))

    async def close_early(self, board: str, period: Period) -> bool:
        return await _done(self.world.close_early(board, period.key))

    async def reopen(self, board: str, period: Period) -> bool:
        return await _done(self.world.reopen(board, period.key))

    async def disqualify(self, board: Board, period: Period, name: str) -> bool:
        return await _done(self.world.disqualify(board.key, period.key, _competitor(board, name)))

    async def reinstate(self, board: Board, period: Period, name: str) -> bool:
        return await _done(self.world.reinstate(board.key, period.key, _competitor(board, name)))

    async def run(self, job: str, *, twice: bool = False) -> None:
        """A job, or the same in both processes at once."""
        jobs = [self.jobs, self.jobs_of_other] if twice else [self.jobs]
        await asyncio.gather(*(getattr(each, job)() for each in jobs))

    async def fail(self) -> None:
        """A scheduler that closes periods, and fails whenever it is to pay."""

        async def pay(_work: UnitOfWork, _closing: int) -> None:
            raise Unpaid

        with suppress(Unpaid):
            await close_due(self._store, self.service.revisions, now=self.now, pay=pay)

    async def move(self, number: int, verb: str, by: tuple[str, int] | None) -> bool:
        """Move a payout on, as a member with their key, or as a manager."""
        author = Author(*by) if by else MANAGER
        try:
            async with self._store.writing() as work:
                await move(
                    work, self.service.revisions, number, Verb(verb), author=author, reason="because", now=self.now
                )
        except (Refused, PayoutRefused):
            return False
        return True

    async def differences(self) -> list[str]:
        return await self.world.differences()

    async def decided(self) -> Decided:
        """What was paid, closed and won."""
        total = func.coalesce(func.sum(entry.c.points), 0).label("total")
        totals = select(member.c.external_id, total).outerjoin(entry, entry.c.member == member.c.key)
        closings = select(closing.c.state, closing.c.period, element.c.key)
        payouts = {}
        async with self._store.reading() as work:
            calendar = (await self.service.revisions.current(work)).calendar
            paid = await work.rows(totals.group_by(member.c.external_id))
            closed = await work.rows(closings.join(element, element.c.id == closing.c.element))
            for row in await work.rows(payouts_query()):
                each = record_of(row, calendar)
                until = instant(each.expires_us) if each.expires_us is not None else None
                told = each.external_id, each.position, each.amount, each.prize.title, each.state.value, until
                payouts[each.podium.key, each.period.key, each.place, each.share, each.turn] = each.id, told
        return Decided(
            totals={row.external_id: int(row.total) for row in paid},
            closings={(row.key, row.period): row.state for row in closed},
            payouts=payouts,
        )

    async def ask(self, query: str, **variables: Any) -> Any:
        """What the service answers to who asks for a leaderboard."""
        context = Context(self.service, CALLER)
        try:
            answer = await schema.execute(query, variable_values=variables, context_value=context)
        finally:
            await context.close()
        assert not answer.errors, answer.errors
        assert answer.data is not None
        return answer.data["leaderboard"]

    async def answer(self, board: Board, period: str, name: str) -> tuple[Answer, list[Place], list[Place]]:
        """All places; that of one member or team, if they have any; and with its neighbours."""
        asked = {"key": board.key, "period": period} | _competitor(board, name)._asdict()
        told = await self.ask(BOARD, **asked)
        if self._redis and await self._redis.build():
            assert told == await self.ask(BOARD, **asked), "the mirror says what the database says"
        own = places_of([told["place"]] if told["place"] else [])
        return _answer(told), own, places_of(told["around"])

    async def pages(self, board: str, period: str, size: int, *, backwards: bool) -> list[Place]:
        """All places, from the pages through which they are read."""
        found: list[Place] = []
        count, cursor = ("last", "before") if backwards else ("first", "after")
        at = None
        while True:
            page = (await self.ask(PAGE, key=board, period=period, **{count: size, cursor: at}))["entries"]
            places = places_of(edge["node"] for edge in page["edges"])
            assert places or at is None, "where there is another page, somebody is on it"
            found = places + found if backwards else found + places
            if not page["pageInfo"]["hasPreviousPage" if backwards else "hasNextPage"]:
                return found
            at = page["pageInfo"]["startCursor" if backwards else "endCursor"]
            if at is None:
                return found


async def _done(what: Any) -> bool:
    try:
        await what
    except Refused:
        return False
    return True


def _competitor(board: Board, name: str) -> Competitor:
    return Competitor(team=name) if board.of == "teams" else Competitor(member=name)


def _answer(told: Json) -> Answer:
    answer = Answer(told["state"].lower(), told["participants"], places_of(told["top"]))
    closed = told["closing"]
    if closed is None:
        return answer
    if answer.state == "open":
        return answer._replace(attempt=closed["attempt"])
    late = closed["late"]["arrivals"]
    return answer._replace(
        attempt=closed["attempt"],
        until=datetime.fromisoformat(closed["disputesUntil"]),
        digest=closed["digest"],
        late=frozenset(Late(_name(each), each["entries"], int(each["points"])) for each in late),
    )


def places_of(found: Iterable[Mapping[str, Any]]) -> list[Place]:
    return [
        Place(
            each["rank"],
            each["position"],
            _name(each),
            int(each["score"]),
            datetime.fromisoformat(each["reachedAt"]),
        )
        for each in found
    ]


def _name(told: Mapping[str, Any]) -> str:
    return str(told["team"]["name"] if told["team"] else told["member"]["externalId"])
