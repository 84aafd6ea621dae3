"""The section `boards`: what it declares, and the words for every mistake."""

from datetime import date
from typing import Any

import pytest

from activity.calendar import PeriodKind, window
from activity.catalogue import FieldType
from activity.definition import Declared
from document import Document
from leaderboard.board import Board, Competitors, Scoring, Terms, TieRule
from leaderboard.definition import board_from_plain, board_to_plain, read_boards
from rules.expressions import Expressions
from section import Names, attempt

ACTIVITIES = Names("there is no activity type", "activity types", ("post.shared", "chat.hosted"))
RULES = Names("there is no rule", "rules", ("share", "reach"))
TAGS = Names("no rule carries the tag", "tags", ("effort", "impact"))
KEY = "write small letters, digits and '-', beginning with a letter, at most 64 characters"
SETTINGS = (
    "(settings: title, tags, activities, rules, period, of, score, members, newcomers, ties, minimum, shows, closing, "
    "was)"
)
EXPRESSIONS = Expressions(Declared(), {"hourly": FieldType.BOOL})

BOARDS = """
impact: {title: Impact, tags: [impact], period: half-year, of: members, ties: earliest}
teams: {title: Teams, period: ever, of: teams, was: groups}
chats: {title: Chats, activities: chat.hosted, period: week, ties: dense}
days: {title: Days, period: day, closing: {}}
quarters: {title: Quarters, period: quarter, closing: {grace: P0D, dispute_window: P14D}}
spring: {title: Spring, period: {from: 2026-03-01, to: 2026-03-31}}
reach: {title: Reach, rules: [reach, share], period: month, minimum: 50}
starters: {title: Starters, period: month, members: '!member.hourly', newcomers: P90D, shows: 10}
means: {title: Means, period: year, of: teams, score: mean, members: '!member.hourly'}
active: {title: Active, period: year, of: teams, score: mean-active}
"""

