"""Publishing: what a programme file would change, and changing it."""

import pytest

from operations.programme import export, parse
from operations.publish import PlanRefused, plan
from operations.revision import NoProgramme
from rewards.tables import entry
from rules.tables import element, revision, version
from tests.world import PROGRAMME, World, reworded, shared


def edited(*changes: tuple[str, str]) -> str:
    return reworded(PROGRAMME, *changes)


async def planned(world: World, text: str) -> str:
    async with world.store.reading() as work:
        return (await plan(work, world.revisions, parse(text))).text()


async def test_without_a_programme_nothing_can_be_recorded(world: World) -> None:
    """The error says which command is missing."""
    with pytest.raises(NoProgramme, match=r"run: python app\.py apply FILE"):
        await world.record(shared(1))


async def test_the_first_plan_adds_everything(world: World) -> None:
    """On an empty database the plan lists each thing of the file, and writes nothing."""
    text = await planned(world, PROGRAMME)
    assert "+ rule share: added" in text
    assert text.endswith("Revision 1 would be: 12 added.")
    assert list(await world.rows(revision)) == []


async def test_the_same_file_plans_to_no_change(world: World) -> None:
    """Applied once, the file changes nothing more; applying it again makes no revision."""
    await world.apply()
    assert await planned(world, PROGRAMME) == "Nothing changes: revision 1 says the same."
    await world.apply()
    assert len(await world.rows(revision)) == 1


async def test_an_export_plans_to_no_change(world: World) -> None:
    """What export writes is the programme in force, also after changes and renames."""
    await world.apply()
    await world.apply(edited(("  share:\n", "  shared-post:\n    was: share\n"), ("points: 40", "points: 41")))
    async with world.store.reading() as work:
        text = export((await world.revisions.current(work)).programme)
    assert await planned(world, text) == "Nothing changes: revision 2 says the same."


async def test_a_plan_reads_like_a_difference(world: World) -> None:
    """Changed, renamed, retired and added things are named, each with the lines that go and come."""
    await world.apply()
    text = await planned(
        world,
        edited(
            ("  share:\n", "  shared-post:\n    was: share\n"),
            ("points: 40", "points: 41"),
            (
                "  reach:\n    title: Be read\n    on: [post.shared]\n",
                "  read:\n    title: Be read\n    on: [post.shared]\n",
            ),
            ("{title: Effort,", "{title: Our effort,"),
        ),
    )
    assert text.splitlines() == [
        "~ rule shared-post (was share): renamed",
        "+ rule read: added",
        "    + title: Be read",
        "    + on: [post.shared]",
        "    + points: int(double(activity.reach) / 1000.0)",
        "    + tags: [impact]",
        "~ rule article: changed",
        "    - points: 40",
        "    + points: 41",
        "- rule reach: retired",
        "    - title: Be read",
        "    - on: [post.shared]",
        "    - points: int(double(activity.reach) / 1000.0)",
        "    - tags: [impact]",
        "~ board effort: changed",
        "    - title: Effort",
        "    + title: Our effort",
        "",
        "Revision 2 would be: 1 added, 2 changed, 1 renamed, 1 retired.",
    ]


async def test_what_the_first_apply_fixed_cannot_change(world: World) -> None:
    """Key, start, time zone and start of the year stay; all that contradict are named at once."""
    await world.apply()
    text = edited(
        ("programme: test", "programme: other"),
        ("starts: 2026-01-01", "starts: 2026-01-02"),
        ("Europe/London", "Europe/Berlin"),
        ("year_starts: 04-01", "year_starts: 01-01"),
    )
    with pytest.raises(PlanRefused) as refused:
        await world.apply(text)
    assert [str(mistake) for mistake in refused.value.mistakes] == [
        "line 2, column 12: programme: is test since the first apply and cannot become other",
        "line 3, column 9: starts: is 2026-01-01 since the first apply and cannot become 2026-01-02",
        "line 4, column 12: time_zone: is Europe/London since the first apply and cannot become Europe/Berlin",
        "line 5, column 14: year_starts: is 04-01 since the first apply and cannot become 01-01",
    ]


WRONG_WAS = [
    (
        ("  share:\n", "  shared-post:\n    was: shar\n"),
        "line 19, column 10: rules.shared-post.was: shar names no rule that is in force; did you mean share?",
    ),
    (
        ("  share:\n", "  shared-post:\n    was: xyz\n"),
        "line 19, column 10: rules.shared-post.was: xyz names no rule that is in force; "
        "remove it if shared-post is new",
    ),
    (
        ("  share:\n", "  share:\n    was: shares\n"),
        "line 19, column 10: rules.share.was: share is in force under this key and was never called shares; remove was",
    ),
]


