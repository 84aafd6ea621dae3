"""The programme in force, as one revision has it."""

from datetime import date

import strawberry

from activity.schema import ActivityType, resolved
from leaderboard.schema import Board
from operations.revision import Revision
from rules.schema import Rule


@strawberry.type(description="The programme: what can happen, what it earns, and who is compared with whom.")
class Programme:
    revision_in_force: strawberry.Private[Revision]
    key: str = strawberry.field(description="Its name in its file.")
    title: str | None = strawberry.field(description="What it is called.")
    starts_on: date = strawberry.field(description="The first day on which an activity counts.")
    time_zone: str = strawberry.field(description="The time zone in which days and periods begin and end.")
    year_starts: str = strawberry.field(description="Month and day, as MM-DD, from which quarters and halves count.")
    opt_in: bool = strawberry.field(description="Whether members take part only when they say so.")
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
            revision=revision.number,
        )

    @resolved("Its rules, in the order of its file.")
    def rules(self) -> list[Rule]:
        return [Rule.of(version.id, version.rule) for version in self.revision_in_force.rule_versions]

    @resolved("Its boards, in the order of its file.")
    def boards(self) -> list[Board]:
        return [Board.of_version(version) for version in self.revision_in_force.board_versions]

    @resolved("The activity types it declares, in the order of its file.")
    def activity_types(self) -> list[ActivityType]:
        return [ActivityType.of(declared) for declared in self.revision_in_force.programme.activities.values()]
