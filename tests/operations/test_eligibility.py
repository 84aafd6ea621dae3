"""Who can earn on a board: by what was known of them when something was recorded, and as newcomers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, text, update

from activity.tables import member
from leaderboard.tables import exclusion
from operations.enrol import Profile
from tests.operations.test_close import places
from tests.world import PROGRAMME, World, published, shared

PARIS = (
    PROGRAMME
    + """  paris: {title: Paris, period: ever, members: 'member.location == "Paris"'}
  salaried: {title: Salaried, period: ever, of: teams, members: '!member.hourly'}
"""
)


def on(board: str, standings: dict[tuple[str, str], dict[str, int]], period: str = "ever") -> dict[str, int]:
    return standings.get((board, period), {})


async def settle(world: World, programme: str = PARIS) -> None:
    await world.apply(programme)
    known = {"location": "Paris", "attributes": {"hourly": False}, "team": "Red"}
    await world.enrol(Profile("ada", name="Ada", **known), Profile("bob", name="Bob", **known | {"location": "Oslo"}))


async def test_what_was_earned_stays_when_a_member_moves(world: World) -> None:
    """Points count by where the member was when they were recorded, whenever they were earned or are taken back."""
    await settle(world)
    await world.record(shared(1, "ada"), shared(2, "bob"))
    await world.enrol(Profile("ada", location="Oslo"), Profile("bob", location="Paris"))
    await world.record(shared(3, "ada"), shared(4, "bob", reach=9_000))
    assert {"ada": 13, "bob": 21} == on("paris", await world.standings())
    await world.retract(3)
    await world.retract(2)
    assert {"ada": 13, "bob": 21} == on("paris", await world.standings())
    await world.retract(1)
    assert {"bob": 21} == on("paris", await world.standings())
    assert [] == await world.differences()


async def test_each_of_several_members_counts_for_themself(world: World) -> None:
    """Of an activity that names two, the board counts the one of whom it is, and a team those of its members."""
    await settle(world)
    await world.enrol(Profile("bob", attributes={"hourly": True}))
    await world.record(replace(published(1, "ada"), contributors=["bob"]))
    standings = await world.standings()
    assert {"ada": 40} == on("paris", standings)
    assert {"Red": 40} == on("salaried", standings)
    assert {"Red": 80} == on("teams", standings, "2026/27-Q3")
    assert [] == await world.differences()


async def test_a_revision_that_looks_back_pays_where_it_was_earned(world: World) -> None:
    """What is paid anew counts by what was known when the activity was recorded, though it is entered later."""
    await settle(world)
    await world.record(published(1, "ada"), published(2, "bob"))
    await world.enrol(Profile("ada", location="Oslo"), Profile("bob", location="Paris"))
    await world.apply(PARIS.replace("points: 40", "points: 60"), since="2026-11-01")
    await world.catch_up()
    assert {"ada": 60} == on("paris", await world.standings())
    assert [] == await world.differences()


async def test_of_whom_nothing_is_known_nothing_counts(world: World) -> None:
    """A member without the fact that a board asks for earns nothing there, until it is known."""
    await settle(world)
    await world.enrol(Profile("cy", name="Cy", team="Blue"))
    await world.record(shared(1, "cy"))
    assert {} == on("salaried", await world.standings())
    await world.enrol(Profile("cy", attributes={"hourly": False}))
    await world.record(shared(2, "cy"))
    assert {"Blue": 13} == on("salaried", await world.standings())


async def test_a_board_that_comes_later_knows_where_everyone_was(world: World) -> None:
    """A new board, and one that asks for others, count what was recorded before as if they had always been there."""
    await settle(world, PROGRAMME)
    await world.record(shared(1, "ada"))
    await world.enrol(Profile("ada", location="Oslo"))
    await world.record(shared(2, "ada", reach=3_000))
    await world.apply(PARIS)
    assert {"ada": 13} == on("paris", await world.standings())
    await world.apply(PARIS.replace('== "Paris"', '!= "Paris"'))
    assert {"ada": 15} == on("paris", await world.standings())
    assert [] == await world.differences()


STARTERS = PROGRAMME + "  starters: {title: Off to a start, period: ever, newcomers: P3D}\n"


async def test_newcomers_count_from_their_first_day(world: World) -> None:
    """Three local days, the first of which is that on which a member first took part, and what they did before."""
    world.now = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)  # the 2nd in London
    await world.apply(STARTERS)
    await world.hire("Ada")
    await world.enrol(Profile("bob", name="Bob", participates=False))
    world.now += timedelta(days=20)
    await world.enrol(Profile("bob", participates=True), Profile("ada", participates=False))
    await world.enrol(Profile("ada", participates=True))
    days = {"2026-05-20T12:00:00Z": 1, "2026-06-04T22:59:00Z": 2, "2026-06-04T23:00:00Z": 4, "2026-06-21T12:00:00Z": 8}
    for number, (at, reach) in enumerate(days.items()):
        for name in ("ada", "bob"):
            await world.record(shared(f"{name}{number}", name, at=at, reach=reach * 1_000, network="letter"))
    first = {"bob": 7}  # the first to share each
    found = on("starters", await world.standings())
    assert found["ada"] == 1 + 2 + 7 * 2
    assert found["bob"] == 1 + 2 + 4 + 8 + first["bob"] * 4
    assert [] == await world.differences()


async def test_at_launch_newcomers_are_told_by_when_they_joined_the_company(world: World) -> None:
    """All who take part from the first day are newcomers then; with `members` too, only those who joined since."""
    since = """newcomers: P3D, members: 'member.joined >= timestamp("2026-11-01T00:00:00Z")'"""
    await world.apply(STARTERS + f"  joiners: {{title: Joiners, period: ever, {since}}}\n")
    for name, joined in (("ada", "2019-05-01"), ("bob", "2026-11-01"), ("cy", "2026-11-20"), ("dee", None)):
        await world.enrol(Profile(name, name=name, attributes={"joined": joined} if joined else {}))
        await world.record(shared(name, name, at="2026-11-21T09:00:00Z", reach=1_000, network="letter"))
    found = await world.standings()
    assert {"ada", "bob", "cy", "dee"} == on("starters", found).keys()
    assert {"bob", "cy"} == on("joiners", found).keys()
    assert [] == await world.differences()


CLOSING = """
programme: test
starts: 2026-10-01
time_zone: Europe/London
participation: opt-out
attributes: {hourly: bool}
activities: {post.shared: {title: Shared a post}}
rules: {share: {title: Share a post, on: [post.shared], points: 5, tags: [effort]}}
boards:
  effort: {title: Effort, period: month, members: '!member.hourly && member.location != "Oslo"', closing: {}}
