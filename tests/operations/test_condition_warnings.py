"""Warnings about limits that nobody reaches, and about conditions that never change anything."""

from operations.retract import retract
from rules.advice import Code
from tests.operations.test_warnings import MEMBERS, NEVER_REACHED, advised, at, company, edited, told, with_badge
from tests.world import NOW, World, shared


async def test_limits_that_nobody_reached_are_told(world: World) -> None:
    """A limit of one by url is reached by the first award. Of longer periods what was recorded does not tell."""
    await company(world)
    text = edited(("{max: 50, per: month}", "{max: 50, per: month}\n      - {max: 900, per: year}"))
    found = await advised(world, text)
    assert told(found) == [NEVER_REACHED]
    assert found[0].message == (
        "nobody reached this limit of 3 a day in the last 90 days, 1 being the most in 46 awards looked at: "
        "lower it, or leave it as a safeguard"
    )
    assert (found[0].line, found[0].column) == (24, 9)


async def test_a_limit_that_was_reached_once_is_left_alone(world: World) -> None:
    """Three on one day are the three that the limit admits."""
    await company(world)
    await world.record(*(shared(number, at=at(20, 9 + number)) for number in range(3)))
    assert (Code.LIMIT_NEVER_REACHED, "rules.share.limits.1") not in told(await advised(world))


async def test_a_limit_that_always_turns_something_away_is_told(world: World) -> None:
    """Everybody does twice a day what is paid once."""
    await company(world)
    await world.record(*(shared(f"{name}+{day}", name, at=at(day)) for day in range(0, 20, 2) for name in MEMBERS))
    text = edited(("limits:\n      - {max: 2, per: week}", "limits:\n      - {max: 9, per: day}"))
    text = text.replace("    tags: [impact]\n", "    limits:\n      - {max: 1, per: day}\n    tags: [impact]\n", 1)
    found = [advice for advice in await advised(world, text) if advice.code is Code.LIMIT_ALWAYS_REACHED]
    assert [(advice.path, advice.message) for advice in found] == [
        (
            "rules.reach.limits.1",
            "this limit of 1 a day turned something away 60 of the 60 times that anybody came to it in the last 90 "
            "days: raise it, or be sure that it is meant so tight",
        )
    ]


async def test_conditions_that_never_change_anything_are_told(world: World) -> None:
    """One that is always true, one that never is, and an audience of nobody, with how many activities say so."""
    await company(world)
    text = edited(
        ("    points: int(", "    when: activity.reach > 0\n    points: int("),
        ("    points: 7", "    when: activity.reach > 1000\n    audience: member.location == 'Paris'\n    points: 7"),
    )
    found = [advice for advice in await advised(world, text) if advice.code in (Code.ALWAYS_TRUE, Code.NEVER_TRUE)]
    assert [(advice.path, advice.message) for advice in found] == [
        (
            "rules.reach.when",
            "this was true for all 60 activities looked at in the last 90 days: "
            "remove it if it changes nothing, or check what it compares",
        ),
        (
            "rules.first.when",
            "this was true for none of the 60 activities looked at in the last 90 days: "
            "check what it compares, and how words are written",
        ),
        (
            "rules.first.audience",
            "this was true for none of the 60 activities looked at in the last 90 days: "
            "check what it compares, and how words are written",
        ),
    ]


async def test_conditions_of_badges_zones_boards_and_working_time_are_looked_at(world: World) -> None:
    """All are tried on what happened."""
    await company(world)
    need = "{title: Share, on: [post.shared], when: activity.reach > 5000, measure: count, at_least: 3}"
    zones = f"zones:\n  sharer:\n    title: Sharer\n    needs:\n      - {need}\n"
    hours = 'working_time: {days: [monday], from: 08:00, to: 18:00, for: member.team == "Blue"}\n'
    text = with_badge("when: activity.reach > 0, measure: count, levels: [3]").replace("boards:\n", f"{zones}boards:\n")
    text = text.replace("activities:\n", f"{hours}activities:\n", 1)
    text = text.replace("{title: Impact,", "{title: Impact, members: member.location == 'Atlantis',")
    found = await advised(world, text)
    assert told(found, NEVER_REACHED) == [
        (Code.NEVER_TRUE, "working_time.for"),
        (Code.ALWAYS_TRUE, "badges.badge.when"),
        (Code.NEVER_TRUE, "zones.sharer.needs.1.when"),
        (Code.NEVER_TRUE, "boards.impact.members"),
    ]
    assert text.split("\n")[found[-2].line - 1].strip() == f"- {need}"


async def test_what_was_not_known_then_says_nothing(world: World) -> None:
    """A condition on a field or an attribute that is new with the draft cannot have been true before."""
    await company(world)
    text = edited(
        ("reach: int,", "reach: int, campaign: {type: string, default: ''},"),
        ("hourly: bool,", "hourly: bool, ambassador: bool,"),
        ("    points: 7", "    when: activity.campaign == 'spring'\n    audience: member.ambassador\n    points: 7"),
    )
    assert told(await advised(world, text), NEVER_REACHED) == []


async def test_what_is_long_past_retracted_or_judged_anew_is_not_counted(world: World) -> None:
    """The last 90 days alone, without what turned out not to count, each activity once."""
    await company(world)
    await world.record(*(shared(f"old-{day}", at=f"2026-07-{day:02}T09:00:00Z") for day in range(1, 29)))
    async with world.store.writing() as work:
        await retract(work, world.revisions, "test", "ada-0", author="boss", reason="deleted", now=NOW)
    text = edited(("    points: 7", "    when: activity.reach > 0\n    points: 8"))
    (always,) = [advice for advice in await advised(world, text) if advice.code is Code.ALWAYS_TRUE]
    assert "for all 59 activities" in always.message


async def test_a_renamed_type_keeps_what_was_reported_of_it(world: World) -> None:
    """Activities belong to the thing, not to its name."""
    await company(world)
    text = edited(
        ("post.shared", "post.passed-on"), ("  post.passed-on:\n", "  post.passed-on:\n    was: post.shared\n")
    )
    assert told(await advised(world, text)) == [NEVER_REACHED]
