"""Which boards count which entries, whatever revision they were paid under."""

from collections.abc import Iterable

from leaderboard.gains import Counting
from leaderboard.standing import BoardVersion, Counted
from operations.revision import Revision
from operations.tags import tags_of_versions
from storage.work import UnitOfWork


async def counted_by(work: UnitOfWork, state: Revision, board: BoardVersion) -> Counted:
    """The entries that a board counts: those of every rule and badge version there has been with one of its tags."""
    types = [state.type_ids[key] for key in board.board.activities] if board.board.activities else None
    if not board.board.tags:
        return Counted(None, types)
    wanted = set(board.board.tags)
    return Counted([key for key, tags in (await tags_of_versions(work)).items() if not wanted.isdisjoint(tags)], types)


async def counting_of(work: UnitOfWork, state: Revision, versions: Iterable[int | None]) -> Counting:
    """`Revision.counting`, and the same for versions of earlier revisions and for points that a person gave."""
    others = {each for each in versions if each is not None} - {key[0] for key in state.counting}
    if not others:
        return state.counting
    tags = await tags_of_versions(work, others)
    kinds: list[str | None] = [*state.type_keys.values(), None]
    return dict(state.counting) | {
        (each, kind): tuple(board for board in state.board_versions if board.counts(tags[each], kind))
        for each in others
        for kind in kinds
    }
