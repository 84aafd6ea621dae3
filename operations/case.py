"""A case: one activity for one of the members it credits, on its way through judging, or as it was judged before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from activity.activity import Activity
from activity.member import Facts
from rewards.progress import Reached
from rules.judge import Assessment
from rules.verdict import PAID, Outcome


@dataclass(slots=True)
class Case:
    activity: Activity
    facts: Facts  # of the member, when it was recorded
    time_us: int
    day: int
    seq: int = 0
    place: int = 0  # of the member among those that the activity names
    among: int = 1  # how many it names
    recorded_us: int = 0
    kind: int = 0  # the element of the activity's type, whatever it is called
    assessment: Assessment | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)

    @property
    def member(self) -> int:
        return self.activity.member


def paid(outcomes: Iterable[Outcome], elements: Mapping[int, int]) -> dict[int, int]:
    """Points by rule element of what was awarded or held. `elements` are those of the rule versions."""
    return {
        elements[outcome.version]: outcome.points
        for outcome in outcomes
        if outcome.points and outcome.result in PAID and outcome.version in elements
    }
