"""How much one document may ask for, and that finding out is quick however it is written.

Work is counted in called functions: half a million take about 50 ms where this was written.
"""

import pytest
from graphql import get_introspection_query, parse

from api import limits
from api.errors import DocumentTooLarge
from api.schema import documents
from tests.api.conftest import Client
from tests.counting import counted

CALLS_MAX = 500_000


def nested(depth: int) -> str:
    """A field inside a field, so many times."""
    return "{ a " * depth + "}" * depth


def bomb(fragments: int) -> str:
    """Fragments of which each spreads the next twice: 2 to the power of their number when written out."""
    doubled = "".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }} " for n in range(fragments))
    return f"{{ ...f0 }} {doubled} fragment f{fragments} on Query {{ __typename }}"


TOO_LARGE = {
    "deep": (nested(limits.DEPTH_MAX + 1), "the document is nested more than 25 levels deep; ask for less at once"),
    "deep in fragments": (bomb(24), "the document is nested more than 25 levels deep; ask for less at once"),
    "wide": (
        "{" + "".join(f" a{n}" for n in range(1_001)) + "}",
        "the document asks for more than 1,000 fields, its fragments written out; ask for less at once",
    ),
    "wide in fragments": (
        bomb(10),
        "the document asks for more than 1,000 fields, its fragments written out; ask for less at once",
    ),
    "aliases": (
        "{" + "".join(f" a{n}: programme {{ key }}" for n in range(51)) + "}",
        "the document asks for more than 50 aliases, its fragments written out; ask for less at once",
    ),
    "aliases in fragments": (
        "{ ...a ...b } fragment a on Query { ...b } fragment b on Query {"
        + "".join(f" a{n}: programme {{ key }}" for n in range(26))
        + "}",
        "the document asks for more than 50 aliases, its fragments written out; ask for less at once",
    ),
    "one name again and again": (
        "{ programme {" + " rules { key }" * 21 + "} }",
        'the document asks for "rules" 21 times in one place; ask for it once, with all of its fields',
    ),
    "one alias again and again": (
        "{" + " a: programme { key }" * 21 + "}",
        'the document asks for "a" 21 times in one place; ask for it once, with all of its fields',
    ),
}


@pytest.mark.parametrize("document", TOO_LARGE)
def test_what_is_too_large_is_refused_in_words(document: str) -> None:
    """By depth, by fields, by aliases, by repetition; a fragment counts wherever it is spread."""
    text, message = TOO_LARGE[document]
    with pytest.raises(DocumentTooLarge) as refused:
        limits.check(parse(text))
    assert message == str(refused.value)


def test_what_is_just_small_enough_passes() -> None:
    """The limits themselves are allowed; an alias that renames nothing is none."""
    limits.check(parse(nested(limits.DEPTH_MAX)))
    limits.check(parse(bomb(9)))
    limits.check(parse("{" + "".join(f" a{n}" for n in range(1_000)) + "}"))
    limits.check(parse("{" + "".join(f" a{n}: a{n}" for n in range(500)) + "}"))
    limits.check(parse("{" + " a { b }" * limits.REPEATS_MAX + "}"))
    limits.check(parse(get_introspection_query()))


def test_broken_fragments_are_left_to_validation() -> None:
    """A fragment that contains itself, or that there is not, weighs nothing: GraphQL's own words are better."""
    limits.check(parse("{ ...f } fragment f on Query { __typename ...g } fragment g on Query { ...f ...h }"))


async def test_a_bomb_of_nested_fragments_is_refused_at_once(client: Client) -> None:
    """Written out it would be 2 to the power of 23 or of 100: found out by looking at each fragment once."""
    for fragments in (23, 100):
        with counted() as calls:
            code, _ = await client.refusal(bomb(fragments))
        assert "DOCUMENT_TOO_LARGE" == code
        assert calls.count < CALLS_MAX / 5


