"""Who could earn on boards that ask it: their `members`, tried on the members as they are now."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true

from activity.roster import FACTS, facts_of, team_names
from activity.tables import member
from operations.programme import Programme
from rules.advice import Advice, Code
from rules.audience import Audience
from rules.condition import EvaluationFailed
from storage.work import UnitOfWork

TRIED_MAX = 40_000  # sorts of members, for all conditions: each takes a few microseconds
TRIED_MIN = 1_000  # for each condition, however many there are

NOTHING = dict.fromkeys(FACTS) | {"attributes": "{}", "participates": True}  # what is known of nobody
SO_NOBODY = "so that nobody would appear here by what they do now"


@dataclass(slots=True)
class _Trial:
    """What a condition said of the members who were looked at."""

    count: int = 0
    true: int = 0
    failed: int = 0
    reason: str = ""  # of the first failure


async def advice_on_members(work: UnitOfWork, declared: Programme) -> list[Advice]:
    """The boards on which nobody could earn, as the members are who take part; or all, where nobody does yet."""
    asked = {key: board.members for key, board in declared.boards.items() if board.members is not None}
    if not asked:
        return []
    somebody = await work.rows(select(member.c.key).where(member.c.participates).limit(1))
    whom = member.c.participates if somebody else true()
    teams = await team_names(work)
    most = max(TRIED_MIN, TRIED_MAX // len(set(asked.values())))
    trials = {
        text: await _tried(work, Audience(text, declared.attributes), whom, teams, most) for text in asked.values()
    }
    return [advice for key, text in asked.items() for advice in _told(f"boards.{key}.members", trials[text])]


async def _tried(
    work: UnitOfWork, audience: Audience, whom: ColumnElement[bool], teams: dict[int, str], most: int
) -> _Trial:
    """A condition, tried once for all members who are alike in what it asks. Of many sorts some are looked at, in the
    order of random keys."""
    names = {name.removeprefix("member.") for name in audience.names}
    asked = [name for name in FACTS if name in names or (name == "attributes" and names.difference(FACTS))]
    columns = [member.c[name] for name in asked]
    query = select(func.count().label("alike"), *columns).where(whom).group_by(*columns)
    trial = _Trial()
    for row in await work.rows(query.order_by(func.min(member.c.key)).limit(most)):
        known = NOTHING | dict(zip(asked, row[1:], strict=True))
        trial.count += row.alike
        try:
            trial.true += row.alike * audience.says(facts_of(tuple(known.values()), teams))
        except EvaluationFailed as failure:
            trial.failed += row.alike
            trial.reason = trial.reason or str(failure)
    return trial


def _told(path: str, trial: _Trial) -> Iterator[Advice]:
    one = trial.count == 1
    if trial.true or not trial.count:
        return
    if trial.failed == trial.count:
        whom = "the one member" if one else f"all {trial.count:,} members"
        remedy = "let what it asks be known of members before they do something, or ask for something else"
        yield Advice(
            Code.NO_VALUE, path, f"this failed for {whom} it was tried on, {SO_NOBODY}: {trial.reason}; {remedy}"
        )
        return
    whom = "not true for the one member there is" if one else f"true for none of {trial.count:,} members looked at"
    failed = f", and failed for {trial.failed:,} of them ({trial.reason})" if trial.failed else ""
    remedy = "check what it compares, and how words are written"
    yield Advice(Code.NEVER_TRUE, path, f"this is {whom}{failed}, {SO_NOBODY}: {remedy}")
