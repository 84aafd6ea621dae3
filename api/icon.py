"""Icons of badges over HTTP, for `src` of an image: they need no key, but for those of hidden badges.

GET /badges/{key}/{level}.svg     level 0 is the badge that is not earned yet

A hidden badge has an icon for whom GraphQL would show the badge to: with a key that may manage, and once somebody has
the badge, with one that may read. For everyone else there is no such badge.
"""

from hashlib import blake2b

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from activity.schema import storable
from api.access import Caller, Scope
from api.badges import is_held
from api.context import Service
from api.rulebook import StoredBadge
from operations.revision import NoProgramme
from rewards.schema import drawn
from rules.tables import element, version
from storage.work import UnitOfWork

PATH = "/badges/{key}/{level}.svg"
KEPT_SECONDS = 3_600  # by browsers and by what stands between: then they ask whether it is still the same


class IconUnknown(Exception):
    """There is no icon at this address; the message says what is wrong with it."""


async def icon_response(request: Request) -> Response:
    """The icon that the address names. Raises IconUnknown."""
    service: Service = request.app.state.service
    key, level = request.path_params["key"], request.path_params["level"]
    caller = await _caller(service, request.headers.get("authorization", ""))
    async with service.store.reading() as work:
        found = await _badge(service, work, key) if storable(key) else None
        if found and found.badge.hidden and not await _may_see_hidden(work, caller, found.element):
            found = None
        titles = {} if found is None else await _titles(service, work)
    if found is None:
        raise IconUnknown(f"there is no badge {key[:64]!r}; programme {{ badges {{ key iconPath }} }} names all")
    badge = found.badge
    svg = drawn(badge, int(level), titles) if level.isascii() and level.isdigit() and len(level) < 10 else None
    if svg is None:
        levels = "0, and then each level from 1" if badge.every else f"0 to {len(badge.levels)}"
        raise IconUnknown(f"the badge {badge.key!r} has no level {level[:20]!r}; write {levels}")
    body = svg.encode()
    headers = {
        "Cache-Control": f"{'private' if badge.hidden else 'public'}, max-age={KEPT_SECONDS}",
        "ETag": f'"{blake2b(body, digest_size=12).hexdigest()}"',
    }
    if badge.hidden:
        headers["Vary"] = "Authorization"
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="image/svg+xml")


async def _badge(service: Service, work: UnitOfWork, key: str) -> StoredBadge | None:
    """The badge with a key, also one that is retired by now."""
    try:
        state = await service.revisions.current(work)
    except NoProgramme:
        return None
    version_in_force = state.badges.get(key)
    if version_in_force is not None:
        identifier = version_in_force.id
    else:
        past = select(version.c.id).join(element, element.c.id == version.c.element)
        past = past.where(element.c.kind == "badge", version.c.key == key).order_by(version.c.id.desc()).limit(1)
        rows = await work.rows(past)
        if not rows:
            return None
        identifier = rows[0].id
    return (await service.rulebook.badges(work, [identifier], state.calendar))[identifier]


async def _titles(service: Service, work: UnitOfWork) -> dict[str, str]:
    """The titles of all badges in force, by key."""
    return {key: badge.title for key, badge in (await service.revisions.current(work)).programme.badges.items()}


async def _caller(service: Service, authorization: str) -> Caller | None:
    kind, _, key = authorization.partition(" ")
    return await service.keyring.caller(key.strip()) if kind.lower() == "bearer" else None


async def _may_see_hidden(work: UnitOfWork, caller: Caller | None, badge: int) -> bool:
    """Whether a hidden badge, given by its element, is shown to whoever asks."""
    if caller is None or not caller.may(Scope.READ):
        return False
    return caller.may(Scope.MANAGE) or await is_held(work, badge)
