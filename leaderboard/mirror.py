"""The mirror: a copy of the standings in Redis, one ranked set for each board and period that somebody asks for.

The database says which run of which server mirrors it, and since which epoch; sets of another epoch are nobody's. A
set is asked only while this process knows that everything committed up to a second ago has reached it. Whoever asks for
one that is not there has it built, and is answered from the database meanwhile.
"""

import logging
from collections.abc import Callable
from struct import Struct
from time import monotonic

from leaderboard.dirty import SetKey
from leaderboard.ranking import Mark
from storage.redis import RankedSet, Redis, RedisRefused

log = logging.getLogger("laurels.mirror")

FRESH_SECONDS = 1.0
REFUSAL_SECONDS = 600.0  # after which one that was not repeated is forgotten

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
        self._refused: dict[SetKey | None, float] = {}  # when, at last

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

    def refuse(self, key: SetKey | None, error: RedisRefused) -> None:
        """Redis answers, but refused something of a set; None stands for changes to those that are there. It is told
        once, until nothing is refused any more."""
        self._forget_refusals()
        if not self._refused:
            log.warning(
                "Redis answers, but refuses the standings; rankings that it does not have come from the database: %s; "
                "look at its memory (maxmemory), its disk, and what its user may do",
                error,
            )
        self._refused[key] = monotonic()

    def accept(self, key: SetKey | None) -> None:
        """It took, or told, the same. A set that was built is proof that it takes changes too."""
        if self._refused:
            self._forget_refusals()
            for each in (key, None):
                self._refused.pop(each, None)
            if not self._refused:
                log.warning("Redis takes the standings again")  # as loud as its refusal

    def _forget_refusals(self) -> None:
        """Those of sets that nobody has asked for since."""
        now = monotonic()
        self._refused = {key: at for key, at in self._refused.items() if now - at < REFUSAL_SECONDS}

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
