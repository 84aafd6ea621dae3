"""Nodes of a document read as values, every mistake noted on the way.

A reader takes a node and gives a value, or raises Mistake. `Section` and `each` call readers, note what they raise and
go on, so that one mistake hides no other. In place of a broken value stands what the caller gave, so that no mistake
follows from another: what was read counts only when the document has no mistakes.

    def limit(node: Node) -> Limit:
        section = Section(node, ("max", "per"))
        return Limit(section.need("max", integer(1, 100), 1), section.need("per", one_of(PeriodKind), PeriodKind.DAY))

    limits = section.take("limits", each(limit), ())
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from typing import TypeVar

from document import Node, Place, shown
from errors import Mistake

T = TypeVar("T")
D = TypeVar("D")
Kind = TypeVar("Kind", bound=StrEnum)

TEXT_LENGTH_MAX = 200
KEY_LENGTH_MAX = 64
NAMES_SHOWN = 20
SUGGESTIONS_MAX = 100  # to find the nearest of a thousand names takes milliseconds, and a file can hold many mistakes
DAY_MINUTES = 24 * 60
YEARS = range(1970, 2200)  # far enough from both ends of the calendar that no time zone leads beyond them

UNIT_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
DURATION = r"P(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?"
DURATION_SECONDS = tuple(UNIT_SECONDS[unit] for unit in "dhms")  # of its parts
DURATION_WORD = r"([0-9]{1,6}) *(w|d|h|m|s)(?:eeks?|ays?|ours?|in(?:ute)?s?|ec(?:ond)?s?)?t?(?![a-z])"


class Section:
    """A group of settings, of which each is written `name: value`. Raises Mistake when the node is none.

    `settings` are the names it may have; `refused` says for others why they cannot be here.
    """

    def __init__(self, node: Node, settings: Collection[str], refused: Mapping[str, str] | None = None) -> None:
        self.node = node
        self.broken: set[str] = set()  # the settings that could not be read as they were meant
        self._entries = entries(node)
        for name, entry in self._entries.items():
            if refused and name in refused:
                entry.note(refused[name], entry.named_at)
            elif name not in settings:
                meant = nearest(name, [setting for setting in settings if setting not in self._entries])
                self.broken.update(meant)
                meant = meant or nearest(name, settings)
                known = f"{did_you_mean(meant)} (settings: {', '.join(settings)})"
                node.note(f"there is no setting '{shown(name)}' here{known}", entry.named_at)

    def need(self, name: str, read: Callable[[Node], T], otherwise: D) -> T | D:
        """The value of a setting that must be there."""
        if name not in self._entries and name not in self.broken:
            self.broken.add(name)
            self.node.note(f"'{name}' is missing", self.node.named_at)
        return self.take(name, read, otherwise)

    def take(self, name: str, read: Callable[[Node], T], otherwise: D) -> T | D:
        """The value of a setting, or `otherwise` where it is not there."""
        if name not in self._entries:
            return otherwise
        entry = self._entries[name]
        before = len(entry.document.mistakes)
        value = attempt(entry, read, otherwise)
        if entry.content is None or len(entry.document.mistakes) > before:
            self.broken.add(name)
        return value

    def note(self, name: str, message: str) -> None:
        """Note a mistake in the value of a setting that is there."""
        self._entries[name].note(message)

    def lost(self, name: str, kept: Collection[str], whole: str) -> frozenset[str]:
        """The names in a group that could not be read; just `whole` where nobody can tell which it was to have."""
        if name not in self.broken:
            return frozenset()
        content = self._entries[name].content if name in self._entries else None
        return frozenset(content) - frozenset(kept) if isinstance(content, dict) else frozenset({whole})


def attempt(node: Node, read: Callable[[Node], T], otherwise: D) -> T | D:
    """What a reader makes of a node, or `otherwise`, the mistake noted."""
    if node.content is None:
        return otherwise
    try:
        return read(node)
    except Mistake as mistake:
        node.document.mistakes.append(mistake)
        return otherwise


def entries(node: Node) -> dict[str, Node]:
    """The nodes of a group by name."""
    if not isinstance(node.content, dict):
        raise node.mistake(f"must be settings, each written 'name: value', not {described(node)}")
    return node.content


def each(read: Callable[[Node], T]) -> Callable[[Node], tuple[T, ...]]:
    """Reads a list, its elements with `read`."""

    def elements(node: Node) -> tuple[T, ...]:
        if not isinstance(node.content, list):
            raise node.mistake(f"must be a list, not {described(node)}")
        if not node.content:
            raise node.mistake("is an empty list: add to it, or remove the setting")
        found: list[T] = []
        for element in node.content:
            attempt(element, lambda element: found.append(read(element)), None)
        return tuple(found)

    return elements


def several(read: Callable[[Node], str]) -> Callable[[Node], tuple[str, ...]]:
    """Reads one name, or a list of names that are all different."""

    def names(node: Node) -> tuple[str, ...]:
        seen: set[str] = set()

        def unseen(element: Node) -> str:
            name = read(element)
            if name in seen:
                raise element.mistake(f"'{name}' is here twice: remove one")
            seen.add(name)
            return name

        return (read(node),) if isinstance(node.content, str) else each(unseen)(node)

    return names


def scalar(node: Node) -> str:
    """A text as it is written."""
    if not isinstance(node.content, str):
        raise node.mistake(f"must be a single value, not {described(node)}")
    return node.content


def text(node: Node) -> str:
    """A text of one line, such as a title, without blanks around it."""
    found = scalar(node).strip()
    if not found:
        raise node.mistake("is empty: write a text, or remove the setting")
    if "\n" in found or "\t" in found:
        raise node.mistake("must be a single line without tabs")
    if len(found) > TEXT_LENGTH_MAX:
        raise node.mistake(f"has {len(found):,} characters: at most {TEXT_LENGTH_MAX} are allowed")
    return found


def boolean(node: Node) -> bool:
    """Reads true or false."""
    written = scalar(node).strip()
    if written not in ("true", "false"):
        raise node.mistake(f"must be true or false, not {described(node)}")
    return written == "true"


def integer(at_least: int, at_most: int) -> Callable[[Node], int]:
    """Reads a whole number."""

    def number(node: Node) -> int:
        written = scalar(node).strip()
        if not re.fullmatch("[+-]?[0-9]{1,100}", written):
            raise node.mistake(f"must be a whole number, not {described(node)}")
        if not at_least <= int(written) <= at_most:
            raise node.mistake(f"must be from {at_least:,} to {at_most:,}, not {described(node)}")
        return int(written)

    return number


def one_of(kind: type[Kind]) -> Callable[[Node], Kind]:
    """Reads a member of an enumeration by its value."""
    return lambda node: kind(choice(list(kind))(node))


def choice(allowed: Collection[str]) -> Callable[[Node], str]:
    """Reads one of a few words."""

    def word(node: Node) -> str:
        written = scalar(node).strip()
        if written not in allowed:
            instead = f"{described(node)}{did_you_mean(nearest(written, allowed))}"
            raise node.mistake(f"must be one of {', '.join(allowed)}, not {instead}")
        return written

    return word


def day(node: Node, written: str | None = None) -> date:
    """Reads a date such as 2026-01-31, which is all of the text or the part of it that is given."""
    written = scalar(node).strip() if written is None else written
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        raise node.mistake(f"must be a date such as 2026-01-31, not {described(node)}")
    try:
        found = date.fromisoformat(written)
    except ValueError:
        raise node.mistake(f"there is no day {written}: write a date such as 2026-01-31") from None
    if found.year not in YEARS:
        raise node.mistake(f"{written} is too far away: write a year from {YEARS[0]} to {YEARS[-1]}")
    return found


def clock_time(node: Node) -> int:
    """Reads a time of day such as 08:00, as minutes after midnight; 24:00 is the end of the day."""
    match = re.fullmatch("([0-9]{2}):([0-9]{2})", scalar(node).strip())
    if not match:
        raise node.mistake(f"must be a time of day such as 08:00, not {described(node)}")
    hours, minutes = int(match[1]), int(match[2])
    if minutes > 59 or hours * 60 + minutes > DAY_MINUTES:
        raise node.mistake(f"there is no time {match[0]}: write one from 00:00 to 24:00")
    return hours * 60 + minutes


def duration(at_least: timedelta, at_most: timedelta) -> Callable[[Node], timedelta]:
    """Reads an ISO 8601 duration of days, hours, minutes and seconds, such as P14D, PT4H or P1DT12H.

    A day is 24 hours. Months and years have no length of their own, and no place here.
    """

    def length(node: Node) -> timedelta:
        written = scalar(node).strip()
        if (seconds := _seconds_written(written)) is None:
            instead = f"{described(node)}{did_you_mean(_durations_meant(written))}"
            raise node.mistake(f"must be a duration such as PT4H (4 hours) or P14D (14 days), not {instead}")
        if not at_least.total_seconds() <= seconds <= at_most.total_seconds():
            least, most = duration_to_plain(at_least), duration_to_plain(at_most)
            raise node.mistake(f"must be from {least} to {most}, not {described(node)}")
        return timedelta(seconds=seconds)

    return length


def duration_to_plain(length: timedelta) -> str:
    """A duration of whole seconds in the one way it is written: PT90M as PT1H30M, PT24H as P1D."""
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{length.days}D" if length.days else ""
    time = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    return f"P{days}T{time}" if time else f"P{days or 'T0S'}"


def duration_from_plain(plain: str) -> timedelta:
    """The duration of which `duration_to_plain` made this."""
    return timedelta(seconds=_seconds_written(plain) or 0)


def _seconds_written(written: str) -> int | None:
    """The length of an ISO 8601 duration; None for a text that is none."""
    match = re.fullmatch(DURATION, written)
    if not match or not any(match.groups()) or written.endswith("T"):
        return None
    return sum(int(count or 0) * seconds for count, seconds in zip(match.groups(), DURATION_SECONDS, strict=True))


def _durations_meant(written: str) -> list[str]:
    """What somebody meant who wrote '4 hours', '2w' or 'P4H'. Of P1M nobody can tell whether it is a month."""
    text = written.casefold()
    counts = re.findall(DURATION_WORD, text)
    if not counts or re.sub(DURATION_WORD, "", text).strip("pt ,") or re.match("p[^t]*m", text):
        return []
    return [duration_to_plain(timedelta(seconds=sum(int(count) * UNIT_SECONDS[unit] for count, unit in counts)))]


@dataclass(frozen=True)
class KeyPattern:
    """How the keys of one kind of thing are written."""

    pattern: str
    words: str

    def read(self, node: Node) -> str:
        """Reads a key that stands as a value."""
        key = scalar(node).strip()
        self.check(key, node, node.place)
        return key

    def check(self, key: str, node: Node, place: Place) -> None:
        """Raises Mistake for a key that does not fit."""
        if len(key) > KEY_LENGTH_MAX or not re.fullmatch(self.pattern, key):
            message = f"'{shown(key)}' cannot be a key: write {self.words}, at most {KEY_LENGTH_MAX} characters"
            raise node.mistake(message, place)


KEY = KeyPattern("[a-z][a-z0-9-]*", "small letters, digits and '-', beginning with a letter")


def by_key(pattern: KeyPattern, read: Callable[[str, Node], T]) -> Callable[[Node], dict[str, T]]:
    """Reads a group of things by key, each with `read`, which is given the key too."""

    def things(node: Node) -> dict[str, T]:
        found: dict[str, T] = {}

        def thing(key: str, entry: Node) -> None:
            found[key] = read(key, entry)
            pattern.check(key, entry, entry.named_at)

        for key, entry in entries(node).items():
            attempt(entry, partial(thing, key), None)
        return found

    return things


def check_renames(node: Node) -> None:
    """Notes every `was` in a group of things that names a key still in use, or one that another took already."""
    things = entries(node)
    taken: dict[str, str] = {}
    for key, thing in things.items():
        was = thing.content.get("was") if isinstance(thing.content, dict) else None
        if was is None or not isinstance(was.content, str):
            continue
        old = was.content.strip()
        if old in things:
            line = things[old].named_at.line
            was.note(f"'{shown(old)}' is still here, in line {line}: a key that changed its name cannot stay")
        elif old in taken:
            was.note(f"'{shown(old)}' has become '{shown(taken[old])}' already: only one thing can take its place")
        else:
            taken[old] = key


@dataclass(frozen=True)
class Names:
    """The names of things declared elsewhere, for readers of what refers to them.

    While something that may declare more of them is broken they are not `complete`, and a name that is not among them
    is nobody's mistake.
    """

    absent: str  # how a sentence begins that says one is not there
    kind: str  # in the plural
    known: Collection[str]
    complete: bool = True

    def read(self, node: Node) -> str:
        """Reads one of the names."""
        name = scalar(node).strip()
        if self.complete and name not in self.known:
            known = ", ".join(list(self.known)[:NAMES_SHOWN]) + (", …" if len(self.known) > NAMES_SHOWN else "")
            near = nearest(name, self.known) if len(node.document.mistakes) < SUGGESTIONS_MAX else []
            raise node.mistake(f"{self.absent} '{shown(name)}'{did_you_mean(near)} ({self.kind}: {known or 'none'})")
        return name


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The known name that is most like a name, if any is."""
    by_folded = {word.casefold(): word for word in known}
    return [by_folded[word] for word in get_close_matches(name[:KEY_LENGTH_MAX].casefold(), by_folded, n=1)]


def did_you_mean(names: Collection[str]) -> str:
    """The end of a sentence that suggests what `nearest` found."""
    return "".join(f"; did you mean '{name}'?" for name in names)


def described(node: Node) -> str:
    """What a node holds, as it follows "must be …, not"."""
    if isinstance(node.content, str):
        return f"'{shown(node.content.strip())}'" if node.content.strip() else "nothing"
    return "a list" if isinstance(node.content, list) else "a group of settings"
