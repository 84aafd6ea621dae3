"""Warnings: what a manager would want to know of a sound programme before publishing it. Nothing is written.

Some are plain from the file (rules/advice.py, rewards/advice.py, leaderboard/advice.py), others from what was recorded
in the last 90 days (operations/advice/hindsight.py), or from what is known of members (operations/advice/eligible.py).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from activity.calendar import Period
from leaderboard.advice import advice_on_windows
from leaderboard.board import TieRule
from leaderboard.standing import BoardVersion
from operations.advice.closing import advice_on_closings
from operations.advice.eligible import advice_on_members
from operations.advice.hindsight import DAYS, ENOUGH, EXPLAINS, hindsight
from operations.advice.identities import advice_on_identities
from operations.advice.results import advice_on_holds, advice_on_own_prizes
from operations.advice.retention import advice_on_retention
from operations.advice.sample import CASES_MAX, take_sample
from operations.programme import Programme
from operations.revision import NoProgramme, Revision, Revisions
from rewards.advice import Measured, advice_on_goals, advice_on_requirements, measured
from rewards.advice import expressions_of as expressions_of_metric
from rewards.podium import Podium
from rewards.podium_advice import advice_on_late_podiums, advice_on_podiums
from rules.advice import Advice, Code, Written, advice_on_rules, advice_on_words, may_pay
from rules.advice import expressions_of as expressions_of_rule
from rules.double import advice_on_doubles
from rules.rule import Rule
from storage.work import UnitOfWork

EVALUATIONS_MAX = 600_000  # of rules and expressions, each of which takes a few microseconds


async def warnings(work: UnitOfWork, revisions: Revisions, declared: Programme, *, now: datetime) -> list[Advice]:
    """What to know before `declared` is published, in the order of its file."""
    try:
        current = await revisions.current(work)
    except NoProgramme:
        current = None
    ended = _ended(declared, now)
    metrics = list(measured(declared.badges.values(), declared.journey.zones))
    expressions = list(_expressions(declared, metrics))
    found = [
        *advice_on_rules(declared.rules, declared.activities, declared.calendar, now),
        *advice_on_doubles(declared.rules.values(), _boards_of_both(declared)),
        *advice_on_goals(metrics, declared.activities, declared.calendar, now),
        *advice_on_words(expressions, declared.activities, declared.attributes),
        *_boards(declared, current.programme if current else None),
        *advice_on_windows(declared.boards.values(), declared.starts),
        *advice_on_holds(declared, ended),
        *advice_on_own_prizes(declared),
        *advice_on_podiums(declared.podiums.values(), _in_order(declared)),
        *advice_on_late_podiums(_new_podiums(declared, current), ended),
    ]
    if current:
        most = max(ENOUGH, min(CASES_MAX, EVALUATIONS_MAX // _most_asked(declared, metrics, expressions)))
        keys = _recorded_as(current, declared)
        sample = await take_sample(work, keys, declared.calendar, now=now, days=DAYS, most=most)
        found += await advice_on_members(work, declared)
        found += await advice_on_identities(work, declared)
        found += await advice_on_retention(work, current, declared, now)
        found += await advice_on_closings(work, current, declared, now)
        found += list(hindsight(sample, declared, metrics, expressions, tuple(found)))
        explained = {advice.path for advice in found if advice.code in EXPLAINS}
        found = [advice for advice in found if advice.code is not Code.NEVER_TRUE or advice.path not in explained]
    lost = [item.badge.key for item in metrics if item.badge and any(_is_lost(item, advice) for advice in found)]
    found += advice_on_requirements(declared.badges, lost)
    placed = [_placed(advice, declared) for advice in found]
    return sorted(placed, key=lambda advice: (advice.line, advice.column))


def _placed(advice: Advice, declared: Programme) -> Advice:
    """The warning with its place in the file: that of its path, or of what is nearest to it."""
    path = advice.path
    while path and path not in declared.places:
        path = path.rpartition(".")[0]
    line, column = declared.places.get(path, (0, 0))
    return replace(advice, line=line, column=column)


def _expressions(declared: Programme, metrics: Iterable[Measured]) -> Iterator[Written]:
    for rule in declared.rules.values():
        yield from expressions_of_rule(rule)
    for item in metrics:
        yield from expressions_of_metric(item)
    if declared.working_time and declared.working_time.applies_to:
        bound = (rule for rule in declared.rules.values() if not rule.any_time)
        on = tuple(dict.fromkeys(kind for rule in bound for kind in rule.on))
        yield Written("working_time.for", declared.working_time.applies_to, on, True)
    for version in _versions(declared):
        if version.board.members is not None:
            paid = ((rule, kind) for rule in declared.rules.values() for kind in rule.on)
            counted = dict.fromkeys(kind for rule, kind in paid if version.counts(rule.tags, kind, rule.key))
            yield Written(f"boards.{version.board.key}.members", version.board.members, tuple(counted), True)


def _most_asked(declared: Programme, metrics: Sequence[Measured], expressions: Sequence[Written]) -> int:
    """How many rules, metrics and expressions look at the activity type at which the most do."""
    looking = [rule.on for rule in declared.rules.values()]
    looking += [item.metric.on for item in metrics]
    looking += [written.on for written in expressions]
    return max((sum(kind in on for on in looking) for kind in declared.activities), default=0) or 1


def _recorded_as(current: Revision, declared: Programme) -> dict[int, str]:
    """The keys that activity types have in the draft, by the ids under which their activities are recorded."""
    found = {}
    for key, kind in declared.activities.items():
        identifier = current.type_ids.get(key) or current.type_ids.get(kind.was or "")
        if identifier is not None:
            found[identifier] = key
    return found


def _is_lost(item: Measured, advice: Advice) -> bool:
    """Whether nobody reaches the first level of a badge. One that can no longer be reached may still be held."""
    if advice.code is Code.OUT_OF_REACH:
        return advice.path == item.asked
    return advice.code is Code.NEVER_TRUE and advice.path in (f"{item.path}.when", f"{item.path}.audience")


def _in_order(declared: Programme) -> set[str]:
    """The boards that show equal scores in the order in which they were reached."""
    return {key for key, board in declared.boards.items() if board.ties is TieRule.EARLIEST}


def _new_podiums(declared: Programme, current: Revision | None) -> list[Podium]:
    known = current.programme.podiums.keys() if current else ()
    return [each for each in declared.podiums.values() if each.key not in known and each.was not in known]


def _ended(declared: Programme, now: datetime) -> Mapping[str, date]:
    """The last days of the boards with days of their own that are over."""
    windows = {key: board.period for key, board in declared.boards.items() if isinstance(board.period, Period)}
    return {
        key: date.fromordinal(window.after - 1)
        for key, window in windows.items()
        if (ends_at := declared.calendar.ends_at(window)) and ends_at <= now
    }


def _versions(declared: Programme) -> list[BoardVersion]:
    return [BoardVersion(0, board) for board in declared.boards.values()]


def _boards_of_both(declared: Programme) -> Callable[[Rule, Rule], list[str]]:
    """Tells the boards on which two rules count for one activity."""
    boards = _versions(declared)
    counted = {
        rule.key: {
            (at, kind): item.board.key
            for at, item in enumerate(boards)
            for kind in rule.on
            if item.counts(rule.tags, kind, rule.key)
        }
        for rule in declared.rules.values()
    }

    def of_both(former: Rule, latter: Rule) -> list[str]:
        return [counted[latter.key][each] for each in sorted(counted[former.key].keys() & counted[latter.key].keys())]

    return of_both


def _boards(declared: Programme, current: Programme | None) -> Iterator[Advice]:
    for item in _versions(declared):
        if next(_fed_by(item, declared), None) is None:
            yield Advice(
                Code.BOARD_WITHOUT_POINTS,
                f"boards.{item.board.key}",
                "no rule or badge gives points that this board counts, so that it stays empty: "
                "look at its 'tags', 'activities' and 'rules', or remove it",
                also=tuple(_fed_by(item, current)) if current else (),
            )


def _fed_by(board: BoardVersion, declared: Programme) -> Iterator[str]:
    """The paths of the rules and badges whose points a board counts."""
    for rule in declared.rules.values():
        if may_pay(rule) and any(board.counts(rule.tags, kind, rule.key) for kind in rule.on):
            yield f"rules.{rule.key}"
    for badge in declared.badges.values():
        if any(level.points for level in badge.levels) and board.counts(badge.tags, None, None):
            yield f"badges.{badge.key}"
