"""A member, and the facts about them that judging may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from activity.catalogue import FieldValue


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a member at one place in the sequence. A change makes new facts; old ones stay for replay."""

    team: str | None = None
    team_id: int | None = None
    location: str | None = None
    department: str | None = None
    time_zone: str | None = None  # IANA name
    attributes: Mapping[str, FieldValue] = field(default_factory=dict)  # those the programme declares
    participates: bool = True
