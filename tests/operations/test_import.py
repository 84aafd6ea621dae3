"""Reading files: what a sound line becomes, and the words a person gets for each kind of unsound one."""

from io import BytesIO
from pathlib import PurePath
from typing import Any

import pytest

from activity.catalogue import ActivityType, Field, FieldType
from activity.importer import FileInvalid, Format, read_activities, read_members
from activity.intake import Refused, Report
from activity.lines import LINE_BYTES_MAX, Lines

FIELDS = {
    "network": FieldType.STRING,
    "reach": FieldType.INT,
    "score": FieldType.DOUBLE,
    "own": FieldType.BOOL,
    "topics": FieldType.STRINGS,
    "on": FieldType.DATE,
}
TYPES = {
    "post.shared": ActivityType("post.shared", "Shared", {name: Field(name, kind) for name, kind in FIELDS.items()}),
    "post.liked": ActivityType(
        "post.liked", "Liked", {"reach": Field("reach", FieldType.STRING)}, aliases=("com.example.liked",)
    ),
}
ATTRIBUTES = {"hourly": FieldType.BOOL, "level": FieldType.INT}

HEADER = b"source,id,type,member,time,data.network,data.reach\n"
SOUND = b"crm,1,post.shared,ada,2026-11-12T09:30:00Z,linkedin,1200\n"
REPORT = Report("crm", "1", "post.shared", "ada", "2026-11-12T09:30:00Z", {"network": "linkedin", "reach": 1200})


def activities(content: bytes, form: Format = Format.CSV) -> list[tuple[int, Report | Refused]]:
    return list(read_activities(Lines(BytesIO(content)), form, TYPES))


def members(content: bytes, form: Format = Format.CSV) -> list[tuple[int, dict[str, Any] | Refused]]:
    return list(read_members(Lines(BytesIO(content)), form, ATTRIBUTES))


def reasons(read: list[tuple[int, Any]]) -> dict[int, str]:
    return {line: each.message for line, each in read if isinstance(each, Refused)}


def cell(column: str, text: str, kind: str = "post.shared") -> Any:
    """What one cell of an activity becomes, or the words of its refusal."""
    header = f"source,id,type,member,time,{column}\n"
    line = f"crm,1,{kind},ada,2026-11-12T09:30:00Z,{text}\n"
    [(_, read)] = activities((header + line).encode())
    return read.message if isinstance(read, Refused) else read.data


def invalid(content: bytes) -> str:
    with pytest.raises(FileInvalid) as raised:
        activities(content)
    return str(raised.value)


def test_a_csv_line_is_a_report_with_its_fields_in_their_types() -> None:
    """Each column data.FIELD is read as the type that the catalogue declares."""
    assert activities(HEADER + SOUND) == [(2, REPORT)]


def test_a_cell_is_read_as_the_type_says_that_goes_by_an_alias() -> None:
    """Whichever of its names a line has for the type, its fields are those of the type."""
    assert [{"reach": "7"}] * 2 == [cell("data.reach", "7", kind) for kind in ("post.liked", "com.example.liked")]
    assert {"reach": 7} == cell("data.reach", "7")


def test_a_json_line_is_the_same_report() -> None:
    """A JSONL object has the names of the columns, and its fields under data."""
    line = b'{"source": "crm", "id": "1", "type": "post.shared", "member": "ada", "time": "2026-11-12T09:30:00Z", '
    line += b'"data": {"network": "linkedin", "reach": 1200}}\n'
    assert activities(line, Format.JSONL) == [(1, REPORT)]


def test_a_column_data_holds_all_fields_as_json() -> None:
    """A CSV file may have one column data with a JSON object."""
    assert cell("data", '"{""reach"": 5, ""topics"": [""ai""]}"') == {"reach": 5, "topics": ["ai"]}


@pytest.mark.parametrize(
    ("column", "text", "data"),
    [
        ("data.own", "true", {"own": True}),
        ("data.own", "No", {"own": False}),
        ("data.own", "1", {"own": True}),
        ("data.reach", "-12", {"reach": -12}),
        ("data.reach", "5.0", {"reach": 5}),
        ("data.reach", "", {}),
        ("data.score", "1.5e3", {"score": 1500.0}),
        ("data.score", "7", {"score": 7}),
        ("data.topics", '"[""ai"", ""cloud""]"', {"topics": ["ai", "cloud"]}),
        ("data.on", "2026-11-12", {"on": "2026-11-12"}),
        ("data.network", ' a "b" ', {"network": ' a "b" '}),
        ("data.network", '"two\nlines"', {"network": "two\nlines"}),
    ],
)
def test_cells_are_read_as_their_declared_type(column: str, text: str, data: dict[str, Any]) -> None:
    """Text becomes what JSON would have: bool, int, double, list; an empty cell is an absent field."""
    assert cell(column, text) == data


