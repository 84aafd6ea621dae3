"""Intake: every kind of bad report, with the words that a person gets."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.catalogue import ActivityType, Field, FieldType, by_name
from activity.intake import Intake, Refused, Report

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

SHARED = ActivityType(
    key="post.shared",
    title="Shared a post",
    fields={
        "url": Field("url", FieldType.STRING),
        "reach": Field("reach", FieldType.INT),
        "score": Field("score", FieldType.DOUBLE, 0.5),
        "with_comment": Field("with_comment", FieldType.BOOL, False),
        "published": Field("published", FieldType.DATE, "2026-01-01"),
        "seen": Field("seen", FieldType.TIMESTAMP, "2026-01-01T00:00:00+00:00"),
        "topics": Field("topics", FieldType.STRINGS, []),
    },
)
INTAKE = Intake({"post.shared": SHARED}, starts_at=datetime(2026, 1, 1, tzinfo=UTC))
SOUND: dict[str, Any] = {
    "source": "tool",
    "id": "1",
    "type": "post.shared",
    "member": "ada",
    "time": "2026-11-12T09:30:00Z",
    "data": {"url": "https://example.com", "reach": 5},
}


def report(**changes: Any) -> Report:
    return Report(**(SOUND | changes))


def data(**changes: Any) -> dict[str, Any]:
    return {"data": SOUND["data"] | changes}


def test_a_sound_report_is_admitted_with_its_defaults() -> None:
    """What was sent stays apart from what judging sees: the defaults filled in."""
    admitted = INTAKE.admit(report(), NOW)
    assert admitted.sent == b'{"reach":5,"url":"https://example.com"}'
    assert [admitted.data[name] for name in ("with_comment", "published", "reach", "score")] == [
        False,
        "2026-01-01",
        5,
        0.5,
    ]


def test_null_is_the_same_as_left_out() -> None:
    """A field that is null takes its default."""
    assert INTAKE.admit(report(**data(with_comment=None)), NOW).sent == INTAKE.admit(report(), NOW).sent


@pytest.mark.parametrize("value", [5.0, -0.0, 1e15, 2.0**53 - 1])
def test_a_whole_number_may_have_a_point(value: float) -> None:
    """To JSON 5.0 is 5: it is the same content, and rules see a whole number."""
    admitted = INTAKE.admit(report(**data(reach=value)), NOW)
    assert admitted == INTAKE.admit(report(**data(reach=int(value))), NOW)
    assert type(admitted.data["reach"]) is int


def test_a_time_one_hour_ahead_is_still_admitted() -> None:
    """Clocks of other systems may be a little fast; a microsecond more is too much."""
    INTAKE.admit(report(time=NOW + timedelta(hours=1)), NOW)
    with pytest.raises(Refused, match="more than an hour ahead"):
        INTAKE.admit(report(time=NOW + timedelta(hours=1, microseconds=1)), NOW)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "post.shred"}, "type", "'post.shred' is no activity type of this programme; did you mean post.shared?"),
    ({"type": "xyz"}, "type", "'xyz' is no activity type of this programme; it has post.shared"),
    ({"type": None}, "type", "type must be text, but it is missing"),
    ({"id": ""}, "id", "id is empty"),
    ({"id": "  "}, "id", "id is empty"),
    ({"id": "x" * 257}, "id", "id has 257 characters; at most 256 are allowed"),
    ({"id": 7}, "id", "id must be text, but it is a whole number"),
    ({"id": "a\0b"}, "id", "id contains a NUL character; remove it"),
    ({"id": "\udc00"}, "id", "id is not valid UTF-8: it contains a stray byte or half of a surrogate pair"),
    ({"source": ""}, "source", "source is empty"),
    ({"source": {}}, "source", "source must be text, but it is an object"),
    ({"member": None}, "member", "member must be text, but it is missing"),
    ({"time": None}, "time", "time is missing; write it as 2026-11-12T09:30:00Z"),
    ({"time": ""}, "time", "time is missing; write it as 2026-11-12T09:30:00Z"),
    ({"time": "yesterday"}, "time", "'yesterday' is no time; write it as 2026-11-12T09:30:00Z"),
    ({"time": 5}, "time", "time must be text such as 2026-11-12T09:30:00Z, but it is a whole number"),
    (
        {"time": "2026-11-12T09:30:00"},
        "time",
        "'2026-11-12T09:30:00' has no offset from UTC; end it with Z or, for example, +01:00",
    ),
    (
        {"time": "2026-11-21T13:00:01Z"},
        "time",
        "2026-11-21T13:00:01+00:00 is more than an hour ahead of now, 2026-11-21T12:00:00+00:00",
    ),
    (
        {"time": "2025-12-31T23:59:59Z"},
        "time",
        "2025-12-31T23:59:59+00:00 is before the programme starts, 2026-01-01T00:00:00+00:00",
    ),
    ({"time": "0001-01-01T00:00:00+14:00"}, "time", "0001-01-01T00:00:00+14:00 is before the programme starts"),
    ({"time": "9999-12-31T23:59:59-14:00"}, "time", "9999-12-31T23:59:59-14:00 is more than an hour ahead of now"),
    ({"data": []}, "data", "data must be an object of fields, but it is a list"),
    ({"data": {"url": "x"}}, "data.reach", "data.reach is missing; post.shared needs it, of type int"),
    (data(reech=1), "data.reech", "'reech' is no field of post.shared; did you mean reach?"),
    (data(reach="5"), "data.reach", "data.reach must be a whole number, but it is text"),
    (data(reach=True), "data.reach", "data.reach must be a whole number, but it is true or false"),
    (data(**{"re\nch": 1}), "data", "'re\\nch' is no field of post.shared; did you mean reach?"),
    (data(reach=5.5), "data.reach", "data.reach must be a whole number, but it is 5.5"),
    (data(reach=float("nan")), "data.reach", "data.reach must be a whole number, but it is nan"),
    (data(reach=-(2.0**53)), "data.reach", "data.reach has a point or an exponent and is too large to be exact; write"),
    (data(reach=1e19), "data.reach", "data.reach is a number beyond 64 bits"),
    (data(reach=2**63), "data.reach", "data.reach is a number beyond 64 bits"),
    (data(reach=-(2**63) - 1), "data.reach", "data.reach is a number beyond 64 bits"),
    (data(score=10**400), "data.score", "data.score is a number beyond 64 bits"),
    (data(score=float("nan")), "data.score", "data.score must be a finite number, but it is nan"),
    (data(score="1"), "data.score", "data.score must be a number, but it is text"),
    (data(with_comment=1), "data.with_comment", "data.with_comment must be true or false, but it is a whole number"),
    (data(url=5), "data.url", "data.url must be text, but it is a whole number"),
    (data(url="x" * 2049), "data.url", "data.url has 2,049 characters; at most 2,048 are allowed"),
    (data(url="a\0"), "data.url", "data.url contains a NUL character; remove it"),
    (
        data(url="\ud800"),
        "data.url",
        "data.url is not valid UTF-8: it contains a stray byte or half of a surrogate pair",
    ),
    (data(published="12/11/2026"), "data.published", "'12/11/2026' is no date; write data.published as 2026-11-12"),
    (
        data(seen="2026-11-12T09:30"),
        "data.seen",
        "'2026-11-12T09:30' has no offset from UTC; end it with Z or, for example, +01:00",
    ),
    (data(topics="ai"), "data.topics", "data.topics must be a list, but it is text"),
    (data(topics=["ai", 5]), "data.topics[1]", "data.topics[1] must be text, but it is a whole number"),
    (data(topics=["a"] * 101), "data.topics", "data.topics has 101 elements; at most 100 are allowed"),
    (data(topics=["x" * 2000] * 9), "data", "data takes 18,077 bytes as JSON; at most 16,384 are allowed"),
    (data(topics=[[["deep"]]]), "data.topics[0]", "data.topics[0] must be text, but it is a list"),
]


@pytest.mark.parametrize(("changes", "field", "words"), REFUSED)
def test_a_bad_report_is_refused_in_words(changes: dict[str, Any], field: str, words: str) -> None:
    """The message says what is wrong and what to do, and the field says where."""
    with pytest.raises(Refused) as refused:
        INTAKE.admit(report(**changes), NOW)
    assert field == refused.value.field
    assert refused.value.message.startswith(words)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.fixed_dictionaries(dict.fromkeys(SOUND, anything)))
def test_whatever_is_sent_is_admitted_or_refused(fields: dict[str, Any]) -> None:
    """No value of any shape raises anything but Refused."""
    with suppress(Refused):
        INTAKE.admit(Report(**fields), NOW)


@given(st.dictionaries(st.sampled_from([*SHARED.fields]), anything))
def test_whatever_stands_in_a_field_is_admitted_or_refused(fields: dict[str, Any]) -> None:
    """The same for the values of declared fields."""
    with suppress(Refused):
        INTAKE.admit(report(data=fields), NOW)


def test_a_type_goes_by_its_aliases_too() -> None:
    """What is admitted is of the type itself, whatever it was called; a name that is nearly right is suggested."""
    intake = Intake({"post.shared": replace(SHARED, aliases=("com.example.Post",))}, INTAKE.starts_at)
    assert intake.admit(report(), NOW) == intake.admit(report(type="com.example.Post"), NOW)
    for name, meant in (("com.example.post", "com.example.Post"), ("post.shred", "post.shared")):
        with pytest.raises(Refused, match=f"{name!r} is no activity type of this programme; did you mean {meant}"):
            intake.admit(report(type=name), NOW)
    with pytest.raises(Refused, match=r"it has post\.shared, com\.example.Post"):
        intake.admit(report(type="?"), NOW)


def test_keys_of_types_are_suggested_before_aliases() -> None:
    """Also where a name is as near to both, but for its case."""
    types = {"post.shared": replace(SHARED, aliases=("com.example.shared", "Post.Shared"))}
    assert ["post.shared", "com.example.shared", "Post.Shared"] == list(by_name(types))
    intake = Intake(types, INTAKE.starts_at)
    with pytest.raises(Refused, match=r"did you mean post\.shared"):
        intake.admit(report(type="POST.SHARED"), NOW)
    with pytest.raises(Refused, match=r"it has post\.shared, com\.example\.shared"):
        intake.admit(report(type="?"), NOW)
