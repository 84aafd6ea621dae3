"""The settings `from` and `to` of a programme file: a date of the programme's time zone, or a time with its offset."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from activity.calendar import Calendar, PeriodKind
from document import Node
from section import day, described, scalar

MOMENT = r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9:.]+(Z|[+-][0-9:]+)?"


def moment(calendar: Calendar, days_after: int) -> Callable[[Node], datetime]:
    """Reads a time, or a date as the midnight so many days after it begins."""

    def moment(node: Node) -> datetime:
        written = scalar(node).strip()
        if not (match := re.fullmatch(MOMENT, written)):
            return _midnight(calendar, day(node).toordinal() + days_after)
        if not match[2]:
            raise node.mistake(f"'{written}' has no offset from UTC: end it with Z or, for example, +01:00")
        try:
            day(node, match[1])
            return datetime.fromisoformat(written).astimezone(UTC)
        except ValueError:
            raise node.mistake(f"there is no time {described(node)}: write it as 2026-04-01T09:00:00+01:00") from None

    return moment


def moment_to_plain(moment: datetime, calendar: Calendar, days_after: int) -> str:
    local = calendar.day(moment)
    if _midnight(calendar, local) == moment.astimezone(UTC):
        return date.fromordinal(local - days_after).isoformat()
    return moment.astimezone(calendar.time_zone).isoformat()


def moment_from_plain(plain: str, calendar: Calendar, days_after: int) -> datetime:
    if "T" in plain:
        return datetime.fromisoformat(plain).astimezone(UTC)
    return _midnight(calendar, date.fromisoformat(plain).toordinal() + days_after)


def validity_to_plain(valid_from: datetime | None, valid_to: datetime | None, calendar: Calendar) -> dict[str, str]:
    """The settings as a programme file has them."""
    plain = {}
    if valid_from is not None:
        plain["from"] = moment_to_plain(valid_from, calendar, days_after=0)
    if valid_to is not None:
        plain["to"] = moment_to_plain(valid_to, calendar, days_after=1)
    return plain


def validity_from_plain(plain: Mapping[str, Any], calendar: Calendar) -> tuple[datetime | None, datetime | None]:
    """The times of which `validity_to_plain` made the settings."""
    return (
        moment_from_plain(plain["from"], calendar, days_after=0) if "from" in plain else None,
        moment_from_plain(plain["to"], calendar, days_after=1) if "to" in plain else None,
    )


def _midnight(calendar: Calendar, local: int) -> datetime:
    """The instant at which a day begins, in UTC: times of one zone compare by the clock, which may have gone back."""
    begins = calendar.starts_at(calendar.period(PeriodKind.DAY, local))
    assert begins is not None
    return begins.astimezone(UTC)
