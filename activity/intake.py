"""Intake: whether something a tool reported is sound, before anybody asks what it earns.

Everything that can be wrong with one report is found here, and says where and what to do. Which member it names, and
whether it was recorded before, only the database knows.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from hashlib import blake2b
from typing import Any, TypeVar

import orjson

from activity.catalogue import ActivityType, FieldType, FieldValue, by_name
from errors import LaurelsError

T = TypeVar("T")

ID_LENGTH_MAX = 256
NAMES_SHOWN = 20
STRING_LENGTH_MAX = 2_048
LIST_LENGTH_MAX = 100
TIME_LENGTH_MAX = 64  # twice what ISO 8601 takes
DATA_BYTES_MAX = 16_384
INT_MIN, INT_MAX = -(2**63), 2**63 - 1
EXACT_MAX = 2**53 - 1  # of whole numbers that are written as 5.0: from here on several are read as the same
MEMBERS_MAX = 20  # whom one activity can credit
CLAIMS = "claims"  # the source of what members claimed themselves: no tool can report under it
AHEAD_MAX = timedelta(hours=1)  # clocks of other systems may be a little fast


class Refused(LaurelsError):
    """A report cannot be recorded. `field` names the part of it that is wrong, such as `data.reach`, and `id` the
    report, where somebody could tell."""

    id = ""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class Ahead(Refused):
    """A report is of a time that has not come."""


class BeforeStart(Refused):
    """A report is of a time before the programme starts."""


class Missing(Refused):
    """A field that a report must have is not in it."""


class Mistyped(Refused):
    """A part of a report is of another type than it has to be."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a tool says happened, before it is checked: any value may be anything that JSON can hold."""

    source: Any
    id: Any
    type: Any
    member: Any  # the member's external id
    time: Any  # ISO 8601 text with an offset, or an aware datetime
    data: Any = None
    contributors: Any = None  # external ids of others whom it credits as well, such as the co-authors of an article


class Claimed(Report):
    """What a member claimed happened: the one kind of report whose source is `CLAIMS`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Admitted:
    """A sound report. `data` is what judging sees: every field, defaults filled in. `sent` is what was sent as
    canonical JSON, `stored` the same of `data`."""

    source: str
    id: str
    type: ActivityType
    members: tuple[str, ...]  # all that it credits, in the order in which they were named
    time: datetime
    data: dict[str, FieldValue]
    sent: bytes
    stored: bytes


class Intake:
    """The checks for one catalogue. Activities count from `starts_at`, the programme's first instant."""

    def __init__(self, types: Mapping[str, ActivityType], starts_at: datetime) -> None:
        self._types = types
        self._named = by_name(types)
        self.starts_at = starts_at

    def admit(self, report: Report, now: datetime) -> Admitted:
        """The report, checked. Raises Refused at the first thing that is wrong."""
        source = checked_name("source", report.source)
        if source == CLAIMS and not isinstance(report, Claimed):
            raise Refused("source", f"source {CLAIMS!r} is that of what members claim themselves; use another")
        identifier = checked_name("id", report.id)
        member = checked_name("member", report.member)
        name = checked_name("type", report.type)
        kind = self._named.get(name)
        if kind is None:
            near = nearest(name, self._named, first=self._types)
            raise Refused("type", f"{name!r} is no activity type of this programme{near}")
        time = self._time(report.time, now)
        data, sent, stored = _data(kind, {} if report.data is None else report.data)
        members = (member,) if not report.contributors else (member, *_contributors(report.contributors, member))
        return Admitted(source, identifier, kind, members, time, data, sent, stored)

    def _time(self, value: Any, now: datetime) -> datetime:
        time = _instant("time", value)
        if time > now + AHEAD_MAX:
            raise Ahead(
                "time", f"{time.isoformat()} is more than an hour ahead of now, {now.isoformat('T', 'seconds')}"
            )
        if time < self.starts_at:
            raise BeforeStart(
                "time", f"{time.isoformat()} is before the programme starts, {self.starts_at.isoformat()}"
            )
        return time


