"""Simulation and publication: whatever happened, what a draft would have done is what publishing it does."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.intake import Report as Activity
from operations.enrol import Profile
from operations.simulation.report import Placed, Report
from rules.tables import element
from tests.conftest import OpenStore
from tests.operations.company import times
from tests.operations.simulating import CHANGES, PEOPLE, Company, edited
from tests.world import published, shared

days = st.sampled_from([date(2026, 1, 1), date(2026, 3, 30), date(2026, 4, 1), date(2026, 11, 12), date(2026, 11, 21)])

histories = settings(
    max_examples=settings().max_examples // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    number, who, at = draw(st.integers(0, 30)), draw(st.sampled_from(PEOPLE)), draw(times)
    url = f"https://example.com/{draw(st.integers(0, 4))}"
    if draw(st.integers(0, 2)):
        network = draw(st.sampled_from(["linkedin", "x", "letter"]))
        reach, comment = draw(st.sampled_from([0, 999, 25_000])), draw(st.booleans())
        return shared(number, who, at=at, url=url, network=network, reach=reach, with_comment=comment)
    others = draw(st.sets(st.sampled_from(PEOPLE), max_size=2)) - {who}
    return replace(published(number, who, at=at, url=url), contributors=sorted(others))


edits = st.sets(st.sampled_from(CHANGES), max_size=6)

events = st.one_of(
    st.lists(activities(), min_size=1, max_size=10).map(lambda batch: ("record", batch)),
    st.lists(activities(), min_size=1, max_size=10).map(lambda batch: ("record", batch)),
    st.tuples(edits, st.one_of(st.none(), days)).map(lambda told: ("apply", told)),
    st.builds(
        Profile,
        st.sampled_from(PEOPLE),
        team=st.sampled_from(["Red", "Blue", "", None]),
        location=st.sampled_from(["Oslo", "Paris", "", None]),
        participates=st.booleans(),
    ).map(lambda profile: ("enrol", profile)),
    st.integers(0, 30).map(lambda number: ("retract", number)),
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from([-20, 3, 30]), times).map(lambda told: ("adjust", told)),
    st.sampled_from(PEOPLE).map(lambda name: ("give", name)),
    st.just(("release", None)),
)


def told(report: Report, when: str) -> Any:
    """What a report says of before or after, in the words of `state`, by key."""
    points, levels = Counter[str](), Counter[tuple[str, int]]()
    for paid in report.paid:
        points[paid.key] += getattr(paid, f"points_{when}")
    for level in report.levels:
        levels[level.badge, level.level] += getattr(level, when)
    boards = {
        (each.board, each.period): [(place.competitor, _score(place)) for place in getattr(each, when)]
        for each in report.boards
        if getattr(each, when)
    }
    zones = {each.zone: getattr(each, f"members_{when}") for each in report.zones}
    return {
        "points": {key: total for key, total in points.items() if total},
        "levels": {key: count for key, count in levels.items() if count},
        "total": getattr(report, f"points_{when}"),
        "zones": {key: count for key, count in zones.items() if count},
        "boards": boards,
    }


def _score(place: Placed) -> int:
    return place.score if place.thousandths is None else place.thousandths


def stands(state: Any, keys: dict[int, str], apart: set[str]) -> Any:
    """The same of a state; without what takes effect from now only, which a report tells apart."""
    points, levels = Counter[str](), Counter[tuple[str, int]]()
    for part, total in state["points"].items():
        points[keys[part]] += total
    for (part, level), count in state["levels"].items():
        levels[keys[part], level] += count
    return {
        "points": {key: total for key, total in points.items() if total and key not in apart},
        "levels": {key: count for key, count in levels.items() if key[0] not in apart},
        "total": sum(state["members"].values()),
        "zones": state["zones"],
        "boards": state["boards"],
    }


@histories
@given(st.lists(events, min_size=1, max_size=12), edits, days)
async def test_simulation_and_publication_give_the_same_numbers(
    open_store: OpenStore, history: list[tuple[str, Any]], changes: Any, since: date
) -> None:
    """Whatever happened, and whatever the draft changes: what is simulated before is what stands afterwards."""
    async with open_store() as store:
        company = await Company(store).founded()
        for kind, what in history:
            await company.happen(kind, what)
        draft = edited(changes)
        before = await company.state(since)
        report = await company.simulate(draft, since)
        assert report.to_json() == (await company.simulate(draft, since)).to_json()
        assert before == await company.state(since)
        await company.publish(draft, since)
        after = await company.state(since)
        assert await company.differences() == []
        keys = {row.id: row.key for row in await company.rows(element)}
        apart = {each.key for each in report.from_now_only}
        assert stands(after, keys, apart) == told(report, "after")
        said = told(report, "before")
        expected = stands(before, keys, apart)
        if "was: impact" in draft:
            expected["boards"] = {
                ("worth" if key == "impact" else key, period): places
                for (key, period), places in expected["boards"].items()
            }
        assert expected == said
        changed = {
            name: (before["members"].get(name, 0), after["members"].get(name, 0))
            for name in PEOPLE
            if before["members"].get(name, 0) != after["members"].get(name, 0)
        }
        assert changed == {each.member: (each.before, each.after) for each in (*report.gained, *report.lost)}
        assert len(changed) == report.members_changed
        assert all(each.after > each.before for each in report.gained)
