"""Prize proof: whether the prizes that podiums gave are those that the frozen results give, each once, and whether each
payout stands where its steps have brought it."""

from collections.abc import Callable, Sequence

import orjson
from sqlalchemy import select

from activity.calendar import Calendar
from leaderboard.tables import closing
from operations.candidates import candidates
from operations.names import Names
from operations.pay import podium_at
from operations.prizes import PayoutRecord, events_of, payouts_query, period_of, record_of
from rewards.payout import FREED, STEPS, State
from rewards.podium import Prize, plain_prize
from rewards.tables import passed_over, payout, prize_giving
from rewards.winners import Outcome, Selection, Why
from rules.tables import version
from storage.bulk import AnyRow
from storage.work import UnitOfWork

MOVES = {(before, step.after) for step in STEPS.values() for before in step.before}
BEGINNINGS = {(None, State.AWAITING_APPROVAL), (None, State.GRANTED)}

Won = tuple[int, int | None, str]  # member, amount, and the prize as JSON


class PrizeProof:
    """Names each difference to `differ`."""

    def __init__(self, work: UnitOfWork, calendar: Calendar, names: Names, differ: Callable[[str], None]) -> None:
        self._work = work
        self._calendar = calendar
        self._names = names
        self._differ = differ

    async def prove(self) -> None:
        """Find the winners of every giving again, and follow every payout's steps."""
        query = (
            select(prize_giving, closing.c.period, version.c.definition)
            .join(closing, closing.c.id == prize_giving.c.closing)
            .join(version, version.c.id == closing.c.board)
            .order_by(prize_giving.c.closing, prize_giving.c.podium)
        )
        for row in await self._work.rows(query):
            await self._giving(row, period_of(row.definition, row.period, self._calendar).key)
        given = (prize_giving.c.closing == payout.c.closing) & (prize_giving.c.podium == payout.c.podium)
        strays = payouts_query().where(~select(prize_giving.c.closing).where(given).exists())
        for row in await self._work.rows(strays.order_by(payout.c.id)):
            self._differ(f"{_name(record_of(row, self._calendar))}: the podium gave no prizes for this period")

    async def _giving(self, giving: AnyRow, period: str) -> None:
        podium = await podium_at(self._work, giving.version)
        mine = payouts_query().where(payout.c.closing == giving.closing, payout.c.podium == giving.podium)
        rows = await self._work.rows(mine.order_by(payout.c.turn, payout.c.place, payout.c.share))
        records = [record_of(row, self._calendar) for row in rows]
        stored = {
            (each.place, each.share): (each.member, each.amount, _json(each.prize)) for each in records if not each.turn
        }
        found = await self._winners(giving)
        wanted = {
            (each.place, each.share): (each.candidate.competitor, each.amount, _json(each.prize))
            for each in found.winners
        }
        for place, share in sorted(stored.keys() | wanted.keys()):
            had, gives = self._told(stored.get((place, share))), self._told(wanted.get((place, share)))
            if had != gives:
                where = f"place {place} of podium {podium.key} in {period}"
                self._differ(f"prize for {where}: stored is {had}; the result gives {gives}")
        if orjson.loads(giving.empty) != [each._asdict() for each in found.empty]:
            self._differ(f"podium {podium.key} in {period}: the empty places are not those that the result leaves")
        await self._steps(records)

    async def _winners(self, giving: AnyRow) -> Outcome:
        """The winners by the frozen result, and by what was known then of those who were passed over."""
        over = (passed_over.c.closing == giving.closing) & (passed_over.c.podium == giving.podium)
        why = {row.member: row.why for row in await self._work.rows(select(passed_over).where(over))}
        selection = Selection(
            await podium_at(self._work, giving.version),
            disqualified={member for member, reason in why.items() if reason == Why.DISQUALIFIED},
            recent={member for member, reason in why.items() if reason == Why.PAUSED},
        )
        async for candidate, placed, _ in candidates(self._work, self._calendar, giving.closing):
            if not selection.offer(candidate, present=placed and why.get(candidate.competitor) != Why.ABSENT):
                break
        return selection.outcome()

    async def _steps(self, records: Sequence[PayoutRecord]) -> None:
        events = await events_of(self._work, [record.id for record in records])
        states = {(record.place, record.share, record.turn): record.state for record in records}
        for record in records:
            name = _name(record)
            state: State | None = None
            for row in events.get(record.id, ()):
                step = state, State(row.to_state)
                if row.from_state != state or step not in (MOVES if state else BEGINNINGS):
                    self._differ(f"{name}: its step {row.ordinal} leads from {row.from_state} to {row.to_state}")
                state = State(row.to_state)
            if state != record.state:
                self._differ(f"{name}: it is {record.state}, and its steps lead to {state}")
            if record.turn and states.get((record.place, record.share, record.turn - 1)) not in FREED:
                self._differ(f"{name}: it went to the next in line, and the one before it keeps the prize")

    def _told(self, won: Won | None) -> str:
        return "nothing" if won is None else f"{won[2]}, {won[1]} of it, to {self._names.member(won[0])}"


def _name(record: PayoutRecord) -> str:
    where = f"place {record.place} of podium {record.podium.key} in {record.period.key}"
    return f"payout {record.id} ({where}, member {record.external_id})"


def _json(prize: Prize) -> str:
    return orjson.dumps(plain_prize(prize)).decode()
