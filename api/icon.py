"""Icons of badges over HTTP, for `src` of an image: they need no key.

GET /badges/{key}/{level}.svg     level 0 is the badge that is not earned yet
"""

from hashlib import blake2b

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from activity.schema import storable
from api.context import Service
from operations.revision import NoProgramme
from rewards.badge import Badge
from rewards.schema import drawn
from rewards.tables import award
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
    async with service.store.reading() as work:
        badge = await _badge(service, work, key) if storable(key) else None
    if badge is None:
        raise IconUnknown(f"there is no badge {key[:64]!r}; programme {{ badges {{ key iconPath }} }} names all")
    svg = drawn(badge, int(level)) if level.isascii() and level.isdigit() and len(level) < 10 else None
    if svg is None:
        levels = "0, and then each level from 1" if badge.every else f"0 to {len(badge.levels)}"
        raise IconUnknown(f"the badge {badge.key!r} has no level {level[:20]!r}; write {levels}")
    body = svg.encode()
    headers = {
        "Cache-Control": f"public, max-age={KEPT_SECONDS}",
        "ETag": f'"{blake2b(body, digest_size=12).hexdigest()}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="image/svg+xml")


async def _badge(service: Service, work: UnitOfWork, key: str) -> Badge | None:
    """The badge with a key, also one that is retired by now. One that is hidden has an icon when somebody has it."""
    try:
        state = await service.revisions.current(work)
    except NoProgramme:
        return None
    found = state.badges.get(key)
    if found is not None:
        identifier, badge = found.element, found.badge
    else:
        past = select(version.c.id).join(element, element.c.id == version.c.element)
        past = past.where(element.c.kind == "badge", version.c.key == key).order_by(version.c.id.desc()).limit(1)
        rows = await work.rows(past)
        if not rows:
            return None
        stored = (await service.rulebook.badges(work, [rows[0].id], state.calendar))[rows[0].id]
        identifier, badge = stored.element, stored.badge
    if badge.hidden:
        mine = select(award.c.seq).where(award.c.element == identifier, award.c.revoked_seq.is_(None)).limit(1)
        if not await work.rows(mine):
            return None
    return badge
