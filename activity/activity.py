"""An activity: one thing that one member did, once it has been found sound."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from activity.catalogue import FieldValue


@dataclass(frozen=True, slots=True)
class Activity:
    """What a tool reported. (source, id) is its identity: delivered again, it counts once."""

    source: str
    id: str
    type: str  # key of an activity type
    member: int  # member key
    time: datetime  # when it happened; aware
    data: Mapping[str, FieldValue]  # every declared field, defaults filled in; dates and timestamps as ISO text
