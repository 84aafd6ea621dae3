"""A programme with badges, zones and held points, for plain tests of what corrects them."""

from tests.world import PROGRAMME

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
    text = RECOGNITION
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text
