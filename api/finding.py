"""What is wrong in a programme file, or may not be meant, as an answer has it."""

from collections.abc import Iterable

import strawberry

from errors import Mistake
from rules.advice import Advice


@strawberry.type(description="Something in a programme file that is wrong, or that its author may not have meant.")
class Finding:
    where: str = strawberry.field(description="The path of names to it, such as rules.share.limits.")
    line: int | None = strawberry.field(description="The line of the file, from 1.")
    column: int | None = strawberry.field(description="The column in that line, from 1.")
    message: str = strawberry.field(description="What is wrong and what to do.")

    code: str | None = strawberry.field(description="Of a warning, a constant for programs.")

    @classmethod
    def of(cls, mistake: Mistake) -> "Finding":
        return cls(
            where=mistake.where,
            line=mistake.line or None,
            column=mistake.column or None,
            message=mistake.message,
            code=None,
        )

    @classmethod
    def of_advice(cls, advice: Advice) -> "Finding":
        return cls(
            where=advice.path,
            line=advice.line or None,
            column=advice.column or None,
            message=advice.message,
            code=advice.code.name,
        )


def findings(mistakes: Iterable[Mistake]) -> list[Finding]:
    return [Finding.of(mistake) for mistake in mistakes]
