"""Times as other tools write them, read as moments. What could mean two things is not guessed.

A time without an offset is one of the zone that is declared. One that the clock showed twice, as summer time ended, is
the first of the two; one that it skipped is as much later as the clock was put forward.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

from activity.calendar import MONTH_NAMES
from activity.intake import TIME_LENGTH_MAX, Refused, short

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000}
NAMED_FORMATS = ("iso", "rfc2822", *UNITS)

Convert = Callable[[str], datetime]


class Unfit(Refused):
    """The mapping does not say how what a file holds is meant, so that all its lines would be refused or misread."""


def moments(field: str, formats: Sequence[str], zone: tzinfo | None) -> Callable[[Any], datetime]:
    """What reads the times of a column. It raises Refused, and Unfit where the mapping must say more."""
    converts = [_convert(form) for form in formats]

    def read(value: Any) -> datetime:
        text = value.strip() if isinstance(value, str) else str(value) if _is_number(value) else ""
        if not text:
            raise Refused(field, f"{field} is missing")
        moment = _first(field, formats, converts, text) if converts else _unguessed(field, text)
        if moment is None:
            written = " or ".join(f"'{form}'" for form in formats)
            raise Refused(field, f"{field} is {short(text)}, which is not written as {written}")
        return _placed(field, moment, text, zone)

    return read


def days(field: str, formats: Sequence[str]) -> Callable[[Any], str]:
    """The same for dates, given as ISO 8601."""
    converts = [_convert(form) for form in formats]

    def read(value: Any) -> str:
        text = str(value).strip()
        moment = _first(field, formats, converts, text) if converts else _unguessed(field, text)
        if moment is None:
            written = " or ".join(f"'{form}'" for form in formats)
            raise Refused(field, f"{field} is {short(text)}, which is not written as {written}")
        return moment.date().isoformat()

    return read


def check_format(form: str) -> str:
    """What is wrong with a format, in words; empty for a sound one."""
    if form in NAMED_FORMATS:
        return ""
    if "%" not in form:
        return f"must be one of {', '.join(NAMED_FORMATS)}, or a pattern such as '%d/%m/%Y %H:%M'"
    try:
        datetime.strptime(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007
    except ValueError as error:
        return f"cannot be read as a pattern: {error}; one is '%d/%m/%Y %H:%M'"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _first(field: str, formats: Sequence[str], converts: Sequence[Convert], text: str) -> datetime | None:
    """The time by the formats that fit. Raises Refused where they say different times."""
    if len(text) > TIME_LENGTH_MAX:
        return None
    found: datetime | None = None
    by = ""
    for form, convert in zip(formats, converts, strict=True):
        try:
            moment = convert(text)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        if found is not None and _differ(found, moment):
            raise Refused(
                field,
                f"{field} is {short(text)}, which is {found:%Y-%m-%d %H:%M:%S} as '{by}' and "
                f"{moment:%Y-%m-%d %H:%M:%S} as '{form}', and is not guessed: keep one of them in 'format'",
            )
        if found is None:
            found, by = moment, form
    return found


def _differ(one: datetime, other: datetime) -> bool:
    """Of two where one has no offset, by what the clock showed."""
    if one.tzinfo is None or other.tzinfo is None:
        return one.replace(tzinfo=None) != other.replace(tzinfo=None)
    return one != other


def _convert(form: str) -> Convert:
    if form in UNITS:
        per_second = UNITS[form]
        return lambda text: EPOCH + timedelta(microseconds=_microseconds(text, per_second))
    if form == "iso":
        return datetime.fromisoformat
    if form == "rfc2822":
        return parsedate_to_datetime
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007  (a zone is added where the text says none)


def _microseconds(text: str, per_second: int) -> int:
    """Exactly, as a double does not hold the microseconds of today."""
    if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", text):
        raise ValueError
    whole, _, part = text.partition(".")
    scale = 1_000_000 // per_second
    fraction = int(part) * scale // 10 ** len(part) if part else 0
    return int(whole) * scale + (-fraction if whole.startswith("-") else fraction)


def _unguessed(field: str, text: str) -> datetime | None:
    """A time as ISO 8601, or as mail and feeds write it."""
    if len(text) > TIME_LENGTH_MAX:
        raise Refused(field, f"{field} is {short(text)}, which is no time")
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) and len(text) != len("20261112"):
        raise Unfit(
            field,
            f"{field} is the number {short(text)}; say in the mapping what it counts since 1970: "
            f"'format: {'milliseconds' if len(text.partition('.')[0]) > 11 else 'seconds'}'",
        )
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    if re.match(r"[A-Za-z]{3}, *[0-9]|[0-9]{1,2} [A-Za-z]{3} [0-9]{4}", text):
        try:
            return parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            pass
    if found := re.match(r"([0-9]{1,2})([/.-])([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})", text):
        raise Unfit(field, _both_readings(field, text, found))
    raise Unfit(
        field,
        f"{field} is {short(text)}, which is no ISO 8601; say in the mapping how it is written, "
        "as in 'format: \"%d %B %Y %H:%M\"'",
    )


def _both_readings(field: str, text: str, found: re.Match[str]) -> str:
    first, mark, second, year = found.groups()
    letter = "%Y" if len(year) == 4 else "%y"
    readings = {
        f"{first}{mark}{second}": (int(first), int(second), f"%d{mark}%m{mark}{letter}"),
        f"{second}{mark}{first} ": (int(second), int(first), f"%m{mark}%d{mark}{letter}"),
    }
    possible = [(day, month, form) for day, month, form in readings.values() if 1 <= month <= 12 and 1 <= day <= 31]
    told = " or ".join(f"{day} {MONTH_NAMES[month - 1]} ('format: \"{form}…\"')" for day, month, form in possible)
    return f"{field} is {short(text)}, which is not guessed: say in the mapping how it is written: {told or 'format'}"


def _placed(field: str, moment: datetime, text: str, zone: tzinfo | None) -> datetime:
    if moment.utcoffset() is not None:
        return moment
    if zone is None:
        raise Unfit(
            field,
            f"{field} is {short(text)}, which says no zone; say in the mapping by which clock it is, "
            "as in 'zone: Europe/London' or 'zone: UTC'",
        )
    if not date.min.year < moment.year < date.max.year:
        raise Refused(field, f"{field} is {short(text)}, which is too far away")
    return moment.replace(tzinfo=zone, fold=0)
