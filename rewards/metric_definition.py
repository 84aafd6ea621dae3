"""A metric as a programme file writes it, in badges and in the needs of zones.

Such as:

    on: [content.published]
    when: activity.kind == "article"
    measure: count                      # or {sum: CEL}, {distinct: CEL}, {streak: week, forgiving: 1}
    window: half-year                   # a calendar period, or P30D: any 30 days in a row; left out: ever
    noun: {one: article, many: articles}    # what is counted, in words for members
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from activity.calendar import Calendar, PeriodKind
from activity.catalogue import FieldType
from document import Node
from rewards.noun import Noun
from rules.expressions import Expressions
from rules.judge import BY_TYPES
from rules.metric import Aggregate, Metric
from section import Section, choice, described, did_you_mean, entries, integer, nearest, scalar, several, text

T = TypeVar("T")

METRIC_SETTINGS = ("on", "when", "measure", "window", "noun")
NOUN_SETTINGS = ("one", "many")
MEASURE_SETTINGS = ("sum", "distinct", "streak", "forgiving")

VALUE_MAX = 1_000_000_000_000  # at which a level or need can be reached
WINDOW_DAYS_MAX = 366
FORGIVING_MAX = 100

STREAK_UNITS = (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH)
WINDOWS = (PeriodKind.EVER, *(kind for kind in PeriodKind if kind is not PeriodKind.EVER))
MEASURES = "count, {sum: CEL}, {distinct: CEL} or {streak: week}"


def read_metric(section: Section, expressions: Expressions, calendar: Calendar) -> Metric:
    """The metric among the settings of a badge or need; what it counts must be there."""
    on: tuple[str, ...] = section.need("on", several(expressions.declared.names.read), ())
    aggregate, by, unit, forgiving = section.need(
        "measure", _measure(expressions, on), (Aggregate.COUNT, None, None, 0)
    )
    metric = Metric(
        on=on,
        aggregate=aggregate,
        by=by,
        unit=unit,
        forgiving=forgiving,
        when=section.take("when", expressions.reader(on, {FieldType.BOOL}), None),
        window=section.take("window", _window, PeriodKind.EVER),
    )
    if not section.broken & {"measure", "window"}:
        for told in _streak_refused(metric, calendar):
            section.note("window", told)
    return metric


def metric_to_plain(metric: Metric) -> dict[str, Any]:
    """The settings of a metric as a programme file has them, without what is default."""
    plain: dict[str, Any] = {"on": list(metric.on)}
    if metric.when is not None:
        plain["when"] = metric.when
    plain["measure"] = metric.aggregate.value
    if metric.aggregate is not Aggregate.COUNT:
        plain["measure"] = {metric.aggregate.value: metric.unit.value if metric.unit else metric.by}
    if metric.forgiving:
        plain["measure"]["forgiving"] = metric.forgiving
    if metric.window is not PeriodKind.EVER:
        plain["window"] = metric.window.value if isinstance(metric.window, PeriodKind) else days_to_plain(metric.window)
    return plain


def metric_from_plain(plain: Mapping[str, Any]) -> Metric:
    """The metric of which `metric_to_plain` made this."""
    measure = plain["measure"]
    settings: Mapping[str, Any] = {measure: None} if isinstance(measure, str) else measure
    aggregate = next(each for each in Aggregate if each in settings)
    streak = aggregate is Aggregate.STREAK
    window = plain.get("window", PeriodKind.EVER)
    return Metric(
        on=tuple(plain["on"]),
        aggregate=aggregate,
        by=None if streak else settings[aggregate],
        unit=PeriodKind(settings[aggregate]) if streak else None,
        forgiving=settings.get("forgiving", 0),
        when=plain.get("when"),
        window=days_from_plain(window) if window.startswith("P") else PeriodKind(window),
    )


def read_noun(node: Node) -> Noun:
    """Reads what a metric counts, in words for one and for many."""
    if not isinstance(node.content, dict):
        raise node.mistake(f"must say one and many: write {{one: colleague, many: colleagues}}, not {described(node)}")
    section = Section(node, NOUN_SETTINGS)
    return Noun(section.need("one", text, ""), section.need("many", text, ""))


def noun_to_plain(noun: Noun | None) -> dict[str, Any]:
    """The setting of these words as a programme file has it; nothing where there are none."""
    return {"noun": {"one": noun.one, "many": noun.many}} if noun else {}


def noun_from_plain(plain: Mapping[str, Any]) -> Noun | None:
    """The words of which `noun_to_plain` made a part of this."""
    return Noun(**plain["noun"]) if "noun" in plain else None


def whole_days(at_least: int, at_most: int) -> Callable[[Node], int]:
    """Reads an ISO 8601 duration of whole days, such as P30D."""

    def days(node: Node) -> int:
        written = scalar(node).strip()
        if not (match := re.fullmatch("P([0-9]{1,9})D", written)):
            meant = re.fullmatch("p?([0-9]{1,4}) *(?:(w|weeks?)|d|days?)?", written.casefold())
            hint = did_you_mean([days_to_plain(int(meant[1]) * (7 if meant[2] else 1))]) if meant else ""
            raise node.mistake(f"must be whole days such as P30D, not {described(node)}{hint}")
        if not at_least <= int(match[1]) <= at_most:
            least, most = days_to_plain(at_least), days_to_plain(at_most)
            raise node.mistake(f"must be from {least} to {most}, not {described(node)}")
        return int(match[1])

    return days


def at_most(most: int, what: str, read: Callable[[Node], T]) -> Callable[[Node], T]:
    """Reads a list that is not too long."""

    def bounded(node: Node) -> T:
        if isinstance(node.content, list) and len(node.content) > most:
            raise node.mistake(f"has {len(node.content):,} {what}: at most {most} are allowed", node.named_at)
        return read(node)

    return bounded


def days_to_plain(days: int) -> str:
    """So many days as `whole_days` reads them."""
    return f"P{days}D"


def days_from_plain(plain: str) -> int:
    """The days of which `days_to_plain` made this."""
    return int(plain[1:-1])


def _measure(
    expressions: Expressions, on: tuple[str, ...]
) -> Callable[[Node], tuple[Aggregate, str | None, PeriodKind | None, int]]:
    """Reads what is measured: how, of which expression or unit, and how many units a streak forgives."""

    def measure(node: Node) -> tuple[Aggregate, str | None, PeriodKind | None, int]:
        if not isinstance(node.content, dict):
            return _word(node), None, None, 0
        section = Section(node, MEASURE_SETTINGS, refused={"count": "stands alone: write 'measure: count'"})
        given = [each for each in Aggregate if each in MEASURE_SETTINGS and each in entries(node)]
        if entries(node).keys() <= {"forgiving"}:
            raise node.mistake(f"must say what is measured: write {MEASURES}")
        if len(given) > 1:
            raise node.mistake(f"measures one thing, not {' and '.join(given)}: keep one of them")
        aggregate = given[0] if given else Aggregate.COUNT
        if aggregate is not Aggregate.STREAK and "forgiving" in entries(node):
            section.note("forgiving", "goes with a streak alone: remove it")
        total = section.take("sum", expressions.reader(on, {FieldType.INT}), None)
        values = section.take("distinct", expressions.reader(on, BY_TYPES), None)
        unit = section.take("streak", choice(STREAK_UNITS), None)
        forgiving = section.take("forgiving", integer(0, FORGIVING_MAX), 0)
        return aggregate, total or values, PeriodKind(unit) if unit else None, forgiving

    return measure


def _word(node: Node) -> Aggregate:
    written = scalar(node).strip()
    if written == Aggregate.COUNT:
        return Aggregate.COUNT
    examples = {Aggregate.SUM: "activity.FIELD", Aggregate.DISTINCT: "activity.FIELD", Aggregate.STREAK: "week"}
    for aggregate, example in examples.items():
        if nearest(written, [aggregate]):
            raise node.mistake(f"'{aggregate}' needs to say of what: write {{{aggregate}: {example}}}")
    raise node.mistake(f"must be {MEASURES}, not {described(node)}{did_you_mean(nearest(written, [Aggregate.COUNT]))}")


def _window(node: Node) -> PeriodKind | int:
    written = scalar(node).strip()
    if written in list(WINDOWS):
        return PeriodKind(written)
    if re.match("[Pp]?[Tt]?[0-9]", written):
        return whole_days(1, WINDOW_DAYS_MAX)(node)
    instead = f"{described(node)}{did_you_mean(nearest(written, WINDOWS))}"
    raise node.mistake(f"must be one of {', '.join(WINDOWS)}, or any days in a row such as P30D, not {instead}")


def _streak_refused(metric: Metric, calendar: Calendar) -> Iterator[str]:
    """Why a streak cannot be measured over its window, in which its units must fit whole."""
    if metric.aggregate is not Aggregate.STREAK or metric.window is PeriodKind.EVER:
        return
    unit, window = metric.unit, metric.window
    if isinstance(window, int):
        yield "a streak has no window of days in a row: remove 'window', or write a calendar period"
    elif unit is PeriodKind.WEEK:
        yield f"weeks run across the ends of a {window}: remove 'window', or count days"
    elif unit is PeriodKind.MONTH and window in (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH):
        yield f"a {window} holds no two months: write quarter, half-year, year or ever"
    elif unit is PeriodKind.MONTH and calendar.year_starts[1] != 1:
        starts = "{:02}-{:02}".format(*calendar.year_starts)
        yield f"months run across the ends of a {window}, as year_starts is {starts}: remove 'window', or count days"
