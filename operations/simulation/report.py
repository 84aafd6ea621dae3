"""What a simulation says. The same state of the database, draft and span give the same bytes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from rewards.podium_cost import Cost


@dataclass(frozen=True, slots=True)
class Paid:
    """What one rule or badge pays for the activities of the span, and how often it is awarded."""

    kind: str  # rule or badge
    key: str
    title: str
    declared: bool  # in the draft; else it is retired by it, or was before
    points_before: int
    points_after: int
    awards_before: int
    awards_after: int


@dataclass(frozen=True, slots=True)
class LevelReached:
    """How often one level of a badge is awarded in the span."""

    badge: str
    level: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ZoneEntered:
    """How often a zone is entered in the span, and who takes part and stands in it in the end."""

    zone: str
    entered_before: int
    entered_after: int
    members_before: int
    members_after: int


@dataclass(frozen=True, slots=True)
class Gain:
    """The points of one member for what happened in the span."""

    member: str  # external id
    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Placed:
    """One of the first places of a board, in its total order."""

    place: int
    competitor: str  # external id of a member, or name of a team
    score: int
    name: str = ""  # of a member, or of a team; reports of before have none
    thousandths: int | None = None  # the score on a board of means, where `score` is whole points


@dataclass(frozen=True, slots=True)
class BoardPlaces:
    """Who stands in the first places of one board in one period."""

    board: str  # key in the draft; of a board that it retires, the key in force
    period: str  # such as 2026-11
    ended: bool  # it is over: changed winners are information, and change nothing that was decided
    before: tuple[Placed, ...]
    after: tuple[Placed, ...]
    closed: bool = False  # its result is decided, and stays

    @property
    def changed(self) -> bool:
        return [each.competitor for each in self.before] != [each.competitor for each in self.after]


@dataclass(frozen=True, slots=True)
class Report:
    """What a draft would have done from `first_day` to `last_day`, both included, if it is published with effect from
    the first."""

    first_day: str  # ISO
    last_day: str
    seq: int  # the last place of the sequence that was read
    revision: int  # that was in force there
    judged: int  # activities, each once for every member whom it credits
    points_before: int  # of all members, for what happened in the span
    points_after: int
    members_changed: int
    paid: tuple[Paid, ...]
    levels: tuple[LevelReached, ...]
    zones: tuple[ZoneEntered, ...]
    gained: tuple[Gain, ...]  # who gains most, the most first
    lost: tuple[Gain, ...]
    boards: tuple[BoardPlaces, ...]
    # What takes effect from now only, because members share it or it holds its points. Not counted above: what the
    # draft would have done if it had been in force since the first day.
    from_now_only: tuple[Paid, ...]
    levels_from_now_only: tuple[LevelReached, ...]
    costs: tuple[Cost, ...] = ()  # of podiums that the draft changes
    # About what the draft changes, see operations/advice/; and how many there are about what it does not.
    warnings: tuple[str, ...] = ()
    warnings_omitted: int = 0

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: bytes) -> "Report":
        """The report of which `to_json` made this."""
        told = orjson.loads(text)
        for name, kind in PARTS.items():
            told[name] = tuple(kind(**part) for part in told.get(name, ()))
        told["boards"] = tuple(_board(part) for part in told["boards"])
        told["warnings"] = tuple(told["warnings"])
        return cls(**told)


PARTS: Mapping[str, type[Any]] = {
    "paid": Paid,
    "levels": LevelReached,
    "zones": ZoneEntered,
    "gained": Gain,
    "lost": Gain,
    "from_now_only": Paid,
    "levels_from_now_only": LevelReached,
    "costs": Cost,
}


def _board(part: dict[str, Any]) -> BoardPlaces:
    sides = {side: tuple(Placed(**place) for place in part[side]) for side in ("before", "after")}
    return BoardPlaces(**part | sides)
