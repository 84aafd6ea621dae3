"""The programme in force, as one revision has it."""

from collections.abc import Sequence
from datetime import date, datetime

import strawberry
from sqlalchemy import select

from activity.calendar import instant
from activity.schema import ActivityType, IdentityKind, resolved
from api.context import Context, Info
from api.journey import zone_of
from api.titles import titles
from leaderboard.board_schema import Board
from operations.revision import Revision
from rewards.podium_schema import Podium
from rewards.schema import Badge, Zone
from rules.schema import Rule, WorkingTime
from rules.tables import revision as revision_table
from storage.bulk import AnyRow


@strawberry.type(description="The programme: what can happen, what it earns, and who is compared with whom.")
class Programme:
    revision_in_force: strawberry.Private[Revision]
    key: str = strawberry.field(description="Its name in its file.")
    title: str | None = strawberry.field(description="What it is called.")
    starts_on: date = strawberry.field(description="The first day on which an activity counts.")
    time_zone: str = strawberry.field(description="The time zone in which days and periods begin and end.")
    year_starts: str = strawberry.field(description="Month and day, as MM-DD, from which quarters and halves count.")
    opt_in: bool = strawberry.field(description="Whether members take part only when they say so.")
    working_time: WorkingTime | None = strawberry.field(
        description="Outside of which rules pay nothing to certain members. Null: all times are alike."
    )
    dormant_after_days: int | None = strawberry.field(
        description="After how many days of silence a member is dormant. Null: never."
    )
    keeps_unknown_days: int | None = strawberry.field(
        description="For how many days activities of unknown people are kept aside. Null: they are refused."
    )
    retention_days: int | None = strawberry.field(
        description="After how many days data is stripped that no rule, badge or zone reads. Null: never."
    )
    identities: list[IdentityKind] = strawberry.field(
        description="The kinds of identities that members can have, in the order of its file."
    )
    revision: int = strawberry.field(description="How often the programme has been applied with changes.")

    @classmethod
    def of(cls, revision: Revision) -> "Programme":
        declared = revision.programme
        return cls(
            revision_in_force=revision,
            key=declared.key,
            title=declared.title,
            starts_on=declared.starts,
            time_zone=declared.time_zone,
            year_starts="{:02}-{:02}".format(*declared.year_starts),
            opt_in=declared.opt_in,
            working_time=WorkingTime.of(declared.working_time) if declared.working_time else None,
            dormant_after_days=declared.journey.dormant_days,
            keeps_unknown_days=None if declared.opt_in else declared.kept_days,
            retention_days=declared.retention_days,
            identities=[IdentityKind(key=kind.key, title=kind.title) for kind in declared.identities.values()],
            revision=revision.number,
        )

    @resolved("Who applied this revision. Null where nobody was named.")
    async def author(self, info: Info) -> str | None:
        return (await self._row(info)).author or None

    @resolved("Why it was applied, in their words.")
    async def note(self, info: Info) -> str | None:
        return (await self._row(info)).note  # type: ignore[no-any-return]  # a row's column

    @resolved("When it was applied.")
    async def applied_at(self, info: Info) -> datetime:
        return instant((await self._row(info)).applied_us)

    @resolved("Its rules, in the order of its file.")
    def rules(self) -> list[Rule]:
        return [Rule.of(version.id, version.rule) for version in self.revision_in_force.rule_versions]

    @resolved("Its badges, in the order of its file. Those that are hidden are shown to keys that may manage alone.")
    def badges(self, info: Info) -> list[Badge]:
        state = self.revision_in_force
        told = titles(info.context, state)
        return [
            Badge.of(version.id, version.badge, told, state.calendar)
            for version in state.badge_versions
            if version.badge.key not in told.hidden
        ]

    @resolved("The zones of the journey, in their order.")
    def zones(self, info: Info) -> list[Zone]:
        state = self.revision_in_force
        return [zone_of(info.context, state, version.zone) for version in state.zone_versions]

    @resolved("Its boards, in the order of its file.")
    def boards(self) -> list[Board]:
        return [Board.of_version(version) for version in self.revision_in_force.board_versions]

    @resolved("Its podiums, in the order of its file.")
    def podiums(self) -> list[Podium]:
        return [Podium.of(version.podium) for version in self.revision_in_force.podium_versions]

    @resolved("The activity types it declares, in the order of its file.")
    def activity_types(self) -> list[ActivityType]:
        return [ActivityType.of(declared) for declared in self.revision_in_force.programme.activities.values()]

    async def _row(self, info: Info) -> AnyRow:
        return await info.context.loader(load_revisions).load(self.revision)


async def load_revisions(context: Context, numbers: list[int]) -> Sequence[AnyRow]:
    """What is kept of revisions beside what they say."""
    columns = (revision_table.c[name] for name in ("number", "author", "note", "applied_us"))
    async with context.reading() as work:
        rows = await work.rows(select(*columns).where(revision_table.c.number.in_(numbers)))
    found = {row.number: row for row in rows}
    return [found[number] for number in numbers]
