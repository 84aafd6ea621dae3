"""The files of an import as a person names them: what is read is never written over."""

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


def test_a_pipe_is_refused_in_a_sentence(laurels: Laurels) -> None:
    """Nothing is read from it, by half or otherwise."""
    os.mkfifo(laurels.folder / "pipe")
    status, said, errors = laurels.run("import", "activities", "pipe", "--mapping", "likes.yaml")
    assert (status, said) == (2, "")
    assert errors == "pipe is no file that can be read again; save it first, and import what was saved\n"
