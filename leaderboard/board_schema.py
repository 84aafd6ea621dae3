"""The GraphQL type of a board: which points are ranked, over which period, for whom."""

from datetime import date

import strawberry
from strawberry import relay

from activity.calendar import PeriodKind
from activity.schema import BigInt
from leaderboard.board import Board as BoardValue
from leaderboard.board import Competitors, Scoring, TieRule
from leaderboard.standing import BoardVersion
from rules.words import members as members_in_words

strawberry.enum(Competitors, description="Who competes on a board: members, or teams.")
strawberry.enum(
    Scoring,
    description="What the score of a team is: the SUM of its points; the MEAN, divided by the members who belong to "
    "it, take part and can earn on the board; or MEAN_ACTIVE, divided by the members who take part and have points "
    "counted for it in the period.",
)
strawberry.enum(
    TieRule, description="How equal scores are shown: COMPETITION 1, 1, 3; DENSE 1, 1, 2; EARLIEST 1, 2, 3."
)


@strawberry.type(description="One ranking of the programme: which points count, over which period, for whom.")
class Board(relay.Node):
    version: relay.NodeID[int]
    key: str = strawberry.field(description="Its name in the programme.")
    title: str = strawberry.field(description="What it ranks, in words.")
    period: PeriodKind | None = strawberry.field(
        description="After how long it begins anew. Null when it has days of its own: see `firstDay`."
    )
    first_day: date | None = strawberry.field(description="The first of its own days. Null when it begins anew.")
    last_day: date | None = strawberry.field(description="The last of its own days. Null when it begins anew.")
    of: Competitors = strawberry.field(description="Who competes.")
    score: Scoring = strawberry.field(description="What the score of a team is. SUM on a board of members.")
    tags: list[str] = strawberry.field(description="It counts points of rules with one of these tags; all when empty.")
    activities: list[str] = strawberry.field(
        description="It counts points for these activity types; for all when empty."
    )
    rules: list[str] = strawberry.field(
        description="It counts points of these rules; of all, of badges and those that a person gave when empty."
    )
    ties: TieRule = strawberry.field(description="How equal scores are shown.")
    grace_days: int | None = strawberry.field(
        description="How many days after its end a period is closed. Null: it never is."
    )
    dispute_days: int | None = strawberry.field(
        description="How many days after its closing a result is final. Null: it never is closed."
    )
    minimum: BigInt | None = strawberry.field(
        description="The points with which one appears on it. Null when everyone with points does."
    )

    members: str | None = strawberry.field(
        description="A condition in CEL over the member: who can earn on it, by what was known of them when something "
        "was recorded. Null: everyone."
    )
    members_in_words: str | None = strawberry.field(description="The same for members to read. Null: everyone.")
    newcomer_days: int | None = strawberry.field(
        description="It counts what a member did in so many days from the one on which they first took part, and "
        "before it. Null: always."
    )
    shows: int | None = strawberry.field(
        description="The last position that all see. Members see of those below their own place alone, managers all. "
        "Null: everyone sees every place."
    )

    @classmethod
    def of_version(cls, version: BoardVersion) -> "Board":
        board: BoardValue = version.board
        return cls(
            version=version.id,
            key=board.key,
            title=board.title,
            period=board.period if isinstance(board.period, PeriodKind) else None,
            first_day=None if isinstance(board.period, PeriodKind) else board.period.first_date,
            last_day=None if isinstance(board.period, PeriodKind) else board.period.last_date,
            of=board.of,
            score=board.score,
            tags=list(board.tags),
            activities=list(board.activities),
            rules=list(board.rules),
            ties=board.ties,
            minimum=None if board.minimum is None else BigInt(board.minimum),
            members=board.members,
            members_in_words=None if board.members is None else members_in_words(board.members),
            newcomer_days=board.newcomer_days,
            shows=board.shows,
            grace_days=board.closing.grace_days if board.closing else None,
            dispute_days=board.closing.dispute_days if board.closing else None,
        )
