"""The schema as clients see it, and the documents that are written against it."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    parse,
    validate,
    validate_schema,
)

from api.schema import print_sdl

ROOT = Path(__file__).parents[2]
SCHEMA = build_schema(print_sdl())
DOCUMENTS = sorted((ROOT / "graphql").glob("*.graphql"))


def test_the_printed_schema_is_the_schema() -> None:
    """`schema.graphql` is what the code serves; `python app.py schema > schema.graphql` brings it up to date."""
    assert print_sdl() == (ROOT / "schema.graphql").read_text()
    assert [] == validate_schema(SCHEMA)


def test_everything_has_a_description() -> None:
    """Every type, field, argument and input says what it is, in a sentence."""
    missing = []
    for name, kind in SCHEMA.type_map.items():
        if name.startswith("__"):
            continue
        described = {name: kind.description}
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                described[f"{name}.{field_name}"] = field.description
                for argument_name, argument in field.args.items():
                    described[f"{name}.{field_name}({argument_name})"] = argument.description
        elif isinstance(kind, GraphQLInputObjectType):
            described |= {f"{name}.{field_name}": field.description for field_name, field in kind.fields.items()}
        missing += [place for place, description in described.items() if not description]
    assert [] == missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_document_fits_the_schema(path: Path) -> None:
    """What pages and widgets send is valid, and begins with a line that says what it is for."""
    text = path.read_text()
    assert [] == validate(SCHEMA, parse(text))
    assert text.startswith("# ")