def test_a_field_is_read_as_its_own_activity_type_declares_it() -> None:
    """Two activity types may give one field's name different types."""
    assert cell("data.reach", "12", kind="post.liked") == {"reach": "12"}


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        ("data.own", "maybe", "data.own must be true or false (or yes, no, 1, 0), but it is 'maybe'"),
        ("data.reach", "1.5", "data.reach must be a whole number such as 12, but it is '1.5'"),
        ("data.reach", "1.000", "data.reach must be a whole number such as 12, but it is '1.000'"),
        ("data.reach", "many", "data.reach must be a whole number such as 12, but it is 'many'"),
        ("data.score", "nan", "data.score must be a number such as 1.5, but it is 'nan'"),
        ("data.topics", "ai", "data.topics is not JSON: expecting value at column 1"),
        ("data", "{", "data is not JSON: expecting property name enclosed in double quotes at column 2"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_with_what_it_holds(column: str, text: str, message: str) -> None:
    """The words name the column, what it must be, and what it is."""
    assert cell(column, text) == message


@pytest.mark.parametrize("digits", [20, 5_000])
def test_a_number_beyond_64_bits_stays_beyond_for_intake_to_refuse(digits: int) -> None:
    """However long it is, it is neither rounded nor does it take long."""
    assert cell("data.reach", "9" * digits)["reach"] > 2**63 - 1
    line = b'{"data": {"reach": ' + b"9" * digits + b"}}\n"
    [(_, read)] = activities(line, Format.JSONL)
    assert isinstance(read, Report)
    assert read.data["reach"] > 2**63 - 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"crm,2,post.shared,\xff\xfe,x,y,1\n", "character 19 is a byte that is not UTF-8 (0xff)"),
        (b"crm,2,post.shared,a\0da,x,y,1\n", "character 20 is a NUL; remove it"),
        (b"crm,2,post.shared\n", "the line has 3 columns, and the header has 7"),
        (b"crm\n", "the line has 1 column, and the header has 7"),
        (
            b"crm\rb,2\n",
            "a carriage return stands outside of quotes; save the file with line ends of today (LF, or CR and LF)",
        ),
        (b"crm,2,post.shared,ada,x,y,1,2\n", "the line has 8 columns, and the header has 7"),
        (
            b'crm,"2"x,post.shared,ada,x,y,1\n',
            'a quote (") is closed before the value ends; inside a quoted value write it twice',
        ),
        (b"x" * (LINE_BYTES_MAX + 1) + b"\n", "the line has more than 1,000,000 bytes"),
        (b"x" * (3 * LINE_BYTES_MAX) + b"\n", "the line has more than 1,000,000 bytes"),
    ],
    ids=["utf-8", "nul", "short", "single", "mac", "long", "early quote", "big", "huge"],
)
def test_a_broken_csv_line_is_refused_and_harms_no_other(line: bytes, message: str) -> None:
    """The lines before and after it are read, and keep their numbers."""
    read = activities(HEADER + SOUND + line + SOUND)
    assert reasons(read) == {3: message}
    assert [(number, each) for number, each in read if isinstance(each, Report)] == [(2, REPORT), (4, REPORT)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"nonsense\n", "the line is not JSON: expecting value at column 1"),
        (b'{"source": "crm"\n', "the line is not JSON: expecting ',' delimiter at column 17"),
        (b"[1, 2]\n", "the line is JSON, but no object in { }"),
        (b'{"data": {"reach": NaN}}\n', "the line is not JSON: NaN is no number there"),
        (b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "the line holds JSON that is nested too deep"),
        (
            b'{"tpye": "post.shared"}\n',
            "there is no field 'tpye'; did you mean type? (fields: source, id, type, member, time, contributors, data)",
        ),
        (b'{"id": "\xc3("}\n', "character 9 is a byte that is not UTF-8 (0xc3)"),
        (b'{"id": "' + b"x" * LINE_BYTES_MAX + b'"}\n', "the line has more than 1,000,000 bytes"),
    ],
    ids=["words", "unclosed", "list", "nan", "deep", "unknown", "utf-8", "big"],
)
def test_a_broken_json_line_is_refused_and_harms_no_other(line: bytes, message: str) -> None:
    """The lines before and after it are read, and keep their numbers."""
    sound = b'{"source": "crm", "id": "1"}\n'
    read = activities(sound + line + sound, Format.JSONL)
    assert reasons(read) == {2: message}
    assert [number for number, each in read if isinstance(each, Report)] == [1, 3]


