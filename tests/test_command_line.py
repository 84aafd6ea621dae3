"""The command line, run as a person runs it: as a process of its own, on a SQLite file."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

import app
from tests.loaded import LOADED, run_app

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "programmes" / "social-journey.yaml"

MEMBERS = "external_id,name,team,participates\nada,Ada Byron,Data,yes\nbo,Bo Diaz,Data,no\n"
ACTIVITIES = """source,id,type,member,time,data.network,data.url
crm,1,post.liked,ada,{time},linkedin,https://example.com/1
crm,1,post.liked,ada,{time},linkedin,https://example.com/1
crm,2,post.liked,bo,{time},linkedin,https://example.com/1
crm,3,post.liked,eve,{time},linkedin,https://example.com/1
crm,4,post.liked
"""


class Laurels:
    """Runs commands on one database."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        # Neither the settings of whoever runs the tests, nor the coverage that would slow every command down.
        others = ("LAURELS_", "PORT", "COVERAGE_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        self.environment = kept | {"LAURELS_DATABASE_URL": f"sqlite:///{folder / 'laurels.db'}"} | environment

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heed_hangups,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """The exit status, what it printed, and what it printed as errors."""
        process = LOADED.Process(target=run_app, args=(arguments, self.folder, self.environment, ".out", ".err"))
        process.start()
        process.join(60)
        assert process.exitcode is not None
        return process.exitcode, (self.folder / ".out").read_text(), (self.folder / ".err").read_text()

    def done(self, *arguments: str) -> str:
        """What a command printed that must succeed."""
        status, said, errors = self.run(*arguments)
        assert (status, errors) == (0, "")
        return said


@pytest.fixture
def laurels(tmp_path: Path) -> Laurels:
    return Laurels(tmp_path)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Laurels:
    """With the programme that ships in force; tests add to it and depend on nobody else's additions."""
    laurels = Laurels(tmp_path_factory.mktemp("applied"))
    laurels.done("apply", str(SHIPPED))
    return laurels


def heed_hangups() -> None:
    """Even where whoever runs the tests ignores them."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_programme_is_planned_applied_and_exported(laurels: Laurels) -> None:
    """plan shows and changes nothing, apply changes, and the export plans to no change."""
    planned = laurels.done("plan", str(SHIPPED))
    assert planned.startswith("+ programme settings: added\n")
    assert "Revision 1 would be: " in planned
    assert laurels.run("export")[0] == 2
    assert "Revision 1 is in force: " in laurels.done("apply", str(SHIPPED))
    (laurels.folder / "exported.yaml").write_text(laurels.done("export"))
    assert laurels.done("plan", "exported.yaml") == "Nothing changes: revision 1 says the same.\n"
    unchanged = "Nothing was published: revision 1, which is in force, says the same.\n"
    assert laurels.done("apply", "exported.yaml") == unchanged
    not_kept = "The note was not kept, as there is no new revision.\n"
    assert laurels.done("restore", "1", "--note", "Once more") == unchanged + not_kept


def test_a_changed_rule_is_shown_like_a_difference(applied: Laurels) -> None:
    """What goes has a minus, what comes a plus."""
    text = SHIPPED.read_text()
    changed = text.replace("title: Like a company post\n    on: [post.liked]\n    points: 1\n", "{}")
    changed = changed.replace("{}", "title: Like a company post\n    on: [post.liked]\n    points: 2\n")
    (applied.folder / "changed.yaml").write_text(changed)
    said = applied.done("plan", "changed.yaml")
    assert said == "~ rule like: changed\n    - points: 1\n    + points: 2\n\nRevision 2 would be: 1 changed.\n"


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_every_mistake_of_a_file_is_named_with_its_place(applied: Laurels, command: str) -> None:
    """Two mistakes, two lines, each with line and column; nothing is applied."""
    text = SHIPPED.read_text().replace("participation: opt-in", "participation: opt-on")
    (applied.folder / "wrong.yaml").write_text(text.replace("on: [post.liked]", "on: [post.likd]"))
    status, said, errors = applied.run(command, "wrong.yaml")
    assert (status, said) == (2, "")
    first, second, third = errors.splitlines()
    assert first == "wrong.yaml has 2 mistakes:"
    assert re.match(r"line \d+, column 16: participation: must be one of opt-in, opt-out, not 'opt-on'", second)
    assert re.match(r"line \d+, column 10: rules.like.on.1: there is no activity type 'post.likd'; did you mean", third)


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_what_does_not_fit_what_is_in_force_is_told_as_other_mistakes_are(applied: Laurels, command: str) -> None:
    """With the file's name and the place in it."""
    text = SHIPPED.read_text().replace("time_zone: Europe/London", "time_zone: Europe/Berlin")
    (applied.folder / "moved.yaml").write_text(text)
    status, said, errors = applied.run(command, "moved.yaml")
    assert (status, said) == (2, "")
    first, second = errors.splitlines()
    assert first == "moved.yaml has 1 mistake:"
    assert re.match(r"line \d+, column 12: time_zone: is Europe/London since the first apply and cannot", second)


def test_files_are_imported_and_can_be_again(applied: Laurels) -> None:
    """Each line is counted by what became of it, the refused named and written; exit 1 says that there are some."""
    (applied.folder / "members.csv").write_text(MEMBERS)
    (applied.folder / "activities.csv").write_text(ACTIVITIES.format(time="2026-02-03T09:00:00Z"))
    assert applied.done("import", "members", "members.csv") == "members.csv: 2 lines\n           2 created\n"
    assert applied.done("import", "members", "members.csv") == "members.csv: 2 lines\n           2 unchanged\n"
    command = ("import", "activities", "activities.csv", "--report", "refused.csv")
    refused = "line 5: there is no member with the external id 'eve'; import members first\n"
    refused += "line 6: the line has 3 columns, and the header has 7\n"
    status, said, errors = applied.run(*command)
    counts = "           1 recorded\n           1 duplicate\n           1 ignored\n           2 refused\n"
    assert (status, said, errors) == (1, "activities.csv: 5 lines\n" + counts + refused, "")
    assert (applied.folder / "refused.csv").read_text().splitlines() == [
        "line,field,reason,id",
        "5,member,there is no member with the external id 'eve'; import members first,3",
        '6,,"the line has 3 columns, and the header has 7",',
    ]
    status, said, _ = applied.run(*command)
    assert (status, said.splitlines()[1]) == (1, "           2 duplicate")
    assert "as the recorded history makes it" in applied.done("verify")


def test_only_the_first_refused_lines_are_shown(applied: Laurels) -> None:
    """The others are counted, and --report is named."""
    (applied.folder / "bad.jsonl").write_text("{}\n" * 25)
    status, said, _ = applied.run("import", "activities", "bad.jsonl")
    assert status == 1
    assert said.count("line ") == 20
    assert said.endswith("… and 5 more; --report FILE writes all of them\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan", "missing.yaml"), "missing.yaml: No such file or directory"),
        (("import", "members", "missing.csv"), "missing.csv: No such file or directory"),
        (("import", "members", "staff.xlsx"), "staff.xlsx cannot be read as it is: without --mapping a file is .csv"),
        (("import", "members", "empty.csv"), "line 1: the file must begin with a header; the columns can be external_"),
        (("key", "revoke", "77"), "no key in use has the id 77; python app.py key list shows them"),
    ],
    ids=["plan", "import", "format", "header", "key"],
)
def test_what_cannot_be_done_is_said_and_exits_with_2(
    applied: Laurels, arguments: tuple[str, ...], message: str
) -> None:
    """In words on standard error, without a traceback."""
    (applied.folder / "empty.csv").touch()
    status, _, errors = applied.run(*arguments)
    assert (status, "Traceback" in errors) == (2, False)
    assert errors.startswith(message)


