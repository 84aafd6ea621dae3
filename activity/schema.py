"""GraphQL types of the activity domain: what can happen, who takes part, which period a day belongs to."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NewType, TypeVar, cast

import strawberry
from strawberry import relay
from strawberry.extensions import FieldExtension
from strawberry.scalars import JSON
from strawberry.types.base import get_object_definition

from activity.alias import taken
from activity.calendar import Calendar, PeriodKind
from activity.calendar import Period as PeriodValue
from activity.catalogue import ActivityType as ActivityTypeValue
from activity.claim_schema import ClaimTerms
from activity.intake import MEMBERS_MAX
from activity.roster import team_names
from activity.tables import member
from storage.bulk import AnyRow
from storage.work import UnitOfWork

BigInt = NewType("BigInt", int)
Text = NewType("Text", object)

BIG_INT = strawberry.scalar(
    name="BigInt", description="A whole number up to 2^53: exact in JSON and JavaScript, beyond the 32 bits of Int."
)
TEXT = strawberry.scalar(
    name="Text",
    description="Text, as String. Anything else is let through and refused for the element it stands in, so that one "
    "broken element harms no other of its batch.",
)

Resolver = TypeVar("Resolver", bound=Callable[..., Any])


def resolved(description: str, *extensions: FieldExtension) -> Callable[[Resolver], Resolver]:
    """Makes a method a field. Strawberry's own decorator says nothing of types."""
    return cast(Callable[[Resolver], Resolver], strawberry.field(description=description, extensions=list(extensions)))


strawberry.enum(PeriodKind, description="How long a period is. EVER is one period without beginning or end.")


@strawberry.type(description="A run of days in the programme's time zone, such as a month or a half-year.")
class Period:
    key: str = strawberry.field(
        description="Its name, such as 2026-11, 2026-W47, 2026/27-H1 or, of days of its own, 2026-03-01/2026-03-31."
    )
    kind: PeriodKind | None = strawberry.field(description="How long it is. Null for days of its own.")
    first_day: date | None = strawberry.field(description="Its first day. Null for EVER.")
    last_day: date | None = strawberry.field(description="Its last day. Null for EVER.")
    starts_at: datetime | None = strawberry.field(description="The instant at which it begins. Null for EVER.")
    ends_at: datetime | None = strawberry.field(description="The first instant after it. Null for EVER.")

    @classmethod
    def of(cls, period: PeriodValue, calendar: Calendar) -> "Period":
        return cls(
            key=period.key,
            kind=period.kind,
            first_day=period.first_date,
            last_day=period.last_date,
            starts_at=calendar.starts_at(period),
            ends_at=calendar.ends_at(period),
        )


@strawberry.type(description="A field that activities of a type carry in their data.")
class ActivityField:
    name: str = strawberry.field(description="Its name in `data`; rules call it `activity.NAME`.")
    type: str = strawberry.field(
        description="bool, int, double, string, date, timestamp, or list(...) of string, int or double."
    )
    default: JSON | None = strawberry.field(description="What it is when it is left out. Null when it must be given.")


@strawberry.type(description="One kind of thing that members do, as the programme declares it.")
class ActivityType:
    key: str = strawberry.field(description="What tools report it under, such as post.shared.")
    title: str = strawberry.field(description="What it is, in words.")
    zone: str | None = strawberry.field(description="The zone of the journey it belongs to, if any.")
    fields: list[ActivityField] = strawberry.field(description="What its data may hold.")
    aliases: list[str] = strawberry.field(description="Other names under which tools may report it.")
    claim: ClaimTerms | None = strawberry.field(
        description="How members claim it themselves. Null where only tools report it."
    )

    @classmethod
    def of(cls, declared: ActivityTypeValue) -> "ActivityType":
        fields = [
            ActivityField(name=field.name, type=field.type.value, default=_json(field.default))
            for field in declared.fields.values()
        ]
        claim = None if declared.claim is None else ClaimTerms.of(declared.claim)
        return cls(
            key=declared.key,
            title=declared.title,
            zone=declared.zone,
            fields=fields,
            aliases=list(declared.aliases),
            claim=claim,
        )


@strawberry.type(description="A kind of what other tools know members by.")
class IdentityKind:
    key: str = strawberry.field(description="What stands before the colon, such as email.")
    title: str = strawberry.field(description="What it is, in words.")


@strawberry.type(description="A group that members belong to.")
class Team(relay.Node):
    key: relay.NodeID[int]
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="What everyone may see of a member.")
class MemberSummary:
    external_id: str = strawberry.field(description="The id under which other tools know the member.")
    name: str = strawberry.field(
        description="Their name; for others than managers their alias, where they have one, or their external id while "
        "another member goes by that alias too."
    )
    team: Team | None = strawberry.field(description="The team they belong to now.")
    location: str | None = strawberry.field(description="Where they work.")
    department: str | None = strawberry.field(description="The department they belong to.")


@strawberry.type(description="One thing that a member did, as a tool reported it.")
class ReportedActivity(relay.Node):
    seq: relay.NodeID[int]
    source: str | None = strawberry.field(description="The tool that reported it. Null once erased or stripped.")
    external_id: str | None = strawberry.field(description="Its id in that tool. Null once erased or stripped.")
    type: str = strawberry.field(description="The key of its activity type.")
    time: datetime = strawberry.field(description="When it happened.")
    recorded_at: datetime = strawberry.field(description="When Laurels recorded it.")
    data: JSON = strawberry.field(
        description="Its fields, those with a default filled in; once stripped, those that a rule, badge or zone reads."
    )
    stripped: bool = strawberry.field(
        description="Whether it was recorded so long ago that nothing is left of it but what rules, badges and zones "
        "read: the programme's retention."
    )


