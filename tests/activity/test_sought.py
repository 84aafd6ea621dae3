"""Names that no row of JSON or a feed has: what is misspelt is told first, and every other in the end."""

import json
from io import BytesIO
from pathlib import PurePath

import pytest

from activity.importer import FileInvalid
from activity.intake import Report
from activity.mapped import mapped_activities
from activity.rows import Rows
from activity.sought import NAMES_MAX, Sought, Unfound
from tests.activity.mapped import BEGIN, TYPES, activities, mapping_of

ROW = {
    "id": 1,
    "who": "ada",
    "time": "2026-11-12T09:30:00Z",
    "type": "message",
    "likes": [{"users": ["U1"], "meta": {"url": "u"}}],
    "meta": {"url": "u", "ok": True},
    "list": [],
}
EACH = "each: [{column: likes, as: like}]\n"


def read(more: str, rows: int = 2) -> list[tuple[int, object]]:
    return list(activities("\n".join(json.dumps(ROW) for _ in range(rows)), BEGIN + more, "x.jsonl"))


@pytest.mark.parametrize(
    ("more", "reader", "told", "meant"),
    [
        ("each: [{column: lykes, as: like}]", "each", "lykes", "likes"),
        ("skip_when: [{column: mta.ok, in: ['true']}]", "skip_when", "mta", "meta"),
        ("skip_when: [{column: meta.kk, in: ['true']}]", "skip_when", "meta.kk", "meta.ok"),
        ('data: {network: "{meta.ulr}"}', "data.network", "meta.ulr", "meta.url"),
        (EACH + 'data: {network: "{like.meta.urls}"}', "data.network", "like.meta.urls", "like.meta.url"),
        (EACH + 'data: {network: "{likes.0.Meta.url}"}', "data.network", "likes.0.Meta", "likes.0.meta"),
    ],
)
def test_a_misspelt_name_is_a_mistake_of_the_whole_file(more: str, reader: str, told: str, meant: str) -> None:
    """With what was probably meant."""
    with pytest.raises(FileInvalid, match="none of the first rows has") as raised:
        read(more)
    begins = f"{reader} reads '{told}', which none of the first rows has; did you mean {meant}?"
    assert str(raised.value).startswith(begins)


@pytest.mark.parametrize(
    "more",
    [
        'data: {network: "{meta.ulr|default:none}"}',
        "skip_when: [{column: lykes, empty: false}]",
        "skip_when: [{column: subtype, in: [join]}]",
        'data: {network: "{list.name}"}',
        'data: {network: "{other.url}"}',
    ],
)
def test_what_rows_may_leave_out_is_no_mistake(more: str) -> None:
    """Where the mapping says so, or nothing there has nearly that name."""
    assert [Report, Report] == [type(each) for _, each in read(more)]


def test_a_name_that_some_row_has_is_no_mistake() -> None:
    """However late among the first thousand."""
    late = json.dumps(ROW | {"mta": {"ok": "x"}})
    content = "\n".join([*[json.dumps(ROW)] * 900, late])
    [*_, (_, last)] = activities(content, BEGIN + 'data: {network: "{mta.ok}"}', "x.jsonl")
    assert isinstance(last, Report)
    assert {"network": "x"} == last.data


def unfound(more: str, *rows: dict[str, object], name: str = "x.jsonl") -> list[Unfound]:
    """What no row had, once all are read."""
    mapping = mapping_of(BEGIN + more)
    content = "\n".join(map(json.dumps, rows or [ROW])).encode()
    read = Rows(BytesIO(content), PurePath(name), mapping.shape)
    list(mapped_activities(read, mapping, TYPES))
    return read.unfound()


