"""Revisions made ready for work: the programme in force at one place in the sequence, compiled, with its ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import orjson
from sqlalchemy import select

from activity.calendar import Calendar, PeriodKind
from activity.intake import Intake
from errors import LaurelsError
from leaderboard.standing import BoardVersion
from operations.programme import Programme, from_document
from rules.judge import Judge, RuleVersion
from rules.measure import Measure, Measures
from rules.tables import element, measure, programme, revision, version
from storage.work import UnitOfWork


class NoProgramme(LaurelsError):
    """No programme has been applied to this database yet; run: python app.py apply FILE"""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True)
class Revision:
    """One applied state of the programme. Building the parts compiles every expression, so keep a revision."""

    number: int
    seq: int
    programme: Programme
    secret: bytes
    type_ids: Mapping[str, int]  # element ids by the keys of this revision
    rule_versions: tuple[RuleVersion, ...]  # in the programme's order
    board_versions: tuple[BoardVersion, ...]
    measures: Measures

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
        return self.judge_of(self.rule_versions)

    def judge_of(self, rules: tuple[RuleVersion, ...]) -> Judge:
        """A judge of some of this revision's rules. Rules never look at each other, so their verdicts are the same."""
        declared = self.programme
        return Judge(self.calendar, self.secret, rules, self.measures, declared.activities, declared.attributes)

    @cached_property
    def counting(self) -> Mapping[tuple[int, str], tuple[BoardVersion, ...]]:
        """Which boards count the points that a rule version pays for an activity type."""
        return {
            (rule.id, kind): tuple(board for board in self.board_versions if board.counts(rule.rule.tags, kind))
            for rule in self.rule_versions
            for kind in rule.rule.on
        }


class Revisions:
    """The revision in force, compiled once and kept until another is applied. One for each process."""

    def __init__(self) -> None:
        self._current: Revision | None = None

    async def current(self, work: UnitOfWork) -> Revision:
        """The revision in force in this transaction. Raises NoProgramme."""
        number = (await work.execute(select(programme.c.revision))).scalar_one_or_none()
        if number is None:
            raise NoProgramme
        if self._current is None or self._current.number != number:
            self._current = await load_revision(work, number)
        return self._current


async def load_revision(work: UnitOfWork, number: int) -> Revision:
    """One revision, as it was applied."""
    secret = (await work.execute(select(programme.c.secret))).scalar_one()
    row = (await work.execute(select(revision).where(revision.c.number == number))).one()
    query = (
        select(element.c.id.label("element"), element.c.kind, version.c.id, version.c.key)
        .join(version, version.c.element == element.c.id)
        .where(version.c.revision <= number, element.c.retired.is_(None) | (element.c.retired > number))
        .order_by(version.c.revision)
    )
    newest = {found.element: found for found in await work.rows(query)}
    ids = {(found.kind, found.key): found for found in newest.values()}
    declared = from_document(orjson.loads(row.document))
    return Revision(
        number=number,
        seq=row.seq,
        programme=declared,
        secret=secret,
        type_ids={key: ids["activity", key].element for key in declared.activities},
        rule_versions=tuple(
            RuleVersion(ids["rule", key].id, ids["rule", key].element, rule) for key, rule in declared.rules.items()
        ),
        board_versions=tuple(BoardVersion(ids["board", key].id, board) for key, board in declared.boards.items()),
        measures=await load_measures(work),
    )


async def load_measures(work: UnitOfWork) -> Measures:
    """The ids of all measures that any revision ever used."""
    return {
        Measure(row.element, PeriodKind(row.per), row.by, bool(row.across_members)): row.id
        for row in await work.rows(select(measure))
    }
