"""The elements of a JSON array, one after another: of the file itself, or of a list in its object."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import ijson

from activity.importer import FileInvalid
from activity.intake import Refused

ELEMENT_BYTES_MAX = 8_000_000
BEFORE_BYTES_MAX = 64_000_000  # what stands before the list in its object
CHUNK_BYTES = 65_536


class _Bounded:
    """A file that is given up where one element is larger than is admitted."""

    def __init__(self, content: BinaryIO) -> None:
        self.admitted = BEFORE_BYTES_MAX
        self.count = 0
        self._content = content

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        if self.admitted <= 0:
            what = f"element {self.count + 1}" if self.count else "what stands before the first element"
            size_max = ELEMENT_BYTES_MAX if self.count else BEFORE_BYTES_MAX
            raise FileInvalid(f"{what} has more than {size_max:,} bytes, so the file is read no further")
        chunk = self._content.read(min(size, CHUNK_BYTES))
        self.admitted -= len(chunk)
        return chunk


def elements(content: BinaryIO, path: Sequence[str]) -> Iterator[tuple[int, Any]]:
    """The objects in the array, numbered from 1. Raises FileInvalid where the file is no JSON."""
    bounded = _Bounded(content)
    prefix = ".".join([*path, "item"])
    try:
        for element in ijson.items(bounded, prefix, use_float=True):
            bounded.admitted = ELEMENT_BYTES_MAX
            bounded.count += 1
            if isinstance(element, dict):
                yield bounded.count, element
            else:
                yield bounded.count, Refused("", "this element is no object in { }")
    except (ijson.JSONError, UnicodeDecodeError, ValueError, RecursionError) as error:
        after = f"after element {bounded.count}" if bounded.count else "from its beginning"
        reason = " ".join(str(error).split())[:200]
        raise FileInvalid(f"the file is no sound JSON {after}: {reason}") from None
    if not bounded.count:
        where = (
            f"under {'.'.join(path)}" if path else "in the file; where the list stands in an object, name it: 'path:'"
        )
        raise FileInvalid(f"there is no list of objects {where}")