HOSTILE = {
    "nested": nested(600),
    "inline fragments": "{" + " ... {" * 600 + "__typename" + "}" * 601,
    "nested list": "{ member(externalId: " + "[" * 900 + "]" * 900 + ") { name } }",
    "one field": "{" + " __typename" * 1_900 + "}",
    "one object": "{" + " programme { key }" * 390 + "}",
    "one object in fragments": "{" + " ... { programme { key } }" * 260 + "}",
    "chain": "{ ...f0 }" + "".join(f"fragment f{n} on Query {{ ...f{n + 1} }} " for n in range(280)),
    "circle": "{ ...f0 }" + "".join(f"fragment f{n} on Query {{ ...f{(n + 1) % 20} }} " for n in range(20)),
    "directives": "{ __typename " + " @include(if: true)" * 280 + "}",
    "arguments": "{ leaderboard(" + " key: 1" * 600 + ") { participants } }",
    "unknown fields": "{" + "".join(f" f{'x' * 50}{n}" for n in range(999)) + "}",
    "unknown types": "{ __typename }" + "".join(f"fragment f{n} on MemberConnectionOf{n} {{ a }} " for n in range(240)),
    "long names": "{" + "".join(f" a{n:04}{'x' * 90}" for n in range(990)) + "}",
    "variables": "query Q(" + "".join(f"$v{n}: Int " for n in range(480)) + ") { __typename }",
    "tokens": "{ a }" * 700,
    "comments": "#\n" * 49_990 + "{ a }",
    "text": '{ member(externalId: "' + "\\u0041" * 16_000 + '") { nam } }',
}


async def test_hostile_documents_are_refused_quickly(client: Client) -> None:
    """Whatever is repeated or nested, within the length of a document: a clear refusal, for little work."""
    for name, document in HOSTILE.items():
        with counted() as calls:
            answer = await client.post(document)
        codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
        assert codes <= {"DOCUMENT_TOO_LARGE", "DOCUMENT_INVALID"}, name
        assert 400 == answer.status_code
        assert calls.count < CALLS_MAX, name


async def test_what_fragments_repeat_is_refused_in_words(client: Client) -> None:
    """The budget for comparing fields ends, and the refusal says what to do about it."""
    told = (
        "DOCUMENT_TOO_LARGE",
        "the document asks for the same fields in too many places to compare them; ask for each once",
    )
    assert told == await client.refusal(HOSTILE["one object in fragments"])


async def test_only_the_first_mistakes_are_told(client: Client) -> None:
    """They are enough to mend a document by, with a name that is like the unknown one."""
    errors = (await client.post(HOSTILE["unknown types"])).json()["errors"]
    assert "Did you mean 'MemberConnection'" in errors[0]["message"]
    assert limits.MISTAKES_MAX + 1 == len(errors)


async def test_introspection_needs_a_key_and_nothing_more(client: Client) -> None:
    """With any good key the whole schema can be asked for; without one, nothing."""
    introspection = get_introspection_query()
    answer = await client.ask(introspection)
    assert "Leaderboard" in {found["name"] for found in answer["__schema"]["types"]}
    assert 401 == (await client.post(introspection, "")).status_code


async def test_a_document_that_passed_is_not_looked_at_again(client: Client) -> None:
    """The same text is answered again with other variables; a refused one is refused again."""
    query = "query Same($id: String!) { member(externalId: $id) { name } }"
    for name in ("Ada", "Bob", "Ada"):
        assert {"member": {"name": name}} == await client.ask(query, id=name.lower())
    for _ in range(2):
        assert "DOCUMENT_INVALID" == (await client.refusal("query Same { nothing }"))[0]
        code, message = await client.refusal(query)
        assert ("DOCUMENT_INVALID", True) == (code, message.startswith("Variable '$id' has invalid value"))


async def test_only_so_many_documents_are_kept(client: Client) -> None:
    """A client that never sends the same text twice fills no memory."""
    for number in range(limits.KEPT_MAX + 5):
        await client.ask(f"query Q{number} {{ __typename }}")
    await client.ask("{ __typename }" + " " * limits.KEPT_LENGTH_MAX)
    assert 0 < len(documents) <= limits.KEPT_MAX
    assert max(map(len, documents)) <= limits.KEPT_LENGTH_MAX
