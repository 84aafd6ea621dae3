"""The sections `activities` and `attributes`: what they declare, and the words for every mistake."""

import pytest

from activity.catalogue import ActivityType, Field, FieldType
from activity.definition import (
    Declared,
    activity_from_plain,
    activity_to_plain,
    read_activities,
    read_attributes,
)
from document import Document
from section import attempt

TYPES = "bool, int, double, string, date, timestamp, list(string), list(int), list(double)"
KEY = "write small letters, digits, '-' and '_' in parts joined by dots, as in post.shared, at most 64 characters"
NAME = "write small letters, digits and '_', beginning with a letter, at most 64 characters"

ACTIVITIES = """
post.shared:
  title: Shared a company post
  zone: sharer
  fields:
    network: string
    reach: {type: int, default: 0}
    topics: {type: list(string), default: [ai, "on", "5"]}
    joined: {type: date}
chat-hosted: {title: ' Hosted a chat ', was: chat.hosted, aliases: [com.example.chat, https://example.com/chat v2]}
"""

MISTAKES = {
    "": "line 1, column 4: it: must be settings, each written 'name: value', not nothing",
    "[a]": "line 1, column 5: it: must be settings, each written 'name: value', not a list",
    "{a: {}}": "line 1, column 6: it.a: 'title' is missing",
    "{a: {title: ''}}": "line 1, column 17: it.a.title: is empty: write a text, or remove the setting",
    "{a: {title: [b]}}": "line 1, column 17: it.a.title: must be a single value, not a list",
    '{a: {title: "b\\nc"}}': "line 1, column 17: it.a.title: must be a single line without tabs",
    "{a: {title: " + "b" * 201 + "}}": "line 1, column 17: it.a.title: has 201 characters: at most 200 are allowed",
    "{a: Shared a post}": "line 1, column 9: it.a: must be settings, each written 'name: value', not 'Shared a post'",
    "{Post: {title: b}}": f"line 1, column 6: it.Post: 'Post' cannot be a key: {KEY}",
    "{a..b: {title: b}}": f"line 1, column 6: it.a..b: 'a..b' cannot be a key: {KEY}",
    "{" + "a" * 65 + ": {title: b}}": f"line 1, column 6: it.{'a' * 64}…: '{'a' * 64}…' cannot be a key: {KEY}",
    "{a: {title: b, zones: sharer}}": "line 1, column 20: it.a: there is no setting 'zones' here; did you mean 'zone'? "
    "(settings: title, zone, fields, aliases, claim, was)",
    "{a: {title: b, colour: red}}": "line 1, column 20: it.a: there is no setting 'colour' here "
    "(settings: title, zone, fields, aliases, claim, was)",
    "{a: {title: b, zone: sharers}}": "line 1, column 26: it.a.zone: must be one of consumer, sharer, creator, "
    "engaged, not 'sharers'; did you mean 'sharer'?",
    "{a: {title: b, fields: [c]}}": "line 1, column 28: it.a.fields: must be settings, each written 'name: value', "
    "not a list",
    "{a: {title: b, fields: {c: integer}}}": f"line 1, column 32: it.a.fields.c: must be one of {TYPES}, "
    "not 'integer'; did you mean 'int'?",
    "{a: {title: b, fields: {c: }}}": f"line 1, column 32: it.a.fields.c: must be one of {TYPES}, not nothing",
    "{a: {title: b, fields: {c: {default: 1}}}}": "line 1, column 29: it.a.fields.c: 'type' is missing",
    "{a: {title: b, fields: {c: {type: int, min: 1}}}}": "line 1, column 44: it.a.fields.c: "
    "there is no setting 'min' here (settings: type, default)",
    "{a: {title: b, fields: {isOpen: bool}}}": "line 1, column 29: it.a.fields.isOpen: 'isOpen' cannot be a key: "
    f"{NAME}",
    "{a: {title: b, fields: {time: int}}}": "line 1, column 29: it.a.fields.time: every activity has 'time' already: "
    "remove it, or choose another name",
    "{a: {title: b, fields: {in: int}}}": "line 1, column 29: it.a.fields.in: 'in' means something else in conditions: "
    "choose another name",
    "{a: {title: b, was: B}}": f"line 1, column 25: it.a.was: 'B' cannot be a key: {KEY}",
    "{a: {title: b, was: a}}": "line 1, column 25: it.a.was: 'a' is still here, in line 1: "
    "a key that changed its name cannot stay",
    "{a: {title: a, was: o}, b: {title: b, was: o}}": "line 1, column 48: it.b.was: 'o' has become 'a' already: "
    "only one thing can take its place",
    "{a: {title: b, aliases: {}}}": "line 1, column 29: it.a.aliases: must be a list, not a group of settings",
    "{a: {title: b, aliases: []}}": "line 1, column 29: it.a.aliases: is an empty list: add to it, or remove "
    "the setting",
    "{a: {title: b, aliases: [' ']}}": "line 1, column 30: it.a.aliases.1: is empty: write a name under which tools "
    "report it, or remove it",
    '{a: {title: b, aliases: ["c\\nd"]}}': "line 1, column 30: it.a.aliases.1: must be a single line without tabs",
    "{a: {title: b, aliases: ["
    + "c" * 257
    + "]}}": "line 1, column 30: it.a.aliases.1: has 257 characters: at most 256 are allowed",
    "{a: {title: b, aliases: [c, c]}}": "line 1, column 33: it.a.aliases.2: 'c' is an alias already, in line 1: "
    "remove one of them",
    "{a: {title: b, aliases: [c]}, d: {title: e, aliases: c}}": "line 1, column 58: it.d.aliases: 'c' is an alias "
    "already, in line 1: remove one of them",
    "{a: {title: b, aliases: [d]}, d: {title: e}}": "line 1, column 30: it.a.aliases.1: 'd' is the key of an activity "
    "type: remove it",
    "{a: {title: b, aliases: [a]}}": "line 1, column 30: it.a.aliases.1: 'a' is the key of an activity type: remove it",
}

