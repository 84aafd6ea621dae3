"""The ranking of a board that shows only its first places: to members, everything below is hidden but their own place.

How many take part is no secret, nor what share of them stands below a place that is seen.
"""

from collections.abc import Iterable

from leaderboard.ranking import Mark, Place, Ranking


class ShownRanking:
    """Another ranking, down to the position `shows`, with the place of one competitor, `own`, wherever it is."""

    def __init__(self, whole: Ranking, shows: int, own: int | None) -> None:
        self.whole = whole
        self._shows = shows
        self._own = own
        self._known: list[Place] | None = None

    def shows(self, place: Place) -> bool:
        return place.position <= self._shows or place.competitor == self._own

    async def participants(self) -> int:
        return await self.whole.participants()

    async def ends(self) -> tuple[int, int]:
        """The first and the last position that is seen, 0 where none is."""
        seen = await self._seen()
        return (seen[0].position, seen[-1].position) if seen else (0, 0)

    async def top(self, count: int) -> list[Place]:
        first = await self.whole.top(min(count, self._shows)) if self._shows else []
        return self._shown(first) + await self._own_place(count)

    async def after(self, mark: Mark, count: int) -> list[Place]:
        return [place for place in await self._seen() if place.mark.order > mark.order][:count]

    async def before(self, mark: Mark | None, count: int) -> list[Place]:
        ahead = [place for place in await self._seen() if mark is None or place.mark.order < mark.order]
        return ahead[max(0, len(ahead) - count) :]

    async def around(self, competitor: int, above: int, below: int) -> list[Place]:
        found = self._shown(await self.whole.around(competitor, above, below))
        return found if any(place.competitor == competitor for place in found) else []

    async def place(self, competitor: int) -> Place | None:
        found = await self.whole.place(competitor)
        return found if found and self.shows(found) else None

    async def _seen(self) -> list[Place]:
        """All that is seen, in order."""
        if self._known is None:
            first = await self.whole.top(self._shows) if self._shows else []
            self._known = self._shown(first) + await self._own_place()
        return self._known

    async def _own_place(self, last: int | None = None) -> list[Place]:
        """The own place, if it is below those that everybody sees and not behind the position `last`."""
        if self._own is None or (last is not None and last <= self._shows):
            return []
        found = await self.whole.place(self._own)
        below = found is not None and found.position > self._shows and (last is None or found.position <= last)
        return [found] if found and below else []

    def _shown(self, places: Iterable[Place]) -> list[Place]:
        return [place for place in places if self.shows(place)]
