"""Claims at the command line: listed, approved and refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from activity.claim import State
from activity.intake import CLAIMS
from app import CLAIM_STATES
from tests.operations.claims import CLAIMED, claiming, refusing
from tests.test_command_line import Laurels
from tests.test_payouts_command import inside
from tests.world import World


@pytest.fixture
def laurels(tmp_path: Path) -> Laurels:
    """With four claims of two members, numbered from 1."""
    laurels = Laurels(tmp_path)
    (tmp_path / "programme.yaml").write_text(CLAIMED)
    laurels.done("apply", "programme.yaml")
    (tmp_path / "members.csv").write_text("external_id,name\nada,Ada\nben,Ben\n")
    laurels.done("import", "members", "members.csv")

    async def claims(world: World) -> None:
        world.now = datetime(2026, 2, 4, tzinfo=UTC)
        at = "2026-02-03T09:30:00Z"
        await claiming(world, at=at, note="At the\n fair")
        await claiming(world, "ben", at=at, link=None)
        await claiming(world, at=at, topic="Go", hearers=3, link=None)
        await claiming(world, "ben", "colleague.mentored", at=at, colleague="cy", link=None)

    inside(laurels, claims)
    return laurels


def test_claims_are_seen_and_decided(laurels: Laurels) -> None:
    """Each with its number, state, member, time, type and data; and what was approved and retracted later says so."""
    assert [
        '     1  waiting    ada                   2026-02-03 09:30  talk.given  {"topic":"AI"}',
        "        https://video.example.com/1",
        "        At the fair",
        '     2  waiting    ben                   2026-02-03 09:30  talk.given  {"topic":"AI"}',
        '     3  waiting    ada                   2026-02-03 09:30  talk.given  {"hearers":3,"topic":"Go"}',
        '     4  waiting    ben                   2026-02-03 09:30  colleague.mentored  {"colleague":"cy"}',
        "Times are by the clock of Europe/London.",
    ] == laurels.done("claims", "list").splitlines()
    assert "Claim 1 is approved: 20 points.\nClaim 4 is approved: 15 points.\n" == laurels.done(
        "claims", "approve", "1", "4"
    )
    assert "Claim 2 is refused.\n" == laurels.done("claims", "refuse", "2", "--reason", "Which talk?")
    laurels.done("retract", CLAIMS, "1", "--reason", "It was cancelled.")
    states = [line[8:17].strip() for line in laurels.done("claims", "list").splitlines() if line[:6].strip().isdigit()]
    assert ["approved", "refused", "waiting", "approved"] == states
    assert [
        '     1  approved   ada                   2026-02-03 09:30  talk.given  {"topic":"AI"}',
        "        https://video.example.com/1",
        "        At the fair",
        "        retracted later: It was cancelled.",
        '     4  approved   ben                   2026-02-03 09:30  colleague.mentored  {"colleague":"cy"}',
        "Times are by the clock of Europe/London.",
    ] == laurels.done("claims", "list", "--state", "approved").splitlines()
    assert "        refused: Which talk?" in laurels.done("claims", "list", "--state", "refused").splitlines()
    assert ["3"] == laurels.done("claims", "list", "--state", "waiting", "--member", "ada").split()[:1]
    assert "There are no such claims.\n" == laurels.done("claims", "list", "--state", "withdrawn")
    told = "there is no member with the external id 'nope'; --member takes one as imported\n"
    assert (2, "", told) == laurels.run("claims", "list", "--member", "nope")
    laurels.done("verify")


def test_as_many_are_listed_as_are_asked_for(laurels: Laurels) -> None:
    """The oldest first; that there are more is said, with how to see them."""
    *listed, _, more = laurels.done("claims", "list", "--member", "ben", "--first", "1").splitlines()
    assert (["2"], "… and more; --first 2 shows them") == ([line.split()[0] for line in listed], more)
    assert ["2", "4"] == [
        line.split()[0] for line in laurels.done("claims", "list", "--member", "ben", "--first", "2").splitlines()[:-1]
    ]
    assert (2, "", "--first is 0; it can be 1 to 100,000\n") == laurels.run("claims", "list", "--first", "0")


def test_what_members_write_cannot_command_a_terminal(laurels: Laurels) -> None:
    """Control characters, and those that turn the direction of a text, are shown as escapes."""

    async def claim(world: World) -> None:
        world.now = datetime(2026, 2, 4, tzinfo=UTC)
        hostile = "\x1b[2J\x9b\u202egood\u2066"
        await claiming(world, at="2026-02-03T09:30:00Z", topic=hostile, note=hostile, link=None)

    inside(laurels, claim)
    *_, claimed, note, _ = laurels.done("claims", "list").splitlines()
    assert r"        \x1b[2J\x9b\u202egood\u2066" == note
    assert claimed.endswith(r'{"topic":"\u001b[2J\x9b\u202egood\u2066"}')


def test_what_cannot_be_done_is_said(laurels: Laurels) -> None:
    """Approving goes on with the others, and exits with 1; a refusal that is none exits with 2."""
    told = (
        "Claim 1 is approved: 20 points.\nNot approved: there is no claim 99; take the number of one that is listed.\n"
    )
    assert (1, told, "") == laurels.run("claims", "approve", "1", "99")
    words = "claim 1 was approved already, which is final; take one that waits\n"
    assert (2, "", words) == laurels.run("claims", "refuse", "1", "--reason", "x")
    too_many = laurels.run("claims", "approve", *map(str, range(1, 102)))
    assert (2, "101 claims are more than one request may approve; name at most 100 at a time\n") == too_many[::2]


def test_what_earns_nothing_says_why(laurels: Laurels) -> None:
    """What each rule said, with the values that it read; that none pays, where none does."""
    text = CLAIMED.replace("    points: 20\n", "    when: activity.hearers >= 5\n    points: 1\n")
    text = text.replace("on: [colleague.mentored]", "on: [post.shared]").replace(", by: activity.colleague", "")
    (laurels.folder / "programme.yaml").write_text(text)
    laurels.done("apply", "programme.yaml")
    assert [
        "Claim 1 is approved: 1 point.",
        "Claim 3 is approved: 0 points.",
        "  Give a talk: condition false: it asks for an activity with at least 5 hearers; hearers is 3",
        "Claim 4 is approved: 0 points.",
        "  no rule pays for it",
    ] == laurels.done("claims", "approve", "1", "3", "4").splitlines()
    laurels.done("verify")


def test_times_are_told_by_the_clock_of_the_programme_and_what_is_gone_is_said(laurels: Laurels) -> None:
    """In summer London is an hour ahead; of what was stripped nothing is shown but that it was."""

    async def summer(world: World) -> None:
        world.now = datetime(2026, 6, 4, tzinfo=UTC)
        number = await claiming(world, at="2026-06-03T23:30:00Z")
        await refusing(world, number)

    inside(laurels, summer)
    assert "2026-06-04 00:30  talk.given" in laurels.done("claims", "list", "--state", "refused")
    (laurels.folder / "programme.yaml").write_text(f"retention: P31D\n{CLAIMED}")
    laurels.done("apply", "programme.yaml")
    laurels.done("strip")
    first, *_ = laurels.done("claims", "list", "--state", "refused").splitlines()
    assert first.endswith("2026-06-04 00:30  talk.given  stripped")


def test_the_states_to_choose_from_are_all_that_there_are() -> None:
    """They stand in the entry too, which loads nothing."""
    assert tuple(State) == CLAIM_STATES
