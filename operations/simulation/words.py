"""A simulation's report as a person reads it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from leaderboard.board import Scoring
from leaderboard.mean import shown
from operations.advice.sifting import of_the_rest
from operations.simulation.report import BoardPlaces, Gain, Paid, Placed, Report, ZoneEntered

SHOWN = 10  # of what can be many
TITLE_WIDTH = 40


def told(report: Report) -> str:
    """The report in lines: what changes of points, badges, zones, members and boards, and nothing of what does not."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    span = f"{report.first_day} to {report.last_day}"
    activities = f"{report.judged:,} {'activity' if report.judged == 1 else 'activities'}"
    yield f"What it would have done from {span}, with {activities} judged again:"
    yield ""
    yield f"Points      {_change(report.points_before, report.points_after)}"
    yield f"Members     {report.members_changed:,} with other points or badges"
    if paid := [each for each in report.paid if _differs(each)]:
        yield from _section("Points by rule and badge", map(_paid, paid))
    if levels := [each for each in report.levels if each.before != each.after]:
        told = (f"{each.badge}, level {each.level}: {_change(each.before, each.after)}" for each in levels)
        yield from _section("Badges awarded", told)
    zones = [
        each
        for each in report.zones
        if (each.members_before, each.entered_before) != (each.members_after, each.entered_after)
    ]
    if zones:
        yield from _section("Zones", map(_zone, zones))
    if report.gained:
        yield from _section("Who gains most", map(_gain, report.gained[:SHOWN]))
    if report.lost:
        yield from _section("Who loses most", map(_gain, report.lost[:SHOWN]))
    if boards := [each for each in report.boards if each.changed]:
        yield from _section("First places that change", (line for each in boards for line in _board(each)))
    later = [each for each in report.from_now_only if _differs(each)]
    if later:
        title = "Of these only what happens from now on would change (shared by members, or held)"
        yield from _section(title, map(_paid, later))
    if report.costs:
        yield from _section("What podiums cost", map(str, report.costs))
    if report.points_before == report.points_after and not (
        report.members_changed or paid or levels or zones or boards
    ):
        yield ""
        yield "Nothing else would be different." if later else "Nothing would be different."
    if report.warnings:
        yield from _section("To look at", report.warnings)
    if report.warnings_omitted:
        yield ""
        yield of_the_rest(report.warnings_omitted)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield f"{title}:"
    for line in lines:
        yield f"  {line}"


def _differs(paid: Paid) -> bool:
    return (paid.points_before, paid.awards_before) != (paid.points_after, paid.awards_after)


def _paid(paid: Paid) -> str:
    name = f"{paid.kind} {paid.key}"
    awards = f"{paid.awards_before:,} → {paid.awards_after:,} awards"
    gone = "" if paid.declared else ", not in the file"
    return f"{name:<{TITLE_WIDTH}} {_change(paid.points_before, paid.points_after)}, {awards}{gone}"


def _zone(zone: ZoneEntered) -> str:
    stands = _change(zone.members_before, zone.members_after)
    return f"{zone.zone}: {stands} members stand in it, {_change(zone.entered_before, zone.entered_after)} entered it"


def _gain(gain: Gain) -> str:
    return f"{f'{gain.name} ({gain.member})':<{TITLE_WIDTH}} {_change(gain.before, gain.after)}"


def _board(board: BoardPlaces) -> Iterator[str]:
    ended = ", which has ended: information only" if board.ended else ""
    if board.closed:
        ended = ", which is closed and stays as it is: information only"
    yield f"{board.board} {board.period}{ended}"
    people = {(each.name, each.competitor) for each in (*board.before, *board.after)}
    namesakes = {name for name, count in Counter(name for name, _ in people).items() if count > 1}
    yield f"  before: {_places(board.before, namesakes)}"
    yield f"  after:  {_places(board.after, namesakes)}"


def _places(places: Iterable[Placed], namesakes: Collection[str]) -> str:
    return ", ".join(f"{each.place}. {_who(each, namesakes)} {_score(each)}" for each in places) or "nobody"


def _score(placed: Placed) -> str:
    return f"{placed.score:,}" if placed.thousandths is None else shown(Scoring.MEAN, placed.thousandths)


def _who(placed: Placed, namesakes: Collection[str]) -> str:
    if not placed.name:
        return placed.competitor
    return f"{placed.name} ({placed.competitor})" if placed.name in namesakes else placed.name


def _change(before: int, after: int) -> str:
    return f"{before:,} → {after:,} ({after - before:+,})"
