"""The root of every error that Laurels raises on purpose.

A message says what is wrong, where, and what to do, so that the edge (command line, GraphQL) can show it as it is.
"""

from collections.abc import Iterable


class LaurelsError(Exception):
    """Something a person can mend; the message says how."""


class Mistake(LaurelsError):
    """One thing wrong in a text that a person wrote.

    `line` and `column` count from 1; `where` is the path of keys, such as `rules.share.points`.
    """

    def __init__(self, message: str, *, where: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}" if self.line else ""
        return ": ".join(part for part in (place, self.where, self.message) if part)


class Mistaken(LaurelsError):
    """A file has mistakes. `mistakes` holds all of them in the order of the file, and so does the message."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        ordered = sorted(mistakes, key=lambda mistake: (mistake.line, mistake.column, mistake.where))
        super().__init__("\n".join(map(str, ordered)))
        self.mistakes = tuple(ordered)