MISTAKES = {
    "{a: {title: A, period: ever, closing: {}}}": "line 1, column 43: it.a.closing: a board of the period ever has no "
    "end to close at: remove closing, or the period",
    "{a: {title: A, period: day, closing: {grace: PT4H}}}": "line 1, column 50: it.a.closing.grace: must be whole days "
    "such as P30D, not 'PT4H'",
    "{a: {title: A, period: day, closing: {grace: P400D}}}": "line 1, column 50: it.a.closing.grace: must be from P0D "
    "to P366D, not 'P400D'",
    "{a: {title: A, period: day, closing: {window: P4D}}}": "line 1, column 43: it.a.closing: there is no setting "
    "'window' here; did you mean 'dispute_window'? (settings: grace, dispute_window)",
    "{a: {title: A, period: day, closing: true}}": "line 1, column 42: it.a.closing: must be settings, each written "
    "'name: value', not 'true'",
    "{a: {title: A, period: day, members: 'member.locaton == 1'}}": "line 1, column 43: it.a.members: "
    "member.locaton is not known of a member; did you mean member.location?",
    "{a: {title: A, period: day, members: activity.reach > 1}}": "line 1, column 42: it.a.members: only 'member' can "
    "be used here: select what counts with 'activities', 'rules' or 'tags'",
    "{a: {title: A, period: day, members: member.team}}": "line 1, column 42: it.a.members: this must be true or false "
    "(bool), but it is string; compare it with something",
    "{a: {title: A, period: day, newcomers: 90}}": "line 1, column 44: it.a.newcomers: must be whole days such as "
    "P30D, not '90'; did you mean 'P90D'?",
    "{a: {title: A, period: day, newcomers: P0D}}": "line 1, column 44: it.a.newcomers: must be from P1D to P3660D, "
    "not 'P0D'",
    "{a: {title: A, period: day, shows: 0}}": "line 1, column 40: it.a.shows: must be from 1 to 1,000, not '0'",
    "{a: {title: A, period: day, of: teams, shows: 3}}": "line 1, column 51: it.a.shows: a board of teams shows "
    "everyone all places: remove shows, or rank members",
    "[impact]": "line 1, column 5: it: must be settings, each written 'name: value', not a list",
    "{a: {period: ever}}": "line 1, column 6: it.a: 'title' is missing",
    "{a: {title: A}}": "line 1, column 6: it.a: 'period' is missing",
    "{A: {title: A, period: ever}}": f"line 1, column 6: it.A: 'A' cannot be a key: {KEY}",
    "{a.b: {title: A, period: ever}}": f"line 1, column 6: it.a.b: 'a.b' cannot be a key: {KEY}",
    "{a: {title: A, perod: ever}}": "line 1, column 20: it.a: there is no setting 'perod' here; "
    f"did you mean 'period'? {SETTINGS}",
    "{a: {title: A, period: halfyear}}": "line 1, column 28: it.a.period: must be one of day, week, month, quarter, "
    "half-year, year, ever, not 'halfyear'; did you mean 'half-year'?",
    "{a: {title: A, period: [day]}}": "line 1, column 28: it.a.period: must be a single value, not a list",
    "{a: {title: A, period: day, of: team}}": "line 1, column 37: it.a.of: must be one of members, teams, not 'team'; "
    "did you mean 'teams'?",
    "{a: {title: A, period: day, of: teams, score: average}}": "line 1, column 51: it.a.score: must be one of sum, "
    "mean, mean-active, not 'average'",
    "{a: {title: A, period: day, of: teams, score: mean, newcomers: P9D}}": "line 1, column 68: it.a.newcomers: a mean "
    "would change at every midnight by whoever is no newcomer any more, though nothing is recorded then: remove "
    "newcomers, or write score: mean-active",
    "{a: {title: A, period: day, score: mean}}": "line 1, column 40: it.a.score: is of teams, and this is a board of "
    "members: remove score, or write of: teams",
    "{a: {title: A, period: day, of: members, score: sum}}": "line 1, column 53: it.a.score: is of teams, and this is "
    "a board of members: remove score, or write of: teams",
    "{a: {title: A, period: day, ties: share}}": "line 1, column 39: it.a.ties: must be one of competition, dense, "
    "earliest, not 'share'",
    "{a: {title: A, period: day, tags: [efort]}}": "line 1, column 40: it.a.tags.1: no rule carries the tag 'efort'; "
    "did you mean 'effort'? (tags: effort, impact)",
    "{a: {title: A, period: day, tags: fun}}": "line 1, column 39: it.a.tags: no rule carries the tag 'fun' "
    "(tags: effort, impact)",
    "{a: {title: A, period: day, tags: []}}": "line 1, column 39: it.a.tags: is an empty list: add to it, "
    "or remove the setting",
    "{a: {title: A, period: day, tags: {effort: yes}}}": "line 1, column 39: it.a.tags: must be a list, "
    "not a group of settings",
    "{a: {title: A, period: day, tags: [effort, effort]}}": "line 1, column 48: it.a.tags.2: 'effort' is here twice: "
    "remove one",
    "{a: {title: A, period: day, activities: [Post.Shared]}}": "line 1, column 46: it.a.activities.1: "
    "there is no activity type 'Post.Shared'; did you mean 'post.shared'? (activity types: post.shared, chat.hosted)",
    "{a: {title: A, period: day, rules: [shar]}}": "line 1, column 41: it.a.rules.1: there is no rule 'shar'; "
    "did you mean 'share'? (rules: share, reach)",
    "{a: {title: A, period: day, minimum: 0}}": "line 1, column 42: it.a.minimum: must be from 1 to 1,000,000,000,000, "
    "not '0'",
    "{a: {title: A, period: {from: 2026-03-02, to: 2026-03-01}}}": "line 1, column 51: it.a.period.to: is before "
    "2026-03-02, the day on which it begins",
    "{a: {title: A, period: {from: 2026-03-02}}}": "line 1, column 20: it.a.period: 'to' is missing",
    "{a: {title: A, period: {from: 2026-03-02, until: 2026-03-04, to: 2026-03-05}}}": "line 1, column 47: it.a.period: "
    "there is no setting 'until' here (settings: from, to)",
    "{a: {title: A, period: {from: 2026-03-02, to: 2126-03-01}}}": "line 1, column 51: it.a.period.to: is more than "
    "3,660 days from 2026-03-02: write an earlier day, or two boards",
    "{a: {title: A, period: day, was: a}}": "line 1, column 38: it.a.was: 'a' is still here, in line 1: "
    "a key that changed its name cannot stay",
}


def boards(
    text: str, activities: Names = ACTIVITIES, rules: Names = RULES, tags: Names = TAGS
) -> tuple[dict[str, Board] | None, list[str]]:
    """What is read of a section that stands under the name `it`, and its mistakes."""
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    read = attempt(
        document.root.content["it"], lambda node: read_boards(node, activities, rules, tags, EXPRESSIONS), None
    )
    return read, [str(mistake) for mistake in document.mistakes]


