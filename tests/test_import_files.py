"""The files of an import as a person names them: what is read is never written over."""

import json
import os
from pathlib import Path

import pytest

from tests.test_command_line import SHIPPED, Laurels

MAPPING = """of: activities
source: crm
id: "{id}"
type: post.liked
member: "{who}"
time: "{at}"
data: {network: {value: "{on}", lookup: networks, default: other}, url: "{url}"}
lookups: {networks: {file: networks.csv, key: host, value: name}}
"""
ROWS = "id,who,at,on,url\n1,eve,2026-02-03T09:00:00Z,x.com,https://example.com/1\n"
READ = {"likes.csv": ROWS, "likes.yaml": MAPPING, "networks.csv": "host,name\nx.com,x\n"}
IMPORT = ("import", "activities", "likes.csv", "--mapping", "likes.yaml")


@pytest.fixture
def laurels(tmp_path: Path) -> Laurels:
    """With the shipped programme in force, and the files of an import."""
    found = Laurels(tmp_path)
    found.done("apply", str(SHIPPED))
    for name, content in READ.items():
        (tmp_path / name).write_text(content)
    return found


@pytest.mark.parametrize("read", READ)
@pytest.mark.parametrize("link", [None, os.link, os.symlink])
@pytest.mark.parametrize("rehearsal", [(), ("--dry-run",)])
def test_a_report_that_would_write_over_what_is_read_is_refused(
    laurels: Laurels, read: str, link: object, rehearsal: tuple[str, ...]
) -> None:
    """The input, its mapping and its lookups stay, by whatever name the report has."""
    report = "report.csv" if link else read
    if callable(link):
        link(laurels.folder / read, laurels.folder / report)
    status, said, errors = laurels.run(*IMPORT, "--report", report, *rehearsal)
    assert (status, said) == (2, "")
    what = "a file that is no report of an import" if read == "networks.csv" else f"{read}, which the import reads"
    assert f"--report {report} would write over {what}; name another file\n" == errors
    assert READ == {name: (laurels.folder / name).read_text() for name in READ}


def test_an_older_report_that_is_a_lookup_now_stays(laurels: Laurels) -> None:
    """What is read is no place for a report, even if it is one."""
    older = "line,field,reason,id\nx.com,,x,9\n"
    (laurels.folder / "networks.csv").write_text(older)
    (laurels.folder / "likes.yaml").write_text(MAPPING.replace("key: host, value: name", "key: line, value: reason"))
    status, said, errors = laurels.run(*IMPORT, "--report", "networks.csv")
    assert (2, "") == (status, said)
    assert "--report networks.csv would write over networks.csv, which the import reads; name another file\n" in errors
    assert older == (laurels.folder / "networks.csv").read_text()


def test_an_older_report_stays_until_rows_are_read(laurels: Laurels) -> None:
    """An import that fails before leaves it; one that has rows replaces it, all of it."""
    older = "line,field,reason,id\n" + "9,,an older reason,9\n" * 20
    (laurels.folder / "report.csv").write_text(older)
    (laurels.folder / "likes.csv").write_text(ROWS.replace("who", "whom"))
    assert laurels.run(*IMPORT, "--report", "report.csv")[0] == 2
    assert older == (laurels.folder / "report.csv").read_text()
    (laurels.folder / "likes.csv").write_text(ROWS)
    assert laurels.run(*IMPORT, "--report", "report.csv")[0] == 1
    assert laurels.run(*IMPORT)[1].startswith("likes.csv: 1 activity\n")
    [header, refused] = (laurels.folder / "report.csv").read_text().splitlines()
    assert header == "line,field,reason,id"
    assert refused.startswith("2,member,")


