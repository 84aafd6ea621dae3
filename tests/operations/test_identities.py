"""Identities: members are given them, and reports name members by them."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

import pytest
from sqlalchemy import update

from activity.calendar import microseconds
from activity.intake import Report
from activity.tables import activity, identity
from operations.enrol import MemberReceipt, MemberStatus, Profile
from operations.record import Receipt, Status
from rules.tables import verdict
from tests.world import PROGRAMME, World, shared

KINDS = "identities: {email: {title: E-mail address}, slack: {title: Slack user, exact: true}}"
OPT_OUT = f"{PROGRAMME}\n{KINDS}\n"
OPT_IN = OPT_OUT.replace("opt-out", "opt-in")
CREATED, UPDATED, UNCHANGED, REFUSED = MemberStatus


async def staff(world: World, programme: str = OPT_IN) -> None:
    await world.apply(programme)
    await world.enrol(
        Profile("ada", "Ada", participates=True, identities=["email:Ada@Example.org", "slack:U01"]),
        Profile("ben", "Ben", participates=True, identities=["email:ben@example.org"]),
    )


def statuses(receipts: Sequence[Receipt | MemberReceipt]) -> list[Status | MemberStatus]:
    return [receipt.status for receipt in receipts]


def together(report: Report, *others: str) -> Report:
    return replace(report, contributors=list(others))


async def test_reports_name_members_by_any_of_their_names(world: World) -> None:
    """As external id or identity, however it is written; the activities are the member's."""
    await staff(world)
    names = ["ada", "email:ADA@example.org", "slack:U01", "email:ben@example.org"]
    receipts = await world.record(*(shared(at, name) for at, name in enumerate(names)))
    assert [Status.RECORDED] * 4 == statuses(receipts)
    first, second, third, fourth = [row.member for row in await world.rows(activity)]
    assert first == second == third != fourth
    assert [] == await world.differences()


async def test_unknown_names_are_refused_where_people_opt_in(world: World) -> None:
    """With words for identities; nothing is kept of them. Of an exact kind the case counts."""
    await staff(world)
    receipts = await world.record(shared(1, "slack:u01"), shared(2, "zoe"), together(shared(3), "email:"))
    remedy = "give it to one: import members with a column identities"
    assert Receipt(Status.REFUSED, f"no member has the identity 'slack:u01'; {remedy}", "member") == receipts[0]
    assert "there is no member with the external id 'zoe'; import members first" == receipts[1].message
    assert "contributors[0]" == receipts[2].field


async def test_a_member_who_is_named_twice_is_credited_once(world: World) -> None:
    """Under whichever two names."""
    await staff(world)
    await world.record(together(shared(1), "ben", "slack:U01", "email:ada@example.org"))
    assert [2] == [row.credited for row in await world.rows(activity)]
    assert {"ada", "ben"} == {name for name, _, _ in await world.ledger()}
    assert await world.differences() == []


async def test_what_was_recorded_is_known_under_every_name(world: World) -> None:
    """A redelivery counts once however its members are named, in the same batch and later; another member is told."""
    await staff(world)
    both = together(shared(2), "ben")
    batch = [
        shared(1),
        shared(1, "slack:U01"),
        both,
        together(shared(2, "email:ada@example.org"), "email:ben@example.org"),
    ]
    expected = [Status.RECORDED, Status.DUPLICATE] * 2
    assert expected == statuses(await world.record(*batch))
    assert [Status.DUPLICATE] * 4 == statuses(await world.record(*batch))
    others = (
        shared(1, "email:ben@example.org"),
        together(shared(2, "ben"), "ada"),
        shared(2),
        together(shared(1), "ben"),
    )
    assert [Status.CONFLICT] * 4 == statuses(await world.record(*others))
    assert 3 == len(await world.rows(verdict))


async def test_what_was_recorded_before_there_were_identities_is_known(world: World) -> None:
    """Then the names of several were part of what was said."""
    await staff(world)
    await world.record(together(shared(1), "ben"))
    async with world.store.writing() as work:
        revision = await world.revisions.current(work)
        admitted = revision.intake.admit(together(shared(1), "ben"), world.now)
        said = f"{revision.type_ids['post.shared']}:{microseconds(admitted.time)}:".encode() + admitted.sent
        former = blake2b(said + b"('ada', 'ben')", digest_size=16, key=revision.secret).digest()
        await work.execute(update(activity).values(content=former))
    receipts = await world.record(together(shared(1), "ben"), together(shared(1, "ben"), "ada"))
    assert [Status.DUPLICATE, Status.CONFLICT] == statuses(receipts)


