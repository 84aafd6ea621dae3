"""The upkeep of a database: its schema, and the proof of what is in it. And the schema of the API."""

from commands.outcome import DONE, FOUND, Clock
from commands.store import migrated, reading
from settings import Settings


def migrate(settings: Settings, _: Clock) -> int:
    migrated(settings)
    print("The database is up to date.")
    return DONE


def verify(settings: Settings, _: Clock) -> int:
    from operations.verify import verify as verified

    count = reading(settings, lambda work: verified(work, print))
    print(f"{count:,} difference{'s' * (count > 1)}." if count else "Everything is as the recorded history makes it.")
    return FOUND if count else DONE


def schema(_: Settings, __: Clock) -> int:
    from api.schema import print_sdl

    print(print_sdl(), end="")
    return DONE
