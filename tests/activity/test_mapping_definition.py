"""Reading a mapping: every mistake is named with its place, all at once."""

import pytest

from activity.mapping import Kind
from tests.activity.mapped import BEGIN, mapping_of, mistakes


def test_a_sound_mapping_has_no_mistakes() -> None:
    """Nor does it need more than it says."""
    assert [] == mistakes(BEGIN)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("tpye: x", "there is no setting 'tpye' here; did you mean 'type'?"),
        ("format: xls", "format: must be one of csv, tsv, json, jsonl, feed, not 'xls'"),
        ("encoding: ascii", "encoding: must be one of utf-8, utf-16, latin-1, cp1252, not 'ascii'"),
        ("separator: ';;'", "separator: must be one character, such as ';', or 'tab'"),
        ("data: {netwrok: x}", "data.netwrok: there is no field of post.shared 'netwrok'; did you mean 'network'?"),
        ("data: {reach: many}", "data.reach: reach must be a whole number such as 12, but it is 'many'"),
        ("data: {network: '{a'}", "data.network: this '{' is never closed"),
        ("data: {network: 'a}'}", "data.network: this '}' closes nothing"),
        ("data: {network: '{}'}", "data.network: these braces name no column"),
        ("data: {network: '{a|uper}'}", "data.network: there is no filter 'uper'"),
        ("data: {network: '{a|hash:99}'}", "the filter 'hash' needs a number of characters from 4 to 32"),
        ("data: {network: '{a|lower:x}'}", "the filter 'lower' takes nothing after a ':'"),
        ("data: {network: '{a|before}'}", "the filter 'before' needs a text that ends it"),
        (
            "data: {network: {value: '{a}', lookup: nets}}",
            "data.network.lookup: there is no lookup 'nets'",
        ),
        ("data: {network: {value: '{a}', format: iso}}", "data.network: there is no setting 'format' here"),
        ("data: {on: {value: '{a}', format: dd}}", "data.on.format: must be one of iso, rfc2822, seconds"),
        ("data: {on: {value: '{a}', zone: Mars}}", "data.on.zone: there is no time zone 'Mars'"),
        (
            "skip_when: [{column: a}]",
            "skip_when.1: says none of in, not_in, empty, matches, not_matches, same_as: say one",
        ),
        ("skip_when: [{column: a, matches: '('}]", "skip_when.1.matches: is no regular expression: missing ): ("),
        (
            "skip_when: [{column: a, not_matches: '(?!b)'}]",
            "invalid perl operator: (?! (RE2 looks neither ahead nor back)",
        ),
        ("skip_when: [{column: a, matches: '(a)\\1'}]", "(RE2 looks neither ahead nor back)"),
        ("skip_when: [{column: a, matches: '\\pL{1000}'}]", "pattern too large"),
        ("each: {column: a}", "each: 'as' is missing"),
        ("each: {column: a, as: b, format: xml}", "each.format: must be json, or left out"),
        ("lookups: {nets: {file: no.csv, key: a, value: b}}", "lookups.nets.file: no.csv: No such file or directory"),
        (
            "lookups: {nets: {file: is.csv, key: c, value: b}}",
            "lookups.nets.key: is.csv has no column 'c'",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(extra: str, message: str) -> None:
    """In words, with what to write instead."""
    [found] = mistakes(f"{BEGIN}{extra}\n", Kind.ACTIVITIES, **{"is": "a,b\n1,2\n"})
    assert found.startswith("line ")
    assert message in found


@pytest.mark.parametrize(
    ("type_", "message"),
    [
        ("post.shred", "type: there is no activity type 'post.shred'; did you mean 'post.shared'?"),
        ("{value: '{x}', default: post.shred}", "type: there is no activity type 'post.shred'"),
        ("talk.given", "'title' is missing under 'data': talk.given needs it, of type string"),
    ],
)
def test_the_type_is_checked_beside_the_programme(type_: str, message: str) -> None:
    """Whatever a row can say of it that the mapping knows."""
    [found] = mistakes(BEGIN.replace("post.shared", type_))
    assert message in found


def test_all_mistakes_are_told_at_once() -> None:
    """In the order of the file."""
    found = mistakes("of: activities\nsource: a\nid: '{'\ntype: post.shred\nsperator: x\n")
    assert [1, 1, 3, 4, 5] == [int(each.split()[1].strip(",")) for each in found]
    assert "'member' is missing" in found[0]


NETWORK = "data: {network: {value: '{a}', lookup: nn}}\n"
UNKNOWN = "data.network.lookup: there is no lookup 'nn' (lookups: "


@pytest.mark.parametrize(
    ("mapping", "messages"),
    [
        (BEGIN + NETWORK + "skip_when: [{column: a, matches: '('}]\n", [UNKNOWN + "none)", "skip_when.1.matches: "]),
        (
            BEGIN + NETWORK + "lookups: {mm: {file: no.csv, key: a, value: b}}\n",
            [UNKNOWN + "mm)", "lookups.mm.file: no.csv: No such file"],
        ),
        (BEGIN.replace("post.shared", "post.shred") + NETWORK, ["type: there is no activity type", UNKNOWN]),
        (BEGIN.replace("post.shared", "'{'") + NETWORK, ["type: this '{' is never closed", UNKNOWN]),
        (BEGIN.replace("type: post.shared\n", "") + NETWORK, ["'type' is missing", UNKNOWN]),
        (
            BEGIN.replace("post.shared", "{value: '{a|uper}', lookup: mm}") + NETWORK,
            ["type.value: there is no filter 'uper'", "type.lookup: there is no lookup 'mm'", UNKNOWN],
        ),
    ],
)
def test_a_lookup_that_is_not_there_is_told_beside_other_mistakes(mapping: str, messages: list[str]) -> None:
    """Also where another lookup, or the type, cannot be read."""
    found = mistakes(mapping)
    assert len(messages) == len(found)
    assert all(message in each for message, each in zip(messages, found, strict=True))


@pytest.mark.parametrize(
    "mapping",
    [
        BEGIN + "data: {network: {value: '{a}', lookup: nn}}\nlookups: {nn: {file: no.csv, key: a, value: b}}\n",
        BEGIN + "data: {network: {value: '{a}', lookup: nn}}\nlokups: {nn: {a: b}}\n",
        BEGIN.replace("post.shared", "{value: x, lookup: nn}") + "lookups: {nn: {file: no.csv, key: a, value: b}}\n",
        BEGIN.replace("post.shared", "post.shred") + "data: {views: 'many', day: {value: '{a}', format: iso}}\n",
    ],
)
def test_a_mistake_is_not_told_again_where_it_is_used(mapping: str) -> None:
    """What was to be there is nobody's second mistake."""
    assert 1 == len(mistakes(mapping))


def test_a_mapping_of_the_other_kind_is_named() -> None:
    """Instead of a list of settings that are not there."""
    [found] = mistakes(BEGIN, Kind.MEMBERS)
    assert "this is a mapping of activities, and members are to be imported" in found


def test_an_empty_file_says_how_to_begin() -> None:
    """The one thing to write first."""
    assert ["line 1, column 1: the file is empty: begin it with 'of: activities'"] == mistakes("")


def test_what_a_mapping_says_is_kept() -> None:
    """Its shape, for example."""
    shape = mapping_of(f"{BEGIN}path: a.b\nheader: 3\nseparator: tab\n").shape
    assert (("a", "b"), 3, "\t") == (shape.path, shape.header_line, shape.separator)
