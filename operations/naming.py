"""Whom a report names: members by external id or identity, each once, of whom some may be unknown. Pure."""

from collections.abc import Container, Mapping, Sequence

from activity.identity import Identity, IdentityKind, name_of
from activity.intake import Admitted, Refused
from activity.roster import RosterMember

BOTH = "\n"  # between the names by which an activity names one member more than once


def names_of(report: Admitted, kinds: Mapping[str, IdentityKind]) -> tuple[Identity, ...]:
    """Whom a report names, as names are compared, in their order. Raises Refused."""
    found = []
    for place, text in enumerate(report.members):
        try:
            found.append(name_of(text, kinds))
        except Refused as refusal:
            raise Refused(field_of(place), refusal.message) from None
    return tuple(found)


def field_of(place: int) -> str:
    """The field of a report that names the member at a place."""
    return f"contributors[{place - 1}]" if place else "member"


def credited(
    names: Sequence[Identity], people: Mapping[Identity, RosterMember]
) -> tuple[list[RosterMember], list[str | None]] | None:
    """The members whom these names credit, each once, in the order in which they are named first; and how each is
    named, as `verdict.named` keeps it. None where somebody is unknown."""
    if len(names) == 1:  # as nearly always
        member = people.get(names[0])
        return ([member], [names[0].text]) if member else None
    if any(name not in people for name in names):
        return None
    told: dict[int, list[str]] = {}
    members = {people[name].key: people[name] for name in names}
    for name in names:
        told.setdefault(people[name].key, []).append(name.text or "")
    return list(members.values()), [BOTH.join(each) or None for each in told.values()]


def first_unknown(names: Sequence[Identity], people: Container[Identity]) -> int:
    """The place of the first name that nobody has."""
    return next(place for place, name in enumerate(names) if name not in people)


def nobody(text: str, name: Identity) -> str:
    """That no member has a name, in words."""
    return f"no member has the identity {text!r}" if name.kind else f"there is no member with the external id {text!r}"


def kept_told(text: str, name: Identity, days: int, *, again: bool) -> str:
    """That a report is kept for somebody unknown, in words; `again` if it was before."""
    span = f"{days} day{'s' * (days != 1)}"
    kept = f"it was kept before, for {span} since it first came" if again else f"it is kept for {span}"
    return f"{nobody(text, name)} yet: {kept}, and judged once there is"


def nobody_yet(report: Admitted, names: Sequence[Identity], people: Container[Identity]) -> Refused:
    """That no member has one of the names, and what to do."""
    place = first_unknown(names, people)
    remedy = "give it to one: import members with a column identities" if names[place].kind else "import members first"
    return Refused(field_of(place), f"{nobody(report.members[place], names[place])}; {remedy}")
