"""Why an activity earned what it did: each rule's verdict with the values that decided it, for everyone it credits."""

from datetime import date, timedelta
from typing import Any

from api.access import Scope
from operations.catch_up import catch_up
from operations.enrol import Profile
from operations.programme import parse
from operations.publish import apply
from operations.release import release
from operations.retract import retract
from tests.api.conftest import Client, Json, nodes
from tests.api.recognition import PROGRAMME, published, shared
from tests.world import World

WHY = """query Why($id: String!) { activity(source: "test", id: $id) { externalId member { externalId }
  contributors { externalId } retraction { author reason }
  verdicts { sentence result points rule { key } values { name value } }
  earlierVerdicts { revision verdicts { sentence rule { key } } }
  credited { member { externalId } verdicts { sentence rule { key } } earlierVerdicts { revision } } } }"""

RECORD = """mutation Record($activities: [ActivityInput]!) { recordActivities(input: {activities: $activities}) {
  results { status field message points } } }"""

RULES = """{ programme { rules { key points audience cooldown budget { points per } credit hold anyTime
  bonuses { multiplier title validFrom validTo } } workingTime { days starts ends appliesTo } } }"""


async def why(client: Client, identifier: str) -> Json:
    found: Json = (await client.ask(WHY, id=identifier))["activity"]
    return found


def sentences(verdicts: list[Json]) -> list[tuple[str, str]]:
    return [(verdict["rule"]["key"], verdict["sentence"]) for verdict in verdicts]


async def test_each_verdict_has_the_values_that_decided_it(world: World, recognised: Client) -> None:
    """Of the fields and facts that its condition, audience or amount names, as they were when it judged."""
    await world.enrol(Profile("ada", location="Paris"))
    await world.record(shared(1, network="x", reach=450))
    await world.enrol(Profile("ada", location="Oslo"))
    await world.record(shared(2))
    found = await why(recognised, "1")
    assert [
        (
            'condition false: it asks for an activity with network linkedin; network is "x"',
            [{"name": "activity.network", "value": "x"}],
        ),
        (
            "awarded: 4 points",
            [{"name": "member.location", "value": "Paris"}, {"name": "activity.reach", "value": 450}],
        ),
    ] == [(verdict["sentence"], verdict["values"]) for verdict in found["verdicts"]]
    share, reach = (await why(recognised, "2"))["verdicts"]
    assert ("awarded: 50 points, first award in November 2026 pays 50", "AWARDED") == (
        share["sentence"],
        share["result"],
    )
    assert ("not eligible: it is for members whose location is Paris", "NOT_ELIGIBLE") == (
        reach["sentence"],
        reach["result"],
    )
    assert [{"name": "member.location", "value": "Oslo"}] == reach["values"]


async def test_working_time_is_told_by_the_members_clock(world: World, recognised: Client) -> None:
    """Who works by the hour earns nothing at other times, but for what pays at any time."""
    await world.enrol(Profile("ada", location="Paris", time_zone="Europe/Paris", attributes={"hourly": True}))
    await world.record(shared(1, reach=450, at="2026-11-12T17:30:00Z"))
    share, reach = (await why(recognised, "1"))["verdicts"]
    assert "AWARDED" == share["result"]
    assert "not eligible: outside working time: Thursday 18:30 in Europe/Paris" == reach["sentence"]
    assert [
        {"name": "member.time_zone", "value": "Europe/Paris"},
        {"name": "activity.time", "value": "2026-11-12T17:30:00+00:00"},
    ] == reach["values"]


async def test_an_activity_of_several_members(world: World, recognised: Client) -> None:
    """Each has a verdict of their own, finds it among their activities, and is named beside the others."""
    await world.record(published(1, "ada", "bob", "cy"))
    found = await why(recognised, "1")
    assert ["ada", "bob", "cy"] == [each["member"]["externalId"] for each in found["credited"]]
    until = "on no board until 5 December 2026 12:00, when they"
    sentence = f"held: 10 points, a third of 30, {until} are released unless something is found"
    assert [[("article", sentence)]] * 3 == [sentences(each["verdicts"]) for each in found["credited"]]
    assert ("ada", ["bob", "cy"]) == (
        found["member"]["externalId"],
        [other["externalId"] for other in found["contributors"]],
    )
    assert "HELD" == found["verdicts"][0]["result"]
    query = """{ member(externalId: "bob") { pointsHeld activities { edges { node { member { name }
                 contributors { name } verdicts { sentence } } } } } }"""
    bob = (await recognised.ask(query))["member"]
    (mine,) = nodes(bob["activities"])
    assert ({"name": "Bob"}, [{"name": "Ada"}, {"name": "Cy"}]) == (mine["member"], mine["contributors"])
    assert 10 == bob["pointsHeld"]
    assert [{"sentence": sentence}] == mine["verdicts"]


