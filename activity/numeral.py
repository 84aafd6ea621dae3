"""Numbers with marks between their digits, as other tools write them: 1,234.5 or 1.234,5 or 12,34,567."""

import re
from collections.abc import Callable

from activity.intake import Refused


def unmarked(field: str, thousands: str, decimal: str) -> Callable[[str], str]:
    """What takes the marks out of a number; `thousands` is empty where there is none. It raises Refused where a mark
    stands at another place than between thousands, so that 1,2 is not taken for 12."""
    mark = re.escape(thousands)
    # Groups of three; or, as in India, of two before the last three.
    grouped = re.compile(
        rf"[+-]?(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]{{1,2}}(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}})"
    )

    def plain(text: str) -> str:
        whole, point, fraction = text.partition(decimal) if decimal != thousands else (text, "", "")
        if thousands and thousands in text:
            if thousands in fraction or not grouped.fullmatch(whole):
                example = f"1{thousands}234{thousands}567"
                raise Refused(
                    field, f"{field} is {text[:40]!r}, in which {thousands!r} does not part thousands, as in {example}"
                )
            whole = whole.replace(thousands, "")
        if decimal != "." and "." in whole + fraction:
            raise Refused(
                field,
                f"{field} is {text[:40]!r}, in which '.' is neither of the marks that the mapping declares "
                f'(decimal: {decimal!r}); if it parts thousands, say thousands: "."',
            )
        return f"{whole}.{fraction}" if point else whole

    return plain
