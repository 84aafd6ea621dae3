"""Revisions made ready for work: the programme in force at one place in the sequence, compiled, with its ids."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import orjson
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from activity.calendar import MICROSECOND, Calendar, PeriodKind
from activity.intake import Intake
from errors import LaurelsError
from leaderboard.closing import NOTHING_CLOSED, Closings
from leaderboard.eligibility import audiences_of
from leaderboard.gains import Counting
from leaderboard.standing import BoardVersion
from operations.closings import load_closings
from operations.programme import Programme, from_document
from rewards.badge import Badge
from rewards.goal import BadgeVersion, ZoneVersion, goals_of, measures_of_badge, measures_of_zone
from rewards.podium import PodiumVersion
from rewards.progress import Progress
from rules.audience import Audience
from rules.judge import Judge, RuleVersion
from rules.tables import element, measure, programme, revision, version
from rules.tally import Measure, Measures, measures_of
from storage.work import UnitOfWork

UNREADABLE = (KeyError, ValueError, TypeError, NoResultFound)  # raised by what is stored of a revision, tampered with

PAST_MAX = 8  # earlier revisions that a process keeps


class NoProgramme(LaurelsError):
    """No programme has been applied to this database yet; run: python app.py apply FILE"""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Life(NamedTuple):
    """Since when a measure counts: what is recorded after `since`, and what happens from `from_us` on."""

    since: int
    from_us: int | None = None

    def counts(self, seq: int, time_us: int) -> bool:
        return seq > self.since or (self.from_us is not None and time_us >= self.from_us)


@dataclass(frozen=True)
class Revision:
    """One applied state of the programme. Building the parts compiles every expression, so keep a revision."""

    number: int
    seq: int
    programme: Programme
    secret: bytes
    type_ids: Mapping[str, int]  # element ids by the keys of this revision
    rule_versions: tuple[RuleVersion, ...]  # in the programme's order
    badge_versions: tuple[BadgeVersion, ...]
    zone_versions: tuple[ZoneVersion, ...]
    board_versions: tuple[BoardVersion, ...]
    measures: Measures
    lives: Mapping[int, Life]  # of the measures that have begun, as they are now
    from_us: int | None = None  # activities since then were judged anew when it was published
    podium_versions: tuple[PodiumVersion, ...] = ()
    closings: Closings = NOTHING_CLOSED  # as they are now
    back_to: int | None = None  # the revision after which this one leaves out all others, as if they had never been
    stripped: int = 0  # up to which place activities had been stripped when it was published
    rejudged: int = 0  # the latest revision, up to this one, that members had to be brought up to; 0 for none

    @property
    def looks_back(self) -> bool:
        """Whether members have to be brought up to it, because it changes what they were paid before."""
        return self.from_us is not None or self.back_to is not None

    def with_closings(self, closings: Closings) -> "Revision":
        """The same revision, with everything that it has compiled, and other closings."""
        other = copy(self)
        object.__setattr__(other, "closings", closings)
        return other

    @cached_property
    def calendar(self) -> Calendar:
        return self.programme.calendar

    @cached_property
    def type_keys(self) -> Mapping[int, str]:
        return {identifier: key for key, identifier in self.type_ids.items()}

    @cached_property
    def intake(self) -> Intake:
        day = self.programme.starts.toordinal()
        starts_at = self.calendar.starts_at(self.calendar.period(PeriodKind.DAY, day))
        assert starts_at is not None
        return Intake(self.programme.activities, starts_at)

    @cached_property
    def judge(self) -> Judge:
        return self.judge_of(self.rule_versions, self.progress)

    def judge_of(self, rules: tuple[RuleVersion, ...], engine: Progress | None = None) -> Judge:
        """A judge of some of this revision's rules, and of the metrics of some goals; without an engine of none.

        Rules never look at each other, so their verdicts are the same.
        """
        declared = self.programme
        return Judge(
            self.calendar,
            self.secret,
            rules,
            self.measures,
            declared.activities,
            declared.attributes,
            working_time=declared.working_time,
            metered=engine.metered if engine else (),
        )

    @cached_property
    def progress(self) -> Progress:
        return self.progress_of(lambda _: True)

    def progress_of(self, mine: Callable[[int], bool]) -> Progress:
        """The engine of some of this revision's badges and zones, picked by element."""
        goals, metered = goals_of(self.badge_versions, self.zone_versions, self.measures)
        goals = [goal for goal in goals if mine(goal.element)]
        measures = {need.measure for goal in goals for need in goal.needs}
        return Progress(self.calendar, goals, [each for each in metered if each.measure in measures])

    @cached_property
    def used(self) -> Mapping[int, Measure]:
        """The measures that the rules, badges and zones look at, by id."""
        found = {measure for item in self.rule_versions for measure in measures_of(item.element, item.rule)}
        found |= {measure for item in self.badge_versions for measure in measures_of_badge(item.element, item.badge)}
        found |= {measure for item in self.zone_versions for measure in measures_of_zone(item.element, item.zone)}
        return {self.measures[each]: each for each in found}

    @cached_property
    def counting(self) -> Counting:
        """Which boards count the points that a rule version pays for an activity type, a badge, and a person."""
        paid: list[tuple[int | None, str | None, tuple[str, ...], str | None]] = [(None, None, (), None)]
        kinds = [*self.type_ids, None]  # None: of a type that is retired
        paid += [(rule.id, kind, rule.rule.tags, rule.rule.key) for rule in self.rule_versions for kind in kinds]
        paid += [(item.id, None, item.badge.tags, None) for item in self.badge_versions]
        return {
            (version, kind): tuple(board for board in self.board_versions if board.counts(tags, kind, rule))
            for version, kind, tags, rule in paid
        }

    @cached_property
    def selective_boards(self) -> tuple[BoardVersion, ...]:
        """The boards on which not all members can earn at all times."""
        return tuple(each for each in self.board_versions if each.is_selective)

    @cached_property
    def audiences(self) -> Mapping[int, Audience]:
        """The `members` of the boards that say it, by board version."""
        return audiences_of(self.board_versions, self.programme.attributes)

    @cached_property
    def rule_keys(self) -> Mapping[int, str]:
        """The keys of the rules in force, by element."""
        return {item.element: item.rule.key for item in self.rule_versions}

    @cached_property
    def paying(self) -> frozenset[int]:
        """The rule and badge versions that are in force."""
        return frozenset([*(item.id for item in self.rule_versions), *(item.id for item in self.badge_versions)])

    @cached_property
    def holds(self) -> Mapping[int, int]:
        """For how many microseconds rule versions hold what they pay."""
        return {item.id: item.rule.hold // MICROSECOND for item in self.rule_versions if item.rule.hold}

    @cached_property
    def badge_of_version(self) -> Mapping[int, Badge]:
        return {item.id: item.badge for item in self.badge_versions}

    @cached_property
    def type_keys_or_none(self) -> Mapping[int | None, str | None]:
        """Keys of activity types by id; of no type, and of one that is retired, None."""
        keys: dict[int | None, str | None] = {}
        keys.update(self.type_keys.items())
        return defaultdict(lambda: None, keys)

    @cached_property
    def signs_of_life(self) -> tuple[int, ...]:
        """The activity types that members do themselves: those of a zone, if any is; others tell what came of it."""
        declared = self.programme.activities
        zoned = tuple(self.type_ids[key] for key, kind in declared.items() if kind.zone is not None)
        return zoned or tuple(self.type_ids.values())

    @cached_property
    def recording_days(self) -> dict[int, int]:
        """Where in the sequence days begin of which that has been found out."""
        return {}

    @cached_property
    def badges(self) -> Mapping[str, BadgeVersion]:
        return {item.badge.key: item for item in self.badge_versions}

    @cached_property
    def zones(self) -> Mapping[str, ZoneVersion]:
        return {item.zone.key: item for item in self.zone_versions}


class Revisions:
    """The revision in force, compiled once and kept until another is applied. One for each process."""

    def __init__(self) -> None:
        self._current: Revision | None = None
        self._past: dict[int, Revision] = {}

    async def current(self, work: UnitOfWork) -> Revision:
        """The revision in force in this transaction. Raises NoProgramme."""
        row = (await work.execute(select(programme.c.revision, programme.c.closings))).one_or_none()
        if row is None:
            raise NoProgramme
        current = self._current
        if current is None or current.number != row.revision:
            current = await load_revision(work, row.revision)
        if current.closings.number != row.closings:
            current = current.with_closings(await load_closings(work, current.calendar))
        self._current = current
        return current

    async def at(self, work: UnitOfWork, number: int) -> Revision:
        """An earlier revision, as it was applied."""
        if number not in self._past:
            if len(self._past) >= PAST_MAX:
                self._past.clear()
            self._past[number] = await load_revision(work, number)
        return self._past[number]


async def load_revision(work: UnitOfWork, number: int) -> Revision:
    """One revision, as it was applied."""
    secret, closings = (await work.execute(select(programme.c.secret, programme.c.closings))).one()
    row = (await work.execute(select(revision).where(revision.c.number == number))).one()
    query = (
        select(element.c.id.label("element"), element.c.kind, version.c.id, version.c.key, version.c.revision)
        .join(version, version.c.element == element.c.id)
        .where(version.c.revision <= number, element.c.retired.is_(None) | (element.c.retired > number))
        .order_by(version.c.revision)
    )
    newest = {found.element: found for found in await work.rows(query)}
    # A thing that was retired and came back is alive throughout; where another had its key meanwhile, the newer counts.
    ids = {(found.kind, found.key): found for found in sorted(newest.values(), key=lambda row: row.revision)}
    measured = await work.rows(select(measure))
    back = revision.c.from_us.is_not(None) | revision.c.back_to.is_not(None)
    past = select(func.max(revision.c.number)).where(revision.c.number <= number, back)
    rejudged = (await work.execute(past)).scalar_one()
    declared = from_document(orjson.loads(row.document))
    closed = await load_closings(work, declared.calendar) if closings else NOTHING_CLOSED
    return Revision(
        number=number,
        seq=row.seq,
        programme=declared,
        secret=secret,
        type_ids={key: ids["activity", key].element for key in declared.activities},
        rule_versions=tuple(
            RuleVersion(ids["rule", key].id, ids["rule", key].element, rule) for key, rule in declared.rules.items()
        ),
        badge_versions=tuple(
            BadgeVersion(ids["badge", key].id, ids["badge", key].element, badge)
            for key, badge in declared.badges.items()
        ),
        zone_versions=tuple(
            ZoneVersion(ids["zone", zone.key].id, ids["zone", zone.key].element, zone)
            for zone in declared.journey.zones
        ),
        board_versions=tuple(
            BoardVersion(ids["board", key].id, board, ids["board", key].element)
            for key, board in declared.boards.items()
        ),
        measures={Measure(each.element, each.definition): each.id for each in measured},
        podium_versions=tuple(
            PodiumVersion(ids["podium", key].id, ids["podium", key].element, podium)
            for key, podium in declared.podiums.items()
        ),
        lives={each.id: Life(each.since, each.from_us) for each in measured if each.since is not None},
        closings=closed,
        from_us=row.from_us,
        back_to=row.back_to,
        stripped=row.stripped,
        rejudged=rejudged or 0,
    )