UNTOLD = "; mend it: nothing from here on was brought in"
CLOSED_EARLY = 'a quote (") is closed before the value ends; inside a quoted value write it twice'
OPEN = 'a quote (") is opened, and not closed'


@pytest.mark.parametrize("lines", [99, 1_000, 15_000])
def test_a_long_text_is_one_value(lines: int) -> None:
    """However many lines it has, none of them is read as an activity of its own."""
    [(first, read), (last, _)] = activities(HEADER + SOUND.replace(b"linkedin", b'"' + SOUND * lines + b'"') + SOUND)
    assert isinstance(read, Report)
    assert read.data["network"] == (SOUND * lines).decode()
    assert (first, last) == (2, 3 + lines)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (b'crm,"2,post.shared\n' + SOUND, f"{OPEN} before the end of the file{UNTOLD}"),
        (b'crm,"2,post.shared\n' + SOUND * 20_000 + b'",1\n', f"{OPEN} within 1,000,000 bytes{UNTOLD}"),
        (b'crm,"2,post\n' + SOUND + SOUND.replace(b"linkedin", b'"x\n' + SOUND + b'"'), CLOSED_EARLY + UNTOLD),
        (b'crm,"2 "two" and,x\n' + SOUND + b'",1\n', CLOSED_EARLY + UNTOLD),
        (b'crm,"a \\"two\\" and \\"x\\"\n' + SOUND + b'",1\n', CLOSED_EARLY + UNTOLD),
        (b'crm,"2 \\"two\n' + SOUND + b'",1\n', CLOSED_EARLY + UNTOLD),
        (b'5" crm,"a"x,"c\n' + SOUND + b'",1\n', CLOSED_EARLY + UNTOLD),
        (b'"' + b"x" * LINE_BYTES_MAX + b"\n" + SOUND, f"the line has more than 1,000,000 bytes, and quotes{UNTOLD}"),
        (b"x" * 3_000_000 + b'"\n' + SOUND, f"the line has more than 1,000,000 bytes, and quotes{UNTOLD}"),
    ],
    ids=["open", "long", "stray", "inner", "odd", "backslash", "later", "cut", "cut before"],
)
def test_nothing_after_an_open_quote_is_an_activity(lines: bytes, message: str) -> None:
    """Where it cannot be told what stands inside of a value, the file is read no further."""
    read = activities(HEADER + SOUND + lines + SOUND)
    assert reasons(read) == {3: message}
    assert len(read) == 2


@pytest.mark.parametrize("byte", [b"\xff", b"\0"])
@pytest.mark.parametrize("begins", [b'crm,"a@b\n', b'crm,"a\n@\n'])
def test_a_line_with_a_bad_byte_can_begin_a_long_value(byte: bytes, begins: bytes) -> None:
    """What stands in the value is refused with it."""
    read = activities(HEADER + begins.replace(b"@", byte) + SOUND * 200 + b'",x,y,z,1,2\n' + SOUND)
    assert list(reasons(read)) == [2]
    assert [number for number, each in read if isinstance(each, Report)] == [203 + begins.count(b"\n")]


def test_a_long_value_in_a_record_with_too_few_cells_is_refused_with_it() -> None:
    """Its lines are not read by themselves."""
    read = activities(HEADER + b'crm,"2\n' + SOUND * 200 + b'",post.shared\n' + SOUND)
    assert reasons(read) == {2: "the line has 3 columns, and the header has 7"}
    assert [number for number, each in read if isinstance(each, Report)] == [204]


def test_a_huge_last_line_without_an_end_is_refused() -> None:
    """Its rest is read away, to the end of the file."""
    assert list(reasons(activities(HEADER + SOUND + b"x" * (2 * LINE_BYTES_MAX)))) == [3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: the file must begin with a header; the columns can be source, id,"),
        (SOUND, "line 1: there is no column 'crm'; the columns can be source, id, type, member, time, contributors, "),
        (HEADER.replace(b"member", b"membre"), "line 1: there is no column 'membre'; did you mean member?; the colum"),
        (HEADER.replace(b"reach", b"raech"), "line 1: there is no column 'data.raech'; did you mean data.reach?;"),
        (b"source,id,type,member\n", "line 1: the column 'time' is missing; the columns can be"),
        (HEADER.replace(b"reach", b"network"), "line 1: the column 'data.network' is there twice"),
        (HEADER.replace(b"data.reach", b"data"), "line 1: there are both 'data' and columns 'data.…': keep one or"),
        (HEADER.replace(b",", b";"), "line 1: the columns are separated by ';'; save the file with commas"),
        (HEADER.decode().encode("utf-16"), "line 1: character 1 is a byte that is not UTF-8 (0xff); save the file as"),
        (
            b'"source,id\n',
            'line 1: a quote (") is opened, and not closed in the line; save the file as CSV in UTF-8',
        ),
    ],
    ids=["empty", "none", "column", "field", "missing", "twice", "both", "separator", "utf-16", "quote"],
)
def test_a_wrong_header_is_one_clear_error(content: bytes, message: str) -> None:
    """It names what is wrong, the nearest name, and the columns there can be."""
    assert invalid(content).startswith(message)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted() -> None:
    """A file as spreadsheets save it reads the same."""
    content = b"\xef\xbb\xbf" + (HEADER + SOUND).replace(b"\n", b"\r\n")
    assert activities(content) == [(2, REPORT)]


