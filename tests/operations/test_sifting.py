"""Warnings about what a draft changes, apart from those that were true before: of several things, whichever changes."""

from operations.advice.sifting import Sifted, of_the_rest, sift
from operations.advice.warnings import warnings
from operations.programme import parse
from operations.publish import plan
from rules.advice import Code
from tests.operations.test_warnings import company, edited
from tests.world import PROGRAMME, World

RULE = """  again:
    title: Again
    on: [post.shared]
    when: WHEN
    points: 2
    limits: [{max: 1, per: week}]
    tags: [effort]
"""
SAME = RULE.replace("WHEN", 'activity.network in ["linkedin", "x", "mastodon"]')
OTHERWISE = RULE.replace("WHEN", "activity.network != 'blog'")


async def sifted(world: World, text: str) -> Sifted:
    declared = parse(text)
    async with world.store.reading() as work:
        found = await warnings(work, world.revisions, declared, now=world.now)
        return sift(found, await plan(work, world.revisions, declared))


async def test_what_does_not_change_is_counted_and_not_told(world: World) -> None:
    """Of what is in force there is something to tell, but nothing that this draft did."""
    await company(world)
    found = await sifted(world, PROGRAMME)
    assert ([], 3) == (found.changed, len(found.unchanged))
    assert "3 more about what does not change; plan --all tells them." == of_the_rest(3)
    assert "1 more about what does not change; plan --all tells it." == of_the_rest(1)
    found = await sifted(world, edited(("tags: [impact]\n  first", "tags: [impact, more]\n  first")))
    assert ["rules.reach.limits"] == [each.path for each in found.changed]
    assert 2 == len(found.unchanged)


async def test_a_double_is_told_wherever_the_new_rule_stands(world: World) -> None:
    """Above or below the one that is in force: the warning is at the later one, and names the new one."""
    await company(world)
    for place, path in (("  share:\n", "rules.share"), ("boards:\n", "rules.again")):
        for rule in (SAME, OTHERWISE):
            found = await sifted(world, edited((place, rule + place)))
            (double,) = [each for each in found.changed if each.code is Code.SAME_THING]
            assert (path, True) == (double.path, double.message.endswith(" (rule 'again' is new)"))
            assert [] == [each for each in found.unchanged if each.code is Code.SAME_THING]


async def test_doubles_that_were_there_before_are_left_alone(world: World) -> None:
    """Until one of them changes, of which it tells."""
    text = edited(("boards:\n", SAME + "boards:\n"))
    await world.apply(text)
    assert [] == (await sifted(world, text)).changed
    found = await sifted(world, text.replace("    points: 2\n", "    points: 3\n"))
    (double,) = found.changed
    assert double.message.endswith(" (rule 'again' changes)")


async def test_a_board_that_loses_its_points_is_told_by_what_is_retired(world: World) -> None:
    """The board says what it said before; the rule that fed it goes. A badge without points feeds none."""
    text = PROGRAMME.replace("boards:\n", "badges:\n  kind: {title: Kind, tags: [impact]}\nboards:\n")
    await world.apply(text)
    reach = PROGRAMME[PROGRAMME.index("  reach:\n") : PROGRAMME.index("  first:\n")]
    found = await sifted(world, text.replace(reach, ""))
    (empty,) = [each for each in found.changed if each.code is Code.BOARD_WITHOUT_POINTS]
    assert ("boards.impact", True) == (empty.path, empty.message.endswith(" (rule 'reach' is retired)"))


async def test_a_badge_out_of_reach_is_told_by_what_it_requires(world: World) -> None:
    """However far away, and under the key that it has now."""
    badges = """badges:
  networks: {title: All networks, on: [post.shared], measure: {distinct: activity.with_comment}, levels: [2]}
  second: {title: Second, requires: [networks]}
  third: {title: Third, requires: [second]}
"""
    text = PROGRAMME.replace("boards:\n", f"{badges}boards:\n")
    await world.apply(text)
    changed = text.replace("levels: [2]", "levels: [3], was: networks").replace("networks:", "flags:")
    found = await sifted(world, changed.replace("requires: [networks]", "requires: [flags]"))
    told = {each.path: each.message.rpartition(" (")[2] for each in found.changed}
    assert "badge 'second' changes, badge 'flags' is renamed)" == told["badges.third.requires"]
    assert told["badges.second.requires"].endswith("make that one easier, or do without it")  # all that it is about
