"""A process of its own that strips what is old, in batches so small that there are many."""

import asyncio
from datetime import datetime

from operations.reading import Reading
from operations.revision import Revisions
from operations.strip import strip
from storage.engine import Store

CHUNK = 5


def strip_old(url: str, now: datetime) -> None:
    """All that a process does."""
    asyncio.run(_strip(url, now))


async def _strip(url: str, now: datetime) -> None:
    store = Store(url)
    await strip(store, Revisions(), Reading(), now=now, chunk=CHUNK)
    await store.close()