def test_empty_lines_are_passed_over() -> None:
    """Blank lines, lines of empty cells, and a missing last line end mean nothing."""
    assert activities(HEADER + b"\n,,,,,,\n" + SOUND.rstrip()) == [(4, REPORT)]
    assert activities(b"\n{}\n  \n", Format.JSONL) == [(2, Report(None, None, None, None, None, None))]


def test_a_line_of_the_greatest_length_is_read() -> None:
    """The limit is on the line without its end."""
    line = b'{"id": "' + b"x" * (LINE_BYTES_MAX - 10) + b'"}'
    assert len(line) == LINE_BYTES_MAX
    assert reasons(activities(line + b"\r\n" + line, Format.JSONL)) == {}


def test_an_empty_cell_of_a_member_says_that_there_is_none() -> None:
    """Team, location, department, time zone and attributes are emptied; name and participation stay."""
    header = b"external_id,name,team,participates,attributes.hourly,attributes.level\n"
    assert members(header + b"ada,Ada,Data,yes,no,3\nbo,,,,,\n") == [
        (2, {"external_id": "ada", "name": "Ada", "team": "Data", "participates": True}
            | {"attributes": {"hourly": False, "level": 3}}),
        (3, {"external_id": "bo", "team": "", "attributes": {"hourly": None, "level": None}}),
    ]  # fmt: skip


def test_a_members_file_needs_only_the_external_id() -> None:
    """What has no column is not spoken of."""
    assert members(b"external_id\nada\n") == [(2, {"external_id": "ada"})]
    assert members(b'external_id,attributes\nada,"{""level"": 2}"\n') == [
        (2, {"external_id": "ada", "attributes": {"level": 2}})
    ]


def test_members_in_json_may_have_the_names_of_graphql() -> None:
    """externalId and timeZone are external_id and time_zone."""
    line = b'{"externalId": "ada", "timeZone": "Europe/Oslo", "participates": true, "attributes": {"level": 2}}'
    expected = {"external_id": "ada", "time_zone": "Europe/Oslo", "participates": True, "attributes": {"level": 2}}
    assert members(line, Format.JSONL) == [(1, expected)]


@pytest.mark.parametrize(("name", "form"), [("a.CSV", "csv"), ("a.jsonl", "jsonl"), ("a.ndjson", "jsonl")])
def test_the_name_of_a_file_says_its_format(name: str, form: str) -> None:
    """CSV and JSON lines are known by their suffix."""
    assert Format.of(PurePath(name)) == form


def test_another_format_is_refused() -> None:
    """The words say which there are."""
    with pytest.raises(FileInvalid, match=r"staff.xlsx cannot be read by its name: save it as .csv, or as .jsonl"):
        Format.of(PurePath("staff.xlsx"))


def test_identities_have_columns_of_their_own() -> None:
    """One for all, one for each kind, with semicolons between; an empty cell says nothing of them."""
    content = b"external_id,identities,identities.email\nada,slack:U1; slack:U2,a@x.org;b@x.org\nben,,\ncy,,c@x.org\n"
    found = [each for _, each in read_members(Lines(BytesIO(content)), Format.CSV, ATTRIBUTES, ["email", "slack"])]
    ada = ["slack:U1", "slack:U2", "email:a@x.org", "email:b@x.org"]
    cy = {"external_id": "cy", "identities": ["email:c@x.org"]}
    assert [{"external_id": "ada", "identities": ada}, {"external_id": "ben"}, cy] == found
    line = b'{"externalId": "ada", "identities": ["slack:U1"]}'
    assert [(1, {"external_id": "ada", "identities": ["slack:U1"]})] == members(line, Format.JSONL)
    with pytest.raises(FileInvalid, match=r"there is no column 'identities.fax'"):
        list(read_members(Lines(BytesIO(b"external_id,identities.fax\n")), Format.CSV, ATTRIBUTES, ["email"]))
