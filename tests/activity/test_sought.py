"""Misspelt names of JSON and feeds: told before anything is brought in."""

import json

import pytest

from activity.importer import FileInvalid
from activity.intake import Report
from tests.activity.mapped import BEGIN, activities

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
