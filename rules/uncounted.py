"""What an activity does not add to badges and zones although it is one that they look at, and why.

A metric takes nothing where one of its expressions has no value, or gives a sum more than it can take. Judging goes on
without a word, as it must be fast; here the question is asked again of one activity, for whoever wants to know.
"""

from collections.abc import Iterator
from typing import NamedTuple

from activity.activity import Activity
from activity.member import Facts
from rules.condition import Activation, EvaluationFailed, Expression, Scalar
from rules.docket import Docket

SUM_MAX = 1_000_000_000_000  # that one activity adds to a sum; nine million of them fit 64 bits


class Uncounted(NamedTuple):
    """A metric that an activity adds nothing to, and what is wrong: "activity.reach is 2,000,000,000,000, ..."."""

    metered: int  # index into the judge's metered
    words: str


def uncounted(docket: Docket, activity: Activity, facts: Facts) -> Iterator[Uncounted]:
    """What keeps an activity from the metrics of a docket. The activity is complete: it has its fields' defaults.

    What is for some members only is not for one of whom the fact that decides is not known. That is no failure.
    """
    names, time = docket.metric_names, activity.time
    activation = docket.scope.activation(names, activity, facts) if names else None
    for meter in docket.meters:
        if (meter.valid_from and time < meter.valid_from) or (meter.valid_to and time >= meter.valid_to):
            continue
        for question in (docket.questions[index] for index in meter.questions):
            answer, failure = _asked(question, activation)
            if answer is not True:
                break
        else:
            yield from _without_value(docket, meter.sums, meter.distinct, activation)
            continue
        if failure and any(name.startswith("activity.") for name in question.names):
            for metered, *_ in (*meter.ones, *meter.sums, *meter.distinct):
                yield Uncounted(metered, failure)


def _without_value(
    docket: Docket, sums: list[tuple[int, int]], distinct: list[tuple[int, int]], activation: Activation | None
) -> Iterator[Uncounted]:
    for metered, index in sums:
        expression = docket.questions[index]
        amount, failure = _asked(expression, activation)
        if isinstance(amount, int) and abs(amount) > SUM_MAX:
            failure = f"{expression.text} is {amount:,}, and one activity can add {SUM_MAX:,} at most"
        if failure:
            yield Uncounted(metered, failure)
    for metered, index in distinct:
        _, failure = _asked(docket.values[index], activation)
        if failure:
            yield Uncounted(metered, failure)


def _asked(expression: Expression, activation: Activation | None) -> tuple[Scalar | None, str | None]:
    """The value of an expression, or why it has none."""
    try:
        return expression.evaluate(activation), None
    except EvaluationFailed as failure:
        return None, f"{expression.text} has no value: {failure}"
