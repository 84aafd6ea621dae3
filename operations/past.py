"""What was in force when a past day was over."""

from sqlalchemy import func, select

from leaderboard.standing import BoardVersion
from operations.revision import Revision, Revisions
from rules.tables import revision, version
from storage.work import UnitOfWork


async def board_then(
    work: UnitOfWork, revisions: Revisions, state: Revision, board: BoardVersion, until_us: int
) -> tuple[Revision, BoardVersion] | None:
    """The board as it was defined before an instant, and the revision of then; None where there was no such board."""
    newest = select(func.max(revision.c.number)).where(revision.c.applied_us < until_us)
    number = (await work.execute(newest)).scalar_one()
    if number is None:
        return None
    then = state if number == state.number else await revisions.at(work, number)
    same = select(version.c.element).where(version.c.id == board.id).scalar_subquery()
    versions = {row.id for row in await work.rows(select(version.c.id).where(version.c.element == same))}
    found = [each for each in then.board_versions if each.id in versions]
    return (then, found[0]) if found else None


async def board_since_us(work: UnitOfWork, board: BoardVersion) -> int:
    """When a board was first published, in microseconds."""
    same = select(version.c.element).where(version.c.id == board.id).scalar_subquery()
    first = select(func.min(revision.c.applied_us)).join(version, version.c.revision == revision.c.number)
    return int((await work.execute(first.where(version.c.element == same))).scalar_one())
