"""The upkeep of a database: its schema, and the proof of what is in it. And the schema of the API."""

from typing import TYPE_CHECKING

from commands.outcome import DONE, FOUND, Clock
from commands.store import migrated, on_store, reading, writing
from settings import Settings
from terminal import say

if TYPE_CHECKING:
    from storage.engine import Store


def migrate(settings: Settings, _: Clock) -> int:
    migrated(settings)
    say("The database is up to date.")
    return DONE


def verify(settings: Settings, _: Clock) -> int:
    from operations.verify import verify as verified

    count = reading(settings, lambda work: verified(work, say))
    if settings.redis_url:
        count += _verify_mirror(settings, settings.redis_url)
    say(f"{count:,} difference{'s' * (count > 1)}." if count else "Everything is as the recorded history makes it.")
    return FOUND if count else DONE


def _verify_mirror(settings: Settings, url: str) -> int:
    from operations.compare import compare
    from storage.redis import Redis

    async def run(store: "Store") -> int:
        redis = Redis(url)
        try:
            return await compare(store, redis, say)
        finally:
            await redis.close()

    return on_store(settings, run)


def strip(settings: Settings, clock: Clock) -> int:
    from operations.reading import Reading
    from operations.revision import Revisions
    from operations.strip import strip as stripped

    declared = reading(settings, Revisions().current).programme
    if declared.retention_days is None:
        say("Everything is kept: the programme has no 'retention'.")
        return DONE
    done = on_store(settings, lambda store: stripped(store, Revisions(), Reading(), now=clock()))
    activities = f"{done.activities:,} activit{'y' if done.activities == 1 else 'ies'}"
    claims = f"{done.claims:,} claim{'s' * (done.claims != 1)}"
    say(f"{activities} and {claims} of more than {declared.retention_days} days ago stripped of what nothing reads.")
    return DONE


def rebuild_mirror(settings: Settings, _: Clock) -> int:
    from leaderboard.dirty import detach

    writing(settings, detach)
    say("What Redis has is used no more: whoever serves builds each board anew when it is asked for.")
    return DONE


def schema(_: Settings, __: Clock) -> int:
    from api.schema import print_sdl

    print(print_sdl(), end="")
    return DONE