"""


async def test_a_closed_period_asks_as_the_board_did(world: World) -> None:
    """Also after the board no longer asks, and the attribute is gone: a dispute counts by what is known by then."""
    world.now = datetime(2026, 10, 20, tzinfo=UTC)
    await world.apply(CLOSING)
    profiles = (
        Profile(name, name=name, location="Paris", attributes={"hourly": name == "bob"}) for name in ("ada", "bob")
    )
    await world.enrol(*profiles)
    at = datetime(2026, 10, 13, tzinfo=UTC)
    await world.adjust("ada", 5, at=at)
    await world.adjust("bob", 5, at=at)
    world.now = datetime(2026, 11, 4, tzinfo=UTC)
    await world.close()
    await world.enrol(Profile("bob", attributes={"hourly": False}))
    asked = "members: '!member.hourly && member.location != \"Oslo\"', "
    assert asked in CLOSING
    await world.apply(CLOSING.replace(asked, "").replace("attributes: {hourly: bool}\n", ""))
    await world.enrol(Profile("ada", location="Oslo"))
    await world.adjust("ada", 1, at=at)
    await world.adjust("bob", 2, at=at)
    assert [] == await world.differences()
    world.now += timedelta(days=7)
    await world.close()
    await world.enrol(Profile("bob", location="Oslo"))
    assert [(1, "ada", 5), (2, "bob", 2)] == await places(world)
    assert [] == await world.differences()


async def test_verify_names_who_was_wrongly_in_or_out(world: World) -> None:
    """Stretches that are missing, that should not be, or are of no such board; and a wrong first day."""
    await settle(world)
    await world.record(shared(1, "ada"), shared(2, "bob"))
    (row,) = await world.rows(exclusion)
    keys = {each.external_id: each.key for each in await world.rows(member)}
    assert keys["bob"] == row.member
    async with world.store.writing() as work:
        await work.execute(delete(exclusion))
        await work.execute(insert(exclusion).values(board=row.board, member=keys["ada"], first_seq=1, after_seq=9))
        await work.execute(insert(exclusion).values(board=1, member=keys["ada"], first_seq=1, after_seq=9))
        await work.execute(update(member).where(member.c.key == keys["ada"]).values(first_day=739_000))
    found = await world.differences()
    words = "outside of the members of paris: stored is"
    assert f"member bob, {words} never; what was known of them gives from {row.first_seq} on" in found
    assert f"member ada, {words} from 1 to before 9; what was known of them gives never" in found
    assert "exclusions: 1 rows are of no board that says for which members it is" in found
    day = world.now.date().toordinal()
    assert f"member ada: stored as the first day is 739000; the facts give {day}" in found


async def test_boards_that_ask_nothing_cost_nothing(world: World) -> None:
    """Where no board asks who can earn, recording never looks at who is outside."""
    await settle(world, PROGRAMME)
    async with world.store.writing() as work:
        await work.execute(text("ALTER TABLE exclusion RENAME TO elsewhere"))
    await world.record(shared(1, "ada"))
    async with world.store.writing() as work:
        await work.execute(text("ALTER TABLE elsewhere RENAME TO exclusion"))
    assert {"ada": 13} == on("everything", await world.standings())
