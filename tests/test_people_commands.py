"""Members with identities from a file, unknown people, and who is missing in a complete file, at the command line."""

import os
import pty
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.operations.test_identities import OPT_IN, OPT_OUT
from tests.test_command_line import ROOT, Laurels

MEMBERS = """external_id,name,team,identities,identities.email
ada,Ada Byron,Data,slack:U1; slack:U2,ada@example.org;countess@example.org
bo,Bo Diaz,,,
cy,Cy Young,Data,,cy@example.org
"""
ACTIVITIES = """source,id,type,member,contributors,time,data.network,data.url,data.reach
crm,1,post.shared,slack:U1,email:CY@example.org; bo,2026-11-12T09:30:00Z,x,https://example.com/1,1000
crm,2,post.shared,email:dee@example.org,,2026-11-12T09:30:00Z,x,https://example.com/2,1000
crm,3,post.shared,email:Dee@example.org,,2026-11-12T09:30:00Z,x,https://example.com/3,1000
crm,4,post.shared,eve,,2026-11-12T09:30:00Z,x,https://example.com/4,1000
"""
OTHERWISE = (
    "Export the file again, with everybody in it; if they have really left, run the same command without --yes at a "
    "terminal, and answer yes.\n"
)
NOTHING = "Nothing was changed; without --dry-run it would be."


@pytest.fixture
def laurels(tmp_path: Path) -> Laurels:
    """With a programme in which all take part, three members, and activities of some who are unknown."""
    laurels = Laurels(tmp_path)
    (tmp_path / "programme.yaml").write_text(OPT_OUT)
    laurels.done("apply", "programme.yaml")
    imported(laurels, MEMBERS)
    (tmp_path / "activities.csv").write_text(ACTIVITIES)
    return laurels


def imported(laurels: Laurels, members: str, *options: str) -> tuple[int, str]:
    (laurels.folder / "members.csv").write_text(members)
    status, said, errors = laurels.run("import", "members", "members.csv", *options)
    assert errors == ""
    return status, said


def left(laurels: Laurels, members: str, answer: str) -> tuple[int, str]:
    """What importing a complete file says at a terminal at which somebody answers."""
    (laurels.folder / "members.csv").write_text(members)
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    command = [sys.executable, str(ROOT / "app.py"), "import", "members", "members.csv", "--complete"]
    told = {"cwd": laurels.folder, "env": laurels.environment, "timeout": 60}
    run = subprocess.run(command, stdin=theirs, stdout=subprocess.PIPE, text=True, **told)  # type: ignore[call-overload]
    os.close(ours)
    os.close(theirs)
    return run.returncode, run.stdout


def test_what_is_kept_for_unknown_people_is_told_and_judged(laurels: Laurels) -> None:
    """By how much there is, as they were first written; whoever is imported gets theirs at once."""
    said = laurels.done("import", "activities", "activities.csv")
    assert "activities.csv: 4 lines\n           1 recorded\n           3 kept\n" == said
    heading, first, second, last = laurels.done("unknown").splitlines()
    assert heading == "  activities  first came  last came   first drops  member"
    count, came, _, drops, name = first.split()
    assert (count, name) == ("2", "email:dee@example.org")
    assert timedelta(days=30) == date.fromisoformat(drops) - date.fromisoformat(came)
    assert (second.split()[0], second.split()[-1]) == ("1", "eve")
    assert last == "Each is kept for 30 days, and judged when a member is known by that name."
    assert "… and more; --first 2 shows them" in laurels.done("unknown", "--first", "1")
    status, said, errors = laurels.run("unknown", "--first", "0")
    assert (2, "", "--first is 0; it can be 1 to 100,000\n") == (status, said, errors)
    imported(laurels, "external_id,name,identities\ndee,Dee Four,email:DEE@example.org\neve,Eve,\n")
    assert "Nothing is kept: everybody whom activities name is known.\n" == laurels.done("unknown")
    assert "           4 duplicate\n" in laurels.done("import", "activities", "activities.csv")
    assert laurels.done("verify").startswith("Everything is as")


def test_where_people_opt_in_nothing_is_kept(laurels: Laurels) -> None:
    """The list is empty and says why; what was kept is gone."""
    laurels.done("import", "activities", "activities.csv")
    (laurels.folder / "programme.yaml").write_text(OPT_IN)
    laurels.done("apply", "programme.yaml")
    told = "Nothing is kept of unknown people: taking part is for each to say in this programme.\n"
    assert told == laurels.done("unknown")


def test_who_is_missing_in_a_complete_file_is_marked_once_confirmed(laurels: Laurels) -> None:
    """Without a terminal nobody is, unless --yes says so; the next file that has them brings them back."""
    without = "external_id,name\nada,Ada Byron\n"
    status, said = imported(laurels, without, "--complete")
    listed = "2 of 3 members are missing in members.csv:\n  bo, Bo Diaz, no team\n  cy, Cy Young, Data\n"
    listed += "That is more than half of all: is the file really complete?\n"
    assert (1, True) == (status, listed in said)
    told = "Nobody was marked as left: there is no terminal to ask at, and --yes marks half of all at most. "
    assert said.endswith(told + OTHERWISE)
    without += "bo,Bo Diaz\n"
    status, said = imported(laurels, without, "--complete", "--dry-run")
    assert (0, True) == (status, said.endswith("Nobody was marked as left; without --dry-run they would be.\n"))
    assert "1 of 3 members is missing in members.csv:\n  cy, Cy Young, Data\n" in said
    status, said = imported(laurels, without, "--complete")
    told = "there is no terminal to ask at. Run the same command with --yes to mark them unasked.\n"
    assert (1, True) == (status, said.endswith(f"Nobody was marked as left: {told}"))
    status, said = imported(laurels, without, "--complete", "--yes")
    assert (0, True) == (status, said.endswith("1 marked as left.\n"))
    status, said = imported(laurels, without, "--complete")
    assert (0, True) == (status, said.endswith("Nobody is missing in members.csv.\n"))
    status, said = imported(laurels, MEMBERS, "--complete")
    assert (0, True) == (status, "           1 updated\n           2 unchanged\n" in said)
    assert laurels.done("verify").startswith("Everything is as")


