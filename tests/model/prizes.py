"""The reference of podiums: who wins what of a result, and where each prize is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from tests.model.calendar import Period, begins
from tests.model.programme import Podium
from tests.model.reference import Place, Reference

FREED = ("declined", "expired", "revoked")

# Who does it, from which states, to which one.
STEPS = {
    "approve": ("manager", ("awaiting-approval",), "granted"),
    "claim": ("winner", ("granted",), "claimed"),
    "deliver": ("manager", ("claimed",), "delivered"),
    "decline": ("winner", ("awaiting-approval", "granted", "claimed"), "declined"),
    "revoke": ("manager", ("awaiting-approval", "granted", "claimed"), "revoked"),
}


@dataclass
class Payout:
    giving: "Giving"
    place: int
    share: int
    turn: int
    member: str
    position: int
    amount: int
    title: str
    state: str
    until: datetime | None = None
    number: int = 0  # as they were made


@dataclass
class Giving:
    """What a podium gave for a period."""

    podium: Podium
    period: Period
    line: list[Place]
    positions: dict[str, int]  # in the result; who left since the cutoff is in line, and has none
    payouts: list[Payout] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)  # who could have won, but for something
    short: set[str] = field(default_factory=set)  # for whom a split did not reach, and who stay in line


class Prizes:
    def __init__(self, told: Reference) -> None:
        self.told = told
        self.published = told.now  # all podiums
        self.givings: list[Giving] = []
        self._made = 0

    @property
    def payouts(self) -> list[Payout]:
        return [payout for giving in self.givings for payout in giving.payouts]

    @property
    def at_stake(self) -> list[Payout]:
        """Those that are still on their way."""
        return [each for each in self.payouts if each.state not in (*FREED, "delivered")]

    def states(self) -> dict[tuple[str, str, int, int, int], tuple[str, int, int, str, str, datetime | None]]:
        """What there is to say of each payout, by podium, period, place, share and turn."""
        return {
            (each.giving.podium.key, each.giving.period.key, each.place, each.share, each.turn): (
                each.member,
                each.position,
                each.amount,
                each.title,
                each.state,
                each.until,
            )
            for each in self.payouts
        }

    def give(
        self, podiums: Iterable[Podium], board: str, period: Period, result: list[Place], line: list[Place]
    ) -> None:
        """The prizes of every podium of a board, once."""
        assert period.after is not None
        for podium in podiums:
            if podium.board == board and self.published < begins(period.after):
                giving = Giving(podium, period, line, {place.name: place.position for place in result})
                self._choose(giving)
                self.givings.append(giving)

    def _choose(self, giving: Giving) -> None:
        podium = giving.podium
        recent = self._recent(giving)
        seats: list[Place] = []
        for place in giving.line:
            beside = bool(seats) and podium.ties != "earliest" and place.score == seats[-1].score
            if place.score < podium.minimum or (len(seats) >= len(podium.amounts) and not beside):
                break
            away = self._away(giving, place.name)
            if place.name in recent or (away and podium.absent == "next"):
                giving.passed.add(place.name)
            else:
                seats.append(place)
        taken = 0
        alone = podium.ties == "earliest"
        for _, group in groupby(seats, key=lambda seat: seat.position if alone else seat.score):
            tied = list(group)
            self._win(giving, taken + 1, tied)
            taken += len(tied)

    def _win(self, giving: Giving, place: int, tied: list[Place]) -> None:
        podium = giving.podium
        won = podium.amounts[place - 1 : place - 1 + len(tied)]
        for share, seat in enumerate(tied, 1):
            amount = podium.amounts[place - 1]
            if podium.ties == "split":
                amount = sum(won) // len(tied) + (share <= sum(won) % len(tied))
            if self._away(giving, seat.name):
                giving.passed.add(seat.name)
            elif not amount:
                giving.short.add(seat.name)
            else:
                position = giving.positions[seat.name]
                self._pay(giving, Payout(giving, place, share, 0, seat.name, position, amount, f"Prize {place}", ""))

    def _away(self, giving: Giving, name: str) -> bool:
        """Whether they cannot win: they take part no more, or did not when the result was decided."""
        return name not in giving.positions or not self.told.present(name)

    def _pay(self, giving: Giving, payout: Payout) -> None:
        payout.number = self._made = self._made + 1
        payout.state = "awaiting-approval"
        giving.payouts.append(payout)
        if not giving.podium.approval:
            self._grant(payout)

    def _grant(self, payout: Payout) -> None:
        payout.state = "granted"
        payout.until = self.told.now + timedelta(days=payout.giving.podium.claim)

    def _recent(self, giving: Giving, *, later: bool = False) -> Collection[str]:
        """Those who won in the period before, or after, and still have it."""
        assert giving.period.first is not None
        assert giving.period.after is not None
        beside = giving.period.after if later else giving.period.first - timedelta(days=1)
        before: list[date] = [beside] * giving.podium.pause
        return {
            payout.member
            for payout in self.payouts
            if payout.giving.podium.key == giving.podium.key and payout.state not in FREED
            if any(payout.giving.period.has(day) for day in before)
        }

    def move(self, payout: Payout, verb: str, by: str) -> bool:
        """Whether somebody, who is a member or the manager, may move it on; then it is."""
        who, before, after = STEPS[verb]
        if (by == payout.member) != (who == "winner") or payout.state not in before:
            return False
        if verb == "claim" and payout.until is not None and payout.until <= self.told.now:
            return False
        if verb == "deliver" and payout.giving.podium.points:
            if not self.told.present(payout.member):
                return False
            self.told.adjust(payout.member, payout.amount, None, self.told.now)
        if after == "granted":
            self._grant(payout)
        else:
            self._move(payout, after)
        return True

    def expire(self) -> None:
        due = [
            (payout.until, payout.place, payout.number, payout)
            for payout in self.payouts
            if payout.state == "granted" and payout.until is not None and payout.until <= self.told.now
        ]
        for *_, payout in sorted(due):
            self._move(payout, "expired")

    def _move(self, payout: Payout, after: str) -> None:
        payout.state = after
        if after in FREED and payout.giving.podium.declined == "next":
            self._pass_on(payout)

    def _pass_on(self, freed: Payout) -> None:
        giving = freed.giving
        podium = giving.podium
        beside = [each for each in giving.payouts if each.place == freed.place and each.state not in FREED]
        if podium.ties == "share" and beside:
            return
        recent = {*self._recent(giving), *self._recent(giving, later=True)}
        out = giving.passed | {each.member for each in giving.payouts}
        for place in giving.line:
            if place.score < podium.minimum:
                return
            if place.name in out:
                continue
            if place.name in recent or self._away(giving, place.name):
                giving.passed |= {place.name} - giving.short
                continue
            payout = Payout(
                giving,
                freed.place,
                freed.share,
                freed.turn + 1,
                place.name,
                giving.positions[place.name],
                freed.amount,
                freed.title,
                "",
            )
            self._pay(giving, payout)
            return
