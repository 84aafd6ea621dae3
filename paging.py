"""Pages of long lists: what a client asks for, the opaque cursors it goes on from, and the Relay types it gets.

A cursor holds the sort key of one element, not its number, so a page begins behind that element whatever was added or
removed in the meantime.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import orjson
import strawberry
from strawberry.relay import PageInfo

from errors import LaurelsError

T = TypeVar("T")

PAGE_DEFAULT = 20
PAGE_MAX = 100

Key = tuple[int, ...]  # what a list is sorted by


class PageInvalid(LaurelsError):
    """The arguments of a page cannot be used."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A page that is wanted: `count` elements behind the key `after`, or, backwards, ahead of the key `before`."""

    count: int
    after: Key | None = None
    before: Key | None = None
    backwards: bool = False


class Cursors:
    """The cursors of one kind of list: `kind` keeps those of other lists out, `length` is how long its keys are."""

    def __init__(self, kind: str, length: int) -> None:
        self._kind = kind
        self._length = length

    def write(self, key: Key) -> str:
        return urlsafe_b64encode(orjson.dumps([self._kind, *key])).rstrip(b"=").decode()

    def read(self, argument: str, text: str) -> Key:
        """The key in a cursor. Raises PageInvalid."""
        try:
            kind, *key = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, TypeError, binascii.Error):
            kind, key = None, []
        if kind != self._kind or len(key) != self._length or any(type(part) is not int for part in key):
            raise PageInvalid(
                f"{argument} is no cursor of this list; take one from pageInfo.endCursor, "
                f"pageInfo.startCursor or an edge of it"
            )
        if any(abs(part) >= 2**63 for part in key):
            raise PageInvalid(f"{argument} is a cursor that Laurels did not write; take one from this list")
        return tuple(key)

    def asked(self, first: int | None, after: str | None, last: int | None = None, before: str | None = None) -> Ask:
        """The page that Relay's arguments ask for. Raises PageInvalid."""
        if last is None and before is None:
            return Ask(_count("first", first), self.read("after", after) if after is not None else None)
        if first is not None or after is not None:
            raise PageInvalid("give first and after to go forwards, or last and before to go backwards, not both")
        key = self.read("before", before) if before is not None else None
        return Ask(_count("last", last), before=key, backwards=True)


def _count(argument: str, value: int | None) -> int:
    if value is None:
        return PAGE_DEFAULT
    return checked_count(argument, value, 1)


def checked_count(argument: str, value: int, least: int = 0) -> int:
    """A number of elements that one answer may hold. Raises PageInvalid."""
    if not least <= value <= PAGE_MAX:
        raise PageInvalid(f"{argument} is {value}; it can be {least} to {PAGE_MAX}")
    return value


@strawberry.type(description="One element of a page, with the place at which it stands in the whole list.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Where a page behind or ahead of this element begins. Opaque.")
    node: T = strawberry.field(description="The element.")


@strawberry.type(description="A page of a list, as the Relay specification describes it.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The elements of this page, in the order of the list.")
    page_info: PageInfo = strawberry.field(description="Whether there is more, and where it begins.")


def connection(nodes: Sequence[T], cursor: Callable[[T], str], *, has_previous: bool, has_next: bool) -> Connection[T]:
    """A page of these elements."""
    edges = [Edge(cursor=cursor(node), node=node) for node in nodes]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=has_next,
            has_previous_page=has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )
