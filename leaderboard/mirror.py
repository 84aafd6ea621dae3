"""The mirror: a copy of the standings in Redis, one ranked set for each board and period that somebody asks for.

The database says which run of which server mirrors it, and since which epoch; sets of another epoch are nobody's. A
set is asked only while this process knows that everything committed up to a second ago has reached it. Whoever asks for
one that is not there has it built, and is answered from the database meanwhile.
"""

from collections.abc import Callable
from struct import Struct
from time import monotonic

from leaderboard.dirty import SetKey
from leaderboard.ranking import Mark
from storage.redis import RankedSet, Redis

FRESH_SECONDS = 1.0

# Signed numbers that sort as bytes: the time in microseconds when a standing was reached, then the competitor.
NAME, COMPETITOR, PLACED = Struct(">QQ"), Struct(">Q"), Struct(">QQd")
OFFSET = 2**63


def name_of(reached_us: int, competitor: int) -> bytes:
    """What a competitor is called in a ranked set: of equal scores the lower name leads."""
    return NAME.pack(reached_us + OFFSET, competitor + OFFSET)


def competitor_name(competitor: int) -> bytes:
    return COMPETITOR.pack(competitor + OFFSET)


def placed(score: int, reached_us: int, competitor: int) -> bytes:
    """What puts a competitor in its place: name and negated score."""
    return PLACED.pack(reached_us + OFFSET, competitor + OFFSET, -score)


def mark_of(name: bytes, score: float) -> Mark:
    reached_us, competitor = NAME.unpack(name)
    return Mark(int(-score), reached_us - OFFSET, competitor - OFFSET)


class Mirror:
    """The mirror as one process knows it. Its drain says what is so; readers ask, and say what they miss."""

    def __init__(self, redis: Redis, wake: Callable[[], None] = lambda: None) -> None:
        self.redis = redis
        self.epoch: str | None = None
        self.asked: dict[SetKey, float] = {}  # when a set was last asked for
        self.missed: set[SetKey] = set()  # sets that are to be built
        self.wake = wake
        self.fresh_seconds = FRESH_SECONDS
        self._known_at = float("-inf")

    def is_usable(self) -> bool:
        """Whether what the mirror answers is at most a second old."""
        return monotonic() - self._known_at < self.fresh_seconds and self.epoch is not None

    def know(self, at: float) -> None:
        """Everything that was committed up to this moment, as `monotonic` has it, has reached the mirror."""
        self._known_at = at

    def suspend(self) -> None:
        """Ask it no more until it is known to answer again."""
        self._known_at = float("-inf")

    def leave(self) -> None:
        """It is another: what it holds is not known."""
        self.suspend()
        self.epoch = None

    def ranked(self, key: SetKey) -> RankedSet:
        """The set of a board version in a period. There must be an epoch."""
        assert self.epoch is not None
        return self.redis.ranked(f"laurels:{self.epoch}:{key[0]}:{key[1]}")

    def ask(self, key: SetKey) -> RankedSet:
        self.asked[key] = monotonic()
        return self.ranked(key)

    def miss(self, key: SetKey) -> None:
        """Have a set built."""
        if key not in self.missed:
            self.missed.add(key)
            self.wake()
