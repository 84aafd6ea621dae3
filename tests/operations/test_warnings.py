"""Warnings on a sound programme: what its manager would want to know before it is published."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, given

from operations.advice.hindsight import DAYS
from operations.advice.sample import take_sample
from operations.advice.warnings import warnings
from operations.enrol import Profile
from operations.programme import Programme, export, parse
from operations.publish import apply
from operations.retract import retract
from operations.revision import NoProgramme, Revision, Revisions
from rewards.advice import expressions_of as expressions_of_metric
from rewards.advice import measured
from rules.advice import Advice, Code
from rules.advice import expressions_of as expressions_of_rule
from storage.work import UnitOfWork
from tests.operations.test_programme import programmes
from tests.world import NOW, PROGRAMME, World, published, shared

SHIPPED = Path(__file__).parents[2] / "programmes" / "social-journey.yaml"

MEMBERS = ("ada", "ben", "cleo", "dora", "emil", "finn")
UNLIMITED = (Code.UNLIMITED, "rules.reach.limits")  # true of the programme of all these tests
UNREPORTED = (Code.NOTHING_REPORTED, "rules.article.on")
BADGES = "badges:\n  badge: {title: Badge, on: [post.shared], "


def edited(*changes: tuple[str, str]) -> str:
    text = PROGRAMME
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


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


async def sampled(world: World, most: int) -> tuple[dict[str, dict[int, int]], bool, int]:
    """How many activities of each type a sample has of each member, whether it has all, and of how many it has."""
    async with world.store.reading() as work:
        revision = await world.revisions.current(work)
        sample = await take_sample(work, revision.type_keys, revision.calendar, now=NOW, days=DAYS, most=most)
    found: dict[str, dict[int, int]] = {}
    for kind, cases in sample.cases.items():
        for case in cases:
            mine = found.setdefault(kind, {})
            mine[case.member] = mine.get(case.member, 0) + 1
    return found, sample.complete, len(sample.members)


async def test_a_sample_has_whole_members_and_all_of_what_is_rare(world: World) -> None:
    """Of 60 shares it has those of a few members, each complete; of three articles all."""
    await company(world)
    await world.record(*(published(number, name, at=at(20)) for number, name in enumerate(MEMBERS[:3])))
    found, complete, _ = await sampled(world, 63)
    assert complete
    assert (len(found["post.shared"]), len(found["article.published"])) == (6, 3)
    found, complete, members = await sampled(world, 40)
    assert not complete
    assert set(found["post.shared"].values()) == {10}
    assert len(found["post.shared"]) == 3
    assert len(found["article.published"]) == 3
    assert 3 <= members <= 6
    assert await sampled(world, 40) == (found, complete, members)


async def test_whoever_left_and_everyone_who_is_credited(world: World) -> None:
    """Each member that an activity names has done it; who takes part no more is left out."""
    await world.apply()
    await world.hire("Ada", "Ben")
    together = replace(shared(1, at=at(20)), contributors=["ben"])
    await world.record(together, shared(2, "ben", at=at(20)))
    found, _, members = await sampled(world, 100)
    assert (sorted(found["post.shared"].values()), members) == ([1, 2], 2)
    await world.enrol(Profile("ben", participates=False))
    found, _, members = await sampled(world, 100)
    assert (list(found["post.shared"].values()), members) == ([1], 1)


async def test_activities_that_were_judged_anew_are_looked_at_once(world: World) -> None:
    """A change with effect from a past date adds verdicts, and no activities."""
    await company(world)
    before = await sampled(world, 100)
    async with world.store.writing() as work:
        text = edited(("points: 7", "points: 8"))
        await apply(work, world.revisions, parse(text), now=NOW, since=date(2026, 11, 1))
    assert await sampled(world, 100) == before


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