@strawberry.input(description="One thing that a member did.")
class ActivityInput:
    source: Text | None = strawberry.field(
        default=None, description="The tool that reports it. With `id` it is the activity's identity."
    )
    id: Text | None = strawberry.field(
        default=None, description="Its id in that tool, at most 256 characters. Delivered again, it counts once."
    )
    type: Text | None = strawberry.field(
        default=None, description="An activity type of the programme, by its key or an alias."
    )
    member: Text | None = strawberry.field(
        default=None,
        description="The member's external id, or an identity of theirs, written KIND:HANDLE, such as "
        "email:ada@example.org.",
    )
    contributors: list[Text | None] | None = strawberry.field(
        default=None,
        description=f"External ids or identities of others whom it credits too, such as the co-authors of an article: "
        f"with the member at most {MEMBERS_MAX}. Each rule says what each of them gets.",
    )
    time: Text | None = strawberry.field(
        default=None, description="When it happened, with an offset from UTC: 2026-11-12T09:30:00Z."
    )
    data: JSON | None = strawberry.field(default=None, description="An object with the fields of the activity type.")


# Made as it comes: field by field, Strawberry takes as long over a batch as judging it does.
get_object_definition(ActivityInput, strict=True).from_input = lambda made, given, _: made(**given)


@strawberry.input(
    description="What is known of a member. What is left out or null stays as it is; an empty text empties it."
)
class MemberInput:
    external_id: Text | None = strawberry.field(
        default=None, description="The id under which other tools know the member, at most 256 characters."
    )
    name: Text | None = strawberry.field(default=None, description="The name that is shown. A new member needs one.")
    alias: Text | None = strawberry.field(
        default=None,
        description="What others than managers see instead of their name. It is refused where another member goes by "
        "it: as a name, an alias or an external id.",
    )
    identities: list[Text | None] | None = strawberry.field(
        default=None,
        description="What other tools know them by, each written KIND:HANDLE with a kind that the programme declares, "
        "such as email:ada@example.org. They are added to those that the member has; one of another member is refused.",
    )
    team: Text | None = strawberry.field(default=None, description="The name of their team; made when it is new.")
    location: Text | None = strawberry.field(default=None, description="Where they work.")
    department: Text | None = strawberry.field(default=None, description="The department they belong to.")
    time_zone: Text | None = strawberry.field(default=None, description="Their time zone, such as Europe/London.")
    attributes: JSON | None = strawberry.field(
        default=None, description="An object with attributes that the programme declares; null removes one."
    )
    participates: Text | None = strawberry.field(
        default=None,
        description="true or false: whether they take part; who is new does when the programme is opt-out. false takes "
        "them off all boards at once, and nothing they do is recorded; their points stay in the ledger. true puts them "
        "back with these, without what they did meanwhile. In a final result nobody moves up: their rank is left out.",
    )


def storable(text: str) -> bool:
    """Whether a database can hold a text, and so could know it."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


async def find_member(work: UnitOfWork, external_id: str, *wanted: str) -> Any | None:
    """The `wanted` columns of the member with this external id, or None. That of who was merged into another is theirs
    too."""
    if not storable(external_id):
        return None
    found = await work.find(member, {"external_id": [external_id]}, (*wanted, "merged_into"))
    if found and found[0].merged_into is not None:
        found = await work.find(member, {"key": [found[0].merged_into]}, wanted)
    return found[0] if found else None


async def shown_names(work: UnitOfWork, rows: Iterable[AnyRow], sees_names: bool) -> dict[int, str]:
    """What somebody reads where members are named, by key: their external id while another one goes by their alias."""
    if sees_names:
        return {row.key: row.name for row in rows}
    hidden = await taken(work, {row.external_id: row.alias for row in rows if row.alias is not None})
    return {row.key: row.external_id if row.external_id in hidden else row.alias or row.name for row in rows}


async def member_summaries(work: UnitOfWork, keys: Iterable[int], sees_names: bool) -> dict[int, MemberSummary]:
    """What everyone may see of these members, by key; their names where who asks may see more than their aliases."""
    columns = ("key", "external_id", "name", "alias", "team", "location", "department")
    rows = await work.find(member, {"key": sorted(set(keys))}, columns)
    teams = await teams_by_id(work, {row.team for row in rows if row.team is not None})
    names = await shown_names(work, rows, sees_names)
    return {
        row.key: MemberSummary(
            external_id=row.external_id,
            name=names[row.key],
            team=teams.get(row.team),
            location=row.location,
            department=row.department,
        )
        for row in rows
    }


async def teams_by_id(work: UnitOfWork, ids: Iterable[int]) -> dict[int, Team]:
    """These teams, by id."""
    wanted = set(ids)
    names = await team_names(work, wanted) if wanted else {}
    return {identifier: Team(key=identifier, name=name) for identifier, name in names.items()}


def _json(value: Any) -> JSON | None:
    return None if value is None else JSON(value)
