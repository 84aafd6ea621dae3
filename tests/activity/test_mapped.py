"""Rows of any shape made into activities and members: what each setting of a mapping does."""

import json
from typing import Any

import pytest

from activity.importer import FileInvalid
from activity.intake import Report
from tests.activity.mapped import BEGIN, HEADER, SOUND, activities, cell, members, one, reasons

TIME = "2026-11-12T09:30:00+00:00"


def made(read: list[tuple[int, Any]]) -> list[Report]:
    return [each for _, each in read if isinstance(each, Report)]


def test_a_row_becomes_an_activity_by_its_templates() -> None:
    """Constants, columns, and texts composed of several."""
    mapping = BEGIN.replace('"{id}"', '"{id}/{who}"') + "data: {network: linkedin, reach: '{views}'}\n"
    report = one(f"{HEADER},views\n{SOUND},12\n", mapping)
    assert (report.source, report.id, report.type, report.member) == ("crm", "1/ada", "post.shared", "ada")
    assert (report.time.isoformat(), report.data) == (TIME, {"network": "linkedin", "reach": 12})


@pytest.mark.parametrize(
    ("setting", "text", "data"),
    [
        ("reach: '{x}'", "1200", {"reach": 1200}),
        ("reach: '{x}'", "5.0", {"reach": 5}),
        ("reach: {value: '{x}', decimal: ','}", "5,0", {"reach": 5}),
        ("reach: '{x}'", "", {}),
        ("reach: {value: '{x}', thousands: ','}", "1,200", {"reach": 1200}),
        ("reach: {value: '{x}', default: '3'}", "", {"reach": 3}),
        ("score: {value: '{x}', thousands: '.', decimal: ','}", "1.200,5", {"score": 1200.5}),
        ("own: '{x}'", "yes", {"own": True}),
        ("topics: {value: '{x}', split: ';'}", "ai; cloud;", {"topics": ["ai", "cloud"]}),
        ("topics: '{x}'", '[""ai""]', {"topics": ["ai"]}),
        ("on: {value: '{x}', format: '%d/%m/%Y'}", "03/04/2026", {"on": "2026-04-03"}),
        ("at: {value: '{x}', format: seconds}", "1604008995.0002", {"at": "2020-10-29T22:03:15.000200+00:00"}),
        ("network: '{x|host}'", "https://www.linkedin.com/feed", {"network": "linkedin.com"}),
        ("network: '{x|trim|lower}'", " LinkedIn ", {"network": "linkedin"}),
        ("network: '{x|before:@}'", "ada@example.org", {"network": "ada"}),
        ("network: '{x|default:none}'", "", {"network": "none"}),
        ("network: '{{{x}}}'", "a", {"network": "{a}"}),
        ("network: '100 %s {x}'", "a", {"network": "100 %s a"}),
    ],
)
def test_cells_become_what_their_fields_are(setting: str, text: str, data: dict[str, Any]) -> None:
    """By the type that the catalogue declares; an empty cell is an absent field."""
    assert data == cell(setting, text)


@pytest.mark.parametrize(
    ("setting", "text", "message"),
    [
        ("reach: '{x}'", "1,200", "data.reach must be a whole number such as 12, but it is '1,200'"),
        ("reach: '{x}'", "1.000", "data.reach must be a whole number such as 12, but it is '1.000'"),
        ("own: '{x}'", "maybe", "data.own must be true or false (or yes, no, 1, 0), but it is 'maybe'"),
        (
            "on: {value: '{x}', format: ['%d/%m/%Y', iso]}",
            "12 May",
            "data.on is '12 May', which is not written as '%d/%m/%Y' or 'iso'",
        ),
    ],
)
def test_a_cell_that_does_not_fit_is_refused_with_what_it_holds(setting: str, text: str, message: str) -> None:
    """Nothing is guessed: a thousands separator must be declared."""
    assert message == cell(setting, text)


def test_a_lookup_translates_and_says_what_it_does_not_have() -> None:
    """A default stands in for what is empty or unknown; without one the line is refused."""
    said = "lookups: {nets: {linkedin.com: linkedin}}\ndata: {network: {value: '{x|host}', lookup: nets}}\n"
    content = f"{HEADER},x\n{SOUND},http://linkedin.com/1\n{SOUND},http://x.com/1\n{SOUND},\n"
    read = activities(content, BEGIN + said)
    assert [report.data for report in made(read)] == [{"network": "linkedin"}, {}]
    assert {3: "data.network is 'x.com', which is not in the lookup 'nets'"} == reasons(read)
    read = activities(content, BEGIN + said.replace("lookup: nets}", "lookup: nets, default: other}"))
    assert [{"network": name} for name in ("linkedin", "other", "other")] == [report.data for report in made(read)]