@pytest.mark.parametrize(("change", "words"), WRONG_WAS)
async def test_was_must_name_something_in_force(world: World, change: tuple[str, str], words: str) -> None:
    """A rename of what there never was is refused, with its place and what was probably meant."""
    await world.apply()
    with pytest.raises(PlanRefused) as refused:
        await world.apply(edited(change))
    assert words == str(refused.value)


async def test_a_was_that_has_been_applied_may_stay_in_the_file(world: World) -> None:
    """Planned again, the file with its `was` changes nothing."""
    await world.apply()
    text = edited(("  share:\n", "  shared-post:\n    was: share\n"))
    await world.apply(text)
    assert "Nothing changes: revision 2 says the same." == await planned(world, text)


async def test_a_rename_keeps_the_thing_and_a_new_key_begins_one(world: World) -> None:
    """With `was:` the element stays and gets a version; without it the old is retired and another begins."""
    await world.apply()
    await world.apply(edited(("  share:\n", "  shared-post:\n    was: share\n")))
    renamed = [row for row in await world.rows(element) if row.key == "shared-post"]
    assert [row.retired for row in renamed] == [None]
    assert [row.key for row in await world.rows(version) if row.element == renamed[0].id] == ["share", "shared-post"]
    await world.apply()
    assert sorted(
        (row.key, row.retired) for row in await world.rows(element) if row.key in ("share", "shared-post")
    ) == [("share", None), ("shared-post", 3)]


async def test_published_versions_never_change(world: World) -> None:
    """A change writes new versions and leaves every row of the old ones as it was."""
    await world.apply()
    before = await world.rows(version)
    await world.apply(edited(("points: 40", "points: 41"), ("{title: Effort,", "{title: Our effort,")))
    after = await world.rows(version)
    assert before == after[: len(before)]
    assert sorted(row.key for row in after[len(before) :]) == ["article", "effort"]


async def test_a_change_counts_from_now_on(world: World) -> None:
    """What was paid stays paid; what comes is judged by the new version."""
    await world.apply()
    await world.hire("Ada")
    await world.record(shared(1, reach=0))
    await world.apply(edited(('"5 + (activity.with_comment ? 5 : 0)"', "50")))
    receipts = await world.record(shared(2, reach=0))
    assert [receipt.points for receipt in receipts] == [57]
    assert [row.points for row in await world.rows(entry)] == [5, 7, 50, 7]
    assert await world.differences() == []


async def test_a_new_limit_counts_what_has_been_paid_before(world: World) -> None:
    """A limit that looks at something new starts from the ledger, not from nothing."""
    await world.apply()
    await world.hire("Ada")
    await world.record(shared(1, reach=0))
    await world.apply(edited(("{max: 3, per: day}", "{max: 1, per: month, by: activity.network}")))
    receipts = await world.record(shared(2, reach=0), shared(3, reach=0, network="x"))
    assert [receipt.points for receipt in receipts] == [7, 12]
    assert await world.differences() == []


async def test_a_limit_that_returns_has_forgotten_nothing(world: World) -> None:
    """Dropped by one revision and back in the next, a limit counts what was paid in between."""
    await world.apply()
    await world.hire("Ada")
    limit = "      - {max: 1, per: ever, by: activity.url}\n"
    await world.apply(edited((limit, "")))
    await world.record(shared(1, reach=0))
    await world.apply()
    receipts = await world.record(shared(2, reach=0, url="https://example.com/1"))
    assert [receipt.points for receipt in receipts] == [0]
    assert await world.differences() == []


async def test_a_changed_board_is_built_from_the_ledger(world: World) -> None:
    """A board that counts other points, or over other periods, shows at once what it would always have shown."""
    await world.apply()
    await world.hire("Ada", team="Red")
    await world.record(shared(1, at="2026-05-05T12:00:00Z"), shared(2))
    await world.apply(edited(("tags: [effort], period: month", "tags: [impact], period: year")))
    standings = await world.standings()
    assert standings["effort", "2026/27"] == {"ada": 2}
    assert await world.differences() == []


async def test_a_new_order_of_the_file_is_a_change(world: World) -> None:
    """Rules in another order are judged and shown in that order: export gives it back."""
    await world.apply()
    article = PROGRAMME[PROGRAMME.index("  article:\n") : PROGRAMME.index("boards:")]
    text = PROGRAMME.replace(article, "").replace("rules:\n", "rules:\n" + article)
    assert await planned(world, text) != await planned(world, PROGRAMME)
    await world.apply(text)
    assert await planned(world, text) == "Nothing changes: revision 2 says the same."
    assert await world.differences() == []
