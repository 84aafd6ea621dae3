"""The report of an import: a CSV file with every line that was not taken in."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from errors import LaurelsError

if TYPE_CHECKING:
    from operations.load import Refusal

COLUMNS = ("line", "field", "reason", "id")
BEGINNING_BYTES_MAX = 100


class RefusalFile:
    """A report on its way. An older one in its place stays until the first lines are known; no other file is ever
    written over."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        self._into: TextIO | None = None
        self._begun = False
        self._made: Path | None = None  # what was not there before

    def spare(self, *files: str | Path, what: str = "") -> None:
        """Raises LaurelsError where the report would take the place of one of these files, whether they are there or
        not yet. `what` says what they are, where that is not what the import reads."""
        for file in files:
            if _is_same(self._file, Path(file)):
                told = what or f"{file}, which the import reads"
                raise LaurelsError(f"--report {self._file} would write over {told}; name another file")

    def open(self) -> None:
        """Raises LaurelsError where no file can be written, or one is there that is no report. What it holds is left as
        it is."""
        try:
            if not self._file.exists():
                self._made = Path(os.path.realpath(self._file))
            elif not self._file.is_char_device() and not self._file.is_fifo():
                self._check_is_report()
            # What UTF-8 does not have is escaped, so that it takes every text.
            self._into = self._file.open("a", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise LaurelsError(f"{self._file}: {error.strerror or error}") from None

    def write(self, refusals: Iterable["Refusal"]) -> None:
        if self._into is None:
            return
        table = csv.writer(self._into, lineterminator="\n")
        if not self._begun:
            self._begun = True
            if self._into.seekable():
                self._into.truncate(0)
            table.writerow(COLUMNS)
        table.writerows((each.line, each.field, each.reason, each.id) for each in refusals)

    def close(self) -> None:
        """Without a line that was looked at, no report is left behind."""
        if self._into:
            self._into.close()
        if self._into and self._made and not self._begun:
            self._made.unlink(missing_ok=True)

    def _check_is_report(self) -> None:
        with self._file.open("rb") as file:
            beginning = file.read(BEGINNING_BYTES_MAX)
        # A spreadsheet that has saved it again may have put a byte order mark before it.
        if beginning and beginning.decode("utf-8-sig", "replace").splitlines()[0] != ",".join(COLUMNS):
            raise LaurelsError(
                f"--report {self._file} would write over a file that is no report of an import; name another file"
            )


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return os.path.realpath(one) == os.path.realpath(other)
