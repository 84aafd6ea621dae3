"""The questions: every root field of Query."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Annotated

import strawberry
from strawberry import relay
from strawberry.relay.types import GlobalIDValueError

from activity.schema import resolved, teams_by_id
from api.access import Access
from api.activity import JudgedActivity, activity_at, activity_reported
from api.arguments import After, First
from api.badges import badge_at
from api.claims import ClaimQueries
from api.closings import ClosingQueries
from api.context import Context, Info
from api.errors import IdInvalid
from api.events import EVENTS, Event, events_of
from api.journey import DORMANT, Journey
from api.leaderboard import leaderboard_named
from api.member import Member, dormant_page, member_at, member_named
from api.payouts import PayoutQueries
from api.people import PeopleQueries
from api.podiums import PodiumQueries
from api.programme import Programme
from api.revisions import RevisionQueries
from api.simulations import SimulationQueries
from api.viewer import ViewerQueries
from leaderboard.board_schema import Board
from leaderboard.schema import Leaderboard
from paging import Connection
from rules.schema import Rule


@strawberry.type(description="What can be asked.")
class Query(
    ClaimQueries,
    ClosingQueries,
    RevisionQueries,
    SimulationQueries,
    PayoutQueries,
    PodiumQueries,
    PeopleQueries,
    ViewerQueries,
):
    @resolved("The programme in force.", Access())
    async def programme(self, info: Info) -> Programme | None:
        return Programme.of(await info.context.revision())

    @resolved("Who stands where on a board in one of its periods.", Access())
    async def leaderboard(
        self,
        info: Info,
        key: Annotated[str, strawberry.argument(description="The board's name in the programme.")],
        period: Annotated[
            str | None,
            strawberry.argument(
                description="A period's key, or any date in it as YYYY-MM-DD; now, or the one of `asOf`, when left out."
            ),
        ] = None,
        as_of: Annotated[
            date | None,
            strawberry.argument(
                description="A past day: the board as it was defined and as it stood at its end, by what had been "
                "recorded by then. Who has left the programme since is not on it."
            ),
        ] = None,
    ) -> Leaderboard | None:
        return await leaderboard_named(info.context, key, period, as_of)

    @resolved("A member, with points, badges and activities; null when nobody has this id.", Access())
    async def member(
        self,
        info: Info,
        external_id: Annotated[str, strawberry.argument(description="The id under which other tools know them.")],
    ) -> Member | None:
        return await member_named(info.context, external_id)

    @resolved("Why an activity earned what it did, for each whom it credits; null when it was not recorded.", Access())
    async def activity(
        self,
        info: Info,
        source: Annotated[str, strawberry.argument(description="The tool that reported it.")],
        id: Annotated[str, strawberry.argument(description="Its id in that tool.")],
    ) -> JudgedActivity | None:
        return await activity_reported(info.context, source, id)

    @resolved(
        "What happened to badges and zones of those who take part, in order, for tools that react to it: go on from "
        "the last cursor. An event is shown some seconds after it happened, so that none is ever missed.",
        Access(),
    )
    async def events(self, info: Info, first: First = None, after: After = None) -> Connection[Event] | None:
        return await events_of(info.context, EVENTS.asked(first, after))

    @resolved("The journey, and how many are where.", Access())
    async def journey(self) -> Journey | None:
        return Journey()

    @resolved(
        "Those who take part and of whom nothing has come for as long as the programme says, the longest silence "
        "first.",
        Access(),
    )
    async def dormant_members(self, info: Info, first: First = None, after: After = None) -> Connection[Member] | None:
        return await dormant_page(info.context, DORMANT.asked(first, after))

    @resolved("Anything that has a global id; null when it is gone.", Access())
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")]
    ) -> relay.Node | None:
        try:
            given = relay.GlobalID.from_id(id)
        except GlobalIDValueError:
            given = None
        find = NODES.get(given.type_name) if given else None
        if not given or not find or not given.node_id.isascii() or not given.node_id.isdigit():
            raise IdInvalid(f"{id[:80]!r} is no id that Laurels gave; take one from a field named id")
        key = int(given.node_id[:20])
        return await find(info.context, key) if key < 2**63 else None


async def _board(context: Context, version: int) -> Board | None:
    boards = {board.id: board for board in (await context.revision()).board_versions}
    return Board.of_version(boards[version]) if version in boards else None


async def _rule(context: Context, version: int) -> Rule | None:
    calendar = (await context.revision()).calendar
    async with context.reading() as work:
        rules = await context.service.rulebook.rules(work, [version], calendar)
    return Rule.of(version, rules[version]) if version in rules else None


async def _team(context: Context, key: int) -> relay.Node | None:
    async with context.reading() as work:
        return (await teams_by_id(work, [key])).get(key)


# How what has a global id is found by the number in it.
NODES: Mapping[str, Callable[[Context, int], Awaitable[relay.Node | None]]] = {
    "Activity": activity_at,
    "Badge": badge_at,
    "Board": _board,
    "Member": member_at,
    "Rule": _rule,
    "Team": _team,
}
