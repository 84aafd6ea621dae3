"""The GraphQL schema: the domains' types and the root fields, assembled.

`schema.graphql` is this schema printed; `python app.py schema` prints it.
"""

from graphql import DocumentNode
from strawberry import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from activity.schema import BIG_INT, TEXT, BigInt, Text
from api.limits import Limits
from api.mutation import Mutation
from api.problems import PROBLEMS
from api.query import Query


class _Schema(Schema):
    def process_errors(self, errors: object, execution_context: ExecutionContext | None = None) -> None:
        """Strawberry would log every error here; `api/errors.py` logs those that are bugs."""


documents: dict[str, DocumentNode] = {}  # those that passed every check, by text

schema = _Schema(
    query=Query,
    mutation=Mutation,
    types=PROBLEMS,
    extensions=[lambda: Limits(documents)],
    config=StrawberryConfig(scalar_map={BigInt: BIG_INT, Text: TEXT}),
)


def print_sdl() -> str:
    """The schema in GraphQL's own language."""
    return schema.as_str() + "\n"
