"""Arguments that several fields have."""

from typing import Annotated

import strawberry

from paging import PAGE_DEFAULT, PAGE_MAX

First = Annotated[
    int | None, strawberry.argument(description=f"How many: {PAGE_DEFAULT} unless said, at most {PAGE_MAX}.")
]
After = Annotated[str | None, strawberry.argument(description="Only those behind this cursor.")]
