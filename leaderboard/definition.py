"""The section `boards` of a programme file: which points are ranked, over which period, for whom.

Such as:

    boards:
      impact: {title: Impact, tags: [impact], period: half-year, of: members, ties: earliest, closing: {grace: P2D}}
      spring: {title: Spring campaign, period: {from: 2026-03-01, to: 2026-03-31}}
      starters: {title: Off to a start, period: quarter, members: '!member.hourly', newcomers: P90D, shows: 10}
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from activity.calendar import Period, PeriodKind, window
from document import Node
from leaderboard.board import Board, Competitors, Scoring, Terms, TieRule
from rewards.metric_definition import days_from_plain, days_to_plain, whole_days
from rules.expressions import Expressions
from section import KEY, Names, Section, by_key, check_renames, day, integer, one_of, several, text

SETTINGS = (
    "title",
    "tags",
    "activities",
    "rules",
    "period",
    "of",
    "score",
    "members",
    "newcomers",
    "ties",
    "minimum",
    "shows",
    "closing",
    "was",
)
CLOSING_SETTINGS = ("grace", "dispute_window")
CLOSING_DAYS_MAX = 366
MINIMUM_MAX = 10**12
NEWCOMER_DAYS_MAX = 3_660
SHOWS_MAX = 1_000
INSTEAD = "select what counts with 'activities', 'rules' or 'tags'"
WINDOW_DAYS_MAX = 3_660
NO_MEAN_OF_NEWCOMERS = (
    "a mean would change at every midnight by whoever is no newcomer any more, though nothing is recorded then: remove "
    "newcomers, or write score: mean-active"
)


def read_boards(node: Node, activities: Names, rules: Names, tags: Names, expressions: Expressions) -> dict[str, Board]:
    """Reads the section `boards`. `tags` are those that rules and badges carry."""

    def board(key: str, entry: Node) -> Board:
        section = Section(entry, SETTINGS)
        closing = section.take("closing", _terms, None)
        period = section.need("period", _period, PeriodKind.EVER)
        if closing and period is PeriodKind.EVER and "period" not in section.broken:
            section.note("closing", "a board of the period ever has no end to close at: remove closing, or the period")
        of = section.take("of", one_of(Competitors), Competitors.MEMBERS)
        score = section.take("score", one_of(Scoring), None)
        if score and of is Competitors.MEMBERS and "of" not in section.broken:
            section.note("score", "is of teams, and this is a board of members: remove score, or write of: teams")
        shows = section.take("shows", integer(1, SHOWS_MAX), None)
        if shows is not None and of is Competitors.TEAMS:
            section.note("shows", "a board of teams shows everyone all places: remove shows, or rank members")
        found = Board(
            key=key,
            title=section.need("title", text, ""),
            period=period,
            of=of,
            score=score or Scoring.SUM,
            tags=section.take("tags", several(tags.read), ()),
            activities=section.take("activities", several(activities.read), ()),
            rules=section.take("rules", several(rules.read), ()),
            ties=section.take("ties", one_of(TieRule), TieRule.COMPETITION),
            members=section.take("members", expressions.member_reader(INSTEAD), None),
            newcomer_days=section.take("newcomers", whole_days(1, NEWCOMER_DAYS_MAX), None),
            minimum=section.take("minimum", integer(1, MINIMUM_MAX), None),
            shows=shows,
            closing=closing,
            was=section.take("was", KEY.read, None),
        )
        if found.score is Scoring.MEAN and found.newcomer_days:
            section.note("newcomers", NO_MEAN_OF_NEWCOMERS)
        return found

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
    if board.rules:
        plain["rules"] = list(board.rules)
    plain["period"] = _period_to_plain(board.period)
    if board.of is not Competitors.MEMBERS:
        plain["of"] = board.of.value
    if board.score is not Scoring.SUM:
        plain["score"] = board.score.value
    if board.members is not None:
        plain["members"] = board.members
    if board.newcomer_days is not None:
        plain["newcomers"] = days_to_plain(board.newcomer_days)
    if board.ties is not TieRule.COMPETITION:
        plain["ties"] = board.ties.value
    if board.minimum is not None:
        plain["minimum"] = board.minimum
    if board.shows is not None:
        plain["shows"] = board.shows
    if board.closing is not None:
        plain["closing"] = _terms_to_plain(board.closing)
    return plain


def board_from_plain(key: str, plain: Mapping[str, Any]) -> Board:
    """The board of which `board_to_plain` made this."""
    return Board(
        key=key,
        title=plain["title"],
        period=_period_from_plain(plain["period"]),
        of=Competitors(plain.get("of", Competitors.MEMBERS)),
        score=Scoring(plain.get("score", Scoring.SUM)),
        tags=tuple(plain.get("tags", ())),
        activities=tuple(plain.get("activities", ())),
        rules=tuple(plain.get("rules", ())),
        ties=TieRule(plain.get("ties", TieRule.COMPETITION)),
        members=plain.get("members"),
        newcomer_days=days_from_plain(plain["newcomers"]) if "newcomers" in plain else None,
        minimum=plain.get("minimum"),
        shows=plain.get("shows"),
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
