"""API keys: made, listed and revoked."""

from commands.outcome import DONE, Clock
from commands.store import reading, writing
from settings import Settings
from terminal import escaped, say


def create_key(settings: Settings, clock: Clock, scopes: list[str], name: str, member: str | None) -> int:
    from api.access import create_key as created

    say(writing(settings, lambda work: created(work, name, scopes, clock(), member=member)))
    return DONE


def list_keys(settings: Settings, _: Clock) -> int:
    from api.access import list_keys as listed

    for key in reading(settings, listed):
        ended = f", revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
        made = f"made {key.created_at:%Y-%m-%d %H:%M}{ended}"
        say(f"{key.id:>5}  {' '.join(key.scopes):<20}  {made}  {escaped(key.name)}")
    return DONE


def revoke_key(settings: Settings, clock: Clock, id: int) -> int:
    from api.access import revoke_key as revoked

    writing(settings, lambda work: revoked(work, id, clock()))
    say(f"Key {id} is revoked.")
    return DONE
