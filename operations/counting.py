"""Which boards count which entries, whatever revision they were paid under."""

from collections.abc import Iterable

from leaderboard.gains import Counting
from leaderboard.standing import BoardVersion, Counted
from operations.paying import counted_of, paying_versions
from operations.revision import Revision
from storage.work import UnitOfWork


async def counted_by(work: UnitOfWork, state: Revision, board: BoardVersion) -> Counted:
    """The entries that a board counts: those of every version there has been of its rules, and with one of its tags."""
    types = [state.type_ids[key] for key in board.board.activities] if board.board.activities else None
    return (await counted_of(work, board.board, types, state.rule_keys)).among(board)


async def counting_of(work: UnitOfWork, state: Revision, versions: Iterable[int | None]) -> Counting:
    """`Revision.counting`, and the same for versions of earlier revisions and for points that a person gave."""
    others = {each for each in versions if each is not None} - {key[0] for key in state.counting}
    if not others:
        return state.counting
    paying = await paying_versions(work, state.rule_keys, others)
    kinds: list[str | None] = [*state.type_keys.values(), None]
    return dict(state.counting) | {
        (each, kind): tuple(board for board in state.board_versions if board.counts(tags, kind, rule))
        for each, (tags, rule) in paying.items()
        for kind in kinds
    }