async def test_points_that_came_free_were_held_until_then(world: World, recognised: Client) -> None:
    """The sentence says when they were released, of whom they were released."""
    await world.record(published(1, "ada"))
    until = world.now + timedelta(days=14)
    async with world.store.writing() as work:
        assert 1 == await release(work, world.revisions, now=until)
    await world.record(published(2, "ada"))
    said = "held: 30 points, on no board until 5 December 2026 12:00, when they"
    assert [f"{said} were released", f"{said} are released unless something is found"] == [
        (await why(recognised, number))["verdicts"][0]["sentence"] for number in "12"
    ]


async def test_a_cool_down_is_told_with_the_activity_that_began_it(world: World, recognised: Client) -> None:
    """Whichever of the two came in first; replay finds the same."""
    await world.enrol(Profile("ada", location="Paris"))
    times = ("2026-11-12T09:30:00Z", "2026-11-12T12:00:00Z", "2026-11-12T08:00:00Z")
    await world.record(*(shared(number, reach=200, at=at) for number, at in enumerate(times)))
    told = [(await why(recognised, str(number)))["verdicts"][1] for number in (1, 2)]
    once = "limited: pays once in 4 hours; the"
    assert [
        f"{once} last was paid on 12 November 2026 09:30, so again from 13:30 (Europe/London)",
        f"{once} one on 12 November 2026 09:30, less than 4 hours later, is paid already (Europe/London)",
    ] == [verdict["sentence"] for verdict in told]
    assert [{"name": "activity.time", "value": "2026-11-12T12:00:00+00:00"}] == told[0]["values"]
    assert [] == await world.differences()


async def test_contributors_are_reported_with_an_activity(world: World, recognised: Client) -> None:
    """What is wrong with one of them refuses that activity alone, and says which it is."""
    report: dict[str, Any] = {"source": "test", "type": "article.published", "time": "2026-11-12T09:30:00Z"}
    answers = await recognised.ask(
        RECORD,
        Scope.INGEST,
        activities=[
            report | {"id": "1", "member": "ada", "contributors": ["bob"]},
            report | {"id": "2", "member": "ada", "contributors": ["bob", "ada"]},
            report | {"id": "3", "member": "ada", "contributors": ["nobody"]},
            report | {"id": "4", "member": "ada", "contributors": [5]},
            report | {"id": "5", "member": "ada", "contributors": 7},
            report | {"id": "6", "member": "ada", "contributors": []},
            report | {"id": "7", "member": "ada", "contributors": None},
        ],
    )
    results = answers["recordActivities"]["results"]
    assert [
        ("RECORDED", None, None),
        ("REFUSED", "contributors[1]", "'ada' is named twice; name each member once"),
        (
            "KEPT",
            "contributors[0]",
            "there is no member with the external id 'nobody' yet: it is kept for 30 days, and judged once there is",
        ),
        ("REFUSED", "contributors[0]", "contributors[0] must be text, but it is a whole number"),
        ("REFUSED", "contributors[0]", "contributors[0] must be text, but it is a whole number"),
        ("RECORDED", None, None),
        ("RECORDED", None, None),
    ] == [(each["status"], each["field"], each["message"]) for each in results]
    assert ["bob"] == [other["externalId"] for other in (await why(recognised, "1"))["contributors"]]
    assert [] == await world.differences()


async def test_what_was_judged_anew_keeps_what_was_said_before(world: World, recognised: Client) -> None:
    """The verdicts that hold come first, those of the revision before beside them."""
    await world.record(shared(1), published(2))
    async with world.store.writing() as work:
        changed = parse(PROGRAMME.replace("steps: [50, 20, 10]", "steps: [70, 20]"))
        said = {"author": "Grace", "note": "shares are worth more", "since": date(2026, 11, 1), "now": world.now}
        await apply(work, world.revisions, changed, **said)  # type: ignore[arg-type]
    await catch_up(world.store, world.revisions, now=world.now)
    found = await why(recognised, "1")
    assert "awarded: 70 points, first award in November 2026 pays 70" == found["verdicts"][0]["sentence"]
    (earlier,) = found["earlierVerdicts"]
    assert (1, "awarded: 50 points, first award in November 2026 pays 50") == (
        earlier["revision"],
        earlier["verdicts"][0]["sentence"],
    )
    query = """{ member(externalId: "ada") { ledger { edges { node { kind points author reason } } } }
                 programme { revision author note appliedAt } }"""
    answer = await recognised.ask(query)
    told = {"author": "Grace", "reason": "shares are worth more"}
    corrected = [entry for entry in nodes(answer["member"]["ledger"]) if entry["kind"] in ("REVISION", "REVERSAL")]
    assert [{"kind": "REVISION", "points": 70} | told, {"kind": "REVERSAL", "points": -50} | told] == corrected
    assert {
        "revision": 2,
        "author": "Grace",
        "note": "shares are worth more",
        "appliedAt": "2026-11-21T12:00:00+00:00",
    } == answer["programme"]


