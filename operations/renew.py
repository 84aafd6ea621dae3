"""Renew: have the counters, the awards and the boards follow a revision that has just been put in force."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import delete, select, update

from activity.roster import team_names
from leaderboard.eligibility import rebuild_exclusions
from leaderboard.rebuild import drop, rebuild
from operations.counters import load_progress, store_book
from operations.counting import counted_by
from operations.line import load_line
from operations.lives import Lives, lives_along, lives_back, lives_of
from operations.recount import goal_begins, holders_of, recount_progress, recount_tallies
from operations.revision import Revision
from operations.rule_history import rule_history
from rewards.award import Award
from rewards.tables import award, progress
from rules.tables import measure, tally
from rules.tally import TALLY_KEY
from storage.work import UnitOfWork


async def renew_counters(work: UnitOfWork, former: Revision | None, applied: Revision) -> Revision:
    """Forget the counts that nothing looks at any more, and begin those that are new; the revision with them."""
    before = former.used if former else {}
    if dropped := sorted(before.keys() - applied.used.keys()):
        await work.execute(delete(tally).where(tally.c.measure.in_(dropped)))
        await work.execute(delete(progress).where(progress.c.measure.in_(dropped)))
    lives, again = await _lives(work, former, applied)
    for identifier in sorted(applied.lives.keys() | lives.keys()):
        life = lives.get(identifier)
        if life != applied.lives.get(identifier):
            change = update(measure).where(measure.c.id == identifier)
            await work.execute(change.values(since=life and life.since, from_us=life and life.from_us))
    applied = replace(applied, lives=lives)
    begun = applied.used.keys() - before.keys()
    if former is not None and (begun or again):
        await recount_tallies(work, applied, begun)
        await recount_progress(work, applied, again)
        await _resume_awards(work, applied, begun, again)
    return applied


async def _lives(work: UnitOfWork, former: Revision | None, applied: Revision) -> Lives:
    history = await rule_history(work) if applied.looks_back else None
    shared = history.excluded if history else ()
    usual = lives_of(former, applied, former.lives if former else {}, shared)
    if history is None or applied.back_to is None:
        return usual
    then = lives_along(await load_line(work, applied.back_to), history.excluded_since)
    return lives_back(usual, then, applied, shared)


async def _resume_awards(work: UnitOfWork, applied: Revision, begun: Collection[int], again: Collection[int]) -> None:
    """Who holds a badge or zone whose measure begins is not awarded it again, and takes their place among the first.

    Nor is who had it, and a person took it, where what was counted already is counted again.
    """
    goals = {goal.element: goal for goal in applied.progress.goals if goal_begins(goal, {*begun, *again})}
    if not goals:
        return
    anew = [element for element, goal in goals.items() if goal_begins(goal, again)]
    query = select(award).where(award.c.element.in_(sorted(goals)), award.c.revoked_seq.is_(None))
    found = [Award.of(row) for row in await work.rows(query.order_by(award.c.seq, award.c.ordinal))]
    taken = select(award).where(award.c.element.in_(anew), award.c.revoked_by.is_not(None))
    resumed = [*found, *(Award.of(row) for row in await work.rows(taken.order_by(award.c.seq, award.c.ordinal)))]
    holders = {key: count for key, count in holders_of(goals.values(), found).items() if key[1] in begun}
    progress = applied.progress
    keys = {key for each in resumed for key in progress.summaries(each.member, goals[each.element], each.period)}
    book = await load_progress(work, keys)
    for each in resumed:
        progress.resume(goals[each.element], each, book)
    await store_book(work, book)
    columns = {name: [key[index] for key in sorted(holders)] for index, name in enumerate(TALLY_KEY)}
    await work.upsert(tally, columns | {"count": [holders[key] for key in sorted(holders)]})


async def renew_boards(work: UnitOfWork, former: Revision | None, applied: Revision) -> None:
    """Build the standings of board versions that are new, and drop those of versions no longer in force, but for closed
    periods."""
    kept = {board.id for board in former.board_versions} if former else set()
    current = {board.id for board in applied.board_versions}
    for board_id in sorted(kept - current):
        await drop(work, board_id)
    for board in applied.board_versions:
        if board.id not in kept:
            if board.id in applied.audiences:
                await rebuild_exclusions(work, board.id, applied.audiences[board.id], await team_names(work))
            counted, closed = await counted_by(work, applied, board), applied.closings.closed(board)
            await rebuild(work, board, counted, applied.calendar, closed=closed)
