"""What is read of activities: exactly what judging binds, so that all else can be forgotten."""

from collections import defaultdict
from itertools import count

import pytest
from hypothesis import given

from operations.programme import Programme, parse
from operations.reading import Reading
from rewards.goal import BadgeVersion, ZoneVersion, goals_of
from rules.condition import RESERVED_FIELDS
from rules.docket import Docket, RuleVersion
from tests.operations.strategies import programmes
from tests.world import PROGRAMME


def read(declared: Programme) -> set[tuple[str, str]]:
    return {(each.type, each.field) for each in Reading().of(declared)}


@given(programmes())
def test_whatever_judging_binds_is_read(declared: Programme) -> None:
    """By rules, badges and zones; their type and time are of every activity, and stay."""
    measures = defaultdict[object, int](count().__next__)
    badges = [BadgeVersion(number, number, each) for number, each in enumerate(declared.badges.values())]
    zones = [ZoneVersion(number, number, each) for number, each in enumerate(declared.journey.zones)]
    _, metered = goals_of(tuple(badges), tuple(zones), measures)  # type: ignore[arg-type]
    rules = [RuleVersion(number, number, rule) for number, rule in enumerate(declared.rules.values())]
    bound = set()
    for key, kind in declared.activities.items():
        docket = Docket(kind, declared.attributes, rules, measures, declared.working_time, metered)  # type: ignore[arg-type]
        own = {name.removeprefix("activity.") for name in docket.names if name.startswith("activity.")}
        bound |= {(key, name) for name in own - {*RESERVED_FIELDS} | own & {"source"}}
    assert bound == read(declared)


@pytest.mark.parametrize(
    ("expression", "fields"),
    [
        ("activity . url.size()", {"url"}),
        ("activity.source == 'url' ? 1 : activity.reach", {"source", "reach"}),
        ("'activity.url'.size()", set()),
        ("member.location == 'Oslo' ? 1 : 2 // activity.url", set()),
    ],
)
def test_what_only_looks_like_a_field_is_not_read(expression: str, fields: set[str]) -> None:
    """Texts, comments, and what is known of members."""
    text = PROGRAMME.replace("points: 40", f"points: |-\n      {expression}")
    text = text.replace("topics: list(string)", "topics: list(string), reach: int")
    assert {("article.published", name) for name in fields} == {
        each for each in read(parse(text)) if each[0] == "article.published"
    }
