"""Icons of badges over HTTP: for everybody, and those of hidden badges for whom the badge is."""

from httpx import Response

from api.access import Scope
from tests.api.conftest import Client
from tests.api.recognition import PROGRAMME, published
from tests.world import World


async def test_icons_are_served_without_a_key(recognised: Client) -> None:
    """As an image that may be kept; asked about again, it is not sent again."""
    answer = await recognised.http.get("/badges/prolific/2.svg")
    assert (200, "image/svg+xml") == (answer.status_code, answer.headers["content-type"].partition(";")[0])
    assert "public, max-age=3600" == answer.headers["cache-control"]
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    query = '{ member(externalId: "ada") { badge(key: "prolific") { badge { icon(level: 2) iconPath(level: 2) } } } }'
    badge = (await recognised.ask(query))["member"]["badge"]["badge"]
    assert {"icon": answer.text, "iconPath": "/badges/prolific/2.svg"} == badge
    again = await recognised.http.get("/badges/prolific/2.svg", headers={"If-None-Match": answer.headers["etag"]})
    assert (304, "") == (again.status_code, again.text)
    assert 200 == (await recognised.http.get("/badges/star/77.svg")).status_code
    assert 200 == (await recognised.http.get("/badges/prolific/0.svg")).status_code


async def test_the_icon_of_a_hidden_badge_is_shown_to_whom_the_badge_is(world: World, recognised: Client) -> None:
    """To managers; to keys that read once somebody has it; never without a key, whatever the badge's level."""
    unknown = await icon(recognised, "nope")
    assert [404, 404, 404, 200] == [
        (await icon(recognised, "secret", key)).status_code for key in (None, Scope.INGEST, Scope.READ, Scope.MANAGE)
    ]
    await world.record(published(1))
    assert [404, 404, 200, 200] == [
        (await icon(recognised, "secret", key)).status_code for key in (None, Scope.INGEST, Scope.READ, Scope.MANAGE)
    ]
    hidden = await icon(recognised, "secret")
    assert unknown.json()["errors"][0]["message"].replace("nope", "secret") == hidden.json()["errors"][0]["message"]
    assert 404 == (await icon(recognised, "secret", "laurels_" + "x" * 43)).status_code
    assert 200 == (await icon(recognised, "prolific", "laurels_" + "x" * 43)).status_code


async def test_only_its_reader_keeps_the_icon_of_a_hidden_badge(world: World, recognised: Client) -> None:
    """Nothing between gives it to somebody else; asked about again, it is not sent again; its absence is not kept."""
    assert "no-store" == (await icon(recognised, "secret")).headers["cache-control"]
    answer = await icon(recognised, "secret", Scope.MANAGE)
    assert ("private, max-age=3600", "Authorization") == (answer.headers["cache-control"], answer.headers["vary"])
    again = await icon(recognised, "secret", Scope.MANAGE, **{"If-None-Match": answer.headers["etag"]})
    assert (304, "private, max-age=3600") == (again.status_code, again.headers["cache-control"])
    assert 404 == (await icon(recognised, "secret", **{"If-None-Match": answer.headers["etag"]})).status_code


async def test_the_icon_of_a_hidden_badge_that_was_retired_stays_hidden(world: World, recognised: Client) -> None:
    """It is shown to the same keys as before."""
    await world.record(published(1))
    start, end = PROGRAMME.index("  secret:"), PROGRAMME.index("zones:")
    await world.apply((PROGRAMME[:start] + PROGRAMME[end:]).replace("[prolific, secret]", "[prolific]"))
    assert [404, 200, 200] == [
        (await icon(recognised, "secret", key)).status_code for key in (None, Scope.READ, Scope.MANAGE)
    ]


async def icon(client: Client, badge: str, key: str | Scope | None = None, **headers: str) -> Response:
    token = client.keys[key] if isinstance(key, Scope) else key
    sent = headers | ({"Authorization": f"Bearer {token}"} if token else {})
    return await client.http.get(f"/badges/{badge}/1.svg", headers=sent)


async def test_an_icon_that_there_is_not_says_why(recognised: Client, empty_client: Client) -> None:
    """404 in words: no such badge, no such level."""
    for path, message in {
        "/badges/prolific/3.svg": "the badge 'prolific' has no level '3'; write 0 to 2",
        "/badges/star/1000001.svg": "the badge 'star' has no level '1000001'; write 0, and then each level from 1",
        "/badges/prolific/one.svg": "the badge 'prolific' has no level 'one'; write 0 to 2",
        "/badges/nope/1.svg": "there is no badge 'nope'; programme { badges { key iconPath } } names all",
        "/badges/a%00b/1.svg": "there is no badge 'a\\x00b'; programme { badges { key iconPath } } names all",
    }.items():
        answer = await recognised.http.get(path)
        assert 404 == answer.status_code
        assert [message] == [error["message"] for error in answer.json()["errors"]]
    query = '{ member(externalId: "ada") { badge(key: "prolific") { badge { icon(level: 3) iconPath(level: -1) } } } }'
    badge = (await recognised.ask(query))["member"]["badge"]["badge"]
    assert {"icon": None, "iconPath": None} == badge


async def test_without_a_programme_there_are_no_icons(empty_client: Client) -> None:
    """An address of a fresh database is unknown like any other."""
    assert 404 == (await empty_client.http.get("/badges/prolific/1.svg")).status_code
