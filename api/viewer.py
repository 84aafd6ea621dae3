"""Who asks: what the key of a request may do, and for whom it acts."""

import strawberry

from activity.schema import resolved
from api.access import Access, Caller, Scope
from api.context import Info
from api.member import Member, member_at

strawberry.enum(
    Scope,
    name="KeyScope",
    description="What a key may do: READ what everybody may, INGEST activities, or MANAGE, which includes the others.",
)


@strawberry.type(description="Whose key asks.")
class Viewer:
    caller: strawberry.Private[Caller]
    name: str = strawberry.field(description="What the key is called where something says who did it.")
    scopes: list[Scope] = strawberry.field(description="What it may do.")

    @resolved("The member for whom it acts. Null where it acts for nobody.")
    async def member(self, info: Info) -> Member | None:
        return None if self.caller.member is None else await member_at(info.context, self.caller.member)


@strawberry.type
class ViewerQueries:
    """Root fields about who asks."""

    @resolved("Who asks: what this key may do, and for whom it acts.", Access())
    async def viewer(self, info: Info) -> Viewer | None:
        caller = info.context.caller
        return Viewer(caller=caller, name=caller.author, scopes=[scope for scope in Scope if scope in caller.scopes])
