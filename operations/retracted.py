"""Retracted: what taking an activity back did, as values and in words."""

from dataclasses import dataclass
from enum import StrEnum


class RetractStatus(StrEnum):
    RETRACTED = "retracted"
    UNCHANGED = "unchanged"  # it had been retracted before


class Because(StrEnum):
    """Why a badge or zone stays that the activity had completed."""

    POLICY = "its policy keeps it"
    ENOUGH = "what else it rests on is enough"
    UNCOUNTED = "the activity is not counted for it any more"


@dataclass(frozen=True, slots=True)
class Staying:
    """A badge or zone that the activity had completed, and that its member keeps."""

    member: str  # external id
    title: str
    points: int
    because: Because


@dataclass(frozen=True, slots=True)
class Retracted:
    """What a retraction did, of all whom the activity credits."""

    status: RetractStatus
    seq: int  # of the activity
    paid: int = 0  # the points that stood for it, those of badges that it completed too
    points: int = 0  # that were taken back, also those of badges that fell though others had completed them
    revoked: int = 0  # badges and zones that fell away
    voided: int = 0  # points that were held back, and are never released
    staying: tuple[Staying, ...] = ()

    @property
    def told(self) -> str:
        """What was taken back, what stays, and why, in sentences."""
        if self.status is RetractStatus.UNCHANGED:
            return "It had been retracted before; nothing was done."
        own = self.paid - sum(each.points for each in self.staying)
        said = f"It had paid {_points(self.paid)}, {_taken(own, self.paid)}" if self.paid else "It had paid no points"
        if self.revoked:
            fell = "1 badge or zone falls" if self.revoked == 1 else f"{self.revoked:,} badges or zones fall"
            more = self.points - own
            said += f"; {fell} with it" + (f", worth {_points(more, 'more ')}" if more else "")
        sentences = [f"{said}.", *map(_stays, self.staying)]
        if self.voided:
            sentences.append(f"{_points(self.voided)} that were held back will not be released.")
        return " ".join(sentences)


def _taken(own: int, paid: int) -> str:
    if own == paid:
        return f"which {'is' if paid == 1 else 'are'} taken back"
    return f"of which {own:,} {'is' if own == 1 else 'are'} taken back"


def _stays(each: Staying) -> str:
    points = f", with its {_points(each.points)}" if each.points else ""
    return f"{each.title} of {each.member} stays{points}: {each.because}."


def _points(count: int, more: str = "") -> str:
    return f"{count:,} {more}point{'s' * (count != 1)}"
