"""What is said of names that a mapping reads and no row of a file has."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from terminal import escaped

if TYPE_CHECKING:
    from activity.sought import Unfound

NAMES_SHOWN = 8
WARNINGS_MAX = 20
OF_ALL = ("skip_when", "each")  # readers that ask whatever becomes of a row
ADVICE = (
    "A name that may be missing everywhere says so in the mapping: 'default' of a value, 'optional: true' of what "
    "stands in skip_when, each and contributors."
)


def words(file: str, mapping: str, unfound: Sequence["Unfound"], is_partial: bool) -> Iterator[str]:
    """A sentence for each name, and what to do. With `is_partial` some rows were refused or left out, and not asked."""
    for each in unfound[:WARNINGS_MAX]:
        rows = f"No row of {file}{' that counts' if is_partial and each.reader not in OF_ALL else ''}"
        name = escaped(each.path)
        has = f"{rows} has '{name}', which {escaped(each.reader)} reads (line {each.line} of {mapping})"
        if not each.beside:
            yield f"{has}: what stands there holds no names."
            continue
        shown = ", ".join(f"'{escaped(name)}'" for name in each.beside[:NAMES_SHOWN])
        more = f" and {len(each.beside) - NAMES_SHOWN} more" if len(each.beside) > NAMES_SHOWN else ""
        yield f"{has}; they have {shown}{more}."
    if len(unfound) > WARNINGS_MAX:
        yield f"… and {len(unfound) - WARNINGS_MAX} more names"
    if unfound:
        yield ADVICE
