"""How much memory a simulation takes: that of the command and all its children, over a history of two million
activities with 20 rules. Known on Linux alone.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from resource import getpagesize
from tempfile import TemporaryDirectory
from time import sleep

from bench.database import fill
from bench.measurement import Measurement
from bench.simulate import draft
from bench.workload import STARTS, programme
from operations.programme import export

ACTIVITIES = 2_000_000
LIMIT_MIB = 300
LOOK_EVERY_SECONDS = 0.2
APP = Path(__file__).parent.parent / "app.py"


async def run(name: str) -> Measurement:
    """Mebibytes at the highest, beside what is admitted. Memory that processes share counts for each of them."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        database, file = Path(folder) / "laurels.db", Path(folder) / "draft.yaml"
        filling = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.memory", str(database))
        assert await filling.wait() == 0
        file.write_text(export(draft(programme())))
        environment = os.environ | {"LAURELS_DATABASE_URL": f"sqlite:///{database}"}
        arguments = (str(APP), "simulate", str(file), "--since", STARTS.isoformat())
        mebibytes = await peak(arguments, environment)
    return Measurement(name, mebibytes, LIMIT_MIB, mebibytes / LIMIT_MIB, "MiB")


async def peak(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    """The most mebibytes that a Python process and all its children have in memory at a time."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    ended = asyncio.create_task(process.wait())
    pages = 0
    while not ended.done():
        pages = max(pages, await asyncio.to_thread(_look, process.pid))
    assert await ended == 0
    return pages * getpagesize() / 2**20


def _look(pid: int) -> int:
    """Pages that a process and all below it have in memory now."""
    sleep(LOOK_EVERY_SECONDS)
    parents, pages = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                pages[int(folder.name)] = int((folder / "statm").read_text().split()[1])
            except OSError:
                continue  # it has just ended
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    return sum(pages.get(each, 0) for each in family)


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1]), ACTIVITIES))
