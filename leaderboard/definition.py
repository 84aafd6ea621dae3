"""The section `boards` of a programme file: which points are ranked, over which period, for whom.

Such as:

    boards:
      impact: {title: Impact, tags: [impact], period: half-year, of: members, ties: earliest, closing: {grace: P2D}}
"""

from collections.abc import Mapping
from typing import Any

from activity.calendar import PeriodKind
from document import Node
from leaderboard.board import Board, Competitors, Terms, TieRule
from rewards.metric_definition import days_from_plain, days_to_plain, whole_days
from section import KEY, Names, Section, by_key, check_renames, one_of, several, text

SETTINGS = ("title", "tags", "activities", "period", "of", "ties", "closing", "was")
CLOSING_SETTINGS = ("grace", "dispute_window")
CLOSING_DAYS_MAX = 366


def read_boards(node: Node, activities: Names, tags: Names) -> dict[str, Board]:
    """Reads the section `boards`. `tags` are those that rules carry."""

    def board(key: str, entry: Node) -> Board:
        section = Section(entry, SETTINGS)
        closing = section.take("closing", _terms, None)
        period = section.need("period", one_of(PeriodKind), PeriodKind.EVER)
        if closing and period is PeriodKind.EVER and "period" not in section.broken:
            section.note("closing", "a board of the period ever has no end to close at: remove closing, or the period")
        return Board(
            key=key,
            title=section.need("title", text, ""),
            period=period,
            of=section.take("of", one_of(Competitors), Competitors.MEMBERS),
            tags=section.take("tags", several(tags.read), ()),
            activities=section.take("activities", several(activities.read), ()),
            ties=section.take("ties", one_of(TieRule), TieRule.COMPETITION),
            closing=closing,
            was=section.take("was", KEY.read, None),
        )

    boards = by_key(KEY, board)(node)
    check_renames(node)
    return boards


def _terms(node: Node) -> Terms:
    section = Section(node, CLOSING_SETTINGS)
    days = whole_days(0, CLOSING_DAYS_MAX)
    usual = Terms()
    return Terms(
        section.take("grace", days, usual.grace_days), section.take("dispute_window", days, usual.dispute_days)
    )


def board_to_plain(board: Board) -> dict[str, Any]:
    """A board as a programme file has it, without what is default."""
    plain: dict[str, Any] = {"title": board.title}
    if board.tags:
        plain["tags"] = list(board.tags)
    if board.activities:
        plain["activities"] = list(board.activities)
    plain["period"] = board.period.value
    if board.of is not Competitors.MEMBERS:
        plain["of"] = board.of.value
    if board.ties is not TieRule.COMPETITION:
        plain["ties"] = board.ties.value
    if board.closing is not None:
        plain["closing"] = _terms_to_plain(board.closing)
    return plain


def board_from_plain(key: str, plain: Mapping[str, Any]) -> Board:
    """The board of which `board_to_plain` made this."""
    return Board(
        key=key,
        title=plain["title"],
        period=PeriodKind(plain["period"]),
        of=Competitors(plain.get("of", Competitors.MEMBERS)),
        tags=tuple(plain.get("tags", ())),
        activities=tuple(plain.get("activities", ())),
        ties=TieRule(plain.get("ties", TieRule.COMPETITION)),
        closing=_terms_from_plain(plain["closing"]) if "closing" in plain else None,
    )


def _terms_to_plain(terms: Terms) -> dict[str, str]:
    usual = Terms()
    plain = {}
    if terms.grace_days != usual.grace_days:
        plain["grace"] = days_to_plain(terms.grace_days)
    if terms.dispute_days != usual.dispute_days:
        plain["dispute_window"] = days_to_plain(terms.dispute_days)
    return plain


def _terms_from_plain(plain: Mapping[str, str]) -> Terms:
    days = {name: days_from_plain(written) for name, written in plain.items()}
    usual = Terms()
    return Terms(days.get("grace", usual.grace_days), days.get("dispute_window", usual.dispute_days))