def test_without_a_programme_it_says_how_to_apply_one(laurels: Laurels) -> None:
    """Members cannot be imported before anybody said what is known of them."""
    (laurels.folder / "members.csv").write_text(MEMBERS)
    status, _, errors = laurels.run("import", "members", "members.csv")
    assert (status, "run: python app.py apply FILE" in errors) == (2, True)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"LAURELS_DATABASE_URL": "sqlite:////nowhere/laurels.db"}, "the database sqlite:////nowhere/laurels.db can"),
        ({"LAURELS_DATABASE_URL": "postgresql://a:secret@127.0.0.1:1/x"}, "the database postgresql://a:***@127.0.0.1:1"),
        ({"LAURELS_DATABASE_URL": "mysql://x"}, "LAURELS_DATABASE_URL cannot be used; write sqlite:///FILE or"),
        ({"PORT": "http"}, "PORT is 'http'; set it to a number from 1 to 65535"),
    ],
    ids=["file", "server", "kind", "port"],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_said(tmp_path: Path, environment: dict[str, str], message: str) -> None:
    """What is wrong is named, and no password is shown."""
    status, _, errors = Laurels(tmp_path, **environment).run("migrate")
    assert (status, errors[: len(message)]) == (2, message)
    assert "secret" not in errors


def test_verify_names_what_differs_and_exits_with_1(laurels: Laurels) -> None:
    """A standing that somebody changed by hand is found; what could command a terminal is escaped."""
    laurels.done("apply", str(SHIPPED))
    (laurels.folder / "members.csv").write_text(MEMBERS)
    (laurels.folder / "activities.csv").write_text(ACTIVITIES.format(time="2026-02-03T09:00:00Z"))
    laurels.done("import", "members", "members.csv")
    laurels.run("import", "activities", "activities.csv")
    change = "import sqlite3; c = sqlite3.connect('laurels.db'); c.execute('UPDATE standing SET score = 99'); "
    change += "c.execute('UPDATE member SET external_id = external_id || char(27)'); c.commit()"
    subprocess.run([sys.executable, "-c", change], cwd=laurels.folder, check=True)
    status, said, _ = laurels.run("verify")
    assert status == 1
    assert "99" in said
    assert ("\x1b" in said, r"\x1b" in said) == (False, True)


