"""The programme of the model: as a file for the service, and in plain words for the reference.

`Saying` is what can be different from one revision to the next.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from tests.model.calendar import Calendar


@dataclass(frozen=True)
class Era:
    """When it all happens: a month with a change of clocks, and the end of a half-year."""

    starts: date
    now: datetime
    calendar: Calendar


ERAS = (
    Era(date(2026, 2, 23), datetime(2026, 3, 3, 15, tzinfo=UTC), Calendar((3, 20))),
    Era(date(2026, 10, 21), datetime(2026, 10, 30, 15, tzinfo=UTC), Calendar((11, 7))),
)


@dataclass(frozen=True)
class Saying:
    """What one revision says of what may change."""

    share_points: int = 5
    reach: bool = True  # the rule is there
    week_tags: tuple[str, ...] = ("effort",)
    week_ties: str = "competition"
    month_activities: tuple[str, ...] = ()
    month_dispute: int = 1
    weekly_ties: str = "share"
    weekly_declined: str = "next"
    weekly_absent: str = "next"


@dataclass(frozen=True)
class Board:
    key: str
    period: str
    of: str = "members"
    tags: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    ties: str = "competition"
    grace: int | None = None  # days; None: it never closes
    dispute: int = 0


@dataclass(frozen=True)
class Podium:
    key: str
    board: str
    amounts: tuple[int, ...]
    ties: str
    claim: int  # days
    minimum: int = 1
    pause: int = 0
    absent: str = "next"
    declined: str = "next"
    approval: bool = True
    points: bool = False  # the amounts are points


@dataclass(frozen=True)
class Rules:
    """What the reference needs to know of one revision."""

    share_points: int
    rules: dict[str, tuple[str, ...]]  # tags, by key
    boards: tuple[Board, ...]
    podiums: tuple[Podium, ...] = field(default=())


SHARE_MAX = 2  # awards of the rule share per member and day
REGULAR = 3  # shared posts for the badge, which pays
REGULAR_POINTS = 4
IDEA_POINTS = 10
HOLD_DAYS = 3
ARTICLE_POINTS = 6


def rules_of(saying: Saying) -> Rules:
    """The revision in plain words."""
    rules = {"share": ("effort",), "article": ("effort", "impact"), "idea": ("effort",)}
    if saying.reach:
        rules["reach"] = ("impact",)
    month = {"tags": ("impact",)} if not saying.month_activities else {"activities": saying.month_activities}
    return Rules(
        share_points=saying.share_points,
        rules=rules,
        boards=(
            Board("daily", "day", tags=("effort",), ties="dense"),
            Board("weekly", "week", tags=saying.week_tags, ties=saying.week_ties, grace=1, dispute=2),
            Board("monthly", "month", ties="dense", grace=0, dispute=saying.month_dispute, **month),
            Board("teams", "month", of="teams", grace=2, dispute=3),
            Board("half", "half-year", tags=("effort",), ties="earliest", grace=1, dispute=3),
            Board("sharers", "ever", activities=("post.shared",)),
            Board("all", "ever", ties="earliest"),
            Board("crews", "ever", of="teams", tags=("effort",), ties="dense"),
        ),
        podiums=(
            Podium(
                "best-week",
                "weekly",
                (90, 50),
                saying.weekly_ties,
                claim=5,
                pause=1,
                absent=saying.weekly_absent,
                declined=saying.weekly_declined,
            ),
            Podium("best-month", "monthly", (7, 4), "split", claim=3, approval=False, points=True),
            Podium("best-half", "half", (1500, 300), "earliest", claim=4, minimum=6, absent="empty"),
        ),
    )


def file_of(era: Era, saying: Saying) -> str:
    """The revision as a programme file."""
    rules, (month, day) = rules_of(saying), era.calendar.starts
    reach = "  reach: {title: Be read, on: [post.shared], points: activity.reach, tags: [impact]}\n"
    return f"""
programme: model
starts: {era.starts}
time_zone: America/Havana
year_starts: {month:02}-{day:02}
participation: opt-out
activities:
  post.shared: {{title: Shared a post, fields: {{reach: int}}}}
  article.published: {{title: Published an article, fields: {{reach: int}}}}
  idea.made: {{title: Had an idea, fields: {{reach: int}}}}
rules:
  share:
    title: Share a post
    on: [post.shared]
    points: {saying.share_points}
    limits: [{{max: {SHARE_MAX}, per: day}}]
    tags: [effort]
{reach if saying.reach else ""}\
  article: {{title: Publish, on: [article.published], points: {ARTICLE_POINTS}, tags: [effort, impact]}}
  idea: {{title: Have an idea, on: [idea.made], points: {IDEA_POINTS}, hold: P{HOLD_DAYS}D, tags: [effort]}}
badges:
  regular:
    title: Regular
    on: [post.shared]
    measure: count
    levels: [{{at: {REGULAR}, points: {REGULAR_POINTS}}}]
    tags: [effort]
boards:
{"".join(map(_board, rules.boards))}podiums:
{"".join(map(_podium, rules.podiums))}"""


def _board(board: Board) -> str:
    closing = ""
    if board.grace is not None:
        closing = f", closing: {{grace: P{board.grace}D, dispute_window: P{board.dispute}D}}"
    settings = {"tags": board.tags, "activities": board.activities}
    selected = "".join(f", {name}: [{', '.join(keys)}]" for name, keys in settings.items() if keys)
    told = f"title: {board.key}, period: {board.period}, of: {board.of}, ties: {board.ties}{selected}{closing}"
    return f"  {board.key}: {{{told}}}\n"


def _podium(podium: Podium) -> str:
    prizes = ", ".join(
        f"{place}: {{title: Prize {place}, amount: {amount}}}" for place, amount in enumerate(podium.amounts, 1)
    )
    return f"""\
  {podium.key}:
    title: {podium.key}
    board: {podium.board}
    places: {len(podium.amounts)}
    ties: {podium.ties}
    currency: {"points" if podium.points else "GBP"}
    prizes: {{{prizes}}}
    minimum: {podium.minimum}
    pause: {podium.pause}
    absent: {podium.absent}
    declined: {podium.declined}
    claim: P{podium.claim}D
    approval: {str(podium.approval).lower()}
"""
