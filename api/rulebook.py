"""Rules as they were when they judged: versions by id, read once and kept, because a version never changes."""

from collections.abc import Iterable, Mapping

import orjson

from activity.calendar import Calendar
from rules.definition import rule_from_plain
from rules.rule import Rule
from rules.tables import version
from storage.work import UnitOfWork


class Rulebook:
    """The rule versions that were asked for so far. One for each process."""

    def __init__(self) -> None:
        self._rules: dict[int, Rule] = {}

    async def rules(self, work: UnitOfWork, ids: Iterable[int], calendar: Calendar) -> Mapping[int, Rule]:
        """The rule versions with these ids, and perhaps others."""
        missing = sorted(set(ids) - self._rules.keys())
        for identifier, key, definition in await work.find(version, {"id": missing}, ("id", "key", "definition")):
            self._rules[identifier] = rule_from_plain(key, orjson.loads(definition), calendar)
        return self._rules
