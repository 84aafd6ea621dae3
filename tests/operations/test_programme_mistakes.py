"""Mistakes of a programme file: every one has its place, and all are found at once."""

import pytest

from operations.programme import ProgrammeInvalid, parse
from rules.definition import RULE_SETTINGS as DECLARED_OF_RULES
from tests.operations.test_programme import HEADER, SMALL

SETTINGS = (
    "(settings: programme, title, starts, time_zone, year_starts, participation, keep_unknown, retention, "
    "attributes, identities, dormant, working_time, "
    "claims, activities, rules, badges, zones, boards, podiums)"
)
RULE_SETTINGS = f"(settings: {', '.join(DECLARED_OF_RULES)})"
KEY = "write small letters, digits and '-', beginning with a letter, at most 64 characters"

HEADER_MISTAKES = {
    ("programme: demo\n", ""): "line 1, column 1: 'programme' is missing",
    ("programme: demo", "programme: Démo"): f"line 1, column 12: programme: 'Démo' cannot be a key: {KEY}",
    ("starts: 2026-01-01\n", ""): "line 1, column 1: 'starts' is missing",
    ("2026-01-01", "1 January 2026"): "line 2, column 9: starts: must be a date such as 2026-01-31, "
    "not '1 January 2026'",
    ("2026-01-01", "2026-02-29"): "line 2, column 9: starts: there is no day 2026-02-29: write a date such as "
    "2026-01-31",
    ("time_zone: Europe/London\n", ""): "line 1, column 1: 'time_zone' is missing",
    ("Europe/London", "europe/lodnon"): "line 3, column 12: time_zone: there is no time zone 'europe/lodnon'; "
    "did you mean 'Europe/London'?",
    ("Europe/London", "5"): "line 3, column 12: time_zone: there is no time zone '5'; write a name such as "
    "Europe/London or UTC",
    ("activities: {}\n", ""): "line 1, column 1: 'activities' is missing",
    ("activities: {}", "activities: []"): "line 4, column 13: activities: must be settings, each written "
    "'name: value', not a list",
    ("activities", "activites"): f"line 4, column 1: there is no setting 'activites' here; did you mean 'activities'? "
    f"{SETTINGS}",
    ("starts", "retention: P30D\nstarts"): "line 2, column 12: retention: must be from P31D to P36600D, not 'P30D'",
    ("starts", "retention: 2 years\nstarts"): "line 2, column 12: retention: must be whole days such as P30D, not "
    "'2 years'",
    ("starts", "year_starts: 4-1\nstarts"): "line 2, column 14: year_starts: must be a month and a day such as 04-01, "
    "not '4-1'",
    ("starts", "year_starts: 31-04\nstarts"): "line 2, column 14: year_starts: there is no day 31-04: "
    "write month and day, such as 04-01",
    ("starts", "year_starts: '02-29'\nstarts"): "line 2, column 14: year_starts: 02-29 is there in leap years only: "
    "let the year start on 02-28 or 03-01",
    ("starts", "participation: yes\nstarts"): "line 2, column 16: participation: must be one of opt-in, opt-out, "
    "not 'yes'",
    ("starts", "title: \nstarts"): "line 2, column 7: title: is empty: write a text, or remove the setting",
    (
        "starts",
        "boards: {a: {title: A, period: ever}}\npodiums: {p: {title: P, board: a, prize: Cup}}\nstarts",
    ): "line 3, "
    "column 32: podiums.p.board: 'a' never ends: name a board whose period is a week, a month, a half-year or the like",
    (
        "starts",
        "boards: {a: {title: A, period: day}}\npodiums: {p: {title: P, board: a, prize: Cup}}\nstarts",
    ): ("line 3, column 32: podiums.p.board: 'a' never closes, so that nobody ever wins: write 'closing: {}' there"),
    (
        "starts",
        "boards: {a: {title: A, period: day, of: teams}}\npodiums: {p: {title: P, board: a, prize: Cup}}\nstarts",
    ): (
        "line 3, column 32: podiums.p.board: 'a' is a board of teams, and prizes go to members: name a board of members"
    ),
    ("starts", "zones: {sharers: {title: S}}\nstarts"): "line 2, column 9: zones: there is no zone 'sharers'; "
    "did you mean 'sharer'? (zones: consumer, sharer, creator, engaged)",
    ("starts", "badges: {a: {title: A, requires: [b]}}\nstarts"): "line 2, column 35: badges.a.requires.1: "
    "there is no badge 'b' (badges: a)",
    ("starts", "dormant: 60 days\nstarts"): "line 2, column 10: dormant: must be whole days such as P30D, "
    "not '60 days'; did you mean 'P60D'?",
    ("starts", "dormant: PT36H\nstarts"): "line 2, column 10: dormant: must be whole days such as P30D, not 'PT36H'",
    ("starts", "dormant: P4000D\nstarts"): "line 2, column 10: dormant: must be from P1D to P3660D, not 'P4000D'",
    ("starts", "working_time: {days: monday, from: '18:00', to: '08:00'}\nstarts"): "line 2, column 49: "
    "working_time.to: must be later than 'from': working time cannot go on past midnight",
    ("starts", "prizes: {}\nstarts"): f"line 2, column 1: there is no setting 'prizes' here {SETTINGS}",
    ("starts", "attributes: {time_zone: string}\nstarts"): "line 2, column 14: attributes.time_zone: "
    "every member has 'time_zone' already: remove it, or choose another name",
    ("starts", "boards: {a: {title: A, period: day, tags: [x]}}\nstarts"): "line 2, column 44: boards.a.tags.1: "
    "no rule or badge carries the tag 'x' (tags: none)",
}

