"""Benchmarks: ours beside the bare limit of the same machine in the same run.

python -m bench                        all but simulate-memory and import-memory, which are long; as a table
python -m bench ingest-sqlite --json   the named ones, as a list of {"name", "ours", "limit", "ratio", "unit"}
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from bench import close, events, importing, ingest, memory, mirror, rank, recognition, simulate
from bench.measurement import Measurement
from process import tune

BENCHMARKS: dict[str, Callable[[], Awaitable[Measurement]]] = {
    "ingest-sqlite": lambda: ingest.run("ingest-sqlite", "sqlite", grown=False),
    "ingest-postgresql": lambda: ingest.run("ingest-postgresql", "postgresql", grown=False),
    "ingest-grown-sqlite": lambda: ingest.run("ingest-grown-sqlite", "sqlite", grown=True),
    "ingest-grown-postgresql": lambda: ingest.run("ingest-grown-postgresql", "postgresql", grown=True),
    "ingest-badges": lambda: recognition.run("ingest-badges", "sqlite"),
    "ingest-badges-postgresql": lambda: recognition.run("ingest-badges-postgresql", "postgresql"),
    "events": lambda: events.run("events"),
    "import-sqlite": lambda: importing.run("import-sqlite"),
    "import-memory": lambda: importing.memory("import-memory"),
    "ingest-redis": lambda: mirror.ingest("ingest-redis"),
    "rank-sql-sqlite": lambda: rank.run("rank-sql-sqlite", "sqlite"),
    "rank-sql-postgresql": lambda: rank.run("rank-sql-postgresql", "postgresql"),
    "rank-redis-top": lambda: mirror.rank("rank-redis-top", "top"),
    "rank-redis-mine": lambda: mirror.rank("rank-redis-mine", "mine"),
    "rank-redis-around": lambda: mirror.rank("rank-redis-around", "around"),
    "simulate-sqlite": lambda: simulate.run("simulate-sqlite", "sqlite", badges=False),
    "simulate-postgresql": lambda: simulate.run("simulate-postgresql", "postgresql", badges=False),
    "simulate-badges-sqlite": lambda: simulate.run("simulate-badges-sqlite", "sqlite", badges=True),
    "simulate-badges-postgresql": lambda: simulate.run("simulate-badges-postgresql", "postgresql", badges=True),
    "close-sqlite": lambda: close.run("close-sqlite", "sqlite"),
    "close-postgresql": lambda: close.run("close-postgresql", "postgresql"),
    "simulate-memory": lambda: memory.run("simulate-memory"),
}
LONG = {"simulate-memory", "import-memory"}  # that run only when they are named


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"any of {', '.join(BENCHMARKS)}, or how several begin, such as close; without one, all that are not long",
    )
    parser.add_argument("--json", action="store_true", help="print a list of measurements as JSON")
    arguments = parser.parse_args()
    chosen = {name: _named(name) for name in arguments.names}
    if unknown := [name for name, found in chosen.items() if not found]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    tune()
    measurements = []
    named = [each for found in chosen.values() for each in found]
    for name in named or [name for name in BENCHMARKS if name not in LONG]:
        print(f"{name} …", file=sys.stderr)
        measured = asyncio.run(_measure(name))
        measurements.append(measured)
        if not arguments.json:
            print(measured.line(), flush=True)
    if arguments.json:
        print(json.dumps([asdict(measured) for measured in measurements], indent=2))


def _named(name: str) -> list[str]:
    """The benchmark of this name, or those whose names begin with it."""
    return [name] if name in BENCHMARKS else [each for each in BENCHMARKS if each.startswith(f"{name}-")]


async def _measure(name: str) -> Measurement:
    return await BENCHMARKS[name]()


if __name__ == "__main__":
    main()