BESIDE = tuple(ROW)
META = ("meta.url", "meta.ok")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("each: {column: nothing, as: x}", Unfound("nothing", "each", 8, BESIDE)),
        ("\neach:\n  - {column: nothing, as: x}", Unfound("nothing", "each", 10, BESIDE)),
        ("skip_when: [{column: nothing, in: [join]}]", Unfound("nothing", "skip_when", 8, BESIDE)),
        ("skip_when: [{column: id, same_as: nothing}]", Unfound("nothing", "skip_when", 8, BESIDE)),
        ("contributors: {column: nothing}", Unfound("nothing", "contributors", 8, BESIDE)),
        ('data:\n  network: "{nothing}"', Unfound("nothing", "data.network", 9, BESIDE)),
        ('data: {reach: {value: "{nothing}"}}', Unfound("nothing", "data.reach", 8, BESIDE)),
        ('data: {network: "{meta.other.x}"}', Unfound("meta.other", "data.network", 8, META)),
        ('data: {network: "{who.name}"}', Unfound("who.name", "data.network", 8, ())),
        (
            EACH + 'data: {network: "{like.meta.no}"}',
            Unfound("like.meta.no", "data.network", 9, ("like.meta.url",)),
        ),
        (
            'lookups: {n: {a: b}}\ndata: {network: {value: "{nothing}", lookup: n, default: x}}',
            Unfound("nothing", "data.network", 9, BESIDE),
        ),
    ],
)
def test_a_name_that_no_row_has_is_told_in_the_end(more: str, told: Unfound) -> None:
    """With who reads it, where the mapping says so, and what rows have there."""
    assert [told] == unfound(more)


@pytest.mark.parametrize(
    "more",
    [
        "each: {column: nothing, as: x, optional: true}",
        "contributors: {column: nothing, optional: true}",
        "skip_when: [{column: nothing, in: [join], optional: true}]",
        "skip_when: [{column: id, same_as: nothing, optional: true}]",
        "skip_when: [{column: nothing, not_in: ['', talk]}]",
        "skip_when: [{column: nothing, empty: false}]",
        'data: {network: "{nothing|default:none}"}',
        'data: {network: {value: "{nothing}", default: none}}',
        "data: {network: {value: '{nothing}', default: ''}}",
        'data: {network: "{list.name}"}',
        'data: {network: "{meta.url}"}',
    ],
)
def test_what_may_be_missing_everywhere_is_not_told(more: str) -> None:
    """As the mapping says so, or nothing was there in which it could have been."""
    assert [] == unfound(more)


def test_a_name_that_one_row_has_is_not_told() -> None:
    """Also the last of many, long after the first were looked at; but of those of which it was asked."""
    assert [] == unfound('data: {network: "{nothing}"}', *[ROW] * 1_500, ROW | {"nothing": None})
    left_out = ROW | {"id": "", "nothing": "x"}
    assert ["nothing"] == [each.path for each in unfound('data: {network: "{nothing}"}', ROW, left_out)]


def test_names_in_the_cells_of_a_table_are_sought_too() -> None:
    """Of what is JSON in them."""
    cell = json.dumps([{"name": "wave"}]).replace('"', '""')
    content = f'id,who,time,x\n1,ada,2026-11-12T09:30:00Z,"{cell}"\n'
    each = "each: {column: x, as: like, format: json}\n"
    mapping = mapping_of(BEGIN + each + 'data: {network: "{like.other}"}\n')
    read = Rows(BytesIO(content.encode()), PurePath("x.csv"), mapping.shape)
    list(mapped_activities(read, mapping, TYPES))
    assert [Unfound("like.other", "data.network", 9, ("like.name",))] == read.unfound()
    with pytest.raises(FileInvalid, match=r"did you mean like\.name"):
        activities(content, BEGIN + each + 'data: {network: "{like.nam}"}\n')


def test_what_is_remembered_of_hostile_rows_is_bounded() -> None:
    """However many names they have, and however long."""
    sought = Sought("nothing", "each")
    for number in range(5):
        sought.look({f"{number}-{each}": 1 for each in range(100_000)} | {"x" * 1_000_000: 1})
    found = sought.unfound()
    assert found is not None
    assert len(found.beside) <= 2 * NAMES_MAX
    assert max(map(len, found.beside)) <= 100
