"""Which aliases are free, while a batch of profiles is applied one after the other. See activity/alias.py."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from activity.alias import GOES_BY, Holder, holders, plain
from activity.intake import Refused, checked_name
from storage.work import UnitOfWork


class Aliases:
    """Follows who goes by the aliases that a batch asks for."""

    def __init__(self, found: Mapping[str, Iterable[Holder]], asked: Iterable[str]) -> None:
        self._holders = {text: set(found.get(text, ())) for text in asked}
        self._held: defaultdict[str, set[str]] = defaultdict(set)  # texts, by external id
        for text, those in self._holders.items():
            for holder in those:
                self._held[holder.external_id].add(text)

    @classmethod
    async def load(cls, work: UnitOfWork, aliases: Iterable[Any]) -> "Aliases":
        """Ready for these aliases, but for those that can be none."""
        texts = set()
        for alias in aliases:
            with suppress(Refused):
                texts.add(plain(checked_name("alias", alias)))
        return cls(await holders(work, texts), texts)

    def check(self, external_id: str, alias: str) -> None:
        """Raises Refused for an alias by which another member goes, or that nobody could see."""
        text = plain(alias)
        if not text:
            raise Refused("alias", "alias has no character that could be seen; write one, or leave it empty for none")
        others = [holder.what for holder in self._holders[text] if holder.external_id != external_id]
        for what, _, _ in GOES_BY:
            if what in others:
                told = f"{alias!r} is the {what} of another member, for whom they could be taken"
                raise Refused("alias", f"{told}; choose an alias by which nobody else goes")

    def follow(self, row: Mapping[str, Any]) -> None:
        """Take note of what a member goes by from now on."""
        external_id = row["external_id"]
        for text in self._held.pop(external_id, ()):
            self._holders[text] = {each for each in self._holders[text] if each.external_id != external_id}
        if not self._holders:
            return
        for what, column, _ in GOES_BY:
            if row[column] is not None and (text := plain(row[column])) in self._holders:
                self._holders[text].add(Holder(external_id, what))
                self._held[external_id].add(text)
