"""A ranking that must not be asked."""

from leaderboard.ranking import Mark, Place


class Nobody:
    """Stands behind a ranking that answers by itself."""

    async def participants(self) -> int:
        raise AssertionError("asked how many take part")

    async def top(self, count: int) -> list[Place]:
        raise AssertionError("asked for the top")

    async def after(self, mark: Mark, count: int) -> list[Place]:
        raise AssertionError("asked who is behind")

    async def before(self, mark: Mark | None, count: int) -> list[Place]:
        raise AssertionError("asked who is ahead")

    async def around(self, competitor: int, above: int, below: int) -> list[Place]:
        raise AssertionError("asked who is around")

    async def place(self, competitor: int) -> Place | None:
        raise AssertionError("asked for a place")
