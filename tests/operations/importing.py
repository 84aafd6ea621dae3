"""Files on their way into a world's store by a mapping, as the command brings them in."""

from collections import Counter
from io import BytesIO
from pathlib import Path, PurePath
from typing import BinaryIO

from activity.sought import Unfound
from operations.load import ByMapping, Loaded, Refusal, load_activities, load_members
from tests.world import World

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "tests" / "samples"


class Importer:
    """Imports files, and remembers what was refused."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.refusals: list[Refusal] = []
        self.unfound: list[Unfound] = []  # of the latest file of activities

    def progress(self, loaded: Loaded) -> None:
        self.refusals += loaded.refusals

    async def activities(
        self, content: Path | bytes, mapping: Path | str, *, name: str = "file.csv", **how: bool
    ) -> Counter[str]:
        """What became of each activity of a file."""
        loaded = await load_activities(
            self.world.store,
            self.world.revisions,
            _file(content),
            _form(content, mapping, name),
            clock=lambda: self.world.now,
            progress=self.progress,
            **how,
        )
        self.unfound = loaded.unfound
        return loaded.counts

    async def members(
        self,
        content: Path | bytes,
        mapping: Path | str,
        *,
        name: str = "file.csv",
        rehearse: bool = False,
        keep_going: bool = True,
    ) -> Counter[str]:
        """The same of members."""
        return (
            await load_members(
                self.world.store,
                self.world.revisions,
                _file(content),
                _form(content, mapping, name),
                clock=lambda: self.world.now,
                progress=self.progress,
                rehearse=rehearse,
                keep_going=keep_going,
            )
        ).counts


def _file(content: Path | bytes) -> BinaryIO:
    return BytesIO(content if isinstance(content, bytes) else content.read_bytes())


def _form(content: Path | bytes, mapping: Path | str, name: str) -> ByMapping:
    source = mapping.read_bytes() if isinstance(mapping, Path) else mapping.encode()
    folder = content.parent if isinstance(content, Path) else SAMPLES / "slack"
    return ByMapping(
        source,
        lambda other: (folder / other).open("rb"),
        PurePath(name) if isinstance(content, bytes) else content,
    )