DEFAULTS = {
    "type: int, default: many": "default must be a whole number, but it is text",
    "type: int, default: 1.5": "default must be a whole number, but it is text",
    "type: int, default: [1]": "default must be a whole number, but it is a list",
    "type: int, default: 9223372036854775808": "default is a number beyond 64 bits",
    "type: double, default: '1,5'": "default must be a number, but it is text",
    "type: double, default: 1.2.3": "default must be a number, but it is text",
    "type: double, default: 1e999": "default must be a finite number, but it is inf",
    "type: bool, default: yes": "default must be true or false, but it is text",
    "type: date, default: 2026-02-30": "'2026-02-30' is no date; write default as 2026-11-12",
    "type: timestamp, default: 2026-02-01T10:00": "'2026-02-01T10:00' has no offset from UTC; "
    "end it with Z or, for example, +01:00",
    "type: string, default: ": "is empty: write a value, '' for an empty text, or remove the setting",
    "type: string, default: {a: b}": "must be a single value, not a group of settings",
    "type: list(int), default: 1": "default must be a list, but it is a whole number",
    "type: list(int), default: [1, x]": "default[1] must be a whole number, but it is text",
    "type: list(string), default: [[a]]": "must be a single value, not a list",
}

ATTRIBUTES = {
    "{joined: data}": f"line 1, column 14: it.joined: must be one of {TYPES}, not 'data'; did you mean 'date'?",
    "{Joined: date}": f"line 1, column 6: it.Joined: 'Joined' cannot be a key: {NAME}",
    "{team: string}": "line 1, column 6: it.team: every member has 'team' already: remove it, or choose another name",
    "[joined]": "line 1, column 5: it: must be settings, each written 'name: value', not a list",
}


def activities(text: str) -> tuple[Declared, list[str]]:
    """What is read of a section that stands under the name `it`, and its mistakes."""
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    read = attempt(document.root.content["it"], read_activities, Declared())
    return read, [str(mistake) for mistake in document.mistakes]


def attributes(text: str) -> tuple[dict[str, FieldType] | None, list[str]]:
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    read = attempt(document.root.content["it"], read_attributes, None)
    return read, [str(mistake) for mistake in document.mistakes]


def test_a_section_declares_activity_types_with_their_fields() -> None:
    """Types are keyed by their keys in the order of the file; a default has the type of its field."""
    fields = [
        Field("network", FieldType.STRING),
        Field("reach", FieldType.INT, 0),
        Field("topics", FieldType.STRINGS, ["ai", "on", "5"]),
        Field("joined", FieldType.DATE),
    ]
    expected = {
        "post.shared": ActivityType(
            "post.shared", "Shared a company post", {field.name: field for field in fields}, "sharer"
        ),
        "chat-hosted": ActivityType(
            "chat-hosted",
            "Hosted a chat",
            {},
            was="chat.hosted",
            aliases=("com.example.chat", "https://example.com/chat v2"),
        ),
    }
    read, mistakes = activities(ACTIVITIES.replace("\n", "\n  "))
    assert not mistakes
    assert expected == read.types
    assert list(expected) == list(read.types)


@pytest.mark.parametrize(("text", "words"), MISTAKES.items())
def test_every_mistake_has_its_place_and_says_what_to_do(text: str, words: str) -> None:
    """One mistake in the section is one sentence."""
    assert [words] == activities(text)[1]