async def test_who_took_no_part_leaves_no_trace_to_compare(world: World) -> None:
    """What tells a redelivery are those who took part then."""
    await staff(world)
    await world.enrol(Profile("ada", participates=False))
    assert [Status.RECORDED] == statuses(await world.record(together(shared(1), "ben")))
    await world.enrol(Profile("ada", participates=True))
    again = together(shared(1, "slack:U01"), "email:ben@example.org"), together(shared(1, "ben"), "ada")
    assert [Status.DUPLICATE, Status.CONFLICT] == statuses(await world.record(*again))


async def test_profiles_add_identities_and_remove_none(world: World) -> None:
    """Given again they change nothing, in whatever case."""
    await staff(world)
    given = [["EMAIL@x.org"], ["email:ADA@EXAMPLE.org", "slack:U01"], ["email:a@x.org"], [], None]
    receipts = await world.enrol(*(Profile("ada", identities=each) for each in given))
    assert [REFUSED, UNCHANGED, UPDATED, UNCHANGED, UNCHANGED] == statuses(receipts)
    shown = [(row.kind, row.shown) for row in await world.rows(identity)]
    assert [("email", "a@x.org"), ("email", "Ada@Example.org"), ("email", "ben@example.org"), ("slack", "U01")] == shown


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        (
            ["email:BEN@example.org"],
            "identities[0]",
            "is an identity of the member 'ben'; if it is not theirs, move it",
        ),
        (
            ["slack:U9", "slak:U02"],
            "identities[1]",
            "'slak:U02' is no identity: write KIND:HANDLE with a kind of this programme; did you mean slack",
        ),
        (["email:"], "identities[0]", "there is nothing after 'email:'"),
        ([5], "identities[0]", "must be text"),
        ("email:x@example.org", "identities", "must be a list"),
        (["slack:x"] * 101, "identities", "more than 100"),
        (["email:\ud800"], "identities[0]", "not valid UTF-8"),
    ],
)
async def test_what_is_no_identity_or_anothers_is_refused(world: World, given: object, field: str, words: str) -> None:
    """With nothing of the profile kept."""
    await staff(world)
    before = await world.rows(identity)
    (receipt,) = await world.enrol(Profile("ada", name="Ada L", identities=given))
    assert (REFUSED, field) == (receipt.status, receipt.field)
    assert words in receipt.message
    assert before == await world.rows(identity)


async def test_of_two_in_a_batch_the_first_gets_an_identity(world: World) -> None:
    """Members who are new, too; the other is told whose it is."""
    await world.apply(OPT_IN)
    both = [Profile(name, name, identities=["email:team@example.org"]) for name in ("ada", "ben")]
    receipts = await world.enrol(*both)
    assert [CREATED, REFUSED] == statuses(receipts)
    assert "of the member 'ada'" in receipts[1].message


async def test_an_external_id_that_reports_would_take_for_an_identity_is_refused(world: World) -> None:
    """One of before stays, and can be changed, though only identities name them."""
    await world.apply(PROGRAMME)
    await world.enrol(Profile("email:old@example.org", "Old"))
    await world.apply(OPT_OUT)
    receipts = await world.enrol(Profile("email:new@example.org", "New"), Profile("email:old@example.org", "Older"))
    assert [REFUSED, UPDATED] == statuses(receipts)
    assert ("external_id", True) == (receipts[0].field, "is an identity of the kind 'email'" in receipts[0].message)


async def test_a_retired_kind_names_nobody(world: World) -> None:
    """Its identities stay, and name their members again when it is back."""
    await staff(world)
    await world.apply(OPT_IN.replace(", slack: {title: Slack user, exact: true}", ""))
    assert [Status.REFUSED] == statuses(await world.record(shared(1, "slack:U01")))
    await world.apply(OPT_IN)
    assert [Status.RECORDED] == statuses(await world.record(shared(1, "slack:U01")))
