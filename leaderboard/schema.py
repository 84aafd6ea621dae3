"""GraphQL types of the leaderboard domain: who stands where on a board in one period."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.scalars import JSON

from activity.calendar import instant
from activity.schema import (
    BigInt,
    MemberSummary,
    Period,
    Team,
    find_member,
    member_summaries,
    resolved,
    storable,
    teams_by_id,
)
from activity.tables import member as member_table
from activity.tables import team as team_table
from errors import LaurelsError
from leaderboard.board import Competitors, Scoring, TieRule
from leaderboard.board_schema import Board
from leaderboard.closing import State
from leaderboard.closing_schema import Closing
from leaderboard.mean import mean_of, points_of
from leaderboard.ranking import Mark, Place, Ranking
from leaderboard.ranking_closed import ClosedRanking
from leaderboard.ranking_selected import SelectedRanking
from leaderboard.ranking_shown import ShownRanking
from leaderboard.view import Since, View, Views, shown
from leaderboard.within import WithinInvalid, read_within
from paging import PAGE_DEFAULT, PAGE_MAX, Connection, Cursors, checked_count, connection

strawberry.enum(
    Since, description="What places are compared with: the end of the previous day, or the previous period."
)

REACHED_MAX = 2**62  # microseconds: earlier or later than any time

CURSORS = Cursors("standing", 3)

Before = tuple[Place | None, bool]  # a place that was held before, and whether whoever asks may know of it

MemberArgument = Annotated[
    str | None, strawberry.argument(description="A member's external id. On a board of teams it stands for their team.")
]
TeamArgument = Annotated[str | None, strawberry.argument(description="A team's name, on a board of teams.")]


class CompetitorInvalid(LaurelsError):
    """The arguments name nobody who could compete on this board."""


class DayInvalid(LaurelsError):
    """A board is asked for as of a day that is not over."""


@strawberry.type(description="A place beside the one that was held before.")
class PlaceChange:
    is_new: bool = strawberry.field(description="Whether they were not on the board before.")
    previous_rank: int | None = strawberry.field(description="The rank before. Null for who is new.")
    previous_position: int | None = strawberry.field(description="The place in the order before. Null for who is new.")
    previous_score: BigInt | None = strawberry.field(description="The points counted before. Null for who is new.")
    previous_mean: float | None = strawberry.field(
        description="The mean before, as `mean` has it. Null for who is new, and on a board that sums."
    )
    ranks_climbed: int | None = strawberry.field(
        description="By how many ranks they are higher than before, below 0 when they are lower. Null for who is new."
    )

    @classmethod
    def between(cls, before: Place | None, after: Place, scoring: Scoring) -> "PlaceChange":
        if before is None:
            return cls(
                is_new=True,
                previous_rank=None,
                previous_position=None,
                previous_score=None,
                previous_mean=None,
                ranks_climbed=None,
            )
        return cls(
            is_new=False,
            previous_rank=before.rank,
            previous_position=before.position,
            previous_score=BigInt(points_of(scoring, before.score)),
            previous_mean=mean_of(scoring, before.score),
            ranks_climbed=before.rank - after.rank,
        )


@strawberry.type(description="Where one member or team stands.")
class LeaderboardEntry:
    rank: int = strawberry.field(description="The rank that is shown, as the board's tie rule has it.")
    position: int = strawberry.field(description="The place in the order, from 1 without gaps or ties.")
    score: BigInt = strawberry.field(
        description="The points counted; on a board of means the mean in whole points (see `mean`)."
    )
    mean: float | None = strawberry.field(
        description="On a board of means the mean of the team's points, to three decimals, rounded towards zero: what "
        "decides the order. Null on a board that sums."
    )
    reached_at: datetime = strawberry.field(
        description="The time of the latest activity counted: of equal scores the one reached first leads."
    )
    member: MemberSummary | None = strawberry.field(description="Who it is, on a board of members.")
    team: Team | None = strawberry.field(description="Which it is, on a board of teams.")
    seat: strawberry.Private[Place]
    leaderboard: strawberry.Private["Leaderboard"]

    @resolved(
        "Of those on the board, how many in a hundred stand at this place or below it, rounded down: 100 for the "
        "first. Where equal scores share a rank, their places are one. In a final result places count, whether or not "
        "who stood there has left since."
    )
    async def percentile(self) -> int:
        return await self.leaderboard.percentile(self.seat)

    @resolved(
        "How the place compares with the one held at the end of the previous day, or in the previous period: previous "
        "to the day that is asked for, on the board as it is defined there. Places of a past day hold nobody who has "
        "left the programme since. Null where the board does not show the earlier place."
    )
    async def change(
        self, since: Annotated[Since, strawberry.argument(description="What it is compared with.")]
    ) -> PlaceChange | None:
        before, is_seen = await self.leaderboard.before(since).load(self.seat.competitor)
        if not is_seen:
            return None
        return PlaceChange.between(before, self.seat, self.leaderboard.board.score)


# Fields that can refuse their arguments may be null: the rest of the answer stands.
@strawberry.type(
    description="A board in one period. Who does not take part is nowhere on it; their place in a final result stays "
    "empty. Where the board shows only its first places, now or then, keys that manage see all, and others those and "
    "the place of the member for whom they act."
)
class Leaderboard:
    board: Board = strawberry.field(description="The board, as it was defined on the day that is asked for.")
    period: Period = strawberry.field(description="The period.")
    state: State = strawberry.field(description="Whether it still counts what happens, or did on the day asked for.")
    closing: Closing | None = strawberry.field(
        description="How it was closed. Null when it never was, or not by the day that is asked for."
    )
    as_of: date | None = strawberry.field(description="The past day at whose end it stood so. Null for now.")
    ranking: strawberry.Private[Ranking]
    view: strawberry.Private[View]
    views: strawberry.Private[Views]
    comparisons: strawberry.Private[dict[Since, DataLoader[int, Before]]]

    @classmethod
    async def seen(cls, board: Board, view: View, views: Views, closing: Closing | None) -> "Leaderboard":
        return cls(
            board=board,
            period=Period.of(view.period, views.calendar),
            state=closing.state if closing else State.OPEN,
            closing=closing,
            as_of=None if view.as_of is None else date.fromordinal(view.as_of),
            ranking=await shown(views, view),
            view=view,
            views=views,
            comparisons={},
        )

    @resolved(
        "The same board among those alone of whom all this is known today; places are counted among them. An empty "
        "text, or an attribute that is null, stands for those of whom it is not known."
    )
    async def within(
        self,
        team: Annotated[str | None, strawberry.argument(description="The name of their team.")] = None,
        location: Annotated[str | None, strawberry.argument(description="Where they work.")] = None,
        department: Annotated[str | None, strawberry.argument(description="Their department.")] = None,
        attributes: Annotated[
            JSON | None,
            strawberry.argument(description="Attributes of the programme with their values, as {hourly: true}."),
        ] = None,
    ) -> "Leaderboard | None":
        if self.board.of is Competitors.TEAMS:
            raise WithinInvalid(f"{self.board.key} is a board of teams; only a board of members can be asked within")
        asked = read_within(self.views.attributes, team, location, department, attributes)
        view = replace(self.view, within=self.view.within.narrowed(asked))
        return await Leaderboard.seen(self.board, view, self.views, self.closing)

    @resolved(
        "How many take part with at least one entry in their favour or against them: in a final result those who still "
        "do, on fewer than its `closing.places`."
    )
    async def participants(self) -> int:
        return await self.ranking.participants()

    @resolved(
        f"The whole ranking, a page at a time: {PAGE_DEFAULT} places unless `first` or `last` says otherwise, "
        f"at most {PAGE_MAX}. A page begins behind its cursor however the scores have changed since."
    )
    async def entries(
        self,
        first: Annotated[int | None, strawberry.argument(description="How many places, from the top.")] = None,
        after: Annotated[str | None, strawberry.argument(description="Only those behind this cursor.")] = None,
        last: Annotated[int | None, strawberry.argument(description="How many places, from the bottom.")] = None,
        before: Annotated[str | None, strawberry.argument(description="Only those ahead of this cursor.")] = None,
    ) -> Connection[LeaderboardEntry] | None:
        ask = CURSORS.asked(first, after, last, before)
        if ask.backwards:
            found = await self.ranking.before(Mark(*ask.before) if ask.before else None, ask.count)
        elif ask.after:
            found = await self.ranking.after(Mark(*ask.after), ask.count)
        else:
            found = await self.ranking.top(ask.count)
        top, bottom = await self._ends()
        return connection(
            await self._entries(found),
            lambda entry: CURSORS.write(entry.seat.mark),
            has_previous=found[0].position > top if found else bool(ask.after and bottom),
            has_next=found[-1].position < bottom if found else bool(ask.before and bottom),
        )

    @resolved(f"The first places, at most {PAGE_MAX}.")
    async def top(
        self, n: Annotated[int, strawberry.argument(description="How many.")] = 10
    ) -> list[LeaderboardEntry] | None:
        return await self._entries(await self.ranking.top(checked_count("n", n)))

    @resolved("Who stands around a member or team; nobody when that one is not on the board.")
    async def around(
        self,
        member: MemberArgument = None,
        team: TeamArgument = None,
        radius: Annotated[int, strawberry.argument(description="How many above and how many below.")] = 5,
    ) -> list[LeaderboardEntry] | None:
        checked_count("radius", radius)
        competitor = await self._competitor(member, team)
        return await self._entries(await self.ranking.around(competitor, radius, radius)) if competitor else []

    @resolved("Where a member or team stands; null when that one is not on the board.")
    async def place(self, member: MemberArgument = None, team: TeamArgument = None) -> LeaderboardEntry | None:
        competitor = await self._competitor(member, team)
        found = await self.ranking.place(competitor) if competitor else None
        entries = await self._entries([found]) if found else []
        return entries[0] if entries else None

    async def percentile(self, place: Place) -> int:
        """Of those on the board, how many in a hundred stand at a place, or one that shares its rank, or below."""
        whole = self.ranking.whole if isinstance(self.ranking, ShownRanking) else self.ranking
        first_of_score = Mark(place.score, -REACHED_MAX, 0)
        ahead = place.position - 1
        if self.board.ties is TieRule.COMPETITION:
            ahead = place.rank - 1
        elif self.board.ties is TieRule.DENSE:
            if isinstance(whole, ClosedRanking):
                ahead = await whole.ahead_of(first_of_score)
            else:
                (first,) = await whole.after(first_of_score, 1)
                ahead = first.position - 1
        places = await (whole.places() if isinstance(whole, ClosedRanking) else whole.participants())
        places = max(places, place.position)
        return 100 * (places - ahead) // places

    async def _ends(self) -> tuple[int, int]:
        """The first and the last position where somebody stands whom whoever asks sees."""
        if isinstance(self.ranking, ShownRanking | ClosedRanking):
            return await self.ranking.ends()
        return 1, await self.ranking.participants()

    def before(self, since: Since) -> DataLoader[int, Before]:
        """Finds the places that competitors had before, for all entries at once."""
        if since not in self.comparisons:

            async def load(competitors: list[int]) -> list[Before]:
                earlier = self.view.earlier(since, self.views.calendar, self.views.today)
                if earlier is None:
                    return [(None, True)] * len(competitors)
                ranking = await shown(self.views, earlier)
                whole = ranking.whole if isinstance(ranking, ShownRanking) else ranking
                if isinstance(whole, SelectedRanking):
                    found = {place.competitor: place for place in await whole.places(competitors)}
                    places = [found.get(competitor) for competitor in competitors]
                else:
                    places = [await whole.place(competitor) for competitor in competitors]
                return [
                    (each, each is None or not isinstance(ranking, ShownRanking) or ranking.shows(each))
                    for each in places
                ]

            self.comparisons[since] = DataLoader(load_fn=load)
        return self.comparisons[since]

    async def _competitor(self, member: str | None, team: str | None) -> int | None:
        """The key of who is asked for, if there is one. Raises CompetitorInvalid."""
        if (member is None) == (team is None):
            raise CompetitorInvalid("give either member, an external id, or team, a name")
        of_teams = self.board.of is Competitors.TEAMS
        if team is not None and not of_teams:
            raise CompetitorInvalid(f"{self.board.key} is a board of members; ask with member, an external id")
        async with self.views.reading() as work:
            if member is not None:
                found = await find_member(work, member, "team" if of_teams else "key")
                return int(found[0]) if found and found[0] is not None else None
            if team is None or not storable(team):
                return None
            rows = await work.find(team_table, {"name": [team]}, ("id",))
            return int(rows[0].id) if rows else None

    async def _entries(self, found: Sequence[Place]) -> list[LeaderboardEntry]:
        """The places with the names of those who stand there."""
        members: dict[int, MemberSummary] = {}
        teams: dict[int, Team] = {}
        keys = [place.competitor for place in found]
        if keys and self.closing and self.closing.cut.fenced and self.board.of is Competitors.MEMBERS:
            async with self.views.reading() as work:
                rows = await work.find(member_table, {"key": keys}, ("key", "participates"))
            shown = {row.key for row in rows if row.participates}
            found = [place for place in found if place.competitor in shown]
        if keys:
            async with self.views.reading() as work:
                if self.board.of is Competitors.TEAMS:
                    teams = await teams_by_id(work, keys)
                else:
                    members = await member_summaries(work, keys, self.views.sees_names)
        return [
            LeaderboardEntry(
                rank=place.rank,
                position=place.position,
                score=BigInt(points_of(self.board.score, place.score)),
                mean=mean_of(self.board.score, place.score),
                reached_at=instant(place.reached_us),
                member=members.get(place.competitor),
                team=teams.get(place.competitor),
                seat=place,
                leaderboard=self,
            )
            for place in found
        ]
