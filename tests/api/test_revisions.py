"""Drafts and revisions over GraphQL: see what a change does, publish it, read who did what, and go back."""

from api.access import Scope
from tests.api.conftest import Client, Json
from tests.world import PROGRAMME, World, shared

CHANGED = PROGRAMME.replace("points: 40", "points: 45")
BROKEN = PROGRAMME.replace("points: 40", "points: 4o")

FINDINGS = "{ where line column message code }"
PLAN = f"""{{ revision text changes {{ kind key action was lines }} mistakes {FINDINGS} warnings {FINDINGS}
  otherWarnings {FINDINGS} }}"""
REVISION = "{ number author note since backTo pending changes { key action } }"
ERRORS = "errors { code message }"

SAVE = f"""mutation ($input: SaveDraftInput!) {{
  saveDraft(input: $input) {{ draft {{ name author note plan {PLAN} }} {ERRORS} }} }}"""
DELETE = "mutation ($input: DeleteDraftInput!) { deleteDraft(input: $input) { deleted } }"
PUBLISH = f"""mutation ($input: PublishInput!) {{
  publish(input: $input) {{ unchanged revision {REVISION} mistakes {FINDINGS} {ERRORS} }} }}"""
RESTORE = f"""mutation ($input: RestoreRevisionInput!) {{
  restoreRevision(input: $input) {{ unchanged revision {REVISION} mistakes {FINDINGS} {ERRORS} }} }}"""
UNDO = f"""mutation ($input: UndoRevisionInput!) {{
  undoRevision(input: $input) {{ unchanged revision {REVISION} mistakes {FINDINGS} {ERRORS} }} }}"""


async def do(client: Client, document: str, **given: object) -> Json:
    (payload,) = (await client.ask(document, Scope.MANAGE, input=given)).values()
    found: Json = payload
    return found


async def test_a_draft_tells_what_publishing_it_would_change(client: Client) -> None:
    """Like a difference, with the number that the revision would have."""
    saved = await do(client, SAVE, name="spring", file=CHANGED, note="More for articles")
    plan = saved["draft"].pop("plan")
    assert {"name": "spring", "author": "for manage", "note": "More for articles"} == saved["draft"]
    assert (2, []) == (plan["revision"], plan["mistakes"])
    lines = ["~ rule article: changed", "    - points: 40", "    + points: 45"]
    assert [{"kind": "rule", "key": "article", "action": "CHANGED", "was": None, "lines": lines}] == plan["changes"]
    assert plan["text"].startswith("\n".join(lines))


async def test_a_draft_with_mistakes_is_kept_and_names_them(client: Client) -> None:
    """Each with its place in the file; nothing can be published from it."""
    plan = (await do(client, SAVE, name="half-done", file=BROKEN))["draft"]["plan"]
    (mistake,) = plan["mistakes"]
    assert "rules.article.points" == mistake["where"]
    assert mistake["line"] > 1
    published = await do(client, PUBLISH, draft="half-done")
    assert (None, plan["mistakes"]) == (published["revision"], published["mistakes"])
    (error,) = published["errors"]
    assert "PROGRAMME_INVALID" == error["code"]
    assert error["message"].startswith(f"the file has 1 mistake, the first being line {mistake['line']}, column ")
    assert error["message"].endswith("; mend what mistakes names, and try again")


async def test_what_is_in_force_is_not_published_again(client: Client) -> None:
    """Neither by a draft nor by a return to it: the answer says so, and the revision keeps its own note."""
    await do(client, SAVE, name="spring", file=CHANGED)
    first = await do(client, PUBLISH, draft="spring", note="Agreed on Tuesday")
    assert (False, 2) == (first["unchanged"], first["revision"]["number"])
    for document, given in ((PUBLISH, {"draft": "spring"}), (RESTORE, {"number": 2})):
        again = await do(client, document, note="Once more", **given)
        assert (True, [], first["revision"]) == (again["unchanged"], again["errors"], again["revision"])
    past = await do(client, PUBLISH, draft="spring", note="For the past", since="2026-11-01")
    assert (False, 3, "For the past") == (past["unchanged"], past["revision"]["number"], past["revision"]["note"])


async def test_a_note_has_its_bounds(client: Client) -> None:
    """Of a draft, of what is published, and of a return; the answer names the field."""
    await do(client, SAVE, name="spring", file=CHANGED)
    words = "note has 100,000 characters; at most 500 are allowed: say it in short, or link to it"
    for document, given in (
        (SAVE, {"name": "a", "file": CHANGED}),
        (PUBLISH, {"draft": "spring"}),
        (RESTORE, {"number": 1}),
        (UNDO, {}),
    ):
        refused = await do(client, document, note="n" * 100_000, **given)
        assert [{"code": "BAD_INPUT", "message": words}] == refused["errors"]


