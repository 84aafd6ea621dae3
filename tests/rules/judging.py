"""What the tests of the judge share: judges, activities, and the whole way from one to the outcomes of the other."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from activity.activity import Activity
from activity.calendar import Calendar, zone
from activity.catalogue import ActivityType, Field, FieldType
from activity.member import Facts
from rules.judge import Judge, Metered, RuleVersion
from rules.rule import Rule, WorkingTime
from rules.tally import Measures, Tallies, measures_of
from rules.verdict import Outcome

LONDON = Calendar(zone("Europe/London"), (4, 1))
FIELDS = {
    "url": Field("url", FieldType.STRING),
    "reach": Field("reach", FieldType.INT),
    "network": Field("network", FieldType.STRING, default="x"),
}
TYPES = {key: ActivityType(key, "Post", FIELDS) for key in ("post.shared", "post.liked")}
ATTRIBUTES = {"hourly": FieldType.BOOL, "joined": FieldType.DATE}
RULE = Rule(key="share", title="Share", on=("post.shared",), points=5)


def measures_for(rules: Sequence[Rule]) -> Measures:
    """Ids for what the rules count; the first rule is element 1, and so on."""
    found = [measure for element, rule in enumerate(rules, 1) for measure in measures_of(element, rule)]
    return {measure: identifier for identifier, measure in enumerate(dict.fromkeys(found), 1)}


def judge(
    *rules: Rule,
    calendar: Calendar = LONDON,
    working_time: WorkingTime | None = None,
    metered: Sequence[Metered] = (),
) -> Judge:
    """A judge of these rules; the first has version 1 and element 1, and so on."""
    versions = [RuleVersion(number, number, rule) for number, rule in enumerate(rules, 1)]
    return Judge(calendar, b"secret", versions, measures_for(rules), TYPES, ATTRIBUTES, working_time, metered)


def activity(at: str = "2026-11-12T09:30:00Z", member: int = 1, **data: Any) -> Activity:
    fields: dict[str, Any] = {"url": "https://example.com", "reach": 5, "network": "x"} | data
    return Activity("test", "1", "post.shared", member, datetime.fromisoformat(at), fields)


DAY = LONDON.day(activity().time)


def outcomes(
    judging: Judge,
    what: Activity,
    tallies: Tallies | None = None,
    facts: Facts | None = None,
    *,
    calendar: Calendar = LONDON,
    place: int = 0,
    among: int = 1,
) -> list[Outcome]:
    """Assessed and settled on tallies that were read by the assessment's keys alone, as a batch reads them."""
    assessment = judging.assess(what, facts or Facts(), calendar.day(what.time), place, among)
    known = {} if tallies is None else tallies
    read = {key: known[key] for key in assessment.keys() if key in known}  # noqa: SIM118  # no mapping: it yields tallies
    found = judging.settle(assessment, read)
    known |= read
    return found
