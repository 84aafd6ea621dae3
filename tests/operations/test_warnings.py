"""Warnings on a sound programme: what its manager would want to know before it is published."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, given

from operations.advice.warnings import warnings
from operations.programme import Programme, export, parse
from operations.revision import NoProgramme, Revision, Revisions
from rewards.advice import expressions_of as expressions_of_metric
from rewards.advice import measured
from rules.advice import Advice, Code
from rules.advice import expressions_of as expressions_of_rule
from storage.work import UnitOfWork
from tests.operations.strategies import programmes
from tests.world import NOW, PROGRAMME, World, published, reworded, shared

SHIPPED = Path(__file__).parents[2] / "programmes" / "social-journey.yaml"

MEMBERS = ("ada", "ben", "cleo", "dora", "emil", "finn")
UNLIMITED = (Code.UNLIMITED, "rules.reach.limits")  # true of the programme of all these tests
UNREPORTED = (Code.NOTHING_REPORTED, "rules.article.on")
BADGES = "badges:\n  badge: {title: Badge, on: [post.shared], "


def edited(*changes: tuple[str, str]) -> str:
    return reworded(PROGRAMME, *changes)


def with_badge(settings: str) -> str:
    return edited(("boards:\n", f"{BADGES}{settings}}}\nboards:\n"))


async def advised(world: World, text: str = PROGRAMME) -> list[Advice]:
    async with world.store.reading() as work:
        return await warnings(work, world.revisions, parse(text), now=world.now)


def told(found: Sequence[Advice], *but: tuple[Code, str]) -> list[tuple[Code, str]]:
    """Code and path of what was found, but for what every test would find."""
    return [each for advice in found if (each := (advice.code, advice.path)) not in (UNLIMITED, UNREPORTED, *but)]


def at(number: int, hour: int = 9) -> str:
    """A time on each of the last days, on the first for 0."""
    return (NOW - timedelta(days=30 - number, hours=NOW.hour - hour)).isoformat()


async def company(world: World, *, days: int = 20) -> None:
    """Six people who each share something every other day, on four networks in turn, with a reach of 1000."""
    await world.apply()
    await world.hire(*(name.title() for name in MEMBERS), team="Red")
    networks = ("linkedin", "x", "mastodon", "blog")
    reports = [
        shared(f"{member}-{day}", member, at=at(day), network=networks[(place + day // 2) % 4])
        for day in range(0, days, 2)
        for place, member in enumerate(MEMBERS)
    ]
    await world.record(*reports)


# True of what the company does: the first limit is never reached.
NEVER_REACHED = (Code.LIMIT_NEVER_REACHED, "rules.share.limits.1")


async def test_a_first_programme_is_told_what_it_says_by_itself(world: World) -> None:
    """Without a programme in force there is nothing recorded; the file alone has something to tell."""
    assert [str(advice) for advice in await advised(world)] == [
        "line 28, column 5: rules.reach.limits: nothing limits how often this rule pays: "
        "add a limit such as {max: 3, per: day}, a cooldown or a budget"
    ]


async def test_the_shipped_programme_is_told_nothing_but_what_is_over(world: World) -> None:
    """A launch bonus ends some time; everything else in it is as it should be."""
    assert {advice.code for advice in await advised(world, SHIPPED.read_text())} <= {Code.OVER}


async def test_of_little_nothing_is_said(world: World) -> None:
    """Nineteen activities prove nothing about a condition, a limit or a badge."""
    await world.apply()
    await world.hire("Ada")
    await world.record(*(shared(number, at=at(number), network="blog") for number in range(19)))
    assert told(await advised(world)) == []
    await world.record(shared(20, at=at(20), network="blog"))
    assert told(await advised(world)) == [(Code.NEVER_TRUE, "rules.share.when")]


async def test_a_type_of_which_nothing_was_reported_is_told(world: World) -> None:
    """As long as others are: a rule that waits for what no tool reports pays nobody."""
    await company(world)
    found = [advice for advice in await advised(world) if advice.code is Code.NOTHING_REPORTED]
    assert [(advice.path, advice.message) for advice in found] == [
        (
            "rules.article.on",
            "nobody reported 'article.published' in the last 90 days: "
            "ask whether the tool still reports it, or remove the rule",
        )
    ]
    await world.record(published(1, at=at(20)))
    assert UNREPORTED not in [(advice.code, advice.path) for advice in await advised(world)]


async def test_a_word_that_is_nearly_one_that_occurs_is_told(world: World) -> None:
    """Instead of saying that the condition was never true, it says why. A word that is just rare is left alone."""
    await company(world)
    text = edited(
        ('["linkedin", "x", "mastodon"]', '["linkedn", "threads"]'),
        ("    points: 7", "    audience: member.team == 'red'\n    points: 7"),
    )
    found = await advised(world, text)
    assert told(found, NEVER_REACHED) == [
        (Code.NEAR_WORD, "rules.share.when"),
        (Code.NEAR_WORD, "rules.first.audience"),
    ]
    assert [advice.message for advice in found if advice.code is Code.NEAR_WORD] == [
        'no activity had "linkedn" in activity.network in the last 90 days; did you mean "linkedin"?',
        'no member had "red" in member.team in the last 90 days; did you mean "Red"?',
    ]


async def test_rules_that_pay_for_the_same_activities_are_told(world: World) -> None:
    """Conditions that are written differently and come to the same, whatever the limits."""
    await company(world)
    rule = "    title: Again\n    on: [post.shared]\n    points: 2\n    tags: [effort]\n"
    rule += "    limits: [{max: 1, per: week}]\n"
    same = f"{rule}    when: '!(activity.network in [\"blog\"])'\n"
    other = f"{rule}    when: activity.network != 'x'\n"
    text = edited(("boards:\n", f"  again:\n{same}  others:\n{other}boards:\n"))
    found = [advice for advice in await advised(world, text) if advice.code is Code.SAME_THING]
    assert [(advice.path, advice.message) for advice in found] == [
        (
            "rules.again",
            "in the last 90 days 46 of 46 activities met this rule's condition and that of rule 'share', so that "
            "whoever does this earns twice: keep one of them, or tell them apart by 'when' or by 'tags'",
        )
    ]


async def test_rules_with_other_tags_may_meet_on_a_board(world: World) -> None:
    """Boards of all tags count both, each named once; boards of one tag do not."""
    rule = "    title: Again\n    on: [post.shared, article.published]\n    points: 2\n    tags: [effort]\n"
    text = edited(("boards:\n", f"  again:\n{rule}    limits: [{{max: 9, per: day}}]\nboards:\n"))
    found = [advice for advice in await advised(world, text) if advice.code is Code.SAME_THING]
    assert [
        (advice.path, advice.also, advice.message.partition("without a condition")[2][:75]) for advice in found
    ] == [
        (
            "rules.again",
            ("rules.article",),
            ", so that whoever does this earns twice: keep one of them, or tell them apa",
        ),
        (
            "rules.again",
            ("rules.first",),
            ", rule 'first' for the first one alone: leave it if that one is to earn bot",
        ),
        (
            "rules.again",
            ("rules.reach",),
            ", with other tags; both count on boards 'everything' and 'teams': leave it ",
        ),
    ]


async def test_an_amount_without_a_value_is_told(world: World) -> None:
    """How often, why, and where: at the expression that has none. What a condition keeps away is not asked."""
    await company(world)
    await world.record(*(shared(f"unseen-{number}", at=at(20), reach=0) for number in range(3)))
    text = edited(
        ("points: int(double(activity.reach) / 1000.0)", "points: 5000 / activity.reach"),
        ("    points: 7", "    when: activity.reach > 0\n    points: 7000 / activity.reach"),
    )
    found = [advice for advice in await advised(world, text) if advice.code is Code.NO_VALUE]
    assert [(advice.path, advice.message) for advice in found] == [
        (
            "rules.reach.points",
            "for 3 of 63 activities looked at in the last 90 days this has no value, and the rule pays nothing: "
            "it divides by zero; ask for that first, as in 'a > 0 ? b / a : 0'",
        )
    ]
    text = edited(("    points: 7", "    when: 5 / activity.reach > 1\n    points: {steps: [7, 2], per: day}"))
    assert [(Code.NO_VALUE, "rules.first.when")] == [
        each for each in told(await advised(world, text)) if each[0] is Code.NO_VALUE
    ]
    text = edited(("    points: 7", "    points: activity.reach * 10000000"))
    (found_one,) = [advice for advice in await advised(world, text) if advice.code is Code.NO_VALUE]
    assert ("rules.first.points", True) == (found_one.path, "more than one award may pay" in found_one.message)


async def test_an_amount_below_nothing_is_told(world: World) -> None:
    """It takes points from some, and by how much; an amount that is always meant to is told at its minus."""
    await company(world)
    await world.record(*(shared(f"unseen-{number}", at=at(20), reach=number) for number in range(3)))
    text = edited(("points: int(double(activity.reach) / 1000.0)", "points: activity.reach - 30"))
    found = [advice for advice in await advised(world, text) if advice.code is Code.BELOW_ZERO]
    assert [(advice.path, advice.message) for advice in found] == [
        (
            "rules.reach.points",
            "for 3 of 63 activities looked at in the last 90 days for which this rule pays, this comes to less than 0, "
            "-30 at the least, and takes points away: write 'a > b ? a - b : 0' if nothing is to be taken",
        )
    ]
    text = edited(("points: int(double(activity.reach) / 1000.0)", "points: [5, -1]"))
    (constant,) = [advice for advice in await advised(world, text) if advice.code is Code.BELOW_ZERO]
    assert "this takes 1 point from whoever does it" in constant.message
    whole = edited(("points: int(double(activity.reach) / 1000.0)", "points: -activity.reach"))
    penalty = whole.replace("    zone: sharer\n", "")
    assert [True, False] == [
        (Code.BELOW_ZERO, "rules.reach.points") in told(await advised(world, text)) for text in (whole, penalty)
    ]


async def test_a_badge_for_everybody_is_told(world: World) -> None:
    """Unless it asks for more than one activity, for a certain one, or for another badge."""
    await company(world)
    found = await advised(world, with_badge("measure: count"))
    assert told(found, NEVER_REACHED) == [(Code.COUNTS_EVERYBODY, "badges.badge")]
    assert found[-1].message == (
        "6 of 6 members who did anything in the last 90 days would get this badge for it: "
        "ask for more than 1, or add a condition"
    )
    for settings in ("levels: [2]", "when: activity.network == 'x'", "first: 3", "audience: member.team != ''"):
        found = await advised(world, with_badge(f"measure: count, {settings}"))
        assert (Code.COUNTS_EVERYBODY, "badges.badge") not in told(found)


async def test_a_badge_that_nobody_comes_near_is_told(world: World) -> None:
    """The best of 30 days is ten: more than twice as many are far away, and what requires that badge is too."""
    await company(world)
    other = "\n  other: {title: Other, requires: [badge]"
    found = await advised(world, with_badge(f"measure: count, window: P30D, levels: [20]}}{other}"))
    assert told(found, NEVER_REACHED) == []
    found = await advised(world, with_badge(f"measure: count, window: P30D, levels: [40]}}{other}"))
    assert told(found, NEVER_REACHED) == [
        (Code.OUT_OF_REACH, "badges.badge.levels"),
        (Code.OUT_OF_REACH, "badges.other.requires"),
    ]
    assert found[-2].message.startswith("nobody came near the 40 that this asks for in 30 days, as 10 was the most")


async def test_what_takes_years_is_not_out_of_reach(world: World) -> None:
    """A badge that counts for ever can ask for what nobody does in three weeks; a streak for more than there was."""
    await company(world)
    assert told(await advised(world, with_badge("measure: count, levels: [500]")), NEVER_REACHED) == []
    assert told(await advised(world, with_badge("measure: {streak: week}, levels: [6]")), NEVER_REACHED) == []


async def test_a_board_that_stays_empty_is_told(world: World) -> None:
    """Its tags are carried, but by nothing that pays for its activities."""
    text = edited(
        (
            "  teams:",
            "  empty: {title: Empty, tags: [impact], activities: [article.published], period: month}\n  teams:",
        )
    )
    found = [advice for advice in await advised(world, text) if advice.code is Code.BOARD_WITHOUT_POINTS]
    assert [(advice.path, advice.message) for advice in found] == [
        (
            "boards.empty",
            "no rule or badge gives points that this board counts, so that it stays empty: "
            "look at its 'tags', 'activities' and 'rules', or remove it",
        )
    ]


async def test_a_badge_is_counted_for_a_board_by_its_points(world: World) -> None:
    """A badge that carries the board's tag without points adds nothing to it."""
    boards = ("boards:\n", "boards:\n  fame: {title: Fame, tags: [fame], period: month}\n")
    for points, expected in ((0, [(Code.BOARD_WITHOUT_POINTS, "boards.fame")]), (5, [])):
        text = with_badge(f"measure: count, levels: [3], tags: [fame], points: {points}").replace(*boards)
        assert told(await advised(world, text)) == expected


async def test_the_same_answer_every_time_and_nothing_is_written(world: World) -> None:
    """Warnings read; asked again they say the same, in the order of the file."""
    await company(world)
    text = with_badge("measure: count")
    found = await advised(world, text)
    assert await advised(world, text) == found
    assert [(advice.line, advice.column) for advice in found] == sorted((each.line, each.column) for each in found)


class NothingApplied(Revisions):
    """The revisions of a database without a programme."""

    async def current(self, work: UnitOfWork) -> Revision:
        raise NoProgramme


@hypothesis.settings(suppress_health_check=[HealthCheck.too_slow])
@given(programmes())
async def test_every_expression_and_warning_has_its_place(programme: Programme) -> None:
    """Whatever a file says: all that can be warned of stands in a line."""
    declared = parse(export(programme))
    metrics = measured(declared.badges.values(), declared.journey.zones)
    paths = [written.path for item in metrics for written in expressions_of_metric(item)]
    paths += [written.path for rule in declared.rules.values() for written in expressions_of_rule(rule)]
    assert [path for path in paths if path not in declared.places] == []
    no_work: Any = None
    found = await warnings(no_work, NothingApplied(), declared, now=NOW)
    assert [advice for advice in found if not advice.line] == []
