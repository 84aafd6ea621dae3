"""Monograms: the letters on an icon, so that the badges of one programme can be told apart."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

NUMBER_LENGTH_MAX = 3  # of a number that a title begins with, to be taken whole

SMALL_WORDS = frozenset(["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"])
VOWELS = frozenset("AEIOU")


def monogram(title: str) -> str:
    """Up to two letters that stand for a title: the first of its first two words, small words left aside, or the first
    of its only word and the next consonant. A short number that it begins with is taken whole.

    >>> monogram("Voice of the company"), monogram("Mentor")
    ('VC', 'MN')
    """
    return next(_candidates(title), "")


@lru_cache(maxsize=64)
def monograms(titles: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The monogram of each key, of keys with their titles: in their order each takes the first that is still free. So
    one that is added at the end changes none before it. Where all are taken, two share theirs.

    >>> monograms((("mentor", "Mentor"), ("minute", "Minute")))
    {'mentor': 'MN', 'minute': 'MT'}
    """
    found: dict[str, str] = {}
    for key, title in titles:
        taken = set(found.values())
        found[key] = next((letters for letters in _candidates(title) if letters not in taken), monogram(title))
    return found


def _candidates(title: str) -> Iterator[str]:
    """What can stand for a title, the best first."""
    words: list[str] = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", title))
    words = [word for word in words if word.casefold() not in SMALL_WORDS] or words
    if not words:
        return
    if words[0].isdecimal() and len(words[0]) <= NUMBER_LENGTH_MAX:
        yield words[0]
    words = [word for word in words if not word.isdecimal()] or words
    first, *initials = (_capital(word[0]) for word in words)
    inside = [_capital(letter) for letter in words[0][1:]]
    if not initials and (not inside or not words[0][0].isalpha() or words[0].upper() == words[0].lower()):
        yield first  # of a digit, or of letters that have no capitals
    later = [_capital(letter) for word in words[1:] for letter in word[1:]]
    seconds = [*initials, *_consonants_first(inside), *_consonants_first(later)]
    for second in dict.fromkeys(seconds):
        yield first + second
    yield first


def _consonants_first(letters: Sequence[str]) -> list[str]:
    return sorted(letters, key=lambda letter: letter in VOWELS)


def _capital(letter: str) -> str:
    return letter.upper()[0]
