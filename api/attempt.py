"""Operations as mutations attempt them: what was done, or else what a payload says of why nothing was."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from activity.intake import Refused
from api.context import Context
from api.errors import code_of
from api.finding import Finding, findings
from api.problems import InputRefused, Problem, missing, refused
from errors import LaurelsError
from operations.programme import ProgrammeInvalid
from operations.publish import PlanRefused
from operations.revision import NoProgramme
from storage.work import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True)
class Attempt(Generic[T]):
    """What came of an operation. `errors` says why nothing was done; `mistakes` are those of a programme file, to which
    one of the errors then points."""

    done: T | None
    mistakes: list[Finding] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)


async def attempted(operation: Awaitable[T]) -> Attempt[T]:
    """What came of an operation that raises a LaurelsError where it does nothing."""
    try:
        return Attempt(await operation)
    except (ProgrammeInvalid, PlanRefused) as error:
        return Attempt(None, findings(error.mistakes), [_invalid(error)])
    except LaurelsError as error:
        return Attempt(None, errors=[problem_of(error)])


async def attempted_writing(
    context: Context, operation: Callable[[UnitOfWork], Awaitable[T]], *, rehearse: bool = False
) -> Attempt[T]:
    """The same of one that is a transaction of its own. A rehearsed one is taken back."""

    async def writing() -> T:
        async with context.service.store.rehearsing() if rehearse else context.writing() as work:
            return await operation(work)

    return await attempted(writing())


def _invalid(error: ProgrammeInvalid | PlanRefused) -> Problem:
    count = len(error.mistakes)
    told = f"the file has {count} mistake{'s' * (count != 1)}, the first being {error.mistakes[0]}"
    remedy = "mend what mistakes names, and try again"
    return InputRefused(code=code_of(error), message=f"{told}; {remedy}", field=None)


def problem_of(error: LaurelsError) -> Problem:
    """An error, as the payload of a mutation has it."""
    if isinstance(error, Refused):
        return refused(error)
    if isinstance(error, NoProgramme):
        return missing(error)
    return InputRefused(code=code_of(error), message=str(error), field=None)
