"""What mutations answer where they do nothing: problems in words, each with a constant for programs."""

import strawberry

from activity.intake import Refused
from api.errors import code_of
from errors import LaurelsError

# What the errors of a payload tell.
WHY_NOT = "Why nothing was done, when nothing was."


@strawberry.interface(description="Why nothing of a request was done.")
class Problem:
    code: str = strawberry.field(description="A constant for programs.")
    message: str = strawberry.field(description="What is wrong and what to do, for people.")


@strawberry.type(description="The request holds more elements than one may.")
class BatchTooLarge(Problem):
    given: int = strawberry.field(description="How many it holds.")
    max: int = strawberry.field(description="How many one request may hold.")


@strawberry.type(description="No programme has been applied to this database yet.")
class ProgrammeMissing(Problem):
    pass


@strawberry.type(description="Something that was given cannot be used.")
class InputRefused(Problem):
    field: str | None = strawberry.field(description="The part of the input that is wrong, such as reason.")


# All of them, for the schema: a type that only an interface leads to is not found by itself.
PROBLEMS = (BatchTooLarge, ProgrammeMissing, InputRefused)


def missing(error: LaurelsError) -> Problem:
    return ProgrammeMissing(code=code_of(error), message=str(error))


def refused(error: Refused) -> Problem:
    return InputRefused(code=code_of(error), message=error.message, field=error.field or None)
