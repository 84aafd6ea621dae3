"""The people for whom activities are kept until a member is known by their name."""

from datetime import timedelta
from typing import TYPE_CHECKING

from commands.arguments import checked_first
from commands.outcome import DONE, Clock
from commands.store import reading
from settings import Settings
from terminal import escaped, say

if TYPE_CHECKING:
    from operations.programme import Programme
    from operations.unknown import UnknownPerson
    from storage.work import UnitOfWork


def unknown(settings: Settings, _: Clock, first: int) -> int:
    from operations.revision import Revisions
    from operations.unknown import unknown_people

    checked_first(first)
    revisions = Revisions()

    async def run(work: "UnitOfWork") -> "tuple[Programme, list[UnknownPerson]]":
        return (await revisions.current(work)).programme, await unknown_people(work, revisions, count=first + 1)

    programme, people = reading(settings, run)
    if programme.opt_in:
        say("Nothing is kept of unknown people: taking part is for each to say in this programme.")
        return DONE
    days = programme.kept_days
    if people:
        say("  activities  first came  last came   first drops  member")
    for each in people[:first]:
        drops = each.first + timedelta(days=days)
        came = f"{each.first:%Y-%m-%d}  {each.last:%Y-%m-%d}"
        say(f"{each.activities:>12,}  {came}  {drops:%Y-%m-%d}   {escaped(each.name)}")
        if each.problem:
            say(f"{'':>14}{escaped(each.problem)}")
    if len(people) > first:
        say(f"… and more; --first {2 * first} shows them")
    kept = f"Each is kept for {days} day{'s' * (days != 1)}, and judged when a member is known by that name."
    say(kept if people else "Nothing is kept: everybody whom activities name is known.")
    return DONE
