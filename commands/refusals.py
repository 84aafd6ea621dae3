"""The report of an import: a CSV file with every line that was not taken in."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from errors import LaurelsError

if TYPE_CHECKING:
    from operations.load import Refusal

COLUMNS = ("line", "field", "reason", "id")


class RefusalFile:
    """A report on its way. An older one in its place stays until the first lines are known."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._into: TextIO | None = None
        self._begun = False

    def spare(self, *files: str) -> None:
        """Raises LaurelsError where the report would take the place of one of these files."""
        for file in files:
            try:
                is_same = Path(self._file).samefile(file)
            except OSError:
                continue
            if is_same:
                raise LaurelsError(
                    f"--report {self._file} would write over {file}, which the import reads; name another file"
                )

    def open(self) -> None:
        """Raises LaurelsError where no file can be written. What it holds is left as it is."""
        self._into = _appended(self._file)

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
        if self._into:
            self._into.close()


def _appended(file: str) -> TextIO:
    """A file to write on, which takes every text: what UTF-8 does not have is escaped. Raises LaurelsError."""
    try:
        return Path(file).open("a", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise LaurelsError(f"{file}: {error.strerror or error}") from None
