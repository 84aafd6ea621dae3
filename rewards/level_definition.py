"""The levels of a badge as a programme file writes them: values alone, or values with a title and points.

Such as:

    levels: [5, 25, 100]
    levels: [{at: 5, title: Bronze, points: 10}, {at: 25, title: Silver, points: 50}]
    every: {at: 5, points: 10}          # a level at each so many
"""

from collections.abc import Callable
from typing import Any

from document import Node
from rewards.badge import Level
from rewards.metric_definition import VALUE_MAX, at_most
from rules.judge import POINTS_MAX
from section import Section, each, integer, text

LEVEL_SETTINGS = ("at", "title", "points")

LEVELS_MAX = 100


def read_levels(points: int) -> Callable[[Node], tuple[Level, ...]]:
    """Reads levels, each higher than the one before. `points` are those of a level that says none."""

    def levels(node: Node) -> tuple[Level, ...]:
        reached = 0

        def higher(element: Node) -> Level:
            nonlocal reached
            mistakes = len(element.document.mistakes)
            level = read_level(points)(element)
            if len(element.document.mistakes) > mistakes:
                return level
            before, reached = reached, max(reached, level.at)
            if level.at <= before:
                raise element.mistake(f"must be more than {before:,}, the level before it")
            return level

        return each(higher)(node)

    return at_most(LEVELS_MAX, "levels", levels)


def read_level(points: int) -> Callable[[Node], Level]:
    """Reads one level."""

    def level(node: Node) -> Level:
        if not isinstance(node.content, dict):
            return Level(integer(1, VALUE_MAX)(node), points=points)
        section = Section(node, LEVEL_SETTINGS)
        return Level(
            at=section.need("at", integer(1, VALUE_MAX), 1),
            title=section.take("title", text, None),
            points=section.take("points", integer(0, POINTS_MAX), points),
        )

    return level


def level_to_plain(level: Level, points: int | None) -> Any:
    """A level as it is written where all have `points`; None where each has its own."""
    plain: dict[str, Any] = {"at": level.at}
    if level.title is not None:
        plain["title"] = level.title
    if points is None and level.points:
        plain["points"] = level.points
    return plain if len(plain) > 1 else level.at


def level_from_plain(plain: Any, points: int) -> Level:
    """The level of which `level_to_plain` made this; `points` are those of a level that says none."""
    if isinstance(plain, int):
        return Level(plain, points=points)
    return Level(plain["at"], plain.get("title"), plain.get("points", points))