@pytest.mark.parametrize(("field", "words"), DEFAULTS.items())
def test_a_default_is_checked_as_what_tools_report_is(field: str, words: str) -> None:
    """A default that intake would refuse is refused here, in the same words."""
    (mistake,) = activities(f"\n  a:\n    title: b\n    fields:\n      c: {{{field}}}")[1]
    assert mistake.startswith("line 5, column ")
    assert mistake.endswith(f": {words}")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("type: bool, default: true", True),
        ("type: int, default: '-7'", -7),
        ("type: double, default: 5", 5.0),
        ("type: double, default: -1.5e3", -1500.0),
        ("type: string, default: ''", ""),
        ("type: string, default: ' 5 '", " 5 "),
        ("type: date, default: 2026-04-01", "2026-04-01"),
        ("type: timestamp, default: 2026-04-01T10:00:00Z", "2026-04-01T10:00:00+00:00"),
        ("type: list(double), default: [1, 2.5]", [1.0, 2.5]),
        ("type: list(int), default: []", []),
    ],
)
def test_a_default_becomes_a_value_of_its_type(field: str, expected: object) -> None:
    """The same text is a number, a truth value or a text, as its field's type says."""
    read, mistakes = activities(f"\n  a:\n    title: b\n    fields:\n      c: {{{field}}}")
    assert not mistakes
    default = read.types["a"].fields["c"].default
    assert expected == default
    assert type(expected) is type(default)


def test_all_mistakes_of_a_section_are_found() -> None:
    """A mistake hides no other, neither in its own activity type nor in another."""
    text = """
  post.shared: {zone: sharing, fields: {url: text, time: int, reach: {type: int, default: x}}}
  post liked: {titel: Liked}
  chat: hosted
"""
    expected = [
        f"line 2, column 46: it.post.shared.fields.url: must be one of {TYPES}, not 'text'",
        "line 2, column 52: it.post.shared.fields.time: every activity has 'time' already: "
        "remove it, or choose another name",
        "line 2, column 91: it.post.shared.fields.reach.default: default must be a whole number, but it is text",
        "line 2, column 3: it.post.shared: 'title' is missing",
        "line 2, column 23: it.post.shared.zone: must be one of consumer, sharer, creator, engaged, not 'sharing'; "
        "did you mean 'sharer'?",
        "line 3, column 16: it.post liked: there is no setting 'titel' here; did you mean 'title'? "
        "(settings: title, zone, fields, aliases, claim, was)",
        f"line 3, column 3: it.post liked: 'post liked' cannot be a key: {KEY}",
        "line 4, column 9: it.chat: must be settings, each written 'name: value', not 'hosted'",
    ]
    assert sorted(expected) == sorted(activities(text)[1])


def test_a_broken_declaration_is_still_a_name() -> None:
    """What refers to an activity type whose declaration is broken is not wrong, and its broken fields are known."""
    text = """
  post.shared: {title: a, fields: {url: text, reach: int, seen: {type: lots}}}
  post.liked: {title: a, feilds: {url: string}}
  post.read: a
"""
    read, _ = activities(text)
    expected = {
        "post.shared": frozenset({"url", "seen"}),
        "post.liked": frozenset({"activity"}),
        "post.read": frozenset({"activity"}),
    }
    assert expected == read.doubts
    assert tuple(expected) == read.names.known
    assert {"reach"} == read.types["post.shared"].fields.keys()
    assert not activities("a")[0].names.complete


@pytest.mark.parametrize(("text", "words"), ATTRIBUTES.items())
def test_every_mistake_in_an_attribute_has_its_words(text: str, words: str) -> None:
    """Attributes have the types of fields, and names that members do not have already."""
    assert [words] == attributes(text)[1]


def test_attributes_have_types() -> None:
    """The section gives the type of each attribute."""
    expected = {"hourly": FieldType.BOOL, "joined": FieldType.DATE}
    assert (expected, []) == attributes("{hourly: bool, joined: date}")


def test_plain_values_leave_out_what_is_default_and_come_back() -> None:
    """The plain form is that of the file, and nothing but `was` is lost on the way back."""
    read, _ = activities(ACTIVITIES.replace("\n", "\n  "))
    shared, hosted = read.types.values()
    fields = {
        "network": "string",
        "reach": {"type": "int", "default": 0},
        "topics": {"type": "list(string)", "default": ["ai", "on", "5"]},
        "joined": "date",
    }
    expected = {"title": "Shared a company post", "zone": "sharer", "fields": fields}
    assert expected == activity_to_plain(shared)
    assert shared == activity_from_plain("post.shared", activity_to_plain(shared))
    aliases = ("com.example.chat", "https://example.com/chat v2")
    expected = {"title": "Hosted a chat", "aliases": list(aliases)}
    assert expected == activity_to_plain(hosted)
    assert ActivityType("chat-hosted", "Hosted a chat", {}, aliases=aliases) == activity_from_plain(
        "chat-hosted", expected
    )
    assert {"title": "Hosted a chat"} == activity_to_plain(ActivityType("chat-hosted", "Hosted a chat", {}))
