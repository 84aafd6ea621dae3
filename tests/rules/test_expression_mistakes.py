"""What is wrong with an expression, at its place and in words for managers."""

import pytest

from activity.catalogue import FieldType
from rules.condition import ExpressionInvalid
from rules.wording import USAGE
from tests.rules.test_condition import SCOPE, mistake


@pytest.mark.parametrize(
    ("text", "expected", "message"),
    [
        ("activity.score", {FieldType.INT}, "a whole number (int), but it is double; wrap it in int(...)"),
        ("activity.reach", {FieldType.DOUBLE}, "a number (double), but it is int; wrap it in double(...)"),
        ("activity.reach", {FieldType.BOOL}, "true or false (bool), but it is int; compare it with something"),
        ("activity.tags", {FieldType.BOOL}, "true or false (bool), but it is list(string)"),
        ("activity.time", {FieldType.STRING}, "a text (string), but it is timestamp; wrap it in string(...)"),
        ("null", {FieldType.INT}, "a whole number (int), but it is null"),
        (
            "activity.score",
            {FieldType.STRING, FieldType.INT},
            "a whole number (int), or a text (string), but it is double; wrap it in int(...)",
        ),
    ],
)
def test_a_wrong_result_type_is_refused(text: str, expected: set[FieldType], message: str) -> None:
    """Amounts are int, conditions bool: a rounding or a comparison has to be written down."""
    assert f"1:1 this must be {message}" == mistake(text, expected)


FUNCTIONS = "is not available here; the functions are " + ", ".join(USAGE)
MEMBER = "member.department, member.hourly, member.joined, member.location, member.since, member.team, member.time_zone"

