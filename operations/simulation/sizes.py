"""Sizes: by how many the boards of a draft, or of what is in force, divide the points of teams."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from activity.catalogue import FieldType
from activity.roster import FACTS
from activity.tables import member
from leaderboard.board import Scoring
from leaderboard.standing import BoardVersion
from operations.simulation.barred import Bars
from storage.work import UnitOfWork

CHUNK = 10_000  # members who are read at a time

Sizes = Mapping[int, int]  # by team


async def board_sizes(
    work: UnitOfWork,
    boards: Sequence[BoardVersion],
    attributes: Mapping[str, FieldType],
    teams: Mapping[int, str],
    team_sizes: Sizes,
) -> list[Sizes]:
    """For each board how many members of each team take part and are eligible for it now. `teams` are their names,
    `team_sizes` how many members take part."""
    sizes = [team_sizes] * len(boards)
    asking = {
        index: Counter[int]()
        for index, each in enumerate(boards)
        if each.board.score is Scoring.MEAN and each.board.members is not None
    }
    if not asking:
        return sizes
    bars = Bars(boards, attributes, teams)
    columns = [member.c.key, *(member.c[name] for name in FACTS)]
    query = select(*columns).where(member.c.team.is_not(None), member.c.participates).order_by(member.c.key)
    last = -1
    while rows := await work.rows(query.where(member.c.key > last).limit(CHUNK)):
        for row in rows:
            outside = bars.outside(row[1:])
            for index, counts in asking.items():
                counts[row.team] += index not in outside
        last = rows[-1].key
    for index, counts in asking.items():
        sizes[index] = counts
    return sizes
