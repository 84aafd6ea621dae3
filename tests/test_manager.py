"""A manager's afternoon at the command line: change what earns what, see what it means, break it, correct, and undo."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from activity.calendar import instant
from tests.test_command_line import Laurels
from tests.world import PROGRAMME

BADGES = """badges:
  reader:
    title: Is read
    on: [post.shared]
    measure: {sum: activity.reach}
    levels: [1000, 5000]
    points: 10
  colleague:
    title: A good colleague
zones:
  consumer: {title: Consumer}
  sharer:
    title: Sharer
    needs: [{title: Share two posts, on: [post.shared], measure: count, at_least: 2}]
"""
FILE = PROGRAMME.replace("boards:\n", BADGES + "boards:\n", 1)

HEADER = "source,id,type,member,time,data.network,data.url,data.reach\n"
SHARED = HEADER + "".join(
    f"crm,{number},post.shared,ada,2026-03-0{number}T09:00:00Z,linkedin,https://example.com/{number},1500\n"
    for number in range(1, 5)
)


@pytest.fixture(scope="module")
def laurels(tmp_path_factory: pytest.TempPathFactory) -> Laurels:
    """With a programme in force, and one member who shared four posts."""
    laurels = Laurels(tmp_path_factory.mktemp("manager"))
    write(laurels, FILE)
    laurels.done("apply", "programme.yaml", "--note", "The first one")
    (laurels.folder / "members.csv").write_text("external_id,name\nada,Ada Byron\n")
    (laurels.folder / "activities.csv").write_text(SHARED)
    laurels.done("import", "members", "members.csv")
    laurels.done("import", "activities", "activities.csv")
    return laurels


def write(laurels: Laurels, text: str) -> Path:
    path = laurels.folder / "programme.yaml"
    path.write_text(text)
    return path


def sound(laurels: Laurels) -> None:
    assert laurels.done("verify") == "Everything is as the recorded history makes it.\n"


def test_a_change_is_shown_applied_told_and_undone(laurels: Laurels) -> None:
    """`plan` shows the difference, `apply` makes it so with a note, `revisions` tells it, `restore` takes it back."""
    before = laurels.done("export")
    write(laurels, FILE.replace("points: 40", "points: 45"))
    said = laurels.done("plan", "programme.yaml")
    assert said.startswith("~ rule article: changed\n    - points: 40\n    + points: 45\n")
    said = laurels.done("apply", "programme.yaml", "--note", "Articles take long")
    number = said.split("Revision ")[1].split(" ")[0]
    told = laurels.done("revisions", number)
    assert "Articles take long" in told
    assert "+ points: 45" in told
    said = laurels.done("restore", str(int(number) - 1))
    assert "+ points: 40" in said
    assert before == laurels.done("export")
    sound(laurels)


def test_a_change_for_the_past_pays_and_takes_the_difference(laurels: Laurels) -> None:
    """With --since, what was shared earlier earns by the new rule; undone, everything is as it was."""
    before = laurels.done("export")
    write(laurels, FILE.replace('points: "5 + (activity.with_comment ? 5 : 0)"', "points: 8"))
    said = laurels.done("apply", "programme.yaml", "--since", "2026-03-03")
    assert said.endswith("1 member brought up to the revision in force.\n")
    assert laurels.done("catch-up") == "0 members brought up to the revision in force.\n"
    sound(laurels)
    said = laurels.done("undo", "--note", "Too dear")
    assert "as if revision" in said
    assert said.endswith("1 member brought up to the revision in force.\n")
    assert before == laurels.done("export")
    sound(laurels)


def test_what_a_person_corrects_is_kept_with_its_reason(laurels: Laurels) -> None:
    """A retraction, an adjustment, a badge given and taken: each in words, and the history stays provable."""
    assert laurels.done("retract", "crm", "4", "--reason", "The post was deleted").startswith("Retracted. It had paid ")
    again = laurels.done("retract", "crm", "4", "--reason", "The post was deleted")
    assert again == "It had been retracted before; nothing was done.\n"
    assert laurels.done("adjust", "ada", "-3", "--reason", "Paid twice in the old tool") == "-3 points for ada.\n"
    assert laurels.done("give", "ada", "colleague", "--reason", "Helped everybody") == "ada has colleague.\n"
    assert laurels.done("take", "ada", "colleague", "--reason", "A mistake") == "colleague was taken from ada.\n"
    sound(laurels)


def test_points_count_for_the_moment_that_is_said(laurels: Laurels) -> None:
    """In the periods of that moment, whatever its offset."""
    moment = ("--at", "2026-03-15T00:30:00+01:00")
    assert laurels.done("adjust", "ada", "7777", "--reason", "The spring fair", *moment) == "+7,777 points for ada.\n"
    with closing(sqlite3.connect(laurels.folder / "laurels.db")) as database:
        ((moment_us,),) = database.execute("SELECT time_us FROM entry WHERE points = 7777").fetchall()
    assert datetime(2026, 3, 14, 23, 30, tzinfo=UTC) == instant(moment_us)
    sound(laurels)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("retract", "crm", "99", "--reason", "x"),
            "no activity was recorded as (crm, 99); look for its source and id",
        ),
        (("retract", "crm", "1", "--reason", " "), "reason is missing; say why in a few words"),
        (("adjust", "eve", "3", "--reason", "x"), "there is no member with the external id 'eve'"),
        (
            ("adjust", "ada", "0", "--reason", "x"),
            "points must be a whole number from -1,000,000 to 1,000,000, but not 0",
        ),
        (
            ("adjust", "ada", "3", "--reason", "x", "--at", "soon"),
            "'soon' is no time; write it as 2026-11-12T09:30:00Z",
        ),
        (("adjust", "ada", "3", "--reason", "x", "--at", ""), "'' is no time; write it as 2026-11-12T09:30:00Z"),
        (
            ("adjust", "ada", "3", "--reason", "x", "--at", "2026-03-15"),
            "'2026-03-15' has no offset from UTC; write it as 2026-11-12T09:30:00Z, or with +01:00",
        ),
        (
            ("adjust", "ada", "3", "--reason", "x", "--at", "2999-01-01T00:00:00Z"),
            "2999-01-01T00:00:00+00:00 is not between the start of the programme and now",
        ),
        (("give", "ada", "colleage", "--reason", "x"), "'colleage' is no badge of this programme; did you mean coll"),
        (("give", "ada", "reader", "--level", "3", "--reason", "x"), "'reader' has levels 1 to 2, and no level 3"),
        (("take", "ada", "colleague", "--reason", "x"), "'ada' does not hold 'colleague'"),
        (("restore", "99"), "there is no revision 99; there are 1 to "),
        (("undo", "99"), "there is no revision 99; there are 1 to "),
        (("undo", "1"), "The first revision cannot be undone: there is nothing before it to go back to"),
        (("apply", "programme.yaml", "--since", "soon"), "there is no day 'soon'; write it as 2026-01-31"),
        (("apply", "programme.yaml", "--since", "2025-01-01"), "2025-01-01 is before the programme starts, 2026-01-01"),
    ],
)
def test_what_cannot_be_corrected_is_said(laurels: Laurels, arguments: tuple[str, ...], message: str) -> None:
    """In words on standard error; nothing is done."""
    write(laurels, FILE.replace("points: 40", "points: 41"))
    status, _, errors = laurels.run(*arguments)
    assert (2, message) == (status, errors[: len(message)])


# Ten ways to break a file, and what a manager reads.
BROKEN = [
    ("network in [", "newtork in [", "activity.newtork is not a field of this activity; did you mean"),
    ("points: 40", "points: 40.5", "points are whole numbers: '40.5' cannot be paid"),
    ("{max: 3, per: day}", "{max: 3, per: daily}", "must be one of day, week, month"),
    ("measure: {sum: activity.reach}", "measure: {sum: activity.url}", "this must be a whole number (int)"),
    ("levels: [1000, 5000]", "levels: [5000, 1000]", "must be more than 5,000, the level before it"),
    ("on: [post.shared]\n    measure", "on: [post.share]\n    measure", "there is no activity type 'post.share'"),
    ("  colleague:\n", "  colleague:\n    requires: [raeder]\n", "raeder"),
    ("at_least: 2", "at_least: 0", "must be from 1 to"),
    ("tags: [effort], period", "tags: [efort], period", "no rule or badge carries the tag 'efort'"),
    ("starts: 2026-01-01", "starts: 2026-02-01", "is 2026-01-01 since the first apply and cannot become 2026-02-01"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), BROKEN, ids=[words for *_, words in BROKEN])
def test_a_broken_file_says_where_and_what_to_do(laurels: Laurels, old: str, new: str, words: str) -> None:
    """With its line, before anything is applied."""
    assert old in FILE
    write(laurels, FILE.replace(old, new))
    status, said, errors = laurels.run("apply", "programme.yaml")
    assert (2, "") == (status, said)
    assert words in errors
    assert "line " in errors


def test_a_change_is_simulated_before_it_is_published(laurels: Laurels) -> None:
    """What it would have done, to the point; publishing it for the same day then does just that."""
    write(laurels, FILE.replace("points: int(double(activity.reach) / 1000.0)", "points: 2"))
    said = laurels.done("simulate", "programme.yaml", "--since", "2026-03-01")
    assert "rule reach" in said
    assert "Who gains most:\n  Ada Byron (ada)" in said
    report = json.loads(laurels.done("simulate", "programme.yaml", "--since", "2026-03-01", "--json"))
    before = laurels.done("verify")
    laurels.done("apply", "programme.yaml", "--since", "2026-03-01")
    again = json.loads(laurels.done("simulate", "programme.yaml", "--since", "2026-03-01", "--json"))
    assert report["points_after"] == again["points_before"] == again["points_after"]
    assert before == laurels.done("verify")