async def test_a_plan_tells_first_what_its_changes_may_not_mean(client: Client) -> None:
    """The rest is apart: it was true before."""
    again = PROGRAMME.replace(
        "  share:\n", "  copy:\n    title: Copy\n    on: [article.published]\n    points: -3\n  share:\n"
    )
    plan = (await do(client, SAVE, name="copy", file=again))["draft"]["plan"]
    assert [("rules.copy.points", "BELOW_ZERO")] == [(each["where"], each["code"]) for each in plan["warnings"]]
    assert [("rules.reach.limits", "UNLIMITED")] == [(each["where"], each["code"]) for each in plan["otherWarnings"]]


async def test_a_draft_is_published_with_a_note_and_taken_back(client: Client) -> None:
    """The list of revisions tells both, the latest first."""
    await do(client, SAVE, name="spring", file=CHANGED)
    published = await do(client, PUBLISH, draft="spring", note="Agreed on Tuesday")
    changes = [{"key": "article", "action": "CHANGED"}]
    assert {
        "number": 2,
        "author": "for manage",
        "note": "Agreed on Tuesday",
        "since": None,
        "backTo": None,
        "pending": False,
        "changes": changes,
    } == published["revision"]
    restored = await do(client, RESTORE, number=1)
    assert (3, "Return to revision 1") == (restored["revision"]["number"], restored["revision"]["note"])
    told = await client.ask("{ revisions { number note } }", Scope.MANAGE)
    assert [3, 2, 1] == [each["number"] for each in told["revisions"]]


async def test_a_draft_can_take_effect_from_a_past_day(world: World, client: Client) -> None:
    """Members are then brought up to it, and nothing else is published meanwhile."""
    await world.record(shared(1))
    text = PROGRAMME.replace('points: "5 + (activity.with_comment ? 5 : 0)"', "points: 9")
    await do(client, SAVE, name="more", file=text)
    published = await do(client, PUBLISH, draft="more", since="2026-11-01")
    assert ("2026-11-01", True) == (published["revision"]["since"], published["revision"]["pending"])
    refused = await do(client, RESTORE, number=1)
    assert "still being applied" in refused["errors"][0]["message"]
    await world.catch_up()
    told = await client.ask('{ revisions(first: 1) { pending } member(externalId: "ada") { points } }', Scope.MANAGE)
    assert [{"pending": False}] == told["revisions"]
    assert 17 == told["member"]["points"]
    assert [] == await world.differences()


async def test_what_was_published_is_undone(world: World, client: Client) -> None:
    """Everything is as it was; it says which revisions it leaves out, and what cannot be undone."""
    await world.record(shared(1))
    before = await world.ledger()
    await do(client, SAVE, name="more", file=PROGRAMME.replace("points: 7", "points: 9").replace('"5 + (', '"8 + ('))
    await do(client, PUBLISH, draft="more", since="2026-11-01")
    refused = await do(client, UNDO)
    assert "still being applied" in refused["errors"][0]["message"]
    await world.catch_up()
    assert before != await world.ledger()
    undone = (await do(client, UNDO, note="Too dear"))["revision"]
    assert (3, 1, True, "Too dear") == tuple(undone[each] for each in ("number", "backTo", "pending", "note"))
    assert {"share", "first"} == {each["key"] for each in undone["changes"]}
    await world.catch_up()
    assert sorted(before) == sorted(await world.ledger())
    assert [] == await world.differences()
    refused = await do(client, UNDO, number=1)
    assert "nothing before it" in refused["errors"][0]["message"]


async def test_drafts_are_listed_and_deleted(client: Client) -> None:
    """Deleting what is not there says so."""
    await do(client, SAVE, name="spring", file=CHANGED)
    assert {"drafts": [{"name": "spring", "file": CHANGED}]} == await client.ask(
        "{ drafts { name file } }", Scope.MANAGE
    )
    assert [True, False] == [(await do(client, DELETE, name="spring"))["deleted"] for _ in range(2)]
    published = await do(client, PUBLISH, draft="spring")
    assert "there is no draft 'spring'" in published["errors"][0]["message"]


async def test_the_programme_in_force_comes_back_as_a_file(client: Client) -> None:
    """Its plan is no change."""
    file = (await client.ask("{ programmeFile }", Scope.MANAGE))["programmeFile"]
    plan = (await client.ask(f"query ($file: String!) {{ plan(file: $file) {PLAN} }}", Scope.MANAGE, file=file))["plan"]
    assert (1, []) == (plan["revision"], plan["changes"])


async def test_a_tool_may_not_publish(client: Client) -> None:
    """Nor read drafts: they are the manager's."""
    code, message = await client.refusal("{ drafts { name } }", Scope.READ)
    assert ("FORBIDDEN", True) == (code, "needs a key with the scope manage" in message)


async def test_without_a_programme_there_is_nothing_to_return_to(empty_client: Client) -> None:
    """It says how to apply one, as every mutation does."""
    document = RESTORE.replace("code message", "__typename code")
    refused = await do(empty_client, document, number=1)
    assert [{"__typename": "ProgrammeMissing", "code": "NO_PROGRAMME"}] == refused["errors"]
