"""A command that is stopped ends in order: the terminal is as it was, what was committed stays, and it can go on."""

import fcntl
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.test_command_line import MEMBERS, ROOT, SHIPPED, Laurels, heed_hangups

LINES = 30_000
HIDDEN, SHOWN = b"\x1b[?25l", b"\x1b[?25h"
PATIENCE_SECONDS = 60
HEADER = "source,id,type,member,time,data.network,data.url\n"


class Terminal:
    """A pseudo-terminal, and one command that runs in it."""

    def __init__(self, laurels: Laurels, *arguments: str, prepare: Callable[[], object]) -> None:
        self._ours, theirs = pty.openpty()
        os.set_blocking(self._ours, False)
        self.said = b""
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), *arguments],
            cwd=laurels.folder,
            env=laurels.environment | {"TERM": "xterm-256color"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=prepare,
        )
        os.close(theirs)

    def until(self, happened: Callable[[], bool]) -> None:
        """Read what is said until something has happened."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            assert time.monotonic() < end, self.said
            self._read()
            time.sleep(0.02)
        self._read()

    def ended(self) -> int:
        """What it exits with."""
        self.until(lambda: self.process.poll() is not None)
        assert self.process.returncode is not None
        return self.process.returncode

    def hang_up(self) -> None:
        """As where somebody closes the window: the process is told by the system."""
        os.close(self._ours)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _read(self) -> None:
        try:
            while part := os.read(self._ours, 65_536):
                self.said += part
        except (BlockingIOError, OSError):  # nothing more now; or nobody has the other end any more
            return


def recorded(laurels: Laurels) -> int:
    with closing(sqlite3.connect(laurels.folder / "laurels.db", timeout=30)) as database:
        return int(database.execute("SELECT count(*) FROM activity").fetchone()[0])


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Laurels:
    """With a programme, a member, and a file that takes a while."""
    laurels = Laurels(tmp_path_factory.mktemp("stopping"))
    laurels.done("apply", str(SHIPPED))
    (laurels.folder / "members.csv").write_text(MEMBERS)
    laurels.done("import", "members", "members.csv")
    lines = (
        f"crm,{number},post.liked,ada,2026-02-03T09:00:00Z,linkedin,https://example.com/{number}\n"
        for number in range(LINES)
    )
    (laurels.folder / "activities.csv").write_text(HEADER + "".join(lines))
    return laurels


def ignore_interrupts() -> None:
    """As a shell has it where it starts a command in the background."""
    heed_signals()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def own_terminal() -> None:
    """As a shell in a window has it: who closes it tells this process."""
    heed_signals()
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def ignore_hangups() -> None:
    """As nohup has it."""
    heed_signals()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def heed_signals() -> None:
    """Even where whoever runs the tests ignores them."""
    heed_hangups()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("number", "status", "prepare"),
    [
        (signal.SIGTERM, 143, heed_signals),
        (signal.SIGTERM, 143, ignore_interrupts),
        (signal.SIGINT, 130, heed_signals),
        (signal.SIGHUP, 129, heed_signals),
    ],
    ids=["terminated", "terminated in the background", "interrupted", "hung up"],
)
def test_a_stopped_import_shows_the_cursor_again_and_says_how_to_go_on(
    full: Laurels, number: signal.Signals, status: int, prepare: Callable[[], object]
) -> None:
    """Whichever signal it is, also where a shell has it ignore Ctrl+C; what was committed stays."""
    before = recorded(full)
    terminal = Terminal(full, "import", "activities", "activities.csv", prepare=prepare)
    try:
        terminal.until(lambda: HIDDEN in terminal.said and recorded(full) > before)
        terminal.process.send_signal(number)
        assert status == terminal.ended(), terminal.said
    finally:
        terminal.close()
    assert terminal.said.rindex(SHOWN) > terminal.said.rindex(HIDDEN)
    assert b"What is counted here stays. Run the same command again to go on." in terminal.said
    assert terminal.said.rstrip().endswith(b"Stopped.")
    assert b"Traceback" not in terminal.said
    assert before < recorded(full) < LINES


def started(full: Laurels, prepare: Callable[[], object], *options: str) -> Terminal:
    """An import that has brought in something."""
    before = recorded(full)
    terminal = Terminal(full, "import", "activities", "activities.csv", *options, prepare=prepare)
    terminal.until(lambda: HIDDEN in terminal.said and recorded(full) > before)
    return terminal


def test_an_import_whose_terminal_is_closed_ends_in_order(full: Laurels) -> None:
    """Though it can say nothing any more; its report is whole."""
    terminal = started(full, own_terminal, "--report", "report.csv")
    terminal.hang_up()
    assert 129 == terminal.process.wait(PATIENCE_SECONDS)
    assert "line,field,reason,id\n" == (full.folder / "report.csv").read_text()
    assert 0 < recorded(full) < LINES


def test_who_has_an_import_ignore_the_closing_of_its_terminal_is_heeded(full: Laurels) -> None:
    """As nohup does."""
    terminal = started(full, ignore_hangups)
    try:
        terminal.process.send_signal(signal.SIGHUP)
        count = recorded(full)
        terminal.until(lambda: recorded(full) > count)
        assert terminal.process.poll() is None
    finally:
        terminal.close()


def test_what_was_stopped_goes_on_to_its_end(full: Laurels) -> None:
    """What was there already is a duplicate, and nothing counts twice."""
    status, said, _ = full.run("import", "activities", "activities.csv")
    assert (0, True) == (status, f"{LINES:,} lines" in said)
    assert LINES == recorded(full)
    assert "Everything is as the recorded history makes it.\n" == full.done("verify")
