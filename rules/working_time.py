"""The setting `working_time` of a programme file: when, and for whom, activities earn.

Such as:

    working_time: {days: [monday, tuesday, wednesday, thursday, friday], from: 08:00, to: 18:00, for: member.hourly}
"""

from collections.abc import Mapping
from typing import Any

from document import Node
from rules.expressions import Expressions
from rules.rule import WorkingTime
from section import DAY_MINUTES, Section, choice, clock_time, several

WORKING_TIME_SETTINGS = ("days", "from", "to", "for")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_working_time(node: Node, expressions: Expressions) -> WorkingTime:
    """Reads the setting `working_time`."""
    section = Section(node, WORKING_TIME_SETTINGS)
    days: tuple[str, ...] = section.need("days", several(choice(WEEKDAYS)), ())
    found = WorkingTime(
        days=tuple(sorted(WEEKDAYS.index(name) for name in days)),
        starts=section.need("from", clock_time, 0),
        ends=section.need("to", clock_time, DAY_MINUTES),
        applies_to=section.take("for", expressions.member_reader(), None),
    )
    if found.starts >= found.ends and not section.broken & {"from", "to"}:
        section.note("to", "must be later than 'from': working time cannot go on past midnight")
    return found


def working_time_to_plain(working_time: WorkingTime) -> dict[str, Any]:
    """Working time as a programme file has it."""
    plain: dict[str, Any] = {
        "days": [WEEKDAYS[weekday] for weekday in working_time.days],
        "from": "{:02}:{:02}".format(*divmod(working_time.starts, 60)),
        "to": "{:02}:{:02}".format(*divmod(working_time.ends, 60)),
    }
    return plain if working_time.applies_to is None else plain | {"for": working_time.applies_to}


def working_time_from_plain(plain: Mapping[str, Any]) -> WorkingTime:
    """The working time of which `working_time_to_plain` made this."""
    starts, ends = (int(plain[name][:2]) * 60 + int(plain[name][3:]) for name in ("from", "to"))
    return WorkingTime(tuple(WEEKDAYS.index(name) for name in plain["days"]), starts, ends, plain.get("for"))
