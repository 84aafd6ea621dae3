"""The progress of a long import at a terminal: whatever its width, how much is done and the time left can be read."""

import fcntl
import re
import struct
import termios
from io import StringIO

import pytest
from rich.console import Console

from bar import Bar
from tests.test_command_line import MEMBERS, SHIPPED, Laurels
from tests.test_stopping import HEADER, Terminal, heed_signals

LINES = 2_000
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Laurels:
    """With a programme, a member, and a file of two thousand lines."""
    laurels = Laurels(tmp_path_factory.mktemp("progress"))
    laurels.done("apply", str(SHIPPED))
    (laurels.folder / "members.csv").write_text(MEMBERS)
    laurels.done("import", "members", "members.csv")
    rows = "".join(
        f"crm,{number},post.liked,ada,2026-02-03T09:00:00Z,linkedin,https://a.example\n" for number in range(LINES)
    )
    (laurels.folder / "activities.csv").write_text(HEADER + rows)
    return laurels


def last_shown(laurels: Laurels, width: int, *arguments: str) -> str:
    """The last line of the bar that a command shows at a terminal of so many columns."""

    def prepare() -> None:
        heed_signals()
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))

    laurels.environment = {
        name: value for name, value in laurels.environment.items() if name not in ("COLUMNS", "LINES")
    }
    terminal = Terminal(laurels, *arguments, prepare=prepare)
    try:
        assert 0 == terminal.ended(), terminal.said
    finally:
        terminal.close()
    shown = CONTROL.sub("", terminal.said.decode()).replace("\r", "\n").splitlines()
    return [line.rstrip() for line in shown if "%" in line][-1]


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, r"Rehearsing activities ━{6,} 100% 2,000 lines, [\d,]+ a second +0:00:00"),
        (60, r"Rehearsing activities ━{6,} 100% 2,000 lines 0:00:00"),
        (30, r"Rehearsing activ… 100% 0:00:00"),
    ],
)
def test_a_rehearsal_shows_the_time_left_at_every_width(full: Laurels, width: int, shown: str) -> None:
    """The rate goes first, where there is no room for all."""
    line = last_shown(full, width, "import", "activities", "activities.csv", "--dry-run")
    assert re.fullmatch(shown, line), line
    assert len(line) <= width


@pytest.mark.parametrize("width", range(22, 121))
def test_at_no_width_the_time_left_is_cut(width: int) -> None:
    """Nor is anything else but the title, however much was counted."""
    told = StringIO()
    console = Console(file=told, width=width, force_terminal=True, color_system=None)
    bar = Bar(console=console, auto_refresh=False)
    words = ("1,234,567 lines, 12,345 a second", "1,234,567 lines")
    bar.add_task("Filling in [a] {company}", total=100, completed=7, words=words)
    console.print(*bar.get_renderables())
    [line] = told.getvalue().splitlines()
    whole = re.fullmatch(r"Filling(.*?)( ━[━╸╺ ]+)?  ?7%(.*) -:--:-- *", line)
    assert whole, line
    assert whole[3].strip() in ("", *words)
    assert len(line) <= width
    if width >= 80:
        assert words[0] == whole[3].strip()


def test_what_is_counted_does_not_come_and_go_with_a_digit() -> None:
    """Once it was wide it keeps its room."""
    told = StringIO()
    console = Console(file=told, width=60, force_terminal=True, color_system=None)
    bar = Bar(console=console, auto_refresh=False)
    task = bar.add_task("Importing", total=100, completed=50, words=("9,000 lines, 10,000 a second", "9,000 lines"))
    console.print(*bar.get_renderables())
    bar.update(task, words=("9,000 lines, 9,999 a second", "9,000 lines"))
    console.print(*bar.get_renderables())
    first, second = told.getvalue().splitlines()
    assert first.index("%") == second.index("%")
