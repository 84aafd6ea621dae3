"""What the caller may see of the programme's badges, and what things are called."""

from api.access import Scope
from api.context import Context
from operations.revision import Revision
from rewards.wording import Titles


async def titles_of(context: Context) -> Titles:
    """What activity types and badges are called now; who may not manage sees no names of hidden badges."""
    return titles(context, await context.revision())


def titles(context: Context, state: Revision) -> Titles:
    """The same of a revision."""
    declared = state.programme
    hidden = () if sees_hidden(context) else (key for key, badge in declared.badges.items() if badge.hidden)
    return Titles(
        {key: kind.title for key, kind in declared.activities.items()},
        {key: badge.title for key, badge in declared.badges.items()},
        frozenset(hidden),
    )


def sees_hidden(context: Context) -> bool:
    """Whether the caller sees badges that are hidden until a member has them."""
    return context.caller.may(Scope.MANAGE)
