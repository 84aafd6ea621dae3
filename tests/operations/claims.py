"""A programme whose talks and mentoring members claim themselves, and short words for what becomes of claims."""

from typing import Any

from sqlalchemy import select

from activity.tables import claim as claim_table
from activity.tables import member
from operations.adjust import Author
from operations.claim import Words, claim, withdraw
from operations.review import Reviewed, approve, refuse
from tests.world import MANAGER, PROGRAMME, WHY, World

CLAIMED = PROGRAMME.replace(
    "\nrules:\n",
    """
  talk.given:
    title: Gave a talk
    zone: creator
    fields: {topic: string, hearers: {type: int, default: 10}}
    claim: {hint: Link to the recording, within: P90D}
  colleague.mentored:
    title: Mentored a colleague
    fields: {colleague: string}
    claim: true
rules:
  talk:
    title: Give a talk
    on: [talk.given]
    points: 20
    limits:
      - {max: 2, per: day}
    tags: [effort]
  mentor:
    title: Mentor a colleague
    on: [colleague.mentored]
    points: 15
    limits:
      - {max: 1, per: ever, by: activity.colleague}
""",
).replace("[effort], period: month", "[effort], period: month, closing: {}")

AT = "2026-11-12T09:30:00Z"
RECORDING = "https://video.example.com/1"


async def company(world: World, programme: str = CLAIMED) -> World:
    await world.apply(programme)
    await world.hire("Ada", "Ben", "Cy", team="Red")
    return world


async def as_member(world: World, name: str) -> Author:
    """A member, who acts for themself."""
    async with world.store.reading() as work:
        key = (await work.execute(select(member.c.key).where(member.c.external_id == name))).scalar_one()
    return Author(name, int(key))


async def claiming(
    world: World,
    name: str = "ada",
    kind: Any = "talk.given",
    *,
    at: Any = AT,
    link: Any = RECORDING,
    note: Any = None,
    **data: Any,
) -> int:
    """A member claims something; the number of the claim."""
    author = await as_member(world, name)
    fields = data or {"topic": "AI"} if kind == "talk.given" else data
    async with world.store.writing() as work:
        return await claim(work, world.revisions, Words(kind, at, link, note, fields), author=author, now=world.now)


async def withdrawing(world: World, number: int, name: str = "ada") -> None:
    author = await as_member(world, name)
    async with world.store.writing() as work:
        await withdraw(work, number, author=author, now=world.now)


async def approving(world: World, *numbers: int, author: Author = MANAGER) -> list[Reviewed]:
    async with world.store.writing() as work:
        return await approve(work, world.revisions, numbers, author=author, now=world.now)


async def approved(world: World, number: int, *, author: Author = MANAGER) -> int:
    """Approve a claim that can be; where its activity stands."""
    (done,) = await approving(world, number, author=author)
    assert done.seq is not None, done.message
    return done.seq


async def why_not(world: World, number: int, *, author: Author = MANAGER) -> str:
    """Why a claim is not approved."""
    (done,) = await approving(world, number, author=author)
    assert done.seq is None
    return done.message


async def refusing(world: World, number: int, *, author: Author = MANAGER, reason: str = WHY) -> None:
    async with world.store.writing() as work:
        await refuse(work, number, author=author, reason=reason, now=world.now)


async def states(world: World) -> dict[int, str]:
    return {row.id: row.state for row in await world.rows(claim_table)}
