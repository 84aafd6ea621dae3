"""Hostile data: a clear refusal at once, whatever its size and shape."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TIMES_MAX = 20  # the worst takes as long as a sound report

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
# What refusing it costs is compared with admitting a sound report, measured beside it: a slow machine slows both.
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
data = {{"url": "x", "topics": ["x" * 155] * 100, "reach": 1, "score": 1.5}}
sound = Report("s", "1", "t", "m", "2026-11-12T09:30:00Z", data)
report = {report}

def asked(report):
    start = time.process_time()
    try:
        intake.admit(report, datetime(2026, 11, 21, tzinfo=UTC))
        said = "admitted"
    except Refused as refused:
        said = refused.message
    return time.process_time() - start, said

assert asked(sound)[1] == "admitted"
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
hostile, ordinary = [asked(report)], [asked(sound) for _ in range(50)]
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
hostile += [asked(report), asked(report)]
print(min(hostile)[0] / min(ordinary)[0], grown // 1024, hostile[0][1], sep="|")
import os
os._exit(0)  # ending a value of such depth takes longer than refusing it
"""


def probe(report: str) -> tuple[float, int, str]:
    """What refusing a report took in a process of its own: how many times as long as admitting one of 16 kB, megabytes,
    and words."""
    # Measured for its coverage, Python would be slowed down and what it calls would not.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    code = PROBE.format(report=report)
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    times, grown, said = run.stdout.strip().split("|")
    return float(times), int(grown), said


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_data_is_refused_at_once(what: str) -> None:
    """For the work of a few sound reports and 50 MB, in a message that is short itself."""
    times, grown_mb, said = probe(f"Report('s', '1', 't', 'm', '2026-11-12T09:30:00Z', {HOSTILE[what]})")
    assert said != "admitted"
    assert len(said) < 300
    assert times < TIMES_MAX
    assert grown_mb < 50


@pytest.mark.parametrize("field", ["source", "id", "type", "member", "time"])
def test_a_hostile_name_is_refused_at_once(field: str) -> None:
    """The same for what is outside of the data."""
    fields = {"source": "'s'", "id": "'1'", "type": "'t'", "member": "'m'", "time": "'2026-11-12T09:30:00Z'"}
    fields[field] = "'x' * 100_000_000"
    times, grown_mb, said = probe(f"Report({', '.join(fields.values())}, {{}})")
    assert said != "admitted"
    assert len(said) < 300
    assert times < TIMES_MAX
    assert grown_mb < 50


def test_the_probe_can_fail() -> None:
    """The memory that it looks at is counted in kilobytes here."""
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1024