# text: column, message
NAMES = {
    "activity.reech > 2": (1, "activity.reech is not a field of this activity; did you mean activity.reach?"),
    '"é😀" == activity.link': (
        9,
        "activity.link is not a field of this activity; there are activity.counts, activity.network, "
        "activity.published, activity.reach, activity.score, activity.scores, activity.seen, activity.source, "
        "activity.tags, activity.time, activity.type, activity.url, activity.with_comment",
    ),
    "member.jined": (1, "member.jined is not known of a member; did you mean member.joined?"),
    "member.reach": (1, "member.reach is not known of a member; did you mean activity.reach?"),
    "1 + reach": (5, "reach is not a name that can be used here; did you mean activity.reach?"),
    "Activity.Reach > 1": (1, "Activity.Reach is not a name that can be used here; did you mean activity.reach?"),
    "zzz": (1, "zzz is not a name that can be used here; names begin with activity. or member."),
    "member.age > 5": (1, f"member.age is not known of a member; there are {MEMBER}"),
    "member": (1, f"member is not a value; write one of {MEMBER}"),
    "if": (1, "if has no meaning here"),
}
CALLS = {
    "activity.tags.map(x, x)": (15, f"map {FUNCTIONS}"),
    "activity.tags.filter(x, x)": (15, f"filter {FUNCTIONS}"),
    'activity.url.matches("a+")': (14, f"matches {FUNCTIONS}"),
    "has(activity.url)": (1, f"has {FUNCTIONS}"),
    "dyn(1) == 1": (1, f"dyn {FUNCTIONS}"),
    "sizes(activity.tags)": (1, "sizes is not available here; did you mean size?"),
    "google.protobuf.Int64Value{value: 1} == 1": (1, "google.protobuf.Int64Value is not available here"),
    "activity.tags.exists(t)": (15, f"exists is written like {USAGE['exists']}"),
    'startsWith(activity.url, "a")': (1, f"startsWith is written like {USAGE['startsWith']}"),
    "activity.url.contains(5)": (
        14,
        'contains cannot be used with string, int; it is written like activity.url.contains("/blog/")',
    ),
    "activity.tags.size": (14, "a list(string) has no size; size is written like size(activity.tags)"),
    "activity.network.host": (17, "a string has no host"),
}
TYPES = {
    "activity.reach > 5.0": (
        16,
        "'>' cannot compare int with double; write 5 instead of 5.0, or double(activity.reach)",
    ),
    "activity.score > 5": (16, "'>' cannot compare double with int; write 5.0 instead of 5"),
    "activity.reach > activity.score": (16, "'>' cannot compare int with double; write double(activity.reach)"),
    "activity.reach * 2 > 5.5": (20, "'>' cannot compare int with double; wrap the whole number in double(...)"),
    'activity.url + activity.reach == ""': (14, "'+' cannot combine string with int; write string(activity.reach)"),
    'activity.reach == "5"': (16, "'==' cannot compare int with string; write 5 instead of \"5\""),
    "activity.network == 5": (18, "'==' cannot compare string with int; write \"5\" instead of 5"),
    'activity.time > "2026-01-01"': (
        15,
        "'>' cannot compare timestamp with string; a time is written like timestamp(\"2026-04-01T00:00:00Z\")",
    ),
    "[1] + [2] == [3]": (5, "'+' cannot combine list(int) with list(int)"),
    "activity.reach && true": (16, "'&&' needs true or false (bool) on both sides, not int and bool"),
    "!activity.reach": (1, "'!' cannot be used with int"),
    "activity.reach ? 1 : 2": (16, "what stands before ? must be true or false (bool), not int"),
    "true ? 1 : 2.0": (6, "both results of ? and : must have one type, not int and double"),
    "activity.tags.all(t, 1)": (18, "the condition in all(...) must be true or false (bool), not int"),
    "activity.tags.exists_one(t, 1)": (
        25,
        "the condition in exists_one(...) must be true or false (bool), not int",
    ),
    '"a" in activity.url': (
        5,
        "'in' cannot look for string in string; for a part of a text write text.contains(part)",
    ),
    "activity.reach.exists(t, true)": (9, "all, exists and exists_one look through a list, not int"),
    'activity.network in ["x", 1]': (21, "the values between [ and ] or { and } must be of one type"),
    '{"x": 1, "y": "z"}["x"] == 1': (1, "the values between [ and ] or { and } must be of one type"),
}
READING = {
    "": (1, "an expression is missing here"),
    " \n\t": (1, "an expression is missing here"),
    "activity.reach >": (17, "the expression ends too early"),
    "true ? 1": (9, "the expression ends too early; a ? needs a :"),
    "(activity.reach": (16, "a ) is missing here"),
    "activity.reach > 5)": (19, "')' does not belong here"),
    "activity..reach": (10, "'..' does not belong here"),
    "activity.reach and true": (16, "'and' does not belong here; write &&"),
    "activity.reach = 3": (16, "'=' does not belong here; write =="),
    "activity.reach \u2265 3": (16, "'\u2265' does not belong here; write >="),
    "activity.network == \u201cx\u201d": (21, "write straight quotation marks around a text"),
    "activity.network == 'x": (
        21,
        "this text has no closing quotation mark on its line, or a \\ in it that must be written \\\\",
    ),
    "9999999999999999999": (1, "this whole number is too large"),
    "a" * 2_049: (1, "an expression has at most 2,048 characters, and this has 2,049"),
    "activity.url == '\0'": (18, "the character U+0000 cannot be used"),
    "'\ud800'": (2, "the character U+D800 cannot be used"),
    r'activity.url + "\u0000"': (16, r"a text cannot contain the character \u0000"),
    "(" * 40 + "1" + ")" * 40: (
        1,
        "this is nested too deeply; at most 32 brackets inside one another, or 32 parts joined by + - * / in a row",
    ),
}
ZONES = {
    'activity.time.getHours("Europe/Londn")': (
        23,
        '"Europe/Londn" is not a time zone; did you mean Europe/London?',
    ),
    'activity.time.getHours("/dev/stdin")': (23, '"/dev/stdin" is not a time zone'),
    'activity.time.getHours("+99:00")': (23, '"+99:00" is not a time zone'),
    "activity.time.getHours(activity.url)": (
        23,
        'write a time zone as a text, such as "Europe/London", or member.time_zone',
    ),
}


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [(text, *said) for text, said in (NAMES | CALLS | TYPES | READING | ZONES).items()],
)
def test_a_mistake_is_explained_at_its_place(text: str, column: int, message: str) -> None:
    """What is wrong, where, and what to write instead; never CEL's codes or lists of tokens."""
    assert f"1:{column} {message}" == mistake(text)


def test_places_count_lines() -> None:
    """An expression over several lines names the line and the character in it."""
    mistakes = {
        "activity.with_comment\n  && true\n  && 1 )": "3:8 ')' does not belong here",
        "activity.tags\n  .map(x,\n x)": f"2:4 map {FUNCTIONS}",
    }

    assert mistakes == {text: mistake(text) for text in mistakes}


def test_an_expression_tells_all_its_mistakes() -> None:
    """Of one that can be read each is told; of one that cannot the first, from which the others may follow."""
    with pytest.raises(ExpressionInvalid) as caught:
        SCOPE.compile('activity.reech > 1 && activity.reach > "a" && sizes(activity.tags) > 1', {FieldType.BOOL})
    assert [1, 38, 47] == [each.column for each in caught.value.each()]
    with pytest.raises(ExpressionInvalid) as caught:
        SCOPE.compile("activity.reach = 1 && activity.score = 1", {FieldType.BOOL})
    assert [16] == [each.column for each in caught.value.each()]


def test_what_nobody_foresaw_is_cels_own_first_line() -> None:
    """A message of CEL that the words do not know loses its codes and keeps its place."""
    expected = "1:23 exists() variable name must be a simple identifier"

    assert expected == mistake("activity.tags.exists(t.u, true)")
