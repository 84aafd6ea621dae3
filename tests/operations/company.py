"""A programme with badges, zones and held points, for plain tests of what corrects them, and times to draw from."""

from hypothesis import strategies as st

from tests.world import PROGRAMME, reworded

# What a calendar may get wrong.
times = st.sampled_from(
    [
        "2026-03-28T23:30:00Z",  # the night before clocks go forward
        "2026-03-29T00:30:00Z",
        "2026-03-29T23:30:00Z",  # already the 30th in London
        "2026-03-31T23:30:00Z",  # April, and with it a year, a half and a quarter
        "2026-10-25T00:30:00Z",  # clocks go back
        "2026-11-12T09:30:00Z",
        "2026-11-12T23:59:59Z",
        "2026-11-13T00:00:00Z",
    ]
)

RECOGNITION = PROGRAMME.replace(
    "boards:\n",
    """  idea:
    title: Have an idea
    on: [idea.made]
    points: 20
    hold: P14D
    limits: [{max: 1, per: month}]
    tags: [effort]
badges:
  regular:
    title: Regular
    on: [post.shared]
    measure: count
    levels: [{at: 2, points: 5}, {at: 3, points: 50}]
    tags: [effort]
  keeper:
    title: Keeper
    on: [post.shared]
    measure: count
    levels: [2]
    evidence_lost: keep
  early:
    title: Among the first
    on: [article.published]
    measure: count
    levels: [1]
    first: 1
  thanks: {title: Thanks, points: 30}
  honoured: {title: Honoured, requires: [thanks], points: 1}
  daily:
    title: Two days in a row
    on: [article.published]
    measure: {streak: day}
    levels: [2]
    repeat: true
zones:
  sharer:
    title: Sharer
    needs: [{title: Share twice in a month, on: [post.shared], measure: count, window: month, at_least: 2}]
boards:
""",
    1,
).replace(
    "rules:\n",
    """  idea.made: {title: Had an idea, zone: creator}
rules:
""",
    1,
)


def edited(*changes: tuple[str, str]) -> str:
    """The programme with other words for some of it."""
    return reworded(RECOGNITION, *changes)
