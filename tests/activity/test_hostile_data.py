"""Hostile data: a clear refusal at once, whatever its size and shape."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# What somebody could put into a report, as Python that makes it: far beyond every limit.
HOSTILE = {
    "a string of 100 million characters": "{'url': 'x' * 100_000_000}",
    "a list of ten million elements": "{'topics': ['x'] * 10_000_000}",
    "a million unknown fields": "{f'f{n}': 1 for n in range(1_000_000)}",
    "an unknown field of ten million characters": "{'x' * 10_000_000: 1}",
    "a hundred strings of the greatest length": "{'topics': ['x' * 2048] * 100}",
    "a number of a million digits": "{'reach': 10 ** 1_000_000}",
    "a list nested 100,000 deep": "{'topics': deep(100_000)}",
    "an object nested 100,000 deep": "{'url': deep_object(100_000)}",
    "infinity": "{'score': float('inf')}",
}

# The hostile value is made before the clock and the memory are looked at: whoever received it had paid for it already.
PROBE = """
import resource, time
from datetime import UTC, datetime
from activity.catalogue import ActivityType, Field, FieldType
from activity.intake import Intake, Refused, Report

def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value

def deep_object(levels):
    value = {{}}
    for _ in range(levels):
        value = {{"a": value}}
    return value

types = {{"url": FieldType.STRING, "topics": FieldType.STRINGS, "reach": FieldType.INT, "score": FieldType.DOUBLE}}
kind = ActivityType("t", "T", {{name: Field(name, each) for name, each in types.items()}})
intake = Intake({{"t": kind}}, datetime(2026, 1, 1, tzinfo=UTC))
report = {report}
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    intake.admit(report, datetime(2026, 11, 21, tzinfo=UTC))
    said = "admitted"
except Refused as refused:
    said = refused.message
spent = time.process_time() - start
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(round(spent * 1000), grown // 1024, said, sep="|")
import os
os._exit(0)  # ending a value of such depth takes longer than refusing it
"""


def probe(report: str) -> tuple[int, int, str]:
    """Milliseconds of processor, megabytes and words that refusing a report took, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", PROBE.format(report=report)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    spent, grown, said = run.stdout.strip().split("|")
    return int(spent), int(grown), said


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_data_is_refused_at_once(what: str) -> None:
    """Under 50 ms and 50 MB, in a message that is short itself."""
    spent_ms, grown_mb, said = probe(f"Report('s', '1', 't', 'm', '2026-11-12T09:30:00Z', {HOSTILE[what]})")
    assert said != "admitted"
    assert len(said) < 300
    assert spent_ms < 50
    assert grown_mb < 50


@pytest.mark.parametrize("field", ["source", "id", "type", "member", "time"])
def test_a_hostile_name_is_refused_at_once(field: str) -> None:
    """The same for what is outside of the data."""
    fields = {"source": "'s'", "id": "'1'", "type": "'t'", "member": "'m'", "time": "'2026-11-12T09:30:00Z'"}
    fields[field] = "'x' * 100_000_000"
    spent_ms, grown_mb, said = probe(f"Report({', '.join(fields.values())}, {{}})")
    assert said != "admitted"
    assert len(said) < 300
    assert spent_ms < 50
    assert grown_mb < 50


def test_the_probe_can_fail() -> None:
    """The memory that it looks at is counted in kilobytes here."""
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1024