def test_a_lookup_can_be_a_file() -> None:
    """Two of its columns, by name."""
    said = "lookups: {nets: {file: nets.csv, key: host, value: name}}\ndata: {network: {value: '{x}', lookup: nets}}\n"
    report = one(f"{HEADER},x\n{SOUND},a\n", BEGIN + said, nets="no,host,name\n1,a,linkedin\n2,b,x\n")
    assert {"network": "linkedin"} == report.data


def test_the_type_can_come_from_a_row_and_brings_its_own_fields() -> None:
    """A field that the type of a row does not have is left out; two types may read it differently."""
    mapping = BEGIN.replace("post.shared", "{value: '{kind}', lookup: kinds}")
    mapping += "lookups: {kinds: {share: post.shared, like: post.liked}}\ndata: {reach: '{n}', own: '{own}'}\n"
    read = activities(f"{HEADER},kind,n,own\n{SOUND},share,5,yes\n{SOUND},like,5,yes\n{SOUND},hug,5,yes\n", mapping)
    assert [("post.shared", {"reach": 5, "own": True}), ("post.liked", {"reach": "5"})] == [
        (report.type, report.data) for report in made(read)
    ]
    assert {4: "type is 'hug', which is not in the lookup 'kinds'"} == reasons(read)


@pytest.mark.parametrize(
    ("skip", "left"),
    [
        ("{column: x, in: [join, leave]}", [3, 4]),
        ("{column: x, not_in: [join]}", [2]),
        ("{column: x, empty: true}", [2, 3]),
        ("{column: x, empty: false}", [4]),
        ("{column: x, matches: '^j|^t'}", [4]),
        ("{column: x, same_as: y}", [2, 3]),
    ],
)
def test_rows_are_left_out_by_what_a_column_holds(skip: str, left: list[int]) -> None:
    """Each way to say so."""
    read = activities(f"{HEADER},x,y\n{SOUND},join,a\n{SOUND},talk,b\n{SOUND},,\n", f"{BEGIN}skip_when: [{skip}]\n")
    assert left == [line for line, each in read if each is not None]


def test_a_row_can_hold_several_activities() -> None:
    """A list of lists in a cell of JSON, each element under a name; what is empty holds none."""
    reactions = json.dumps([{"name": "wave", "users": ["ada", "bo"]}, {"name": "+1", "users": ["bo"]}])
    quoted = reactions.replace('"', '""')
    mapping = BEGIN.replace('"{who}"', '"{user}"').replace('"{id}"', '"{id}/{reaction.name}/{user}"')
    mapping += "each: [{column: x, as: reaction, format: json}, {column: reaction.users, as: user}]\n"
    mapping += "skip_when: [{column: user, same_as: who}]\n"
    read = activities(f'{HEADER},x\n{SOUND},"{quoted}"\n{SOUND},\n{SOUND},null\n', mapping)
    assert ["1/wave/bo", "1/+1/bo"] == [report.id for report in made(read)]
    assert [2, 3, 4] == [line for line, each in read if each is None]


def test_a_row_that_would_become_too_much_is_refused() -> None:
    """Also where two lists that are short are looked at for each other."""
    mapping = BEGIN.replace('"{who}"', '"{a}"').replace('"{id}"', '"{id}/{a}/{b}"')
    mapping += "each: [{column: x, as: a, split: ' '}, {column: y, as: b, split: ' '}]\n"
    some, many = " ".join(map(str, range(100))), " ".join(map(str, range(101)))
    read = activities(f"{HEADER},x,y\n{SOUND},{some},{some}\n{SOUND},{some},{many}\n{SOUND},1,1\n", mapping)
    assert 10_001 == len(made(read))
    assert {3: "'each' finds more than 10,000 elements here; split them over several rows"} == reasons(read)


def test_others_credited_come_from_a_list() -> None:
    """In a cell with a separator, or as a list of objects; the member is not named again."""
    mapping = BEGIN + "contributors: {column: x, split: ';'}\n"
    assert ["bo", "cy"] == one(f"{HEADER},x\n{SOUND},bo; ada;cy;bo\n", mapping).contributors
    assert one(f"{HEADER},x\n{SOUND},\n", mapping).contributors is None
    mapping = BEGIN + "contributors: {column: authors, as: author, value: '{author.id}'}\n"
    row = {"id": "1", "who": "ada", "time": "2026-11-12T09:30:00Z", "authors": [{"id": "ada"}, {"id": "bo"}]}
    assert ["bo"] == one(json.dumps(row), mapping, "file.jsonl").contributors


