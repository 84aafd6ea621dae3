"""The command line strips what is old, and says how much it was."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.test_command_line import Laurels
from tests.world import PROGRAMME

REPORT = (
    '{"source": "test", "id": "1", "type": "article.published", "member": "ada", "time": "2026-02-12T09:30:00Z", '
    '"data": {"url": "u", "topics": ["ai"]}}'
)


def test_strip_says_how_much_it_was(tmp_path: Path) -> None:
    """Nothing without a retention, and nothing of what is young."""
    laurels = Laurels(tmp_path)
    status, _, errors = laurels.run("strip")
    assert (2, True) == (status, "No programme has been applied" in errors)
    (tmp_path / "programme.yaml").write_text(PROGRAMME)
    laurels.done("apply", "programme.yaml")
    assert "Everything is kept: the programme has no 'retention'.\n" == laurels.done("strip")
    (tmp_path / "programme.yaml").write_text(f"retention: P31D\n{PROGRAMME}")
    laurels.done("apply", "programme.yaml")
    told = "0 activities and 0 claims of more than 31 days ago stripped of what nothing reads.\n"
    assert told == laurels.done("strip")
    (tmp_path / "members.jsonl").write_text('{"external_id": "ada", "name": "Ada"}')
    laurels.done("import", "members", "members.jsonl")
    (tmp_path / "activities.jsonl").write_text(REPORT)
    laurels.done("import", "activities", "activities.jsonl")
    with closing(sqlite3.connect(tmp_path / "laurels.db")) as database, database:
        database.execute("UPDATE activity SET recorded_us = recorded_us - 32 * 86400000000")
    assert told.replace("0 activities", "1 activity") == laurels.done("strip")
    assert told == laurels.done("strip")
    with closing(sqlite3.connect(tmp_path / "laurels.db")) as database, database:
        assert [(None, None, "{}")] == database.execute("SELECT source, id, data FROM activity").fetchall()
        database.execute("UPDATE activity SET recorded_us = recorded_us + 32 * 86400000000")
    assert "Everything is as the recorded history makes it.\n" == laurels.done("verify")
