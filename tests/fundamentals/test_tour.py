"""A tour of Laurels, to be read from top to bottom: the way of one event, in eleven short stories."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from activity.calendar import Calendar, PeriodKind
from activity.intake import Report
from leaderboard.tables import board_period
from operations.enrol import Profile
from operations.programme import parse
from operations.record import Status
from operations.retract import retract
from rewards.tables import award, entry
from rules.tables import verdict
from rules.verdict import Result, load
from tests.world import World

# 1. Managers say in a file what can happen, what it earns, and which boards show it.

PROGRAMME = """
programme: tour
starts: 2026-01-01
time_zone: Europe/London
participation: opt-out
activities:
  post.shared:
    title: Shared a company post
    fields: {network: string, url: string}
rules:
  share:
    title: Share a company post
    on: [post.shared]
    when: activity.network in ["linkedin", "mastodon"]
    points: 5
    limits:
      - {max: 3, per: day}
    tags: [effort]
boards:
  effort: {title: Effort, tags: [effort], period: month}
  teams: {title: Teams, tags: [effort], period: month, of: teams}
"""


def test_a_programme_is_a_file() -> None:
    """It is read and checked as a whole; conditions are compiled and type-checked against the declared fields."""
    programme = parse(PROGRAMME)
    assert list(programme.rules) == ["share"]
    assert programme.rules["share"].limits[0].per == PeriodKind.DAY


# 2. A day is a day in the programme's time zone. In summer, London is an hour ahead of UTC.


def test_a_day_is_a_local_day() -> None:
    """Half past eleven in the evening, UTC, on the last of June is already July in London."""
    calendar = Calendar(ZoneInfo("Europe/London"))
    day = calendar.day(datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert date(2026, 7, 1) == date.fromordinal(day)
    assert calendar.period(PeriodKind.MONTH, day).key == "2026-07"


# 3. Members are enrolled with what is known of them. Tools then report what they did, in batches.


def shared(number: int, member: str = "ada", network: str = "linkedin") -> Report:
    data = {"network": network, "url": f"https://example.com/{number}"}
    return Report("intranet", f"share-{number}", "post.shared", member, "2026-11-12T09:30:00Z", data)


async def company(world: World) -> World:
    await world.apply(PROGRAMME)
    await world.enrol(
        Profile("ada", name="Ada", team="Red"),
        Profile("ben", name="Ben", team="Red"),
        Profile("cid", name="Cid", participates=False),
    )
    return world


async def test_every_report_gets_a_receipt(world: World) -> None:
    """What is wrong with one report harms no other, nothing is kept of people who do not take part, and what names
    somebody unknown is kept aside until they are known."""
    await company(world)
    receipts = await world.record(shared(1), shared(2, "cid"), shared(3, "dan"), shared(1))
    assert [each.status for each in receipts] == [Status.RECORDED, Status.IGNORED, Status.KEPT, Status.DUPLICATE]
    assert "there is no member with the external id 'dan' yet" in receipts[2].message


# 4. The judge says for each rule what it makes of the activity. The verdicts are kept, and tell "why did I get this?"


async def test_each_rule_leaves_a_verdict(world: World) -> None:
    """A network that the rule does not ask for earns nothing, and the verdict says so."""
    await company(world)
    await world.record(shared(1), shared(2, network="letter"))
    outcomes = [load(row.outcomes)[0].result for row in await world.rows(verdict)]
    assert outcomes == [Result.AWARDED, Result.CONDITION_FALSE]


# 5. What is paid stands in the ledger, which only ever grows. Limits keep a rule from being farmed.


async def test_limits_hold(world: World) -> None:
    """Five shares on one day, three of them paid."""
    await company(world)
    await world.record(*(shared(number) for number in range(5)))
    assert [row.points for row in await world.rows(entry)] == [5, 5, 5]


# 6. Each entry is counted at once on every board that its tags and its time belong to.


async def test_boards_are_right_at_once(world: World) -> None:
    """Members stand by their own points, teams by those of their members."""
    await company(world)
    await world.record(shared(1), shared(2), shared(3, "ben"))
    standings = await world.standings()
    assert standings["effort", "2026-11"] == {"ada": 10, "ben": 5}
    assert standings["teams", "2026-11"] == {"Red": 15}
    assert {2, 1} == {row.participants for row in await world.rows(board_period)}


# 7. A rule changes by a new file. What was paid stays; what comes is judged anew; versions are never overwritten.


async def test_rules_change_without_fear(world: World) -> None:
    """The plan says beforehand what would change."""
    await company(world)
    await world.record(shared(1))
    plan = await world.apply(PROGRAMME.replace("points: 5", "points: 8"))
    assert plan.text().splitlines()[:3] == ["~ rule share: changed", "    - points: 5", "    + points: 8"]
    await world.record(shared(2))
    assert [row.points for row in await world.rows(entry)] == [5, 8]


# 8. Badges recognise what adds up, and zones tell where somebody is on their journey. Both say what they rest on.

RECOGNITION = """badges:
  steady:
    title: Steady
    on: [post.shared]
    measure: count
    levels: [{at: 2, points: 20}, 10]
    tags: [effort]
zones:
  consumer: {title: Consumer}
  sharer:
    title: Sharer
    needs: [{title: Share once, on: [post.shared], measure: count, at_least: 1}]
boards:
"""
RECOGNISING = PROGRAMME.replace("boards:\n", RECOGNITION)


async def test_what_adds_up_is_recognised(world: World) -> None:
    """The first share leads into a zone, the second reaches a level of a badge, which pays points of its own."""
    await company(world)
    await world.apply(RECOGNISING)
    await world.record(shared(1), shared(2))
    awards = await world.rows(award)
    assert [(1, 1), (1, 2)] == [(each.level, each.value) for each in awards]
    assert {"ada": 30} == (await world.standings())["effort", "2026-11"]


# 9. What turns out not to count is taken back, with what followed. Nothing is erased: a reversal is an entry.


async def test_a_retraction_takes_back_what_followed(world: World) -> None:
    """The points of the post, and the badge that rested on it."""
    await company(world)
    await world.apply(RECOGNISING)
    await world.record(shared(1), shared(2))
    async with world.store.writing() as work:
        why = "The post was deleted"
        await retract(work, world.revisions, "intranet", "share-2", author="Maria", reason=why, now=world.now)
    assert [5, 5, 20, -5, -20] == [row.points for row in await world.rows(entry)]
    assert {"ada": 5} == (await world.standings())["effort", "2026-11"]


# 10. A change can take effect from a past day. Members are brought up to it one by one, whoever meets them first.


async def test_a_change_can_look_back(world: World) -> None:
    """What was paid since is reversed, and paid as the new rule says."""
    await company(world)
    await world.record(shared(1))
    await world.apply(PROGRAMME.replace("points: 5", "points: 8"), since="2026-11-01")
    await world.catch_up()
    assert [5, -5, 8] == [row.points for row in await world.rows(entry)]


# 11. And all of it can be proved: judged again from the beginning, the history gives the same ledger and standings.


async def test_verify_proves_it(world: World) -> None:
    """No differences, whatever has happened."""
    await company(world)
    await world.record(shared(1), shared(2, "ben"))
    await world.apply(PROGRAMME.replace("max: 3", "max: 1"))
    await world.record(shared(3), shared(4, "ben", network="mastodon"))
    await world.enrol(Profile("ben", participates=False))
    await world.apply(RECOGNISING)
    await world.record(shared(5), shared(6))
    assert await world.differences() == []