@pytest.mark.parametrize("setting", ["source", "id", "type", "member"])
def test_what_says_which_activity_it_is_must_not_be_empty(setting: str) -> None:
    """An id made of an empty cell would stand for many lines; with a default of its own it may."""
    lines = [line for line in BEGIN.splitlines() if not line.startswith(f"{setting}:")]
    mapping = "\n".join([*lines, f'{setting}: "a/{{x}}"']) + "\n"
    assert {2: f"{setting} needs 'x', which is empty here"} == reasons(activities(f"{HEADER},x\n{SOUND},\n", mapping))
    mapping = mapping.replace("{x}", "{x|default:none}")
    assert "a/none" == getattr(one(f"{HEADER},x\n{SOUND},\n", mapping), setting)


def test_a_refused_row_is_known_by_its_id_where_that_could_be_read() -> None:
    """So that whoever reads the report finds it in the tool that it comes from."""
    [(_, refused)] = activities(f"{HEADER}\n1,,2026-11-12T09:30:00Z\n", BEGIN)
    assert "1" == getattr(refused, "id", None)


@pytest.mark.parametrize(
    ("content", "extra", "message"),
    [
        (
            "id,who,time,link\n",
            "data: {network: '{lik}'}",
            "data.network reads the column 'lik', which the file does not have; did you mean 'link'?",
        ),
        ("id,who,time,time\n", "", "time reads the column 'time', which the file has twice"),
        ("id;who;time\n", "", "line 1: the columns seem to be separated by ';', not by ','; write 'separator: \";\"'"),
        ("\n", "", "line 1: here the names of the columns must stand"),
        (f"{HEADER}\n1,ada,03/04/2026 10:00\n", "", "line 2: time is '03/04/2026 10:00', which is not guessed"),
        (f"{HEADER}\n1,ada,2026-11-12 10:00\n", "", "line 2: time is '2026-11-12 10:00', which says no zone; say in"),
        (f"{HEADER}\n1,ada,1604008995\n", "", "line 2: time is the number '1604008995'; say in the mapping what"),
        (f"{HEADER}\n1,ada,heute\n", "", "line 2: time is 'heute', which is no ISO 8601; say in the mapping how"),
        (
            f"{HEADER}\n{SOUND}\n2,Zo\xeb,x\n".encode("latin-1"),
            "",
            "line 3: character 5 is a byte that is not UTF-8 (0xeb); perhaps the mapping needs 'encoding: latin-1'",
        ),
        ("\ufeff".encode("utf-16") + HEADER.encode("utf-16"), "", "the file is UTF-16, not UTF-8; write 'encoding: ut"),
    ],
)
def test_a_mistake_of_the_whole_file_is_told_before_anything_else(
    content: str | bytes, extra: str, message: str
) -> None:
    """Also when sound lines stand before it: nothing is handed on."""
    with pytest.raises(FileInvalid) as raised:
        activities(content, f"{BEGIN}{extra}\n")
    assert message in str(raised.value)


def test_both_readings_of_a_date_are_said() -> None:
    """With what to write for each."""
    with pytest.raises(FileInvalid) as raised:
        activities(f"{HEADER}\n1,ada,03/04/2026\n", BEGIN)
    told = "3 April ('format: \"%d/%m/%Y…\"') or 4 March ('format: \"%m/%d/%Y…\"')"
    assert str(raised.value).endswith(told)


def test_later_such_lines_are_refused_by_themselves() -> None:
    """What has begun goes on: only the first thousand rows are looked at before."""
    content = f"{HEADER}\n" + f"{SOUND}\n" * 1_000 + "1,ada,1604008995\n"
    assert [1_002] == list(reasons(activities(content, BEGIN)))


def test_members_are_mapped_too() -> None:
    """An empty cell empties a fact, but for the name and taking part, of which it says nothing."""
    mapping = """
of: members
external_id: "{id}"
name: "{first} {last}"
team: "{team}"
participates: {value: "{left}", lookup: stays, default: ""}
attributes: {hourly: "{hourly}", joined: {value: "{joined}", format: "%d.%m.%Y"}}
lookups: {stays: {x: "no"}}
"""
    read = members("id,first,last,team,left,hourly,joined\nada,Ada,Byron,,x,yes,01.02.2020\nbo,Bo,B,Red,,,\n", mapping)
    ada = {"external_id": "ada", "name": "Ada Byron", "team": "", "participates": False}
    bo = {"external_id": "bo", "name": "Bo B", "team": "Red", "attributes": {"hourly": None, "joined": None}}
    assert [(2, ada | {"attributes": {"hourly": True, "joined": "2020-02-01"}}), (3, bo)] == read


def test_no_line_of_a_long_text_is_a_row() -> None:
    """Nor of one that is never closed."""
    row = f'{SOUND},"said\n{SOUND},x\n"\n'
    forged = f"{SOUND},x\n" * 200
    read = activities(f'{HEADER},text\n{row}{SOUND},"{forged}"\n{SOUND},"{forged}', BEGIN)
    assert [2, 5, 206] == [line for line, _ in read]
    assert [206] == list(reasons(read))
