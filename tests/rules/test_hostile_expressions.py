"""Hostile expressions and data: a clear refusal or a failed verdict, for little work and under 50 MB each.

Each expression is compiled and evaluated in a process of its own, on activities as large as the limits of intake allow
for each field. What it takes is compared with a plain expression, measured beside it: a slow or busy machine slows
both. Measured when this was written: at most 110 times as long, most of it compiling, and 9 MB.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from activity.activity import Activity
from activity.catalogue import FieldType
from activity.member import Facts
from rules.condition import EvaluationFailed, ExpressionInvalid, Scope

ROOT = Path(__file__).parents[2]
TIMES_MAX = 300
MEGABYTES_MAX = 50

SCOPE = Scope(
    {
        "n": FieldType.INT,
        "yes": FieldType.BOOL,
        "text": FieldType.STRING,
        "part": FieldType.STRING,
        "tags": FieldType.STRINGS,
        "topics": FieldType.STRINGS,
        "counts": FieldType.INTS,
    },
    {},
)


def large(character: str, items: int) -> Activity:
    """An activity whose texts are one character repeated, with a list of so many texts."""
    length = min(2_048, 16_384 // items // len(character.encode())) - 3
    tags = [character * length + f"{number:03}" for number in range(items)]
    return Activity(
        source="s" * 256,
        id="1",
        type="post.shared",
        member=7,
        time=datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        data={
            "n": 2**63 - 1,
            "yes": True,
            "text": character * 2_048,
            "part": character * 1_023 + "b",
            "tags": tags,
            "topics": list(tags),
            "counts": [2**63 - 1] * 100,
        },
    )


ACTIVITIES = [large(character, items) for character in ("a", "é", "世", "😀", "1") for items in (8, 100)]
PLAIN = "activity.n == 1 || size(activity.tags) == 2"
FACTS = Facts(time_zone="America/Argentina/ComodRivadavia")


def fill(unit: str, joined: str = "||", begin: str = "", end: str = "") -> str:
    """As many of `unit` as an expression has room for."""
    count = (2_048 - len(begin) - len(end) + len(joined)) // (len(unit) + len(joined))
    return begin + joined.join([unit] * count) + end


REFUSED = {
    "brackets": "(" * 1_023 + "1" + ")" * 1_023,
    "lists in lists": "[" * 1_024 + "]" * 1_024,
    "maps in maps": "{1:" * 400 + "1" + "}" * 400,
    "calls in calls": "size(" * 340 + "1" + ")" * 340,
    "choices in choices": "(true?" * 200 + "1" + ":2)" * 200,
    "a chain of choices": fill("true?1", ":"),
    "a chain of calls": "activity.text" + ".size()" * 290,
    "a chain of fields": "activity" + ".a" * 1_020,
    "a chain of indexes": "activity.tags" + "[0]" * 600,
    "a sum": fill("1", "+"),
    "joined texts": fill("activity.text", "+") + "==''",
    "texts joined in a loop": f"activity.tags.all(x, ({'+'.join(['x'] * 30)}).size() > 1)",
    "texts joined in two loops": f"activity.tags.all(x, activity.tags.all(y, ({'+'.join('xy' * 15)}).size() > 1))",
    "texts joined in two loops over short lists": (
        f"[1,2,3,4,5,6,7,8,9].all(x, [1,2,3,4,5,6,7,8,9].all(y, ({'+'.join(['activity.text'] * 30)}) != ''))"
    ),
    "two loops": "activity.tags.exists(x, activity.tags.exists(y, x == y))",
    "thirty loops": "[1,2].all(x," * 29 + "true" + ")" * 29,
    "loops over long lists": f"[{','.join('1' * 480)}].exists(x, [{','.join('1' * 480)}].exists(y, x == y + 1))",
    "a loop over a text's parts": fill("activity.text.contains(x)", "||", "activity.tags.exists(x,", ")"),
    "a loop over lists compared": fill("activity.tags == activity.topics", "&&", "activity.tags.all(x,", ")"),
    "a loop over sizes": fill("size(activity.text) < 0", "||", "activity.tags.exists(x,", ")"),
    "a loop over lists": fill("1", ",", "activity.tags.exists(x, [", "] == [])"),
    "a loop over maps": "activity.tags.exists(x, {" + ",".join(f"{n}:1" for n in range(200)) + "}[1] == 2)",
    "regular expressions": 'activity.text.matches("(a+)+$")',
    "map": "activity.tags.map(x, x + x) == []",
    "lists joined": fill("activity.tags", "+"),
    "bytes joined": fill("b'a'", "+"),
    "untyped": fill("dyn(1) == 1"),
    "a pipe as a time zone": 'activity.time.getHours("/dev/stdin") == 1',
    "a field as a time zone": "activity.time.getHours(activity.text) == 1",
    "messages": fill("google.protobuf.Int64Value{value:1}==1"),
    "quotation marks": '"' * 2_048,
    "backslashes": "\\" * 2_048,
    "backticks": "`" * 2_048,
    "dots": "." * 2_048,
    "opening brackets": "([{" * 682,
    "emoji": "😀" * 2_048,
    "no width": "\u200b" * 2_048,
    "control characters": "\x01" * 2_048,
    "zeros": "\0" * 2_048,
    "half characters": "\ud800" * 2_048,
    "spaces": " " * 2_048,
    "minus signs": "-" * 2_048,
    "digits": "1" * 2_048,
    "unknown names": fill("a", "&&"),
    "unknown functions": fill("f(1)"),
    "one too many": "1" + " " * 2_048,
}

# What the guard admits, in the largest form that it does: text of the unit, how it is joined, and what is around it.
ADMITTED = {
    "nots": ("!!!!!!!!activity.yes", "||", "", ""),
    "comparisons": ("activity.n==1", "||", "", ""),
    "sums": ("activity.n-1-1-1-1-1-1-1-1-1==1", "||", "", ""),
    "a long list": ("1", ",", "[", "]==[1]"),
    "small lists": ("1 in[1]", "||", "", ""),
    "lists in small lists": ("[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]==[]", "||", "", ""),
    "small maps": ("{1:1}=={}", "||", "", ""),
    "choices": ("(activity.yes?1:2)==3", "||", "", ""),
    "parts": ("activity.text.contains(activity.part)", "||", "", ""),
    "texts joined": ("activity.text+activity.text==''", "||", "", ""),
    "texts joined to find parts": ("(activity.text+activity.text).contains(activity.part+'c')", "||", "", ""),
    "one long text": ("activity.text", "+", "(", ").contains(activity.part+activity.part)"),
    "lists compared": ("activity.tags==activity.topics", "&&", "", ""),
    "lists searched": ("activity.text in activity.tags", "||", "", ""),
    "loops": ("activity.counts.exists(x,x==1)", "||", "", ""),
    "loops over text": ("activity.tags.exists(x,x.startsWith('b'))", "||", "", ""),
    "loops that find parts": ("activity.tags.exists(x,activity.text.contains(x))", "||", "", ""),
    "loops that find parts of themselves": ("activity.tags.exists(x,x.contains(x+'b'))", "||", "", ""),
    "loops that compare": ("x=='b'", "||", "activity.tags.exists(x,", ")"),
    "loops that join": ("('/'+x)==''", "||", "activity.tags.exists(x,", ")"),
    "loops that search": ("x in activity.topics", "&&", "activity.tags.all(x,", ")"),
    "loops that list": ("x in['b','c']", "||", "activity.tags.exists(x,", ")"),
    "loops that compare lists": ("activity.tags==activity.topics", "&&", "activity.tags.all(x,", ")"),
    "loops that measure": ("size(activity.text)<0", "||", "activity.tags.exists(x,", ")"),
    "loops in loops": ("[1,2].exists(y,activity.counts.exists(x,x==y))", "||", "", ""),
    "time zones": ("activity.time.getHours('Asia/Tokyo')<0", "||", "activity.tags.exists(x,", ")"),
    "a member's time zone": ("activity.time.getHours(member.time_zone)<0", "||", "", ""),
    "times": ("timestamp(string(activity.time))<activity.time", "||", "activity.tags.exists(x,", ")"),
    "times that are none": ("timestamp(activity.text)<activity.time", "||", "", ""),
    "durations that are none": ("duration(activity.text)<duration('1h')", "||", "", ""),
    "numbers that are none": ("double(activity.text)<1.0||int(activity.text)<1", "||", "", ""),
    "divisions by zero": ("1/0==1", "||", "", ""),
    "overflows": ("activity.n*activity.n==1", "||", "", ""),
    "a long text": ("😀", "", "'", "'==''"),
    "long comments": ("x", "", "1//", ""),
    "many lines": ("\n", "", "", "1"),
}


def compiles(text: str) -> bool:
    try:
        SCOPE.compile(text, {FieldType.BOOL, FieldType.INT})
    except ExpressionInvalid:
        return False
    return True


def admitted(unit: str, joined: str, begin: str, end: str) -> str:
    """The longest expression of this form that can be compiled."""
    longest = fill(unit, joined, begin, end)
    if compiles(longest):
        return longest
    few, many = 1, (2_048 - len(begin) - len(end) + len(joined)) // (len(unit) + len(joined))
    while many - few > 1:
        count = (few + many) // 2
        if compiles(begin + joined.join([unit] * count) + end):
            few = count
        else:
            many = count
    return begin + joined.join([unit] * few) + end


def attempt(text: str, activities: Sequence[Activity]) -> tuple[float, set[str]]:
    """Compiles and evaluates an expression: seconds of processor of the worst case, and what became of it."""
    worst, became = 0.0, set()
    started = time.process_time()
    try:
        expression = SCOPE.compile(text, {FieldType.BOOL, FieldType.INT})
    except ExpressionInvalid:
        return time.process_time() - started, {"refused"}
    compiled = time.process_time() - started
    for activity in activities:
        started = time.process_time()
        try:
            expression.evaluate(SCOPE.activation(expression.names, activity, FACTS))
            became.add("value")
        except EvaluationFailed:
            became.add("failed")
        worst = max(worst, time.process_time() - started)
    return compiled + worst, became


def run(text: str) -> dict[str, Any]:
    """What became of an expression, how many times as long as a plain one it takes, and the megabytes it takes."""
    resident_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    hostile, became = attempt(text, ACTIVITIES)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident_kib
    hostile = min(hostile, attempt(text, ACTIVITIES)[0])
    plain = min(attempt(PLAIN, ACTIVITIES[:1])[0] for _ in range(10))
    return {"became": sorted(became), "times": hostile / plain, "mb": grown_kib / 1_024}


def measure() -> None:
    """The other side of `results`: reads expressions, gives each to a fresh copy of this process, writes what came."""
    attempt(PLAIN, ACTIVITIES)
    results = {}
    for name, text in json.load(sys.stdin).items():
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.write(writing, json.dumps(run(text)).encode())
            os._exit(0)
        os.close(writing)
        results[name] = json.loads(os.read(reading, 65_536) or b"null")
        os.close(reading)
        os.wait()
    json.dump(results, sys.stdout)


@pytest.fixture(scope="module")
def results() -> Mapping[str, Any]:
    """What became of every expression."""
    texts = REFUSED | {name: admitted(*form) for name, form in ADMITTED.items()}
    # What is timed is not also measured for its coverage, which would slow it down.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.rules.test_hostile_expressions"],
        input=json.dumps(texts),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_expression_is_refused_at_once(name: str, results: Mapping[str, Any]) -> None:
    """It is refused before it is ever evaluated, for little work and under 50 MB."""
    expected = ["refused"]

    assert expected == results[name]["became"]
    assert results[name]["times"] < TIMES_MAX
    assert results[name]["mb"] < MEGABYTES_MAX


@pytest.mark.parametrize("name", ADMITTED)
def test_the_worst_that_is_admitted_is_cheap(name: str, results: Mapping[str, Any]) -> None:
    """The largest admitted expression of its kind has a value or fails on the largest data, for little work."""
    assert results[name]["became"] in (["value"], ["failed"], ["failed", "value"])
    assert results[name]["times"] < TIMES_MAX
    assert results[name]["mb"] < MEGABYTES_MAX


if __name__ == "__main__":
    measure()
