"""Activities that credit several members, read from files."""

from io import BytesIO

from activity.catalogue import ActivityType
from activity.importer import Format, read_activities
from activity.intake import Report
from activity.lines import Lines

TYPES = {"talk.given": ActivityType("talk.given", "Gave a talk", {})}


def contributors(content: bytes, form: Format) -> list[object]:
    found = [each for _, each in read_activities(Lines(BytesIO(content)), form, TYPES)]
    return [each.contributors if isinstance(each, Report) else each.message for each in found]


def test_a_column_names_the_other_members() -> None:
    """Separated by semicolons; an empty cell names nobody, and neither does a file without the column."""
    header = b"source,id,type,member,time,contributors\n"
    rows = b"crm,1,talk.given,ada,2026-11-12T09:30:00Z,bob; cy;\ncrm,2,talk.given,ada,2026-11-12T09:30:00Z,\n"
    assert [["bob", "cy"], None] == contributors(header + rows, Format.CSV)
    without = b"source,id,type,member,time\ncrm,1,talk.given,ada,2026-11-12T09:30:00Z\n"
    assert [None] == contributors(without, Format.CSV)


def test_a_json_line_has_a_list_of_them() -> None:
    """As GraphQL takes it; whether it is one is asked where the activity is admitted."""
    lines = b'{"id": "1", "contributors": ["bob", "cy"]}\n{"id": "2"}\n{"id": "3", "contributors": 7}\n'
    assert [["bob", "cy"], None, 7] == contributors(lines, Format.JSONL)
