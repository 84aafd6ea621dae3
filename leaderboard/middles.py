"""Where the middle of each ranking was seen last: a position is counted from the end that is nearer.

It is a hint. A mistaken one costs the time of the longer way, and the count that took it puts it right.
"""

from collections import OrderedDict

from leaderboard.ranking import Mark

KNOWN_MAX = 1024


class Middles:
    """The middles of the rankings asked for last, by board version and the first day of the period."""

    def __init__(self) -> None:
        self._marks: OrderedDict[tuple[int, int], Mark] = OrderedDict()

    def is_behind(self, key: tuple[int, int], mark: Mark) -> bool:
        """Whether a mark is at or behind the middle, as far as is known."""
        middle = self._marks.get(key)
        return middle is not None and mark.order >= middle.order

    def learn(self, key: tuple[int, int], mark: Mark, from_top: int, from_end: int) -> None:
        """Note how many entries are counted for a mark either way. Where the hint was mistaken, the middle is on the
        other side of the mark, nearer than it was thought to be."""
        is_behind = from_end < from_top
        if is_behind != self.is_behind(key, mark):
            self._marks[key] = mark if is_behind else mark._replace(competitor=mark.competitor + 1)
            self._marks.move_to_end(key)
            if len(self._marks) > KNOWN_MAX:
                self._marks.popitem(last=False)
