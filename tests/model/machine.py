"""The machine: whatever may happen, to the service and to the reference alike; after each step both say the same."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.conftest import OpenStore
from tests.model.calendar import Period, begins, day_of
from tests.model.closings import Answer, Closings
from tests.model.mirror import Beside
from tests.model.prizes import STEPS, Payout
from tests.model.product import Product
from tests.model.programme import ERAS, Board, Era, Saying, file_of
from tests.model.reference import Deed, Place, Reference

T = TypeVar("T")

Batch = list[tuple[str, str, tuple[int, str], int]]  # who, what, when, and a number

NAMES = ("ada", "ben", "cy", "dee", "eve")
TEAMS = ("Red", "Blue")
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)

names = st.sampled_from(NAMES)
teams = st.sampled_from([*TEAMS, None])
recent = st.integers(0, 9)  # which one, from the latest on
spans = st.sampled_from([timedelta(minutes=10), timedelta(hours=7), DAY, 3 * DAY, 8 * DAY])
# How long ago: days, and at which moment of the day; or the end of a period that was closed so many closings ago.
moments = st.tuples(st.sampled_from([0, 0, 0, 1, 2, 4, 9]), st.sampled_from(["now", "first", "last", "closed"]))
types = st.sampled_from(["post.shared", "post.shared", "article.published", "idea.made"])
batches = st.lists(st.tuples(names, types, moments, st.sampled_from([1, 2, 0, 5, -3])), min_size=2, max_size=6)
jobs = st.sampled_from(["release_points", "close_periods", "close_periods", "expire_payouts"])
sayings = st.builds(
    Saying,
    share_points=st.sampled_from([5, 8]),
    reach=st.booleans(),
    week_tags=st.sampled_from([("effort",), ("impact",)]),
    week_ties=st.sampled_from(["competition", "dense"]),
    month_activities=st.sampled_from([(), ("post.shared", "idea.made")]),
    month_dispute=st.sampled_from([1, 0]),
    weekly_ties=st.sampled_from(["share", "split", "earliest"]),
    weekly_declined=st.sampled_from(["next", "empty"]),
    weekly_absent=st.sampled_from(["next", "empty"]),
)


CHANGED_MAX = 2  # boards that are asked for after a step; the next step asks for others


class Machine(RuleBasedStateMachine):
    """One service from its first day on, and what must be true of it."""

    def __init__(self, open_store: OpenStore, beside: Beside | None) -> None:
        super().__init__()
        self.open_store = open_store
        self.beside = beside
        self.settles = True  # the mirror is told of a step before anybody asks
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.seen: dict[tuple[str, str], Answer] = {}
        self.turn = 0
        self.product: Product | None = None
        self.agreed = False
        self.deeds: dict[str, Deed] = {}  # what was reported, by id

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        self.agreed = False
        return self.runner.run(what)

    @property
    def service(self) -> Product:
        assert self.product is not None
        return self.product

    @initialize(
        era=st.sampled_from(ERAS),
        who=st.lists(teams, min_size=4, max_size=5),
        saying=st.one_of(st.just(Saying()), sayings),
        batch=batches,
    )
    def begin(self, era: Era, who: list[str | None], saying: Saying, batch: Batch) -> None:
        """A programme, members, and what they did in its first days."""
        self.told = Reference(era, era.now, saying)
        self.closings = Closings(self.told)
        self.prizes = self.closings.prizes
        self.product = self.do(Product.opened(self.open_store, self.beside, self.stack, era.now))
        self.do(self.service.publish(file_of(era, self.told.saying)))
        for name, team in zip(NAMES, who, strict=False):
            self.enrol(name, team)
        self.record(batch)

    # What members do.

    @rule(name=names, team=teams)
    def enrol(self, name: str, team: str | None) -> None:
        """A new member, or one who changes team."""
        self.told.enrol(name, *self.do(self.service.enrol(name, team)))

    @rule(batch=batches)
    def record(self, batch: Batch) -> None:
        deeds = [
            (f"{len(self.deeds) + number}", Deed(name, kind, self._moment(*moment), reach))
            for number, (name, kind, moment, reach) in enumerate(batch)
            if name in self.told.members
        ]
        self.deeds.update(deeds)
        self._report(deeds)

    @rule(which=st.lists(recent, min_size=1, max_size=3), reach=st.sampled_from([None, None, 4]))
    def deliver_again(self, which: list[int], reach: int | None) -> None:
        """The same, or another under the same id."""
        if self.deeds:
            known = list(self.deeds.items())
            again = [known[-1 - each % len(known)] for each in which]
            self._report([(name, deed._replace(reach=deed.reach if reach is None else reach)) for name, deed in again])

    def _report(self, deeds: list[tuple[str, Deed]]) -> None:
        assert [self.told.record(*each) for each in deeds] == self.do(self.service.record(deeds))

    @rule(name=names, participates=st.booleans())
    def opt(self, name: str, participates: bool) -> None:
        """Who leaves is gone in the next answer, whatever a mirror knows."""
        if name in self.told.members:
            self.do(self.service.participate(name, participates))
            self.told.participate(name, participates)
            self.settles = False

    @precondition(lambda self: any(self._at_stake()))
    @rule(which=recent, place=st.integers(0, 1), days=st.integers(0, 3))
    def leave_before_the_end(self, which: int, place: int, days: int) -> None:
        """One of the first leaves while the result can be disputed."""
        among = self._at_stake()
        first = among[-1 - which % len(among)]
        self.opt(first[place % len(first)], participates=False)
        self.pass_time(days * DAY)
        self._run_all()

    # What managers do.

    @rule(which=recent, disputed=st.booleans())
    def retract(self, which: int, disputed: bool) -> None:
        """What was reported, perhaps in a period that can be disputed."""
        among = list(self.deeds)
        if disputed:
            spans = [each.period for each in self.closings.all.values() if each.state == "provisional"]
            inside = {name for name, deed in self.deeds.items() for span in spans if span.has(day_of(deed.time))}
            among = [name for name in among if name in inside] or among
        if among:
            identifier = among[-1 - which % len(among)]
            assert self.told.retract(identifier) == self.do(self.service.retract(identifier))

    @rule(
        name=names,
        points=st.sampled_from([1, 5, -5, 12]),
        rule=st.sampled_from(["share", "reach", None]),
        moment=moments,
    )
    def adjust(self, name: str, points: int, rule: str | None, moment: tuple[int, str]) -> None:
        if name in self.told.members:
            given = name, points, rule, self._moment(*moment)
            assert self.told.adjust(*given) == self.do(self.service.adjust(*given))

    @rule(board=st.sampled_from(["weekly", "monthly", "half", "daily"]), moment=moments)
    def close_early(self, board: str, moment: tuple[int, str]) -> None:
        period = self._period(board, moment)
        assert self.do(self.service.close_early(board, period)) == self.closings.close_early(board, period)

    @precondition(lambda self: self.closings.all)
    @rule(which=recent)
    def reopen(self, which: int) -> None:
        board, period = self._closed(which)
        assert self.do(self.service.reopen(board.key, period)) == self.closings.reopen(board.key, period)

    @precondition(lambda self: self.closings.all)
    @rule(which=recent, name=names, team=st.sampled_from(TEAMS))
    def disqualify(self, which: int, name: str, team: str) -> None:
        board, period = self._closed(which)
        who = team if board.of == "teams" else name
        told = self.closings.disqualify(board.key, period, who)
        assert told == self.do(self.service.disqualify(board, period, who))

    @precondition(lambda self: any(each.disqualified for each in self.closings.all.values()))
    @rule()
    def reinstate(self) -> None:
        (key, _), closing = next(each for each in self.closings.all.items() if each[1].disqualified)
        name = min(closing.disqualified)
        told = self.closings.reinstate(key, closing.period, name)
        assert told == self.do(self.service.reinstate(closing.board, closing.period, name))

    @rule(saying=sayings)
    def publish(self, saying: Saying) -> None:
        self.do(self.service.publish(file_of(self.told.era, saying)))
        self.told.publish(saying)

    @precondition(lambda self: self.prizes.payouts)
    @rule(which=recent, verb=st.sampled_from(list(STEPS)), own=st.sampled_from([None, None, True, False]))
    def move(self, which: int, verb: str, own: bool | None) -> None:
        """A payout goes on, mostly by who may."""
        self._move(self.prizes.payouts, which, verb, own)

    @precondition(lambda self: self.prizes.at_stake)
    @rule(which=recent, verb=st.sampled_from(["decline", "revoke"]))
    def free(self, which: int, verb: str) -> None:
        """A prize goes to the next in line."""
        self._move(self.prizes.at_stake, which, verb, None)

    @precondition(lambda self: self.prizes.at_stake)
    @rule(which=recent)
    def deliver(self, which: int) -> None:
        """A prize goes all its way."""
        payout = self.prizes.at_stake[-1 - which % len(self.prizes.at_stake)]
        for verb in ("approve", "claim", "deliver"):
            self._move([payout], 0, verb, None)

    def _move(self, among: list[Payout], which: int, verb: str, own: bool | None) -> None:
        payout = among[-1 - which % len(among)]
        winner = STEPS[verb][0] == "winner" if own is None else own
        by = (payout.member, self.told.members[payout.member].key) if winner else None
        key = payout.giving.podium.key, payout.giving.period.key, payout.place, payout.share, payout.turn
        number, _ = self.do(self.service.decided()).payouts[key]
        told = self.prizes.move(payout, verb, payout.member if winner else "manager")
        assert told == self.do(self.service.move(number, verb, by))

    # What comes by itself.

    @rule(span=spans)
    def pass_time(self, span: timedelta) -> None:
        self.told.now += span
        self.service.pass_time(span)

    @rule(job=jobs, twice=st.booleans())
    def run(self, job: str, twice: bool) -> None:
        """A scheduler in one process, or in two at once."""
        self.do(self.service.run(job, twice=twice))
        told: dict[str, Callable[[], object]] = {
            "release_points": self.told.release,
            "close_periods": self.closings.close_due,
            "expire_payouts": self.prizes.expire,
        }
        told[job]()

    @rule()
    def fail(self) -> None:
        """A scheduler fails in the middle of its work; the next one goes on with it."""
        self.do(self.service.fail())
        self.closings.close_due(fails=True)

    @rule(batch=batches, days=st.integers(1, 9))
    def pass_days(self, batch: Batch, days: int) -> None:
        """Something happens, days pass, and the schedulers have run."""
        self.record(batch)
        self.pass_time(days * DAY)
        self._run_all()

    @rule(batch=batches, next=st.integers(0, 2), short=st.booleans())
    def decide(self, batch: Batch, next: int, short: bool) -> None:
        """Something happens, and then comes the very moment of a decision, or the last before it."""
        self.record(batch)
        coming = self.closings.coming()
        if coming:
            at = coming[next % len(coming)] - short * MICROSECOND
            self.pass_time(at - self.told.now)
            self._run_all()

    def _run_all(self) -> None:
        for job in ("release_points", "close_periods", "expire_payouts"):
            self.run(job, twice=False)

    @rule()
    def restart(self) -> None:
        self.do(self.service.restart())

    @precondition(lambda self: self.beside)
    @rule(how=st.sampled_from(["empty", "stop", "start", "set back"]))
    def lose(self, how: str) -> None:
        """Redis is emptied, stopped, or comes back from a snapshot, between two questions."""
        assert self.beside
        self.settles = False
        if how in ("stop", "set back"):
            self.beside.stop()
        if how in ("start", "set back"):
            self.beside.start()
        if how == "empty":
            self.do(self.beside.empty())
        self.seen.clear()

    # What must be true.

    @invariant()
    def agree(self) -> None:
        """What was paid, closed and won; and some boards that change in this step, and in turn those that do not."""
        if self.product is None:
            return
        if self.settles:
            self.do(self.service.settle())
        self.settles = True
        if self.beside and self.turn % 3 == 0:
            self.do(self.beside.save())
        decided = self.do(self.service.decided())
        assert self.told.totals() == decided.totals
        assert self.closings.states() == decided.closings
        assert self.prizes.states() == {key: told for key, (_, told) in decided.payouts.items()}
        asked = list(self.closings.asked())
        self.turn += 1
        told = [(board, period, self.closings.answer(board, period)) for board, period in asked]
        changed = [each for each in told if each[2] != self.seen.get((each[0].key, each[1].key))]
        for board, period, answer in [*changed[:CHANGED_MAX], told[self.turn % len(told)]]:
            self.seen[board.key, period.key] = answer
            self._compare(board, period, answer)
        self.agreed = True

    def _compare(self, board: Board, period: Period, told: Answer) -> None:
        who = NAMES[self.turn % len(NAMES)] if board.of == "members" else TEAMS[self.turn % len(TEAMS)]
        number = next((number for number, each in enumerate(told.places) if each.name == who), None)
        own: list[Place] = [] if number is None else [told.places[number]]
        around: list[Place] = [] if number is None else told.places[max(number - 1, 0) : number + 2]
        found = self.do(self.service.answer(board, period.key, who))
        assert (told, own) == found[:2], (board.key, period.key, who)
        if not _is_gapped(told):
            assert around == found[2], (board.key, period.key, who)

    def teardown(self) -> None:
        """Everything, once more, and the proof that the service has of itself."""
        try:
            if self.agreed:
                self.do(self.service.settle())
                for board, period in self.closings.asked():
                    told = self.closings.answer(board, period)
                    self._compare(board, period, told)
                    backwards, self.turn = bool(self.turn % 2), self.turn + 1
                    if not _is_gapped(told):
                        pages = self.service.pages(board.key, period.key, 2, backwards=backwards)
                        assert told.places == self.do(pages), (board.key, period.key)
                assert [] == self.do(self.service.differences())
        finally:
            if self.product is not None:
                self.do(self.service.close())
            self.do(self.stack.aclose())
            self.runner.close()

    def _moment(self, days: int, of_day: str) -> datetime:
        """A moment that is past, so many days ago."""
        now = self.told.now
        day = day_of(now - days * DAY)
        found = {
            "now": now - days * DAY,
            "first": begins(day),
            "last": begins(day) - MICROSECOND,
            "closed": self._end(days) or now,
        }[of_day]
        return min(found, now)

    def _at_stake(self) -> list[list[str]]:
        """The members of boards with prizes that can be disputed, the first of them first."""
        boards = {podium.board for podium in self.told.rules.podiums}
        disputed = [each for each in self.closings.all.values() if each.disputed and each.board.key in boards]
        places = (self.closings.answer(each.board, each.period).places for each in disputed)
        return [[place.name for place in each] for each in places if each]

    def _end(self, which: int) -> datetime | None:
        if not self.closings.all:
            return None
        after = self._closed(which)[1].after
        assert after is not None
        return begins(after) - MICROSECOND

    def _period(self, board: str, moment: tuple[int, str]) -> Period:
        return self.closings.period(self.closings.board(board), self._moment(*moment))

    def _closed(self, which: int) -> tuple[Board, Period]:
        found = list(self.closings.all.values())
        closing = found[-1 - which % len(found)]
        return closing.board, closing.period


def _is_gapped(told: Answer) -> bool:
    """Whether somebody has left whose place is decided, while the result is not written yet: then pages are short."""
    return told.state == "provisional" and len(told.places) < told.participants