def test_keys_are_made_listed_and_revoked(laurels: Laurels) -> None:
    """A key is printed once and alone, so that a script can take it; the list never shows it."""
    key = laurels.done("key", "create", "--scope", "read", "--scope", "ingest", "--name", "intranet").strip()
    assert key.startswith("laurels_")
    listed = laurels.done("key", "list")
    assert "read ingest" in listed
    assert "intranet" in listed
    assert key not in listed
    assert laurels.done("key", "revoke", "1") == "Key 1 is revoked.\n"
    assert "revoked" in laurels.done("key", "list")


@pytest.mark.parametrize(
    "words",
    [
        *("serve", "demo", "migrate", "plan", "apply", "export", "verify", "strip", "rebuild-mirror", "schema"),
        *("import members", "import activities", "key create", "key list", "key revoke"),
    ],
)
def test_every_command_has_help(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what the command does."""
    with pytest.raises(SystemExit) as exited:
        app.main([*words.split(), "--help"])
    assert exited.value.code == 0
    assert f"usage: python app.py {words}" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serve_answers_soon_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """It says where it answers; Ctrl+C, SIGTERM or SIGHUP ends it with status 0 and no traceback."""
    port = free_port()
    laurels = Laurels(tmp_path, PORT=str(port))
    key = laurels.done("key", "create", "--scope", "read").strip()
    server = laurels.start("serve")
    try:
        body = b'{"query": "{ __typename }"}'
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        answer = asked(Request(f"http://127.0.0.1:{port}/graphql", body, headers))
        assert answer == '{"data":{"__typename":"Query"}}'
    finally:
        server.send_signal(number)
        said, errors = server.communicate(timeout=30)
    assert server.returncode == 0
    assert f"http://127.0.0.1:{port}" in said
    assert "Traceback" not in errors


def asked(request: Request) -> str:
    """The answer, as soon as there is somebody who gives one."""
    for _ in range(200):
        try:
            with urlopen(request, timeout=10) as answer:
                text: str = answer.read().decode()
                return text
        except ConnectionError:
            time.sleep(0.05)
        except OSError as error:
            if not isinstance(getattr(error, "reason", None), ConnectionError):
                raise
            time.sleep(0.05)
    raise TimeoutError(request.full_url)


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_redis_that_cannot_be_used_is_said_before_anything_is_done(tmp_path: Path, command: str) -> None:
    """Nobody is told of an address at which nothing answers, and no database was made."""
    status, printed, errors = Laurels(tmp_path, LAURELS_REDIS_URL="foo").run(command)
    assert (2, "") == (status, printed)
    assert errors.startswith("LAURELS_REDIS_URL cannot be used; write redis://HOST:PORT/NUMBER")
    assert [] == [*tmp_path.rglob("*.db")]


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use_is_said_before_anything_is_done(tmp_path: Path, command: str) -> None:
    """The words name another port; no database was made."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, _, errors = Laurels(tmp_path, PORT=str(port)).run(command)
    assert status == 2
    assert errors == f"port {port} of 127.0.0.1 is in use: stop what uses it, or choose another with PORT={port + 1}\n"
    assert not (tmp_path / "laurels.db").exists()
