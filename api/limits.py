"""How much one GraphQL document may ask for, found out in time linear in the document, before it is validated.

Fragments multiply: thirty of them, each spreading the next twice, stand for a billion fields. Each is weighed once, and
every spread of it counts what it weighs.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.errors import DocumentTooLarge

LENGTH_MAX = 100_000  # characters; values belong into variables
TOKENS_MAX = 2_000
FIELDS_MAX = 1_000  # the standard introspection query has 300
ALIASES_MAX = 50  # each may be a question of its own to the database
DEPTH_MAX = 25  # of fields and fragments in each other; the standard introspection query has 18
REPEATS_MAX = 20  # of one name in one selection: GraphQL compares them in pairs
MISTAKES_MAX = 5  # for each unknown name GraphQL looks through all that it knows, for one that is like it

# What is repeated through fragments is compared in pairs too. The library's own budget for it lets hostile documents
# take most of a second.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 10_000

KEPT_MAX = 100  # sound documents: what widgets and tools send is always the same
KEPT_LENGTH_MAX = 4_000  # characters; as nodes a document takes a hundred times its length


class Weight(NamedTuple):
    """What a selection stands for, its fragments written out."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0


class Limits(SchemaExtension):
    """Refuses a document that is too large, before anything looks at it more closely.

    `sound` keeps documents that passed every check, by their text: looking at one again takes as long as answering it.
    """

    def __init__(self, sound: dict[str, DocumentNode]) -> None:
        self._sound = sound

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options["max_tokens"] = TOKENS_MAX
        context.graphql_document = self._sound.get(context.query or "")
        if context.graphql_document is not None:
            context.validation_rules = ()
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        document = context.graphql_document
        if document is None or not context.validation_rules:
            yield
            return
        try:
            check(document)
            context.pre_execution_errors = self._mistakes(document)
        except DocumentTooLarge as error:
            context.pre_execution_errors = [GraphQLError(str(error), original_error=error)]
        yield
        if context.query and len(context.query) <= KEPT_LENGTH_MAX and not context.pre_execution_errors:
            if len(self._sound) >= KEPT_MAX:
                self._sound.clear()
            self._sound[context.query] = document

    def _mistakes(self, document: DocumentNode) -> list[GraphQLError]:
        """What Strawberry's validation finds, which would go on to the hundredth mistake."""
        context = self.execution_context
        rules = (*context.validation_rules, MaybeNullValidationRule, OneOfInputValidationRule)
        errors = validate(context.schema._schema, document, rules, max_errors=MISTAKES_MAX)
        if len(errors) == 1 and isinstance(errors[0], ValidationAbortedError):
            raise DocumentTooLarge(
                "the document asks for the same fields in too many places to compare them; ask for each once"
            )
        return errors


def check(document: DocumentNode) -> None:
    """Raises DocumentTooLarge."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    weights: dict[str, Weight] = {}
    total = Weight()
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            weight = _weigh(node.selection_set, fragments, weights, 1)
            total = Weight(total.fields + weight.fields, total.aliases + weight.aliases)
    for asked, allowed, words in (
        (total.fields, FIELDS_MAX, "fields"),
        (total.aliases, ALIASES_MAX, "aliases"),
    ):
        if asked > allowed:
            raise DocumentTooLarge(
                f"the document asks for more than {allowed:,} {words}, its fragments written out; ask for less at once"
            )


def _weigh(
    selections: SelectionSetNode | None,
    fragments: dict[str, FragmentDefinitionNode],
    weights: dict[str, Weight],
    level: int,
) -> Weight:
    """The weight of a selection set at a level. A fragment that contains itself weighs nothing there: validation will
    refuse it."""
    if selections is None:
        return Weight()
    if level > DEPTH_MAX:
        raise _too_deep()
    _check_repeats(selections)
    fields = aliases = depth = 0
    inner = Weight()
    for node in selections.selections:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in weights:
                weights[name] = Weight()
                found = fragments.get(name)
                weights[name] = _weigh(found.selection_set if found else None, fragments, weights, level + 1)
            inner = weights[name]
        elif isinstance(node, FieldNode | InlineFragmentNode):
            inner = _weigh(node.selection_set, fragments, weights, level + 1)
        if isinstance(node, FieldNode):
            fields += 1
            aliases += node.alias is not None and node.alias.value != node.name.value
        fields += inner.fields
        aliases += inner.aliases
        depth = max(depth, inner.depth)
    if level + depth > DEPTH_MAX:
        raise _too_deep()
    return Weight(fields, aliases, depth + 1)


def _check_repeats(selections: SelectionSetNode) -> None:
    fields = [node for node in selections.selections if isinstance(node, FieldNode)]
    if len(fields) <= REPEATS_MAX:
        return
    [(name, times)] = Counter((node.alias or node.name).value for node in fields).most_common(1)
    if times > REPEATS_MAX:
        raise DocumentTooLarge(
            f'the document asks for "{name[:60]}" {times:,} times in one place; ask for it once, with all of its fields'
        )


def _too_deep() -> DocumentTooLarge:
    return DocumentTooLarge(f"the document is nested more than {DEPTH_MAX} levels deep; ask for less at once")