@pytest.mark.parametrize(
    ("ending", "link"),
    [
        *[(each, None) for each in ("", "-wal", "-shm", "-journal")],
        ("", os.link),
        ("", os.symlink),
        ("-journal", os.symlink),
    ],
)
def test_a_report_never_takes_the_place_of_the_database(laurels: Laurels, ending: str, link: object) -> None:
    """Nor of what stands beside it, be it there yet or not; by whatever name."""
    database = laurels.folder / "laurels.db"
    there = {path.name: path.read_bytes() for path in laurels.folder.glob("laurels.db*")}
    report = f"laurels.db{ending}"
    if callable(link):
        link(laurels.folder / report, laurels.folder / "report.csv")
        report = "report.csv"
    status, said, errors = laurels.run(*IMPORT, "--report", report)
    assert (2, "") == (status, said)
    assert f"--report {report} would write over the database in use; name another file\n" == errors
    assert there == {path.name: path.read_bytes() for path in laurels.folder.glob("laurels.db*")}
    assert database.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize("content", ["SQLite format 3\0", ROWS, "line,field,reason,identity\n", "line,field", "\n"])
def test_a_report_replaces_no_other_file(laurels: Laurels, content: str) -> None:
    """Whatever is in it, nothing is imported then."""
    (laurels.folder / "else").write_text(content)
    status, said, errors = laurels.run(*IMPORT, "--report", "else")
    told = "--report else would write over a file that is no report of an import; name another file\n"
    assert (2, "", told) == (status, said, errors)
    assert content == (laurels.folder / "else").read_text()


@pytest.mark.parametrize("older", [b"", b"\xef\xbb\xbfline,field,reason,id\r\n9,,old,9\r\n"])
def test_a_report_replaces_what_is_empty_or_a_report(laurels: Laurels, older: bytes) -> None:
    """Also one that a spreadsheet has saved again."""
    (laurels.folder / "older.csv").write_bytes(older)
    assert 1 == laurels.run(*IMPORT, "--report", "older.csv", "--dry-run")[0]
    assert (laurels.folder / "older.csv").read_text().startswith("line,field,reason,id\n2,member,")


def test_where_no_line_was_looked_at_no_report_is_left_behind(laurels: Laurels) -> None:
    """As where a column is not there; where lines were, it has its header at least."""
    (laurels.folder / "likes.csv").write_text(ROWS.replace("who", "whom"))
    assert 2 == laurels.run(*IMPORT, "--report", "report.csv")[0]
    assert not (laurels.folder / "report.csv").exists()
    (laurels.folder / "likes.csv").write_text(ROWS.splitlines()[0])
    assert 0 == laurels.run(*IMPORT, "--report", "report.csv")[0]
    assert "line,field,reason,id\n" == (laurels.folder / "report.csv").read_text()


@pytest.mark.parametrize("older", [None, "line,field,reason,id\n9,,an older reason,9\n"])
def test_a_report_has_what_was_refused_where_that_is_everything(laurels: Laurels, older: str | None) -> None:
    """The import stops after the first thousand, and says where each is."""
    if older:
        (laurels.folder / "report.csv").write_text(older)
    [header, row] = ROWS.splitlines()
    (laurels.folder / "likes.csv").write_text("\n".join([header, *[row.replace("eve", "")] * 1_001]))
    status, said, errors = laurels.run(*IMPORT, "--report", "report.csv")
    assert (2, "") == (status, said)
    assert errors.startswith("the first 1,000 are all refused, and nothing was brought in. Line 2: member needs 'who'")
    assert errors.endswith("or go on all the same with --keep-going; report.csv has why each was\n")
    [header, *refused] = (laurels.folder / "report.csv").read_text().splitlines()
    assert ("line,field,reason,id", 1_000) == (header, len(refused))
    assert [f"{line},member," for line in range(2, 1_002)] == [each[: each.index("member") + 7] for each in refused]


