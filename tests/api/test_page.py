"""The explorer page: served with everything it loads, and nothing of it from elsewhere."""

import re
from pathlib import Path
from typing import Any

from api.access import Scope, create_key
from tests.api.conftest import Client, nodes
from tests.api.javascript import run
from tests.operations.claims import AT, CLAIMED, claiming, company
from tests.world import PROGRAMME, World, shared

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
SERVED = {
    "/": "text/html",
    "/static/explorer.css": "text/css",
    "/static/explorer.js": "javascript",
    "/static/board.js": "javascript",
    "/static/claim-form.js": "javascript",
    "/static/claims.js": "javascript",
    "/static/client.js": "javascript",
    "/static/console.js": "javascript",
    "/static/dom.js": "javascript",
    "/static/laurels.svg": "image/svg+xml",
    "/static/graphql/top.graphql": "",
}


async def test_the_page_and_all_that_it_loads_is_served_without_a_key(client: Client) -> None:
    """Each file with its type, asked about again each time so that a new version is seen at once."""
    for path, kind in SERVED.items():
        answer = await client.http.get(path)
        assert 200 == answer.status_code, path
        assert kind in answer.headers["content-type"], path
        assert "no-cache" == answer.headers["cache-control"], path
    page = (await client.http.get("/")).text
    modules = "".join(path.read_text() for path in WEB.rglob("*.js"))
    loaded = set(re.findall(r'(?:href|src)="(/[^"]*)"', page))
    loaded |= {f"/static/{name}" for name in re.findall(r'from "\./([^"]+)"', modules)}
    assert loaded <= set(SERVED)


