"""Names: what people call the members, teams, rules and badges that results keep by number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from activity.calendar import instant
from activity.roster import team_names
from activity.tables import member
from leaderboard.board import Competitors
from operations.case import Case
from rewards.award import Award
from rules.tables import element, measure, version
from rules.verdict import Outcome
from storage.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Names:
    """Words for numbers; of what nobody knows any more, the number."""

    members: Mapping[int, str]  # external ids, by key
    teams: dict[int, str]
    elements: Mapping[int, str]  # kind and last key
    versions: Mapping[int, str]  # kind and key of then
    measures: Mapping[int, str]  # the element that counts, and its definition

    def member(self, key: int) -> str:
        return f"member {self.members.get(key, f'number {key}')}"

    def team(self, key: int | None) -> str:
        return "no team" if key is None else f"team {self.teams.get(key, f'number {key}')}"

    def competitor(self, of: Competitors, key: int) -> str:
        return self.team(key) if of is Competitors.TEAMS else self.member(key)

    def element(self, number: int) -> str:
        return self.elements.get(number, f"element number {number}")

    def version(self, number: int | None) -> str:
        return "nothing" if number is None else self.versions.get(number, f"version number {number}")

    def measure(self, number: int) -> str:
        return self.measures.get(number, f"measure number {number}")

    def case(self, case: Case) -> str:
        told = activity_told(case.activity.source, case.activity.id, case.seq)
        return f"{told} of {self.member(case.member)}"

    def outcomes(self, outcomes: Sequence[Outcome]) -> str:
        return (
            ", ".join(
                f"{self.version(version)} {result.value} {points or detail or ''}".strip()
                for version, result, points, detail in outcomes
            )
            or "nothing"
        )

    def judged_by(self, versions: Sequence[int]) -> str:
        return ", ".join(f"{self.version(each)} (version {each})" for each in versions) or "no rule"

    def counted(self, key: Sequence[int]) -> str:
        """The key of a tally or of progress."""
        who, measure, day, scope = key
        since = f", from {day_told(day)}" if day else ""
        by = f", value {scope}" if scope else ""
        return f"{self.measure(measure)} for {self.member(who) if who else 'all members'}{since}{by}"

    def award(self, award: Award) -> str:
        told = f"{self.version(award.version)} of {self.member(award.member)}, level {award.level}"
        told += f", value {award.value}"
        if award.first_day:
            told += f" in the days from {day_told(award.first_day)} to {day_told(award.last_day)}"
        told += ", by hand" if award.activity is None else f", by the activity at {award.activity}"
        told += f", reached {time_told(award.time_us)}"
        told += f", period {award.period}" if award.period else ""
        return told if award.expires_us is None else f"{told}, until {time_told(award.expires_us)}"


async def load_names(work: UnitOfWork) -> Names:
    elements = {
        row.id: f"{row.kind} {row.key}" for row in await work.rows(select(element.c.id, element.c.kind, element.c.key))
    }
    versions = await work.rows(select(version.c.id, version.c.key, element.c.kind).join(element))
    measures = await work.rows(select(measure.c.id, measure.c.element, measure.c.definition))
    return Names(
        {row.key: row.external_id for row in await work.rows(select(member.c.key, member.c.external_id))},
        await team_names(work),
        elements,
        {row.id: f"{row.kind} {row.key}" for row in versions},
        {row.id: f"{elements.get(row.element, row.element)} {row.definition}" for row in measures},
    )


def activity_told(source: str | None, identifier: str | None, seq: int) -> str:
    """An activity as whoever reported it knows it, or by its place in the sequence."""
    return f"activity ({source}, {identifier})" if source and identifier else f"the activity at {seq}"


def day_told(day: int) -> str:
    """A day, be it one that nobody could have written; 0 is the beginning of all."""
    try:
        return date.fromordinal(day).isoformat() if day else "the beginning"
    except (ValueError, OverflowError):
        return f"day {day}"


def time_told(time_us: int) -> str:
    """An instant, be it one that nobody could have written."""
    try:
        return instant(time_us).isoformat()
    except (ValueError, OverflowError):
        return f"{time_us} microseconds"