def test_a_section_declares_boards() -> None:
    """Boards rank members, with ties as in sports, unless they say otherwise; one name needs no list."""
    expected = {
        "impact": Board("impact", "Impact", PeriodKind.HALF_YEAR, tags=("impact",), ties=TieRule.EARLIEST),
        "teams": Board("teams", "Teams", PeriodKind.EVER, of=Competitors.TEAMS, was="groups"),
        "chats": Board("chats", "Chats", PeriodKind.WEEK, activities=("chat.hosted",), ties=TieRule.DENSE),
        "days": Board("days", "Days", PeriodKind.DAY, closing=Terms(grace_days=2, dispute_days=7)),
        "quarters": Board("quarters", "Quarters", PeriodKind.QUARTER, closing=Terms(grace_days=0, dispute_days=14)),
        "spring": Board("spring", "Spring", window(date(2026, 3, 1), date(2026, 3, 31))),
        "reach": Board("reach", "Reach", PeriodKind.MONTH, rules=("reach", "share"), minimum=50),
        "starters": Board(
            "starters", "Starters", PeriodKind.MONTH, members="!member.hourly", newcomer_days=90, shows=10
        ),
        "means": Board(
            "means", "Means", PeriodKind.YEAR, of=Competitors.TEAMS, score=Scoring.MEAN, members="!member.hourly"
        ),
        "active": Board("active", "Active", PeriodKind.YEAR, of=Competitors.TEAMS, score=Scoring.MEAN_ACTIVE),
    }
    assert (expected, []) == boards(BOARDS.replace("\n", "\n  "))


@pytest.mark.parametrize(("text", "words"), MISTAKES.items())
def test_every_mistake_has_its_place_and_says_what_to_do(text: str, words: str) -> None:
    """One mistake in the section is one sentence."""
    assert [words] == boards(text)[1]


def test_all_mistakes_of_a_board_are_found() -> None:
    """A mistake hides no other."""
    expected = [
        "line 1, column 6: it.a: 'title' is missing",
        "line 1, column 18: it.a.period: must be one of day, week, month, quarter, half-year, year, ever, not 'daily'; "
        "did you mean 'day'?",
        "line 1, column 29: it.a.of: must be one of members, teams, not 'people'",
        "line 1, column 44: it.a.tags.1: no rule carries the tag 'x' (tags: effort, impact)",
        "line 1, column 47: it.a.tags.2: no rule carries the tag 'y' (tags: effort, impact)",
    ]
    assert sorted(expected) == sorted(boards("{a: {period: daily, of: people, tags: [x, y]}}")[1])


def test_names_that_may_yet_be_declared_are_no_mistake() -> None:
    """While rules or activity types are broken, nobody can say that a name is unknown."""
    unsure = Names("there is no", "things", (), complete=False)
    read, mistakes = boards(
        "{a: {title: A, period: day, tags: [x], activities: [y], rules: [z]}}", unsure, unsure, unsure
    )
    assert not mistakes
    assert read is not None
    assert "x" in read["a"].tags


def test_plain_values_leave_out_what_is_default_and_come_back() -> None:
    """The plain form is that of the file, and nothing but `was` is lost on the way back."""
    read, _ = boards(BOARDS.replace("\n", "\n  "))
    assert read is not None
    expected: dict[str, Any] = {"title": "Impact", "tags": ["impact"], "period": "half-year", "ties": "earliest"}
    assert expected == board_to_plain(read["impact"])
    expected = {"title": "Chats", "activities": ["chat.hosted"], "period": "week", "ties": "dense"}
    assert expected == board_to_plain(read["chats"])
    assert {"title": "Days", "period": "day", "closing": {}} == board_to_plain(read["days"])
    terms = {"grace": "P0D", "dispute_window": "P14D"}
    assert {"title": "Quarters", "period": "quarter", "closing": terms} == board_to_plain(read["quarters"])
    expected = {"title": "Reach", "rules": ["reach", "share"], "period": "month", "minimum": 50}
    assert expected == board_to_plain(read["reach"])
    expected = {"title": "Spring", "period": {"from": "2026-03-01", "to": "2026-03-31"}}
    assert expected == board_to_plain(read["spring"])
    expected = {"title": "Starters", "period": "month", "members": "!member.hourly", "newcomers": "P90D", "shows": 10}
    assert expected == board_to_plain(read["starters"])
    for key in ("impact", "chats", "days", "quarters", "reach", "spring", "starters", "means", "active"):
        assert read[key] == board_from_plain(key, board_to_plain(read[key]))
    expected = {"title": "Active", "period": "year", "of": "teams", "score": "mean-active"}
    assert expected == board_to_plain(read["active"])
    expected = {"title": "Teams", "period": "ever", "of": "teams"}
    assert expected == board_to_plain(read["teams"])
    assert Board("teams", "Teams", PeriodKind.EVER, of=Competitors.TEAMS) == board_from_plain("teams", expected)