async def test_nothing_else_of_the_checkout_is_served(client: Client) -> None:
    """No way leads out of the folders that are meant to be seen."""
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/graphql/%2e%2e/app.py", "/static/", "/app.py"):
        assert 404 == (await client.http.get(path)).status_code, path


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_inline() -> None:
    """What the content policy forbids is not there: other hosts, inline scripts and styles, handlers in attributes."""
    page = (WEB / "pages" / "index.html").read_text()
    assert [] == re.findall(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    for path in [*WEB.rglob("*.html"), *WEB.rglob("*.css"), *WEB.rglob("*.js")]:
        hosts = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", path.read_text()))
        assert hosts <= {"https://example.com"}, path
        assert "innerHTML" not in path.read_text()


EXAMPLES: dict[str, dict[str, Any]] = {
    "top": {"board": "everything"},
    "around": {"board": "everything", "member": "ada"},
    "why": {"member": "ada"},
    "ledger": {"member": "ada"},
    "journey": {"member": "ada"},
    "prizes": {"member": "ada"},
    "rules": {},
    "boards": {},
    "board": {"board": "everything", "first": 10},
    "team": {"board": "everything", "team": "Red", "member": "ada"},
    "changes": {"board": "everything", "since": "DAY"},
    "claims": {"member": "ada", "first": 10},
    "waiting": {"state": "WAITING", "first": 10},
}
CHANGES = {"record", "claim", "withdraw", "approve", "refuse"}


async def test_the_examples_answer(world: World, client: Client) -> None:
    """Every document that the page offers gives data, with the variables that the page fills in."""
    await world.record(shared(1))
    for name, variables in EXAMPLES.items():
        document = (await client.http.get(f"/static/graphql/{name}.graphql")).text
        answer = await client.ask(document, Scope.MANAGE, **variables)
        assert all(answer.values()), name
    record = (await client.http.get("/static/graphql/record.graphql")).text
    given = shared(2)
    activity = {field: getattr(given, field) for field in ("source", "id", "type", "member", "time", "data")}
    answer = await client.ask(record, Scope.INGEST, activities=[activity])
    assert 1 == answer["recordActivities"]["recorded"]


async def test_the_page_is_told_in_which_time_zone_days_are(client: Client) -> None:
    """That of the programme, not of whoever looks; and each place when it was reached."""
    document = (await client.http.get("/static/graphql/boards.graphql")).text
    assert "Europe/London" == (await client.ask(document))["programme"]["timeZone"]
    assert "reachedAt" in (await client.http.get("/static/graphql/board.graphql")).text
    assert re.search(r"timeZone: zone\b", (WEB / "static" / "board.js").read_text())


async def test_a_board_tells_from_how_many_points_on_one_is_listed(world: World, client: Client) -> None:
    """Where nobody is listed the page says what is missing: so many points, or any at all."""
    await world.apply(
        PROGRAMME.replace("everything: {title: Everything,", "everything: {title: Everything, minimum: 900,")
    )
    await world.record(shared(1))
    document = (await client.http.get("/static/graphql/board.graphql")).text
    for board, minimum, participants in (("everything", 900, 0), ("impact", None, 1)):
        answer = (await client.ask(document, Scope.READ, board=board, first=10))["leaderboard"]
        assert ({"minimum": minimum}, participants) == (answer["board"], answer["participants"])


async def test_what_the_page_sends_of_claims_is_done(world: World, empty_client: Client) -> None:
    """A member claims, is told what is wrong at which field, and takes it back; a manager approves or refuses."""
    await company(world)
    async with world.store.writing() as work:
        adas = await create_key(work, "Ada", [Scope.READ], world.now, member="ada")

    async def send(name: str, key: str | Scope, **variables: Any) -> Any:
        document = (await empty_client.http.get(f"/static/graphql/{name}.graphql")).text
        return await empty_client.ask(document, key, **variables)

    async def claimed(**given: Any) -> Any:
        talk = {"type": "talk.given", "time": AT, "link": None, "note": None, "data": {"topic": "AI"}}
        return (await send("claim", adas, input=talk | given))["claimActivity"]

    asked = await send("boards", adas)
    assert {"scopes": ["READ"], "member": {"externalId": "ada"}} == asked["viewer"]
    assert {"talk.given", "colleague.mentored"} == {
        each["key"] for each in asked["programme"]["activityTypes"] if each["claim"]
    }
    wrongs: list[dict[str, Any]] = [{"link": "x"}, {"data": {}}, {"time": ""}]
    assert ["link", "data.topic", "time"] == [(await claimed(**wrong))["errors"][0]["field"] for wrong in wrongs]
    numbers = [(await claimed(data={"topic": topic}))["claim"]["number"] for topic in "abc"]
    withdrawn = (await send("withdraw", adas, input={"number": numbers[0]}))["withdrawClaim"]
    assert ("WITHDRAWN", []) == (withdrawn["claim"]["state"], withdrawn["errors"])
    waiting = nodes((await send("waiting", Scope.MANAGE, state="WAITING", first=10))["claims"])
    assert numbers[1:] == [each["number"] for each in waiting]
    (done,) = (await send("approve", Scope.MANAGE, input={"numbers": numbers[1:2]}))["approveClaims"]["results"]
    assert (20, "APPROVED", []) == (done["points"], done["claim"]["state"], done["tooLate"])
    assert 20 == done["claim"]["points"]
    blank = (await send("refuse", Scope.MANAGE, input={"number": numbers[2], "reason": ""}))["refuseClaim"]
    assert "reason is missing" in blank["errors"][0]["message"]
    await send("refuse", Scope.MANAGE, input={"number": numbers[2], "reason": "Which?"})
    mine = nodes((await send("claims", adas, member="ada", first=10))["member"]["claims"])
    assert [("REFUSED", "Which?"), ("APPROVED", None), ("WITHDRAWN", None)] == [
        (each["state"], each["reason"]) for each in mine
    ]


async def test_what_earns_nothing_is_told_why_to_reviewer_and_member(world: World, empty_client: Client) -> None:
    """In the sentence of each rule, with what decided it; and each claim by the number that messages name."""
    await company(world, CLAIMED.replace("    points: 20\n", "    when: activity.hearers >= 30\n    points: 20\n"))
    number = await claiming(world, topic="AI", hearers=5)
    documents = {
        name: (await empty_client.http.get(f"/static/graphql/{name}.graphql")).text for name in ("approve", "claims")
    }
    rehearsal = {"numbers": [number], "dryRun": True}
    (would,) = (await empty_client.ask(documents["approve"], Scope.MANAGE, input=rehearsal))["approveClaims"]["results"]
    assert {"state": "WAITING", "points": None} == would.pop("claim")
    answer = await empty_client.ask(documents["approve"], Scope.MANAGE, input={"numbers": [number]})
    (done,) = answer["approveClaims"]["results"]
    told = "condition false: it asks for an activity with at least 30 hearers; hearers is 5"
    said = {"verdicts": [{"rule": {"title": "Give a talk"}, "sentence": told}]}
    assert (0, [f"Give a talk: {told}"], "APPROVED") == (done["points"], done["why"], done["claim"]["state"])
    assert would.items() <= done.items()
    listed = await empty_client.ask(documents["claims"], Scope.MANAGE, member="ada", first=10)
    (mine,) = nodes(listed["member"]["claims"])
    assert (number, 0, said, False) == (mine["number"], mine["points"], mine["activity"], mine["stripped"])
    script = (WEB / "static" / "claims.js").read_text()
    assert {"number", "stripped", "activity"} <= set(re.findall(r"\bclaim\.(\w+)", script))


def test_what_is_pressed_twice_is_done_once() -> None:
    """While something runs its buttons cannot be pressed; afterwards they can, also if it failed."""
    assert {"during": [True, True], "after": [False, False], "failed": ["gone", False, False]} == run(
        "holding.mjs", str(WEB / "static" / "dom.js")
    )
    held = "".join((WEB / "static" / name).read_text() for name in ("claims.js", "claim-form.js"))
    sending = r"\b(?:decide|send|rehearse)\((?!section|form, type|claim\) \{)"
    assert len(re.findall(sending, held)) == len(re.findall(rf"(?:holding|held)\([^;]*?{sending}", held)) == 5


async def test_a_key_that_may_look_at_nothing_is_told_what_to_do(client: Client) -> None:
    """The page knows it by the code, and says which key to make."""
    document = (await client.http.get("/static/graphql/boards.graphql")).text
    code = (await client.post(document, Scope.INGEST)).json()["errors"][0]["extensions"]["code"]
    script = (WEB / "static" / "explorer.js").read_text()
    assert f'error.code === "{code}" ? CANNOT_LOOK' in script
    assert "python app.py key create --scope read" in script


def test_every_field_of_the_page_has_a_label_and_what_changes_is_read_aloud() -> None:
    """Also the sections that only some see have a name, and their state is a live region."""
    page = (WEB / "pages" / "index.html").read_text()
    for field in re.findall(r'<(?:input|select|textarea) id="([^"]+)"', page):
        assert f'for="{field}"' in page, field
    for name in ("claims", "review"):
        assert f'<section id="{name}" aria-labelledby="{name}-title" hidden>' in page
        assert re.search(rf'id="{name}-status" class="status" role="status"', page)


def test_the_examples_are_those_that_the_page_offers() -> None:
    """The list above misses none."""
    offered = set(re.findall(r'^  \["([a-z]+)"', (WEB / "static" / "console.js").read_text(), re.MULTILINE))
    documents = {path.stem for path in (ROOT / "graphql").glob("*.graphql")}
    assert offered <= documents == set(EXAMPLES) | CHANGES


def test_no_document_holds_a_value() -> None:
    """Boards and members are variables: one document serves them all."""
    for path in (ROOT / "graphql").glob("*.graphql"):
        assert not re.findall(r'"[^"]*"', re.sub(r"#.*", "", path.read_text())), path
