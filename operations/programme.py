"""The programme as a whole: what one file says, once it has been read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from activity.calendar import Calendar
from activity.catalogue import ActivityType, FieldType
from leaderboard.board import Board
from rules.rule import Rule


@dataclass(frozen=True)
class Programme:
    """Everything a programme file declares. Mappings keep the order of the file and are keyed by the things' keys."""

    key: str
    starts: date  # the first day on which an activity may have happened
    time_zone: str  # IANA name; with `starts` and `year_starts` fixed by the first apply
    activities: Mapping[str, ActivityType]
    rules: Mapping[str, Rule]
    boards: Mapping[str, Board]
    attributes: Mapping[str, FieldType]  # what is known of members beside the fields that everyone has
    year_starts: tuple[int, int] = (1, 1)  # month and day
    opt_in: bool = True  # members take part only when they say so
    title: str | None = None

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar(ZoneInfo(self.time_zone), self.year_starts)
