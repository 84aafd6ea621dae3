"""CloudEvents: whatever an event holds, it is read the same in every mode, or refused."""

import json
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from activity.cloudevent import from_batch, from_binary, from_structured
from activity.intake import Refused
from tests.activity.test_cloudevent import binary, structured

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(str.strip)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=OFFSETS).map(datetime.isoformat)


def percent_encoded(text: str) -> str:
    return "".join(
        char if "!" <= char <= "~" and char not in '"%' else "".join(f"%{byte:02X}" for byte in char.encode())
        for char in text
    )


@given(
    st.fixed_dictionaries({"id": TEXTS, "type": TEXTS, "subject": TEXTS, "contributors": TEXTS, "time": TIMES}), JSONS
)
def test_whatever_an_event_holds_it_is_the_same_in_every_mode(attributes: dict[str, str], data: Any) -> None:
    """Headers lose nothing of any text."""
    headers = {name: percent_encoded(text) for name, text in attributes.items()}
    read = structured(**attributes, data=data)
    assert read == binary(json.dumps(data).encode(), **headers)
    assert (attributes["id"], attributes["subject"], data) == (read.id, read.member, read.data)


@given(st.binary(max_size=200), st.lists(st.tuples(st.text(max_size=9).map("ce-{}".format), st.text(max_size=20))))
def test_whatever_is_sent_it_is_a_report_or_refused(body: bytes, headers: list[tuple[str, str]]) -> None:
    """Never anything else."""
    for read in (lambda: from_binary(headers, body), lambda: from_structured(body), lambda: from_batch(body)):
        with suppress(Refused):
            read()
