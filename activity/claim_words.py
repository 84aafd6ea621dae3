"""What stands in the way of a claim, in words for the person who makes it. A report's words are for who runs a tool."""

from datetime import datetime
from zoneinfo import ZoneInfo

from activity.calendar import moment_words
from activity.catalogue import ActivityType, FieldType
from activity.intake import Ahead, BeforeStart, Missing, Mistyped, Refused

EXPECTED = {
    FieldType.BOOL: "yes or no: true or false",
    FieldType.INT: "a whole number, such as 30",
    FieldType.DOUBLE: "a number, such as 2.5",
    FieldType.STRING: "a text",
    FieldType.DATE: "a date, such as 2026-11-12",
    FieldType.TIMESTAMP: "a date with a time, such as 2026-11-12T09:30:00Z",
    FieldType.STRINGS: "a list of texts",
    FieldType.INTS: "a list of whole numbers",
    FieldType.DOUBLES: "a list of numbers",
}
EACH = {FieldType.STRINGS: FieldType.STRING, FieldType.INTS: FieldType.INT, FieldType.DOUBLES: FieldType.DOUBLE}


def for_claimant(refused: Refused, kind: ActivityType | None, starts_at: datetime, zone: ZoneInfo) -> Refused:
    """The same refusal, of the same part; times by the clock of `zone`. `kind` is the type that was claimed, if known.

    >>> for_claimant(Ahead("time", ""), None, datetime(2026, 1, 1), ZoneInfo("Europe/London")).message
    'this is in the future: an activity is claimed once it has happened'
    """
    if isinstance(refused, Ahead):
        return Refused("time", "this is in the future: an activity is claimed once it has happened")
    if isinstance(refused, BeforeStart):
        told = f"this is before the programme started, on {moment_words(starts_at, zone)}"
        return Refused("time", f"{told}: what happened since can be claimed")
    if kind is None or not refused.field.startswith("data."):
        return refused
    name, in_list, _ = refused.field.removeprefix("data.").partition("[")
    if name not in kind.fields:
        return refused
    called, form = name.replace("_", " "), kind.fields[name].type
    if isinstance(refused, Missing):
        return Refused(refused.field, f"{called} is missing: it is {EXPECTED[form]}")
    if isinstance(refused, Mistyped):
        told = f"each of {called} must be {EXPECTED[EACH[form]]}" if in_list else f"{called} must be {EXPECTED[form]}"
        return Refused(refused.field, told)
    return Refused(refused.field, refused.message.replace(f"data.{name}", called))
