"""Prize rehearsal: who would win what, and who would not, if a period that is not decided became final as it stands.
Nothing is written."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from activity.calendar import Period
from leaderboard.board import Competitors
from leaderboard.closing import State
from leaderboard.ranking_qualified import qualified
from leaderboard.ranking_sql import SqlRanking
from leaderboard.standing import BoardVersion
from operations.candidates import candidates_now
from operations.closings import cuts_of, find_closing
from operations.pay import is_in_time, recent_winners, revision_at
from operations.revision import Revision, Revisions
from rewards.podium import POINTS, Podium, PodiumVersion, in_words
from rewards.winners import Outcome, Selection, Winner
from storage.work import UnitOfWork

SHOWN_MAX = 100  # of those who would win, and who would be passed over: any number can tie
TOO_LATE = "it was first published after the period ended"


@dataclass(frozen=True, slots=True)
class PrizeRehearsal:
    """What one podium would come to."""

    podium: Podium
    outcome: Outcome | None  # None for one that gives no prizes for the period, as it is TOO_LATE
    more_winners: int = 0  # behind those in the outcome
    more_passed_over: int = 0
    undecided: tuple[str, ...] = ()  # periods before it whose winners would be passed over, and are not known yet


async def rehearse_prizes(
    work: UnitOfWork, revisions: Revisions, board: BoardVersion, period: Period
) -> list[PrizeRehearsal]:
    """What each podium of a board would come to for one of its periods; nothing where that is final. Of a period that
    was closed, board and podiums are as they were then. Raises NoProgramme."""
    state = await revisions.current(work)
    row, cut, then = await find_closing(work, board.element, period.first), None, state
    disqualified = (await cuts_of(work, state.calendar, [row]))[0].disqualified if row is not None else ()
    if board.board.of is Competitors.TEAMS or (row is not None and row.state == State.FINAL):
        return []
    if row is not None and row.state != State.OPEN:
        (cut,) = await cuts_of(work, state.calendar, [row])
        board, then = cut.version, await revision_at(work, revisions, state, cut.cutoff_seq)

    @asynccontextmanager
    async def reading() -> AsyncIterator[UnitOfWork]:
        yield work

    ranking = qualified(SqlRanking(reading, board.id, period.first, board.board.ties), board.board)
    found = []
    for item in then.podium_versions:
        podium = item.podium
        if podium.board != board.board.key:
            continue
        if not await is_in_time(work, state.calendar, item, period):
            found.append(PrizeRehearsal(podium, None))
            continue
        recent = await recent_winners(work, state.calendar, period, item.element, podium.pause)
        selection = Selection(podium, disqualified=disqualified, recent=recent)
        async for candidate, _, present in candidates_now(work, ranking, cut):
            if not selection.offer(candidate, present=present):
                break
        undecided = await _undecided(work, state, board, item, period)
        found.append(_shown(podium, selection.outcome(), undecided))
    return found


def _shown(podium: Podium, outcome: Outcome, undecided: tuple[str, ...]) -> PrizeRehearsal:
    shown = outcome._replace(winners=outcome.winners[:SHOWN_MAX], passed_over=outcome.passed_over[:SHOWN_MAX])
    more = len(outcome.winners) - len(shown.winners), len(outcome.passed_over) - len(shown.passed_over)
    return PrizeRehearsal(podium, shown, *more, undecided)


async def _undecided(
    work: UnitOfWork, state: Revision, board: BoardVersion, item: PodiumVersion, period: Period
) -> tuple[str, ...]:
    """The periods for which the podium pauses and that will still give prizes, the latest first."""
    found: list[str] = []
    former = period
    for _ in range(item.podium.pause):
        if former.kind is None:  # days of its own come once
            break
        former = state.calendar.period(former.kind, former.first - 1)
        if former.after <= state.programme.starts.toordinal():
            break
        row = await find_closing(work, board.element, former.first)
        decided = row is not None and row.state == State.FINAL
        if not decided and await is_in_time(work, state.calendar, item, former):
            found.append(former.key)
    return tuple(found)


def told(rehearsal: PrizeRehearsal, period: str, names: Mapping[int, str]) -> list[str]:
    """A rehearsal in lines. `names` are those of members, by key."""
    title = rehearsal.podium.title
    if rehearsal.outcome is None:
        return [f"{title} gives no prizes for {period}: {TOO_LATE}."]
    lines = [f"{title} would give:"]
    winners, passed_over, empty = rehearsal.outcome
    lines += [f"  place {each.place:<3}  {names[each.candidate.competitor]}: {_prize(each)}" for each in winners]
    if rehearsal.more_winners:
        lines.append(f"  and {rehearsal.more_winners:,} more")
    lines += [f"  place {each.place:<3}  nobody: {each.reason}" for each in empty]
    for each in passed_over:
        where = f"at position {each.candidate.position:,} with {in_words(each.candidate.score, POINTS)}"
        lines.append(f"  passed over  {names[each.candidate.competitor]}, {where}: {each.reason}")
    if rehearsal.more_passed_over:
        lines.append(f"  and {rehearsal.more_passed_over:,} more who are passed over")
    for key in rehearsal.undecided:
        lines.append(f"  {key} is not decided yet: who wins then is passed over here.")
    return lines


def members_of(rehearsals: Iterable[PrizeRehearsal]) -> set[int]:
    """The keys of the members whom rehearsals are about."""
    found: set[int] = set()
    for each in rehearsals:
        if each.outcome is not None:
            found |= {winner.candidate.competitor for winner in each.outcome.winners}
            found |= {passed.candidate.competitor for passed in each.outcome.passed_over}
    return found


def _prize(winner: Winner) -> str:
    amount = "" if winner.amount is None else f", {in_words(winner.amount, winner.prize.currency)}"
    alone = winner.reason == f"place {winner.place}"
    return f"{winner.prize.title}{amount}" if alone else f"{winner.prize.title}{amount} ({winner.reason})"
