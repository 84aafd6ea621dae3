"""Joint: activities that credit two members who turn out to be one there. Who is left is credited once, at the place
that was named first, and the others among one fewer."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import case, delete, select, update

from activity.tables import activity
from rules.tables import verdict
from storage.work import UnitOfWork

AT_ONCE = 500  # activities in one statement


class Joint(NamedTuple):
    """An activity that credits both members of a transfer."""

    activity: int
    from_place: int
    to_place: int
    named: str | None  # the identity by which it names the one, as it is compared
    others: frozenset[int]  # whom it credits beside the two


async def joint_among(work: UnitOfWork, moved: Sequence[int], from_member: int, to_member: int) -> list[Joint]:
    """Those of some activities of the one that credit the other too."""
    found: list[Joint] = []
    theirs = select(verdict.c.activity).where(verdict.c.member == to_member)
    columns = verdict.c.activity, verdict.c.member, verdict.c.place, verdict.c.named
    for start in range(0, len(moved), AT_ONCE):
        some = verdict.c.activity.in_(moved[start : start + AT_ONCE])
        both: dict[int, dict[int, tuple[int, str | None]]] = {}
        for seq, key, place, named in await work.rows(select(*columns).where(some, verdict.c.activity.in_(theirs))):
            both.setdefault(seq, {}).setdefault(key, (place, named))
        for seq, credited in both.items():
            (from_place, named), (to_place, _) = credited.pop(from_member), credited.pop(to_member)
            found.append(Joint(seq, from_place, to_place, named, frozenset(credited)))
    return found


async def credit_once(work: UnitOfWork, joint: Sequence[Joint], from_member: int, to_member: int) -> None:
    """Have activities credit the other alone of the two."""
    for each in joint:
        its = verdict.c.activity == each.activity
        first, second = sorted((each.from_place, each.to_place))
        await work.execute(delete(verdict).where(its, verdict.c.member == from_member))
        place = case((verdict.c.member == to_member, first), else_=verdict.c.place - 1)
        behind = (verdict.c.member == to_member) | (verdict.c.place > second)
        await work.execute(update(verdict).where(its, behind).values(place=place))
        owner = case((activity.c.member == from_member, to_member), else_=activity.c.member)
        fewer = {"credited": activity.c.credited - 1, "member": owner}
        await work.execute(update(activity).where(activity.c.seq == each.activity).values(fewer))
