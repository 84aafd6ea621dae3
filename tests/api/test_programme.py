"""The programme in force, over GraphQL."""

from tests.api.conftest import Client
from tests.world import PROGRAMME, World


async def test_the_programme_as_its_file_has_it(client: Client) -> None:
    """What it is called, when it starts, and how its year is divided."""
    query = "{ programme { key title startsOn timeZone yearStarts optIn revision } }"
    assert {
        "key": "test",
        "title": None,
        "startsOn": "2026-01-01",
        "timeZone": "Europe/London",
        "yearStarts": "04-01",
        "optIn": False,
        "revision": 1,
    } == (await client.ask(query))["programme"]


async def test_its_rules(client: Client) -> None:
    """In the order of the file, with conditions and amounts as they were written."""
    query = """{ programme { rules { key title on when points tags limits { max per by acrossMembers }
                                     validFrom validTo version } } }"""
    rules = (await client.ask(query))["programme"]["rules"]
    assert ["share", "reach", "first", "article"] == [rule["key"] for rule in rules]
    version = rules[0].pop("version")
    assert isinstance(version, int)
    assert {
        "key": "share",
        "title": "Share a post",
        "on": ["post.shared"],
        "when": 'activity.network in ["linkedin", "x", "mastodon"]',
        "points": "5 + (activity.with_comment ? 5 : 0)",
        "tags": ["effort"],
        "limits": [
            {"max": 3, "per": "DAY", "by": None, "acrossMembers": False},
            {"max": 1, "per": "EVER", "by": "activity.url", "acrossMembers": False},
        ],
        "validFrom": None,
        "validTo": None,
    } == rules[0]
    assert rules[2]["limits"][0]["acrossMembers"] is True
    assert ("40", "2026-02-01T00:00:00+00:00") == (rules[3]["points"], rules[3]["validFrom"])


async def test_its_boards(client: Client) -> None:
    """Which points each counts, over which period, for whom, and how ties are shown."""
    query = "{ programme { boards { key title period of tags activities ties } } }"
    boards = (await client.ask(query))["programme"]["boards"]
    assert ["effort", "impact", "everything", "articles", "teams"] == [board["key"] for board in boards]
    assert {
        "key": "impact",
        "title": "Impact",
        "period": "HALF_YEAR",
        "of": "MEMBERS",
        "tags": ["impact"],
        "activities": [],
        "ties": "EARLIEST",
    } == boards[1]
    assert ["article.published"] == boards[3]["activities"]
    assert "TEAMS" == boards[4]["of"]


async def test_its_activity_types(client: Client) -> None:
    """What tools may report, with each field, its type and its default."""
    query = "{ programme { activityTypes { key title zone fields { name type default } } } }"
    types = (await client.ask(query))["programme"]["activityTypes"]
    assert {
        "key": "post.shared",
        "title": "Shared a post",
        "zone": "sharer",
        "fields": [
            {"name": "network", "type": "string", "default": None},
            {"name": "url", "type": "string", "default": None},
            {"name": "reach", "type": "int", "default": None},
            {"name": "with_comment", "type": "bool", "default": False},
        ],
    } == types[0]
    assert {"name": "topics", "type": "list(string)", "default": None} == types[1]["fields"][1]


async def test_a_new_revision_is_seen_at_once(world: World, client: Client) -> None:
    """A process that has answered before does not go on with what it remembers."""
    assert 1 == (await client.ask("{ programme { revision } }"))["programme"]["revision"]
    await world.apply(PROGRAMME.replace("points: 40", "points: 50"))
    programme = (await client.ask("{ programme { revision rules { points } } }"))["programme"]
    assert (2, "50") == (programme["revision"], programme["rules"][3]["points"])


async def test_without_a_programme_the_answer_says_how_to_apply_one(empty_client: Client) -> None:
    """A fresh database answers every question with what is to be done first."""
    expected = "No programme has been applied to this database yet; run: python app.py apply FILE"
    for query in ("{ programme { key } }", '{ leaderboard(key: "x") { participants } }'):
        assert ("NO_PROGRAMME", expected) == await empty_client.refusal(query)
    assert {"member": None} == await empty_client.ask('{ member(externalId: "ada") { name } }')
