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
    assert f"--report {report} would write over {read}, which the import reads; name another file" in errors
    assert READ == {name: (laurels.folder / name).read_text() for name in READ}


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
