"""Events: what happened beside activities, fed to a replay between them, in the order of the sequence."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from operations.case import Case
from operations.replay import Replay
from rewards.award import Award
from storage.bulk import AnyRow


class Transfer(NamedTuple):
    """What turned out to be another member's, from a place in the sequence on."""

    seq: int
    from_member: int
    moved: list[Case]  # as the other's, in order
    dropped: list[int]  # activities that credited the other too, and do so once


class Events:
    """Retractions, and what persons gave and took. `retracted` has activities with the place of their retraction,
    `awards` are the rows of awards, of those that were revoked too; `transfers` what turned out to be another member's,
    for a replay of what members share: all others know from the beginning."""

    def __init__(
        self,
        retracted: Mapping[int, int],
        awards: Iterable[AnyRow],
        replay: Replay,
        transfers: Iterable[Transfer] = (),
    ) -> None:
        events: list[tuple[int, Callable[[], None]]] = [
            (seq, partial(replay.retract, activity)) for activity, seq in retracted.items()
        ]
        taken: dict[tuple[int, int], list[Award]] = {}
        for row in awards:
            if row.author is not None:
                events.append((row.seq, partial(replay.give, Award.of(row))))
            if row.revoked_by is not None:
                taken.setdefault((row.revoked_seq, row.element), []).append(Award.of(row))
        events += [(seq, partial(replay.take, part, ended)) for (seq, part), ended in taken.items()]
        events += [(each.seq, partial(replay.transfer, *each)) for each in transfers]
        self._events = sorted(events, key=lambda event: event[0])
        self._replay = replay
        self._next = 0

    def before(self, seq: int) -> None:
        """Everything before a place in the sequence."""
        while self._next < len(self._events) and self._events[self._next][0] < seq:
            at, happen = self._events[self._next]
            self._replay.advance(at)
            happen()
            self._next += 1

    def rest(self) -> None:
        """Everything that is left."""
        self.before(2**63)