async def test_a_retracted_activity_says_so(world: World, recognised: Client) -> None:
    """What the rules said of it stands; that it no longer counts stands beside it, and in every sentence."""
    await world.record(shared(1), shared(2, network="x"), published(3))
    async with world.store.writing() as work:
        for number in "123":
            await retract(work, world.revisions, "test", number, author="Grace", reason="deleted", now=world.now)
    found = await why(recognised, "1")
    assert {"author": "Grace", "reason": "deleted"} == found["retraction"]
    assert "AWARDED" == found["verdicts"][0]["result"]
    before = "retracted, so nothing is paid; before that "
    assert [
        ("share", f"{before}awarded: 50 points, first award in November 2026 pays 50"),
        ("reach", f"{before}not eligible: it is for members whose location is Paris"),
    ] == sentences(found["credited"][0]["verdicts"])
    words = 'condition false: it asks for an activity with network linkedin; network is "x"'
    assert f"{before}{words}" == (await why(recognised, "2"))["verdicts"][0]["sentence"]
    held = (await why(recognised, "3"))["verdicts"]
    assert [("article", f"{before}held: 30 points")] == sentences(held)
    assert "HELD" == held[0]["result"]


async def test_what_cannot_be_counted_is_told(world: World, recognised: Client) -> None:
    """For each badge and zone that looks at the activity: what was wrong with its expression, and with which value."""
    changed = PROGRAMME.replace("    every: 1000\n", "    every: 1000\n    hidden: true\n")
    changed = changed.replace("sum: activity.reach}", "sum: activity.reach * 1000000}")
    need = "{title: Share, on: [post.shared], when: 100 / activity.reach > 0, measure: count, at_least: 1}\n  creator:"
    changed = changed.replace("  creator:", f"      - {need}", 1)
    await world.apply(changed)
    await world.record(shared(1, reach=5), shared(2, reach=2_000_000), shared(3, reach=0))
    query = """query Why($id: String!) { activity(source: "test", id: $id) { uncounted { key title zone reason } } }"""

    async def uncounted(identifier: str, scope: Scope = Scope.MANAGE) -> list[Json]:
        found: list[Json] = (await recognised.ask(query, scope, id=identifier))["activity"]["uncounted"]
        return found

    assert [] == await uncounted("1")
    reason = "activity.reach * 1000000 is 2,000,000,000,000, and one activity can add 1,000,000,000,000 at most"
    assert [{"key": "star", "title": "Star", "zone": False, "reason": reason}] == await uncounted("2")
    assert [] == await uncounted("2", Scope.READ)  # the badge is hidden
    reason = "100 / activity.reach > 0 has no value: it divides by zero"
    assert [{"key": "sharer", "title": "Sharer", "zone": True, "reason": reason}] == await uncounted("3")
    async with world.store.writing() as work:
        await retract(work, world.revisions, "test", "3", author="Grace", reason="deleted", now=world.now)
    assert [] == await uncounted("3")


async def test_an_activity_that_was_not_recorded_is_null(recognised: Client) -> None:
    """No error, whatever the text is."""
    for stranger in ("nope", "", "\ud800", "a\0b", "x" * 10_000):
        assert {"activity": None} == await recognised.ask(WHY, id=stranger)


async def test_rules_of_every_kind(recognised: Client) -> None:
    """Steps in words, the audience, what holds points back, and when a rule pays more."""
    programme = (await recognised.ask(RULES))["programme"]
    share, reach, article = programme["rules"]
    assert ("50, 20, 10 per month", True) == (share["points"], share["anyTime"])
    assert ('member.location == "Paris"', "PT4H", {"points": 1000, "per": "MONTH"}) == (
        reach["audience"],
        reach["cooldown"],
        reach["budget"],
    )
    assert ("SPLIT", "P14D") == (article["credit"], article["hold"])
    assert [
        {
            "multiplier": 1.5,
            "title": "Launch week",
            "validFrom": "2026-11-16T00:00:00+00:00",
            "validTo": "2026-11-23T00:00:00+00:00",
        }
    ] == article["bonuses"]
    assert {
        "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "starts": "08:00",
        "ends": "18:00",
        "appliesTo": "member.hourly",
    } == programme["workingTime"]
