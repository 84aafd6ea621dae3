"""A process of its own that judges what was kept aside, in batches so small that there are many."""

import asyncio
from multiprocessing.synchronize import Event

from operations.resume import resume
from operations.revision import Revisions
from storage.engine import Store
from tests.world import NOW

CHUNK = 3


def resume_kept(begins: Event, url: str) -> None:
    """All that a process does, which says when it begins."""
    begins.set()
    asyncio.run(_resume(url))


async def _resume(url: str) -> None:
    store = Store(url)
    await resume(store, Revisions(), now=NOW, chunk=CHUNK)
    await store.close()