def identity_of(source: str, identifier: str, secret: bytes) -> bytes:
    """The keyed hash under which an activity is known, also when its source and id are erased."""
    # The length of the source tells ("a", "bc") from ("ab", "c").
    return blake2b(f"{len(source)}:{source}:{identifier}".encode(), digest_size=16, key=secret).digest()


def content_of(type_id: int, time_us: int, sent: bytes, secret: bytes, names: str = "") -> bytes:
    """The keyed hash of what an activity said, by which a redelivery is told from a conflict. How members are named
    says nothing of who they are; only what was recorded long ago has their `names` in it."""
    content = f"{type_id}:{time_us}:".encode() + sent + names.encode()
    return blake2b(content, digest_size=16, key=secret).digest()


def checked_name(field: str, value: Any) -> str:
    """A short text that names something: not empty, at most 256 characters, storable. Raises Refused."""
    if not isinstance(value, str):
        raise Refused(field, f"{field} must be text, but it is {words_for(value)}")
    if len(value) > ID_LENGTH_MAX:
        raise Refused(field, f"{field} has {len(value)} characters; at most {ID_LENGTH_MAX} are allowed")
    if not value.strip():
        raise Refused(field, f"{field} is empty")
    return _sound(field, value)


def _sound(field: str, value: str) -> str:
    if "\0" in value:
        raise Refused(field, f"{field} contains a NUL character; remove it")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Refused(
                field, f"{field} is not valid UTF-8: it contains a stray byte or half of a surrogate pair"
            ) from None
    return value


def _instant(field: str, value: Any) -> datetime:
    if value is None or value == "":
        raise Refused(field, f"{field} is missing; write it as 2026-11-12T09:30:00Z")
    time = value
    if isinstance(value, str):
        try:
            time = datetime.fromisoformat(value if len(value) <= TIME_LENGTH_MAX else "")
        except ValueError:
            raise Refused(field, f"{short(value)} is no time; write it as 2026-11-12T09:30:00Z") from None
    if not isinstance(time, datetime):
        raise Refused(field, f"{field} must be text such as 2026-11-12T09:30:00Z, but it is {words_for(value)}")
    if time.utcoffset() is None:
        raise Refused(field, f"{short(str(value))} has no offset from UTC; end it with Z or, for example, +01:00")
    return time


def _contributors(value: Any, member: str) -> Iterable[str]:
    if not isinstance(value, list | tuple):
        raise _mistyped("contributors", "a list of external ids", value)
    if len(value) >= MEMBERS_MAX:
        told = f"{len(value)} contributors are too many; one activity credits at most {MEMBERS_MAX} members"
        raise Refused("contributors", told)
    seen = {member}
    for index, each in enumerate(value):
        name = checked_name(f"contributors[{index}]", each)
        if name in seen:
            raise Refused(f"contributors[{index}]", f"{name!r} is named twice; name each member once")
        seen.add(name)
        yield name


def _data(kind: ActivityType, value: Any) -> tuple[dict[str, FieldValue], bytes, bytes]:
    if not isinstance(value, Mapping):
        raise Refused("data", f"data must be an object of fields, but it is {words_for(value)}")
    sent: dict[str, FieldValue] = {}
    for name, item in value.items():
        declared = kind.fields.get(name)
        if declared is None:
            shown = short(str(name))
            told = f"{shown} is no field of {kind.key}{nearest(str(name), kind.fields)}"
            raise Refused(part("data", str(name)), told)
        if item is not None:
            sent[name] = CHECKS[declared.type](f"data.{name}", item)
    data: dict[str, FieldValue] = {}
    for name, field in kind.fields.items():
        filled = sent.get(name, field.default)
        if filled is None:
            raise Missing(f"data.{name}", f"data.{name} is missing; {kind.key} needs it, of type {field.type}")
        data[name] = filled
    text = canonical("data", sent)
    return data, text, text if len(sent) == len(data) else canonical("data", data)


