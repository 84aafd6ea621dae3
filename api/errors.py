"""What a client is told when something goes wrong: the one place where errors become GraphQL errors.

A LaurelsError is shown as it is, with a code. What GraphQL itself refuses keeps its words. Anything else is a bug: it
is logged under a number, and the client gets that number and nothing else.
"""

import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLError

from activity.claim import AlreadyClaimed, LimitReached
from errors import LaurelsError
from operations.programme import ProgrammeInvalid
from operations.publish import PlanRefused
from operations.revision import NoProgramme

logger = logging.getLogger("laurels")


class NotFound(LaurelsError):
    """Something was asked for by a name that nothing has."""


class IdInvalid(LaurelsError):
    """A global id that Laurels did not give."""


class Forbidden(LaurelsError):
    """The key is good, but its scopes do not reach what was asked."""


class DocumentTooLarge(LaurelsError):
    """A GraphQL document asks for more than one request may."""


# By class; a subclass without a line of its own has the code of its base.
CODES: Mapping[type[LaurelsError], str] = {
    NotFound: "NOT_FOUND",
    Forbidden: "FORBIDDEN",
    DocumentTooLarge: "DOCUMENT_TOO_LARGE",
    NoProgramme: "NO_PROGRAMME",
    ProgrammeInvalid: "PROGRAMME_INVALID",
    PlanRefused: "PROGRAMME_INVALID",
    LimitReached: "LIMIT_REACHED",
    AlreadyClaimed: "ALREADY_CLAIMED",
    LaurelsError: "BAD_INPUT",
}


def formatted(errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
    """Errors as the response has them."""
    return [_formatted(error) for error in errors]


def code_of(error: LaurelsError) -> str:
    return next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)


def problem(message: str, code: str) -> dict[str, Any]:
    """An error that concerns the request as a whole, in the shape of a GraphQL error."""
    return {"message": message, "extensions": {"code": code}}


def internal(error: BaseException, where: object) -> dict[str, Any]:
    """An error for a bug: logged under a number that the client gets."""
    incident = secrets.token_hex(6)
    logger.error("incident %s at %s", incident, where, exc_info=error)
    told = problem(f"internal error {incident}; whoever runs Laurels finds it under this number in its log", "INTERNAL")
    told["extensions"]["incident"] = incident
    return told


def _formatted(error: GraphQLError) -> dict[str, Any]:
    shown = dict(error.formatted)
    cause = _cause(error)
    if isinstance(cause, LaurelsError):
        shown |= problem(str(cause), code_of(cause))
    elif cause is not None:
        shown |= internal(cause, error.path)
    else:
        shown["extensions"] = {"code": "BAD_INPUT" if error.path else "DOCUMENT_INVALID"} | (error.extensions or {})
    return shown


def _cause(error: GraphQLError) -> BaseException | None:
    """What a resolver raised; None where GraphQL itself refused something."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause
