"""What a person gives a command: days, moments, files and who they are. Each refusal says what to write instead."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from errors import LaurelsError

FIRST_MAX = 100_000

if TYPE_CHECKING:
    from operations.programme import Programme


def day_of(text: str) -> date:
    """Raises LaurelsError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise LaurelsError(f"there is no day {text!r}; write it as 2026-01-31") from None


def moment_of(text: str) -> datetime:
    """Raises LaurelsError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise LaurelsError(f"{text!r} is no time; write it as 2026-11-12T09:30:00Z") from None
    if moment.utcoffset() is None:
        raise LaurelsError(f"{text!r} has no offset from UTC; write it as 2026-11-12T09:30:00Z, or with +01:00")
    return moment


def programme_of(file: str) -> "Programme":
    """The programme that a file declares. Raises LaurelsError with every mistake in it."""
    from operations.programme import parse

    with opened(file) as content:
        source = content.read()
    with mistakes_of(file):
        return parse(source)


@contextmanager
def mistakes_of(file: str) -> Iterator[None]:
    """Tells the mistakes of a programme file under its name, also those that only show beside what is in force."""
    from operations.programme import ProgrammeInvalid
    from operations.publish import PlanRefused

    try:
        yield
    except (ProgrammeInvalid, PlanRefused) as invalid:
        count = len(invalid.mistakes)
        raise LaurelsError(f"{file} has {count} mistake{'s' * (count > 1)}:\n{invalid}") from None


def checked_first(first: int) -> int:
    """How many of a list are shown. Raises LaurelsError."""
    if not 1 <= first <= FIRST_MAX:
        raise LaurelsError(f"--first is {first}; it can be 1 to {FIRST_MAX:,}")
    return first


def opened(file: str) -> BinaryIO:
    """A file to read. Raises LaurelsError."""
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise LaurelsError(f"{file}: {error.strerror or error}") from None


def user() -> str:
    """Who gives the command, as the system knows them."""
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        return "command line"
