"""What README says of CloudEvents, run in a shell as it is written there."""

import asyncio
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import httpx

from api.access import create_key
from storage.engine import Store
from tests.operations.serving import Server
from tests.world import World

ROOT = Path(__file__).parents[2]
TOLD = (ROOT / "README.md").read_text().split("### From tools that speak CloudEvents\n")[1].split("\n## ")[0]
BLOCKS = [
    re.sub("^    ", "", block, flags=re.MULTILINE) for block in re.findall("(?:^    .*\n|^\n(?=    ))+", TOLD, re.M)
]


def steps() -> list[tuple[str, str]]:
    """Each command that README has, with the answer that it shows."""
    prepare, *found = [part.strip() for block in BLOCKS for part in block.split("\n\n") if part.strip()]
    return [(f"{prepare}\n{command}\n", answer) for command, answer in zip(found[::2], found[1::2], strict=True)]


def squeezed(text: str) -> str:
    """Without the blanks and line breaks that a reader needs."""
    return re.sub(r"(?<=[]}{,:])\s+|\n\s*", "", text)


async def test_each_mode_is_answered_as_readme_says(store: Store, tmp_path: Path) -> None:
    """Three commands, with what cannot be known before left open as README leaves it."""
    world = World(store)
    world.now = datetime.now(UTC)
    await world.apply((ROOT / "programmes" / "social-journey.yaml").read_text())
    await world.hire("Ada.Byron", "Ingrid.Solberg")
    async with store.writing() as work:
        key = await create_key(work, "README", ["manage"], world.now)
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo" / "key").write_text(key)
    server = Server(store.url.render_as_string(hide_password=False), key)
    try:
        async with httpx.AsyncClient() as http:
            await server.start(http)
        assert 3 == len(steps())
        for command, answer in steps():
            run = ["bash", "-c", command.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")]
            told = await asyncio.to_thread(
                subprocess.run, run, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
            )
            shown = re.escape(squeezed(answer)).replace("…", ".*")
            assert re.fullmatch(shown, squeezed(told.stdout)), (command, told.stdout)
    finally:
        await server.kill()
    assert [] == await world.differences()