def canonical(field: str, value: Mapping[str, FieldValue]) -> bytes:
    """Checked values as JSON, the same for equal values. Raises Refused above 16 KB."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if len(text) > DATA_BYTES_MAX:
        raise Refused(field, f"{field} takes {len(text):,} bytes as JSON; at most {DATA_BYTES_MAX:,} are allowed")
    return text


def _bool(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _mistyped(field, "true or false", value)
    return value


def _int(field: str, value: Any) -> int:
    if isinstance(value, float):
        value = _whole(field, value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _mistyped(field, "a whole number", value)
    if not INT_MIN <= value <= INT_MAX:
        raise Refused(field, f"{field} is a number beyond 64 bits")
    return value


def _whole(field: str, value: float) -> int:
    """A number with a point or an exponent, which to JSON is the same as one without: 5.0 is 5."""
    if not value.is_integer():
        raise Refused(field, f"{field} must be a whole number, but it is {value}")
    if EXACT_MAX < abs(value) <= INT_MAX:
        raise Refused(field, f"{field} has a point or an exponent and is too large to be exact; write its digits alone")
    return int(value)


def _double(field: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _mistyped(field, "a number", value)
    if isinstance(value, int):
        return float(_int(field, value))
    if not math.isfinite(value):
        raise Refused(field, f"{field} must be a finite number, but it is {value}")
    return value


def _string(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _mistyped(field, "text", value)
    if len(value) > STRING_LENGTH_MAX:
        raise Refused(field, f"{field} has {len(value):,} characters; at most {STRING_LENGTH_MAX:,} are allowed")
    return _sound(field, value)


def _date(field: str, value: Any) -> str:
    try:
        return date.fromisoformat(_string(field, value)).isoformat()
    except ValueError:
        raise Refused(field, f"{short(value)} is no date; write {field} as 2026-11-12") from None


def _timestamp(field: str, value: Any) -> str:
    return _instant(field, _string(field, value)).isoformat()


def _list(item: Callable[[str, Any], T]) -> Callable[[str, Any], list[T]]:
    def check(field: str, value: Any) -> list[T]:
        if not isinstance(value, list):
            raise _mistyped(field, "a list", value)
        if len(value) > LIST_LENGTH_MAX:
            raise Refused(field, f"{field} has {len(value):,} elements; at most {LIST_LENGTH_MAX} are allowed")
        return [item(f"{field}[{index}]", element) for index, element in enumerate(value)]

    return check


# For each declared type: takes the field's name and any JSON value, gives the value to keep or raises Refused.
CHECKS: Mapping[FieldType, Callable[[str, Any], FieldValue]] = {
    FieldType.BOOL: _bool,
    FieldType.INT: _int,
    FieldType.DOUBLE: _double,
    FieldType.STRING: _string,
    FieldType.DATE: _date,
    FieldType.TIMESTAMP: _timestamp,
    FieldType.STRINGS: _list(_string),
    FieldType.INTS: _list(_int),
    FieldType.DOUBLES: _list(_double),
}


def _mistyped(field: str, expected: str, value: Any) -> Mistyped:
    return Mistyped(field, f"{field} must be {expected}, but it is {words_for(value)}")


def part(group: str, name: str) -> str:
    """What messages call the part of a group, such as `data.reach`; the group itself where the name cannot be shown."""
    return f"{group}.{name}" if len(name) <= ID_LENGTH_MAX and name.isprintable() else group


def nearest(text: str, names: Iterable[str], first: Collection[str] = ()) -> str:
    """The end of a message: the name that was probably meant, or those there are, with `first` before the others."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(name.casefold(), name)
    near = get_close_matches(text[:ID_LENGTH_MAX].casefold(), known, n=1)
    if near:
        return f"; did you mean {known[near[0]]}?"
    listed = sorted(known.values(), key=lambda name: (name not in first, name))
    more = f" and {len(listed) - NAMES_SHOWN:,} more" if len(listed) > NAMES_SHOWN else ""
    return f"; it has {', '.join(listed[:NAMES_SHOWN])}{more}" if listed else "; it has none"


def short(text: str) -> str:
    """What somebody wrote, as a message quotes it."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


def words_for(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "missing"
    names = {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), f"a {type(value).__name__}")
