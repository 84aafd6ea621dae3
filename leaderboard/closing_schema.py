"""GraphQL types of closings: how far a period is closed, what happened to it, and what came too late."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from activity.calendar import instant
from activity.schema import BigInt, MemberSummary, Team, member_summaries, resolved, teams_by_id
from leaderboard.board import Competitors
from leaderboard.closing import Cut, Happened, State
from leaderboard.late import Late
from leaderboard.ranking_sql import Reading
from paging import checked_count
from storage.bulk import AnyRow

strawberry.enum(
    State,
    name="ClosingState",
    description="How far a period is closed: OPEN counts whatever happened in it; PROVISIONAL counts what people "
    "correct, and nothing that comes late; FINAL never changes.",
)
strawberry.enum(Happened, name="ClosingEventKind", description="What happened to a closing.")

Names = tuple[dict[int, MemberSummary], dict[int, Team]]


@strawberry.type(description="One thing that happened to a closing.")
class ClosingEvent:
    kind: Happened = strawberry.field(description="What.")
    at: datetime = strawberry.field(description="When.")
    author: str | None = strawberry.field(
        description="Who did it; null where the programme's own time had come. Of a disqualification or reinstatement "
        "for keys that manage, and for one that acts for the member concerned."
    )
    reason: str | None = strawberry.field(
        description="Why, in their words. Of a disqualification or reinstatement for the same keys as author."
    )
    member: MemberSummary | None = strawberry.field(
        description="Who was disqualified or reinstated, for keys that manage, and for one that acts for them."
    )
    team: Team | None = strawberry.field(description="Which team was.")


@strawberry.type(description="What came too late for one member or team, or was taken back too late.")
class LateArrival:
    member: MemberSummary | None = strawberry.field(description="Who, on a board of members.")
    team: Team | None = strawberry.field(description="Which, on a board of teams.")
    entries: int = strawberry.field(description="How many entries of the ledger.")
    points: BigInt = strawberry.field(description="Their points: of what was taken back below 0.")


@strawberry.type(
    description="What the ledger says of a closed period otherwise than its result: what stands, but came too late to "
    "count; and what counts, but was taken back since."
)
class LateArrivals:
    entries: int = strawberry.field(description="How many entries.")
    points: BigInt = strawberry.field(description="Their points: of what was taken back below 0.")
    arrivals: list[LateArrival] = strawberry.field(
        description="For whom, most points first. Of members, keys that manage see all, and one that acts for a member "
        "sees theirs alone."
    )


@strawberry.type(description="The closing of one period of a board.")
class Closing:
    state: State = strawberry.field(description="How far it is.")
    attempt: int = strawberry.field(description="How often the period has been closed; 1 unless it was reopened.")
    closed_at: datetime = strawberry.field(description="Since when what comes is late.")
    disputes_until: datetime = strawberry.field(
        description="Until when people can correct what was counted; longer while an earlier period of the board is "
        "not final, as its results become final in order."
    )
    final_at: datetime | None = strawberry.field(description="Since when the result is final.")
    digest: str | None = strawberry.field(
        description="The SHA-256 of the final result in its canonical form, hexadecimal: it never changes. The form "
        "has the keys of members: random numbers that say nothing of the person and never change, which ids and "
        "cursors hold too. `python app.py verify` computes it anew."
    )
    places: int | None = strawberry.field(
        description="How many places the final result has, with those of who has left since."
    )
    cut: strawberry.Private[Cut]
    reading: strawberry.Private[Reading]
    sees_names: strawberry.Private[bool]
    own: strawberry.Private[int | None]  # the key of the member for whom who asks acts
    load_events: strawberry.Private[Callable[[], Awaitable[Sequence[AnyRow]]]]
    load_late: strawberry.Private[Callable[[], Awaitable[list[Late]]]]

    @resolved("What happened to it, in order.")
    async def events(self) -> list[ClosingEvent]:
        rows = await self.load_events()
        told = {row.competitor for row in rows if row.competitor is not None}
        members, teams = await self._names(told if self._of_teams else filter(self._is_shown, told))
        return [self._event(row, members, teams) for row in rows]

    @resolved("What came too late to count, and what was taken back too late.")
    async def late(
        self, first: Annotated[int, strawberry.argument(description="For how many members or teams to tell it.")] = 10
    ) -> LateArrivals | None:
        checked_count("first", first)
        found = await self.load_late()
        shown = [each for each in found if self._of_teams or self._is_shown(each.competitor)][:first]
        members, teams = await self._names(each.competitor for each in shown)
        return LateArrivals(
            entries=sum(each.entries for each in found),
            points=BigInt(sum(each.points for each in found)),
            arrivals=[
                LateArrival(
                    member=members.get(each.competitor),
                    team=teams.get(each.competitor),
                    entries=each.entries,
                    points=BigInt(each.points),
                )
                for each in shown
            ],
        )

    @property
    def _of_teams(self) -> bool:
        return self.cut.version.board.of is Competitors.TEAMS

    def _is_shown(self, member: int) -> bool:
        """Whether who asks is told what is of one member alone."""
        return self.sees_names or member == self.own

    def _event(self, row: AnyRow, members: Mapping[int, MemberSummary], teams: Mapping[int, Team]) -> ClosingEvent:
        """What of an event is told: why somebody was disqualified or reinstated, and by whom, not to everybody."""
        about = row.competitor
        whole = about is None or self.sees_names or (not self._of_teams and about == self.own)
        return ClosingEvent(
            kind=Happened(row.kind),
            at=instant(row.at_us),
            author=row.author if whole else None,
            reason=row.reason if whole else None,
            member=members.get(about),
            team=teams.get(about),
        )

    async def _names(self, keys: Iterable[int]) -> Names:
        wanted = sorted(set(keys))
        async with self.reading() as work:
            if self._of_teams:
                return {}, await teams_by_id(work, wanted)
            return await member_summaries(work, wanted, self.sees_names), {}
