"""Simulations: what a draft would have done since a past day, how far that is, and what came of it."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from activity.schema import BigInt, resolved
from api.access import Access
from api.attempt import attempted
from api.context import Info
from api.finding import Finding
from api.problems import Problem
from leaderboard.board import Scoring
from leaderboard.mean import mean_of
from operations.drafts import draft_named
from operations.simulation.job import (
    AT_ONCE,
    SimulationEnded,
    SimulationStatus,
    SimulationUnknown,
    cancel,
    simulation_of,
    simulations,
)
from operations.simulation.job import Simulation as SimulationValue
from operations.simulation.report import BoardPlaces as BoardPlacesValue
from operations.simulation.report import Gain as GainValue
from operations.simulation.report import LevelReached as LevelValue
from operations.simulation.report import Paid as PaidValue
from operations.simulation.report import Placed as PlacedValue
from operations.simulation.report import Report as ReportValue
from operations.simulation.report import ZoneEntered as ZoneValue
from operations.simulation.words import told
from rewards.podium_schema import PodiumCost

SIMULATIONS_MAX = 100

strawberry.enum(
    SimulationStatus,
    description=f"Where a simulation is: at work or, where its process has {AT_ONCE} at work already, waiting for its "
    "turn with 0 judged (RUNNING), finished (DONE), ended by somebody (CANCELLED), or stopped "
    "by what its reason says (FAILED).",
)


@strawberry.type(description="What one rule or badge pays in the span, before and after.")
class SimulatedPoints:
    kind: str = strawberry.field(description="rule or badge.")
    key: str = strawberry.field(description="Its name in the draft; of one that it retires, in the programme.")
    title: str = strawberry.field(description="What it is called.")
    declared: bool = strawberry.field(description="Whether it is in the draft.")
    points_before: BigInt = strawberry.field(description="Points that it paid.")
    points_after: BigInt = strawberry.field(description="Points that it would have paid.")
    awards_before: BigInt = strawberry.field(description="How often it paid.")
    awards_after: BigInt = strawberry.field(description="How often it would have paid.")

    @classmethod
    def of(cls, paid: PaidValue) -> "SimulatedPoints":
        return cls(
            kind=paid.kind,
            key=paid.key,
            title=paid.title,
            declared=paid.declared,
            points_before=BigInt(paid.points_before),
            points_after=BigInt(paid.points_after),
            awards_before=BigInt(paid.awards_before),
            awards_after=BigInt(paid.awards_after),
        )


@strawberry.type(description="How often a level of a badge is awarded in the span, before and after.")
class SimulatedLevel:
    badge: str = strawberry.field(description="The badge's key.")
    level: int = strawberry.field(description="From 1.")
    before: int = strawberry.field(description="How often it was awarded.")
    after: int = strawberry.field(description="How often it would have been.")

    @classmethod
    def of(cls, level: LevelValue) -> "SimulatedLevel":
        return cls(badge=level.badge, level=level.level, before=level.before, after=level.after)


@strawberry.type(description="Who enters and stands in a zone, before and after.")
class SimulatedZone:
    zone: str = strawberry.field(description="The zone's key.")
    entered_before: int = strawberry.field(description="How many entered it in the span.")
    entered_after: int = strawberry.field(description="How many would have.")
    members_before: int = strawberry.field(description="How many stand in it in the end.")
    members_after: int = strawberry.field(description="How many would.")

    @classmethod
    def of(cls, zone: ZoneValue) -> "SimulatedZone":
        return cls(
            zone=zone.zone,
            entered_before=zone.entered_before,
            entered_after=zone.entered_after,
            members_before=zone.members_before,
            members_after=zone.members_after,
        )


@strawberry.type(description="The points of one member for what happened in the span, before and after.")
class SimulatedMember:
    external_id: str = strawberry.field(description="The member's external id.")
    name: str = strawberry.field(description="Their name.")
    before: BigInt = strawberry.field(description="What they got.")
    after: BigInt = strawberry.field(description="What they would have got.")

    @classmethod
    def of(cls, gain: GainValue) -> "SimulatedMember":
        return cls(external_id=gain.member, name=gain.name, before=BigInt(gain.before), after=BigInt(gain.after))


@strawberry.type(description="One of the first places of a board.")
class SimulatedPlace:
    place: int = strawberry.field(description="From 1, in the board's total order.")
    competitor: str = strawberry.field(description="A member's external id, or a team's name.")
    name: str = strawberry.field(description="The member's or team's name; empty in reports of earlier versions.")
    score: BigInt = strawberry.field(description="The points; on a board of means the mean in whole points.")
    mean: float | None = strawberry.field(
        description="On a board of means the mean to three decimals. Null on a board that sums."
    )

    @classmethod
    def of(cls, placed: PlacedValue) -> "SimulatedPlace":
        mean = None if placed.thousandths is None else mean_of(Scoring.MEAN, placed.thousandths)
        score = BigInt(placed.score)
        return cls(place=placed.place, competitor=placed.competitor, name=placed.name, score=score, mean=mean)


@strawberry.type(description="The first three places of a board in a period, before and after.")
class SimulatedBoard:
    board: str = strawberry.field(description="The board's key.")
    period: str = strawberry.field(description="The period's key, such as 2026-11.")
    ended: bool = strawberry.field(description="It is over: changed winners are information only.")
    closed: bool = strawberry.field(description="Its result is decided, and stays: so is who would have won.")
    changed: bool = strawberry.field(description="Whether others would stand there.")
    before: list[SimulatedPlace] = strawberry.field(description="Who stands there.")
    after: list[SimulatedPlace] = strawberry.field(description="Who would.")

    @classmethod
    def of(cls, board: BoardPlacesValue) -> "SimulatedBoard":
        before, after = ([SimulatedPlace.of(placed) for placed in side] for side in (board.before, board.after))
        return cls(
            board=board.board,
            period=board.period,
            ended=board.ended,
            closed=board.closed,
            changed=board.changed,
            before=before,
            after=after,
        )


@strawberry.type(description="What a draft would have done: what publishing it with effect from the first day would.")
class SimulationReport:
    activities: BigInt = strawberry.field(
        description="How many were judged again, each once for every member whom it credits."
    )
    seq: BigInt = strawberry.field(description="The last place of the sequence that was read.")
    revision: int = strawberry.field(description="The revision that was in force there.")
    points_before: BigInt = strawberry.field(description="Points of all members for what happened in the span.")
    points_after: BigInt = strawberry.field(description="What they would have been.")
    members_changed: int = strawberry.field(description="How many members would have other points or badges.")
    points: list[SimulatedPoints] = strawberry.field(description="By rule and badge.")
    levels: list[SimulatedLevel] = strawberry.field(description="By badge and level.")
    zones: list[SimulatedZone] = strawberry.field(description="By zone, in the order of the journey.")
    gain_most: list[SimulatedMember] = strawberry.field(description="Who would gain most, the most first.")
    lose_most: list[SimulatedMember] = strawberry.field(description="Who would lose most, the most first.")
    boards: list[SimulatedBoard] = strawberry.field(description="By board and period.")
    from_now_only: list[SimulatedPoints] = strawberry.field(
        description="What members share, or a rule holds: publishing it changes only what comes. Not counted above."
    )
    levels_from_now_only: list[SimulatedLevel] = strawberry.field(
        description="The same of badges for the first so many members."
    )
    costs: list[PodiumCost] = strawberry.field(description="What the podiums that it changes cost at most.")
    warnings: list[str] = strawberry.field(
        description="What the author of the draft may not have meant by what it changes."
    )
    warnings_omitted: int = strawberry.field(
        description="How many more there are about what it does not change: the otherWarnings of its plan."
    )
    text: str = strawberry.field(description="The whole report for people.")

    @classmethod
    def of(cls, report: ReportValue) -> "SimulationReport":
        return cls(
            activities=BigInt(report.judged),
            seq=BigInt(report.seq),
            revision=report.revision,
            points_before=BigInt(report.points_before),
            points_after=BigInt(report.points_after),
            members_changed=report.members_changed,
            points=[SimulatedPoints.of(paid) for paid in report.paid],
            levels=[SimulatedLevel.of(level) for level in report.levels],
            zones=[SimulatedZone.of(zone) for zone in report.zones],
            gain_most=[SimulatedMember.of(gain) for gain in report.gained],
            lose_most=[SimulatedMember.of(gain) for gain in report.lost],
            boards=[SimulatedBoard.of(board) for board in report.boards],
            from_now_only=[SimulatedPoints.of(paid) for paid in report.from_now_only],
            levels_from_now_only=[SimulatedLevel.of(level) for level in report.levels_from_now_only],
            costs=[PodiumCost.of(cost) for cost in report.costs],
            warnings=list(report.warnings),
            warnings_omitted=report.warnings_omitted,
            text=told(report),
        )


@strawberry.type(description="One simulation, which goes on by itself.")
class Simulation:
    number: int = strawberry.field(description="What it is asked and cancelled by.")
    status: SimulationStatus = strawberry.field(description="Where it is.")
    since: date = strawberry.field(description="The first day that is judged again.")
    until: date = strawberry.field(description="The last one.")
    author: str = strawberry.field(description="Who started it.")
    started_at: datetime = strawberry.field(description="When it was started.")
    ended_at: datetime | None = strawberry.field(description="When it ended.")
    judged: BigInt = strawberry.field(
        description="How far it is: activities judged so far, each once for every member whom it credits, and once "
        "more where the draft has rules or badges that members share."
    )
    total: BigInt = strawberry.field(description="Of how many, counted in the same way; 0 until its turn has come.")
    reason: str | None = strawberry.field(description="Why it failed.")
    report: SimulationReport | None = strawberry.field(description="What came of it. Null before it is done.")

    @classmethod
    def of(cls, simulation: SimulationValue) -> "Simulation":
        return cls(
            number=simulation.id,
            status=simulation.status,
            since=simulation.first_day,
            until=simulation.last_day,
            author=simulation.author,
            started_at=simulation.started_at,
            ended_at=simulation.ended_at,
            judged=BigInt(simulation.judged),
            total=BigInt(simulation.total),
            reason=simulation.reason,
            report=SimulationReport.of(ReportValue.of_json(simulation.report)) if simulation.report else None,
        )


@strawberry.input(description="What to simulate.")
class StartSimulationInput:
    draft: str = strawberry.field(description="The name of a draft.")
    since: date = strawberry.field(description="The first day that is judged again.")
    until: date | None = strawberry.field(default=None, description="The last one. Left out: up to now.")


@strawberry.input(description="Which simulation to end.")
class CancelSimulationInput:
    number: int = strawberry.field(description="Its number.")


@strawberry.type(description="A simulation that was started.")
class StartSimulationPayload:
    simulation: Simulation | None = strawberry.field(description="The simulation. Null when it could not be started.")
    mistakes: list[Finding] = strawberry.field(
        description="What is wrong with the draft, with places. Then errors has one of PROGRAMME_INVALID."
    )
    errors: list[Problem] = strawberry.field(description="Why it could not be started. Empty when it was.")


@strawberry.type(description="A simulation that is to end.")
class CancelSimulationPayload:
    cancelled: bool = strawberry.field(description="Whether it was running. It ends within a second or two.")
    errors: list[Problem] = strawberry.field(description="Why it could not be cancelled.")


@strawberry.type
class SimulationQueries:
    """Root fields about simulations."""

    @resolved("A simulation, with its report once it is done; null when there is none.", Access())
    async def simulation(
        self, info: Info, number: Annotated[int, strawberry.argument(description="Its number.")]
    ) -> Simulation | None:
        try:
            return Simulation.of(await simulation_of(info.context.service.store, number))
        except SimulationUnknown:
            return None

    @resolved(f"The latest simulations, the last one first; at most {SIMULATIONS_MAX}.", Access())
    async def simulations(
        self, info: Info, first: Annotated[int, strawberry.argument(description="How many.")] = 20
    ) -> list[Simulation] | None:
        found = await simulations(info.context.service.store, max(0, min(first, SIMULATIONS_MAX)))
        return [Simulation.of(each) for each in found]


@strawberry.type
class SimulationMutations:
    """Root fields that start and end simulations."""

    @resolved("Simulate a draft. It goes on by itself: ask for it by its number.", Access())
    async def start_simulation(
        self,
        info: Info,
        input: Annotated[StartSimulationInput, strawberry.argument(description="The draft and the span.")],
    ) -> StartSimulationPayload | None:
        context = info.context
        service = context.service

        async def starting() -> SimulationValue:
            async with context.reading() as work:
                draft = await draft_named(work, input.draft)
            number = await service.simulations.start(draft.file, input.since, input.until, author=context.caller.author)
            return await simulation_of(service.store, number)

        started = await attempted(starting())
        return StartSimulationPayload(
            simulation=Simulation.of(started.done) if started.done else None,
            mistakes=started.mistakes,
            errors=started.errors,
        )

    @resolved("End a simulation, whichever process runs it.", Access())
    async def cancel_simulation(
        self, info: Info, input: Annotated[CancelSimulationInput, strawberry.argument(description="Which.")]
    ) -> CancelSimulationPayload | None:
        service, now = info.context.service, info.context.now()

        async def cancelling() -> None:
            if not await cancel(service.store, input.number, now=now):
                raise SimulationEnded(await simulation_of(service.store, input.number))

        cancelled = await attempted(cancelling())
        return CancelSimulationPayload(cancelled=not cancelled.errors, errors=cancelled.errors)