# What is changed in SMALL, and the one mistake that this makes.
BROKEN_ONCE = {
    ("\nactivities:", "\nactivites:"): "line 16, column 1: there is no setting 'activites' here; "
    f"did you mean 'activities'? {SETTINGS}",
    ("\nrules:", "\nrule:"): f"line 27, column 1: there is no setting 'rule' here; did you mean 'rules'? {SETTINGS}",
    ("reach: int", "reach: integer"): "line 20, column 34: activities.post.shared.fields.reach: must be one of bool, "
    "int, double, string, date, timestamp, list(string), list(int), list(double), not 'integer'; did you mean 'int'?",
    ("hourly: bool", "hourly: boolean"): "line 7, column 22: attributes.hourly: must be one of bool, "
    "int, double, string, date, timestamp, list(string), list(int), list(double), not 'boolean'; did you mean 'bool'?",
    ("attributes: {hourly: bool, joined: date}", "attributes: hourly"): "line 7, column 13: attributes: "
    "must be settings, each written 'name: value', not 'hourly'",
    ("post.shared", "Post.shared"): "line 17, column 3: activities.Post.shared: 'Post.shared' cannot be a key: "
    "write small letters, digits, '-' and '_' in parts joined by dots, as in post.shared, at most 64 characters",
    (
        "tags: [effort]\n    from",
        "tag: [effort]\n    from",
    ): f"line 36, column 5: rules.share: there is no setting 'tag' here; did you mean 'tags'? {RULE_SETTINGS}",
    ("  like:", "  share:"): "line 39, column 3: rules.share: 'share' is here twice, first in line 28: "
    "remove or rename one",
    ("\nrules:", "\n  none: {title: None}\nactivities:\n  x: {title: X}\nrules:"): "line 28, column 1: activities: "
    "'activities' is here twice, first in line 16: remove or rename one",
}


def mistakes(text: str | bytes) -> list[str]:
    with pytest.raises(ProgrammeInvalid) as caught:
        parse(text)
    assert "\n".join(map(str, caught.value.mistakes)) == str(caught.value)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(("change", "words"), HEADER_MISTAKES.items())
def test_every_mistake_has_its_place_and_says_what_to_do(change: tuple[str, str], words: str) -> None:
    """One mistake in what the programme says of itself is one sentence."""
    assert [words] == mistakes(HEADER.replace(*change))


@pytest.mark.parametrize(("change", "words"), BROKEN_ONCE.items())
def test_one_mistake_causes_no_other(change: tuple[str, str], words: str) -> None:
    """What refers to something broken is not reported, be it a field, a key, a tag or a whole section."""
    text = SMALL.replace(*change)
    assert text != SMALL
    assert [words] == mistakes(text)


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_is_no_programme(text: str) -> None:
    """It is told how to begin."""
    words = "line 1, column 1: the file is empty: begin it with 'programme: KEY'"
    assert [words] == mistakes(text)


@pytest.mark.parametrize("text", ["social-journey", "- programme: social-journey"])
def test_a_file_of_something_else_is_no_programme(text: str) -> None:
    """A text or a list is not taken for a programme."""
    (words,) = mistakes(text)
    assert words.startswith("line 1, column 1: must be settings, each written 'name: value', not ")


def test_all_mistakes_are_found_at_once_in_the_order_of_the_file() -> None:
    """No section hides the mistakes of another, and syntax that is refused hides nothing."""
    text = """\
programme: Social Journey
starts: 01.01.2026
time_zone: Europe/Londn
attributes: {hourly: bool, team: string}
activities:
  post.shared: {title: Shared, zone: sharer, fields: {url: &url string, reach: number}}
  post.liked: {title: Liked, fields: {url: *url}}
rules:
  share: {title: Share, on: [post.shard], points: 5, tags: [effort]}
  like: {title: Like, on: post.liked, points: activity.ulr, limits: [{max: 1, per: dya}], tags: [effort]}
boards:
  effort: {title: Effort, tags: [efort], period: half-year}
badges:
  a: {title: A, on: [post.likes], measure: count, requires: [c], tags: [fun]}
  b: {title: B, levels: 3, colour: red}
zones: {sharer: {title: Sharer, needs: [{title: Share, on: post.liked, measure: sum}]}}
dormant: 5
"""
    expected = [
        "line 1, column 12: programme",
        "line 2, column 9: starts",
        "line 3, column 12: time_zone",
        "line 4, column 28: attributes.team",
        "line 6, column 60: activities.post.shared.fields.url",
        "line 6, column 80: activities.post.shared.fields.reach",
        "line 7, column 44: activities.post.liked.fields.url",
        "line 9, column 30: rules.share.on.1",
        "line 10, column 47: rules.like.points",
        "line 10, column 84: rules.like.limits.1.per",
        "line 12, column 34: boards.effort.tags.1",
        "line 14, column 22: badges.a.on.1",
        "line 14, column 62: badges.a.requires.1",
        "line 15, column 25: badges.b.levels",
        "line 15, column 36: badges.b.colour",
        "line 16, column 41: zones.sharer.needs.1",
        "line 16, column 81: zones.sharer.needs.1.measure",
        "line 17, column 10: dormant",
    ]
    assert expected == [": ".join(words.split(": ")[:2]) for words in mistakes(text)]


def test_boards_select_tags_of_rules_and_badges() -> None:
    """A tag that only a badge carries can be selected; while a badge is broken, nobody can tell what it carries."""
    board = "boards: {a: {title: A, period: day, tags: [x]}}\n"
    assert ("x",) == parse(HEADER + board + "badges: {b: {title: B, tags: [x]}}").boards["a"].tags
    (words,) = mistakes(HEADER + board + "badges: {b: {title: B, tags: [Y]}}")
    assert "badges.b.tags.1" in words
