"""A file and its mapping, as tests write them."""

from io import BytesIO
from pathlib import PurePath
from typing import Any, BinaryIO

from activity.catalogue import ActivityType, Field, FieldType
from activity.importer import MemberWords
from activity.intake import Refused, Report
from activity.mapped import mapped_activities, mapped_members
from activity.mapping import FileMapping, Kind
from activity.mapping_definition import MappingInvalid, read_mapping
from activity.rows import Rows
from errors import LaurelsError

FIELDS = {
    "network": FieldType.STRING,
    "reach": FieldType.INT,
    "score": FieldType.DOUBLE,
    "own": FieldType.BOOL,
    "topics": FieldType.STRINGS,
    "on": FieldType.DATE,
    "at": FieldType.TIMESTAMP,
}
OPTIONAL: dict[FieldType, Any] = {
    FieldType.STRING: "",
    FieldType.INT: 0,
    FieldType.DOUBLE: 0.0,
    FieldType.BOOL: False,
    FieldType.STRINGS: [],
    FieldType.DATE: "2026-01-01",
    FieldType.TIMESTAMP: "2026-01-01T00:00:00+00:00",
}
TYPES = {
    "post.shared": ActivityType(
        "post.shared", "Shared", {name: Field(name, kind, OPTIONAL[kind]) for name, kind in FIELDS.items()}
    ),
    "post.liked": ActivityType("post.liked", "Liked", {"reach": Field("reach", FieldType.STRING, "")}),
    "talk.given": ActivityType("talk.given", "Gave a talk", {"title": Field("title", FieldType.STRING)}),
}
ATTRIBUTES = {"hourly": FieldType.BOOL, "joined": FieldType.DATE}

BEGIN = """
of: activities
source: crm
id: "{id}"
type: post.shared
member: "{who}"
time: "{time}"
"""
HEADER = "id,who,time"
SOUND = "1,ada,2026-11-12T09:30:00Z"


def mapping_of(text: str, of: Kind = Kind.ACTIVITIES, /, **files: str) -> FileMapping:
    """What a mapping says; `files` are those beside it, each by its name without .csv."""

    def opened(name: str) -> BinaryIO:
        if name.removesuffix(".csv") not in files:
            raise LaurelsError(f"{name}: No such file or directory")
        return BytesIO(files[name.removesuffix(".csv")].encode())

    return read_mapping(text, of, TYPES, ATTRIBUTES, opened)


def mistakes(text: str, of: Kind = Kind.ACTIVITIES, /, **files: str) -> list[str]:
    """What is wrong with a mapping, each with its place."""
    try:
        mapping_of(text, of, **files)
    except MappingInvalid as invalid:
        return [str(mistake) for mistake in invalid.mistakes]
    return []


def activities(
    content: str | bytes, mapping: str, name: str = "file.csv", **files: str
) -> list[tuple[int, Report | Refused | None]]:
    """What becomes of each row of a file."""
    said = mapping_of(mapping, Kind.ACTIVITIES, **files)
    raw = content if isinstance(content, bytes) else content.encode()
    return list(mapped_activities(Rows(BytesIO(raw), PurePath(name), said.shape), said, TYPES))


def members(content: str, mapping: str) -> list[tuple[int, MemberWords | Refused | None]]:
    said = mapping_of(mapping, Kind.MEMBERS)
    return list(mapped_members(Rows(BytesIO(content.encode()), PurePath("file.csv"), said.shape), said, ATTRIBUTES))


def one(content: str | bytes, mapping: str, name: str = "file.csv", **files: str) -> Report:
    """The one activity of a file."""
    [(_, read)] = activities(content, mapping, name, **files)
    assert isinstance(read, Report), read
    return read


def cell(setting: str, text: str) -> Any:
    """What a cell becomes under `data`, by a setting that reads it as {x}; or the words of its refusal."""
    [(_, read)] = activities(f'{HEADER},x\n{SOUND},"{text}"\n', f"{BEGIN}data:\n  {setting}\n")
    return read.message if isinstance(read, Refused) else read.data if read else None


def reasons(read: list[tuple[int, Any]]) -> dict[int, str]:
    return {line: each.message for line, each in read if isinstance(each, Refused)}