def test_names_that_no_row_has_are_told_in_the_end(laurels: Laurels) -> None:
    """Also in a rehearsal; what was brought in stays, and nothing failed."""
    (laurels.folder / "members.csv").write_text("external_id,name,participates\neve,Eve,yes\n")
    laurels.done("import", "members", "members.csv")
    row = {"id": "1", "who": "eve", "at": "2026-02-03T09:00:00Z", "on": "x.com", "url": "https://example.com/1"}
    (laurels.folder / "likes.jsonl").write_text(json.dumps(row))
    wrong = MAPPING.replace("{on}", "{host}").replace(", default: other", "")
    wrong = wrong.replace('value: "{host}", lookup: networks', 'value: "x{host}"')
    (laurels.folder / "likes.yaml").write_text(wrong)
    run = ("import", "activities", "likes.jsonl", "--mapping", "likes.yaml")
    told = (
        "No row of likes.jsonl has 'host', which data.network reads (line 7 of likes.yaml); "
        "they have 'id', 'who', 'at', 'on', 'url'.\nA name that may be missing everywhere says so in the mapping: "
    )
    for rehearsal in (("--dry-run",), ()):
        said = laurels.done(*run, *rehearsal)
        assert "           1 recorded\n" in said
        assert told in said
    (laurels.folder / "likes.yaml").write_text(wrong.replace("{host}", "{host|default:.com}"))
    assert "No row" not in laurels.run(*run)[1]


def test_a_list_that_no_row_has_is_told_where_nothing_came_of_the_file(laurels: Laurels) -> None:
    """And the command fails, as it does for refused rows."""
    (laurels.folder / "likes.yaml").write_text(MAPPING + "each: {column: nothing, as: like}\n")
    (laurels.folder / "likes.jsonl").write_text('{"id": "1", "likes": []}\n' * 3)
    run = ("import", "activities", "likes.jsonl", "--mapping", "likes.yaml")
    status, said, errors = laurels.run(*run)
    assert (status, errors) == (1, "")
    assert said.startswith("likes.jsonl: 0 activities\n           3 left out by the mapping\nNothing was brought in: ")
    told = "No row of likes.jsonl has 'nothing', which each reads (line 9 of likes.yaml); they have 'id', 'likes'."
    assert told in said
    (laurels.folder / "likes.yaml").write_text(MAPPING + "each: {column: nothing, as: like, optional: true}\n")
    assert "Nothing" not in laurels.done(*run)


def test_a_file_without_rows_is_said_to_have_none(laurels: Laurels) -> None:
    """Whichever its format; that is no failure."""
    (laurels.folder / "likes.csv").write_text(ROWS.splitlines()[0])
    assert "likes.csv has a header and no rows: nothing to import.\n" == laurels.done(*IMPORT)
    (laurels.folder / "own.csv").write_text("source,id,type,member,time\n")
    assert "own.csv has a header and no rows: nothing to import.\n" == laurels.done("import", "activities", "own.csv")
    (laurels.folder / "own.jsonl").write_text("")
    assert "own.jsonl has no rows: nothing to import.\n" == laurels.done("import", "activities", "own.jsonl")


@pytest.mark.parametrize("name", ["likes.tsv", "likes.csv.gz", "likes.json", "likes"])
def test_a_file_in_another_shape_needs_a_mapping(laurels: Laurels, name: str) -> None:
    """Which is told, and where ready ones are."""
    (laurels.folder / name).write_text(ROWS)
    status, said, errors = laurels.run("import", "activities", name)
    assert (status, said) == (2, "")
    assert errors.startswith(f"{name} cannot be read as it is: without --mapping a file is .csv or .jsonl")
    assert "some are ready in programmes/mappings" in errors


def test_a_pipe_is_refused_in_a_sentence(laurels: Laurels) -> None:
    """Nothing is read from it, by half or otherwise."""
    os.mkfifo(laurels.folder / "pipe")
    status, said, errors = laurels.run("import", "activities", "pipe", "--mapping", "likes.yaml")
    assert (status, said) == (2, "")
    assert errors == "pipe is no file that can be read again; save it first, and import what was saved\n"
