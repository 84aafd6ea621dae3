"""The section `boards` of a programme file: which points are ranked, over which period, for whom.

Such as:

    boards:
      impact: {title: Impact, tags: [impact], period: half-year, of: members, ties: earliest}
      spring: {title: Spring campaign, period: {from: 2026-03-01, to: 2026-03-31}}
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from activity.calendar import Period, PeriodKind, window
from document import Node
from leaderboard.board import Board, Competitors, TieRule
from section import KEY, Names, Section, by_key, check_renames, day, integer, one_of, several, text

MINIMUM_MAX = 10**12
WINDOW_DAYS_MAX = 3_660

SETTINGS = ("title", "tags", "activities", "rules", "period", "of", "ties", "minimum", "was")


def read_boards(node: Node, activities: Names, rules: Names, tags: Names) -> dict[str, Board]:
    """Reads the section `boards`. `tags` are those that rules and badges carry."""

    def board(key: str, entry: Node) -> Board:
        section = Section(entry, SETTINGS)
        return Board(
            key=key,
            title=section.need("title", text, ""),
            period=section.need("period", _period, PeriodKind.EVER),
            of=section.take("of", one_of(Competitors), Competitors.MEMBERS),
            tags=section.take("tags", several(tags.read), ()),
            activities=section.take("activities", several(activities.read), ()),
            rules=section.take("rules", several(rules.read), ()),
            ties=section.take("ties", one_of(TieRule), TieRule.COMPETITION),
            minimum=section.take("minimum", integer(1, MINIMUM_MAX), None),
            was=section.take("was", KEY.read, None),
        )

    boards = by_key(KEY, board)(node)
    check_renames(node)
    return boards


def board_to_plain(board: Board) -> dict[str, Any]:
    """A board as a programme file has it, without what is default."""
    plain: dict[str, Any] = {"title": board.title}
    if board.tags:
        plain["tags"] = list(board.tags)
    if board.activities:
        plain["activities"] = list(board.activities)
    if board.rules:
        plain["rules"] = list(board.rules)
    plain["period"] = _period_to_plain(board.period)
    if board.of is not Competitors.MEMBERS:
        plain["of"] = board.of.value
    if board.ties is not TieRule.COMPETITION:
        plain["ties"] = board.ties.value
    if board.minimum is not None:
        plain["minimum"] = board.minimum
    return plain


def board_from_plain(key: str, plain: Mapping[str, Any]) -> Board:
    """The board of which `board_to_plain` made this."""
    return Board(
        key=key,
        title=plain["title"],
        period=_period_from_plain(plain["period"]),
        of=Competitors(plain.get("of", Competitors.MEMBERS)),
        tags=tuple(plain.get("tags", ())),
        activities=tuple(plain.get("activities", ())),
        rules=tuple(plain.get("rules", ())),
        ties=TieRule(plain.get("ties", TieRule.COMPETITION)),
        minimum=plain.get("minimum"),
    )


def _period(node: Node) -> PeriodKind | Period:
    """A calendar period by its name, or the days from one to another."""
    if not isinstance(node.content, dict):
        return one_of(PeriodKind)(node)
    section = Section(node, ("from", "to"))
    first, last = section.need("from", day, date.min), section.need("to", day, date.max)
    if last < first:
        section.note("to", f"is before {first}, the day on which it begins")
    elif (last - first).days >= WINDOW_DAYS_MAX and not section.broken:
        section.note("to", f"is more than {WINDOW_DAYS_MAX:,} days from {first}: write an earlier day, or two boards")
    return window(first, last)


def _period_to_plain(period: PeriodKind | Period) -> str | dict[str, str]:
    if isinstance(period, PeriodKind):
        return period.value
    return {"from": str(period.first_date), "to": str(period.last_date)}


def _period_from_plain(plain: str | Mapping[str, str]) -> PeriodKind | Period:
    if isinstance(plain, str):
        return PeriodKind(plain)
    return window(date.fromisoformat(plain["from"]), date.fromisoformat(plain["to"]))
