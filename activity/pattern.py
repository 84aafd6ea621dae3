"""Patterns that a mapping has searched in what others wrote, by RE2: however they are made, the time that it takes
grows with the length of the text alone."""

from collections.abc import Callable

import re2

from errors import LaurelsError

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


class PatternInvalid(LaurelsError):
    """A pattern cannot be read, or is too large."""


def searching(pattern: str) -> Callable[[str], bool]:
    """What tells whether a pattern is found anywhere in a text. Raises PatternInvalid."""
    try:
        search = re2.compile(pattern, _OPTIONS).search
    except re2.error as error:
        raise PatternInvalid(_words(error)) from None

    def found(text: str) -> bool:
        try:
            return search(text) is not None
        except UnicodeEncodeError:  # half of a surrogate pair, which JSON can write
            return search(text.encode(errors="replace").decode()) is not None

    return found


def _words(error: Exception) -> str:
    [reason] = error.args or ("it cannot be read",)
    said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    if "perl operator" in said or "escape sequence" in said:
        said += " (RE2 looks neither ahead nor back)"
    return said
