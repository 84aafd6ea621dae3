"""Texts that stand in expressions: what each is compared with, and which of them look like a slip of the pen.

To the compiler an unknown field is a mistake, but a text that no activity ever holds is as good as any. Pure.
"""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from itertools import pairwise
from typing import NamedTuple

from rules.expressions import CEL_STRING

NEAR = 0.8  # how much of two words is alike when one is surely meant: "linkedn" and "linkedin", not "video" and "audio"

_TOKEN = re.compile(rf"{CEL_STRING}|[A-Za-z_][\w.]*|==|!=|\S")
_FIELD = re.compile(r"(?:activity|member)\.\w+")
_COMPARISONS = ("==", "!=", "in")


class Compared(NamedTuple):
    """A text, and the field that it is compared with."""

    field: str  # such as activity.network
    text: str


def compared(expression: str) -> Iterator[Compared]:
    """The texts that an expression compares with a field, one by one or in a list, also inside of `exists` and `all`.

    >>> list(compared('activity.network in ["x", "linkedin"]'))
    [Compared('activity.network', 'x'), Compared('activity.network', 'linkedin')]
    """
    words = _TOKEN.findall(expression)
    aliases = dict(_aliases(words))
    for at, word in enumerate(words):
        if word not in _COMPARISONS:
            continue
        before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
        field = aliases.get(before, before)
        if _FIELD.fullmatch(field):
            for text in _texts(words, at + 1):
                yield Compared(field, text)
        field = aliases.get(after, after)
        if _is_text(before) and _FIELD.fullmatch(field):
            yield Compared(field, before[1:-1])


def quoted(expression: str) -> Iterator[str]:
    """The texts that stand where a field should: by their content, alone, or compared with another text."""
    words = _TOKEN.findall(expression)
    for at, word in enumerate(words):
        if not _is_text(word):
            continue
        after = words[at + 1 : at + 3]
        alone = len(words) == 1
        constant = len(after) == 2 and after[0] in _COMPARISONS and (_is_text(after[1]) or after[1] == "[")
        if alone or constant or _FIELD.fullmatch(word[1:-1]):
            yield word[1:-1]


def nearly(word: str, known: Collection[str]) -> str | None:
    """The known word that was surely meant; None for a word that is known, and for one that is like no other.

    Words that differ in their digits alone are not meant for one another: "level-2" and "level-3".
    """
    if word in known:
        return None
    folded = {each.casefold(): each for each in sorted(known)}
    for near in get_close_matches(word.casefold()[:100], folded, n=3, cutoff=NEAR):
        if near == word.casefold() or re.sub(r"\d", "", near) != re.sub(r"\d", "", word.casefold()):
            return folded[near]
    return None


def _aliases(words: list[str]) -> Iterator[tuple[str, str]]:
    """The names that `exists` and `all` give to the elements of a list, with the field that holds the list."""
    for (name, bracket), (_, alias) in pairwise(pairwise(words)):
        field, _, macro = name.rpartition(".")
        if bracket == "(" and macro in ("all", "exists", "exists_one"):
            yield alias, field


def _texts(words: list[str], at: int) -> Iterator[str]:
    """The text at a place, or those in the list that begins there."""
    if at < len(words) and words[at] == "[":
        end = words.index("]", at) if "]" in words[at:] else len(words)
        yield from (word[1:-1] for word in words[at:end] if _is_text(word))
    elif at < len(words) and _is_text(words[at]):
        yield words[at][1:-1]


def _is_text(word: str) -> bool:
    """Whether a token is a plain text. One with a backslash is left alone: what it stands for is another matter."""
    return len(word) > 1 and word[0] in "\"'" and "\\" not in word