def test_names_cannot_command_a_terminal(laurels: Laurels) -> None:
    """Nor make up lines; in lists and in errors."""
    imported(laurels, 'external_id,name\ne\x1b[2Jve,"Eve\nbo, Bo"\n')
    status, said = imported(laurels, "external_id,name\nada,Ada\nbo,Bo\ncy,Cy\n", "--complete", "--dry-run")
    assert (0, True) == (status, "\n  e\\x1b[2Jve, Eve\\nbo, Bo, no team\n" in said)
    hostile = ACTIVITIES.replace("crm,4,post.shared,eve", "crm,4,post.shared,e\x9b\u202ef")
    (laurels.folder / "activities.csv").write_text(hostile)
    laurels.done("import", "activities", "activities.csv")
    assert "   e\\x9b\\u202ef\n" in laurels.done("unknown")
    status, said, errors = laurels.run("move-identity", "slack:U\x9b", "ada", "--reason", "x")
    assert (2, True, False) == (status, "\\x9b" in errors, "\x9b" in errors)


def test_without_a_question_most_members_are_never_marked(laurels: Laurels) -> None:
    """Nor is anybody by a file without members, and --yes alone says nothing."""
    status, said = imported(laurels, "external_id,name\nada,Ada Byron\n", "--complete", "--yes")
    told = f"--yes marks half of all at most. {OTHERWISE}"
    assert (1, True) == (status, said.endswith(f"Nobody was marked as left: {told}"))
    told = "there are no members in members.csv; export it again, with everybody in it.\n"
    for options in (["--complete"], ["--complete", "--yes"], ["--complete", "--dry-run"]):
        assert (1, f"Nobody was marked as left: {told}") == imported(laurels, "external_id,name\n", *options)
    status, said, errors = laurels.run("import", "members", "members.csv", "--yes")
    told = "--yes says who is missing has left, and needs --complete; nothing was imported\n"
    assert (2, "", told) == (status, said, errors)
    assert left(laurels, "external_id\nada\n", "y\n")[1].endswith("2 marked as left.\n")


@pytest.mark.parametrize(
    ("answer", "status", "last"), [("y\n", 0, "1 marked as left."), ("\n", 1, "Nobody was marked")]
)
def test_somebody_at_a_terminal_is_asked(laurels: Laurels, answer: str, status: int, last: str) -> None:
    """Only yes means yes."""
    found = left(laurels, "external_id\nada\ncy\n", answer)
    assert (status, True, False) == (found[0], last in found[1], "more than half" in found[1])


def test_if_a_line_was_refused_nobody_is_marked(laurels: Laurels) -> None:
    """It could have been of anybody."""
    status, said = imported(laurels, "external_id,name\nada,Ada\nnew,\n", "--complete", "--yes")
    told = "Nobody was marked as left, as there are refused lines; mend them, and import the file again.\n"
    assert (1, True) == (status, said.endswith(told))


def test_identities_are_moved_and_members_merged(laurels: Laurels) -> None:
    """What it means for both is said; what cannot be done exits with 2."""
    laurels.done("import", "activities", "activities.csv")
    imported(laurels, "external_id,name\ndee,Dee Four\n")
    rehearsed = laurels.done("move-identity", "slack:U1", "dee", "--reason", "a mix-up", "--dry-run")
    first, second = laurels.done("move-identity", "slack:U1", "dee", "--reason", "a mix-up").splitlines()
    would = [first.replace("is of dee now", "would be of dee"), second.replace("has", "would have"), NOTHING]
    assert would == rehearsed.splitlines()
    assert first.startswith("slack:U1 is of dee now, with 1 activity: +")
    assert re.fullmatch(r"ada has \d+ points less\.", second)
    _, second = laurels.done("move-identity", "slack:U2", "dee", "--reason", "a mix-up").splitlines()
    assert "Nothing changed in the points of ada." == second
    rehearsed = laurels.done("merge-members", "dee", "ada", "--reason", "hired twice", "--dry-run")
    said = laurels.done("merge-members", "dee", "ada", "--reason", "hired twice")
    assert f"{said.replace('is ada now', 'would be ada')}{NOTHING}\n" == rehearsed
    assert said.startswith("dee is ada now, with 1 activity: +")
    status, told = imported(laurels, "external_id,name\ndee,Dee Four\n")
    assert (1, True) == (status, "line 2: 'dee' was merged into 'ada'; save that one\n" in told)
    status, said, errors = laurels.run("merge-members", "dee", "ada", "--reason", "again")
    assert (2, "") == (status, said)
    assert errors == "'dee' and 'ada' are one member already; there is nothing to merge\n"
    assert "Everything is as the recorded history makes it." in laurels.done("verify")
