"""The section `rules` of a programme file: what activities earn.

Such as:

    rules:
      share:
        title: Share a company post
        on: [post.shared]
        when: activity.network in ["linkedin", "x"]
        audience: member.location == "Paris"        # asks for the member alone
        points: 5                                   # or CEL
        limits:
          - {max: 3, per: day}
          - {max: 1, per: ever, by: activity.url, across: members}
        cooldown: PT4H                              # between two paid activities of a member
        budget: {points: 10000, per: month}         # of all members together
        bonuses:
          - {multiplier: 1.5, from: 2026-05-04, to: 2026-05-10, title: Launch week}
        hold: P14D                                  # until the points count
        any_time: true                              # outside working time too
        tags: [effort]
        from: 2026-04-01                            # of the programme's time zone, or a time with its offset
        to: 2026-06-30                              # the whole day still counts
      publish:
        title: Write an article
        on: [article.published]
        points: {steps: [50, 20, 10], per: month}   # the first, the second, the others; a bare list counts for ever
        credit: split                               # among the members that the activity names; or each, first
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from activity.calendar import Calendar, PeriodKind
from activity.catalogue import FieldType
from document import Node
from rules.expressions import Expressions
from rules.judge import BY_TYPES, POINTS_MAX
from rules.rule import Amount, Bonus, Budget, Credit, Limit, Rule, Steps
from rules.validity import moment, validity_from_plain, validity_to_plain
from section import (
    KEY,
    Names,
    Section,
    boolean,
    by_key,
    check_renames,
    choice,
    described,
    duration,
    duration_from_plain,
    duration_to_plain,
    each,
    entries,
    integer,
    one_of,
    scalar,
    several,
    text,
)

RULE_SETTINGS = (
    "title",
    "on",
    "when",
    "audience",
    "points",
    "limits",
    "cooldown",
    "budget",
    "bonuses",
    "credit",
    "hold",
    "any_time",
    "tags",
    "from",
    "to",
    "was",
)
LIMIT_SETTINGS = ("max", "per", "by", "across")
STEPS_SETTINGS = ("steps", "per")
BUDGET_SETTINGS = ("points", "per")
BONUS_SETTINGS = ("multiplier", "from", "to", "title")

RULES_MAX = 1_000
LIMITS_MAX = 20
STEPS = range(2, 21)  # how many a rule can have
BONUSES_MAX = 20
AWARDS_MAX = 1_000_000_000
BUDGET_MAX = 1_000_000_000_000  # points
BONUS_PERCENT = range(101, 10_001)
WAIT_MIN, WAIT_MAX = timedelta(minutes=1), timedelta(days=366)  # of cool-downs and holds


def read_rules(node: Node, expressions: Expressions, calendar: Calendar) -> tuple[dict[str, Rule], Names]:
    """Reads the section `rules`: the rules, and the tags that they carry."""
    carried: dict[str, None] = {}  # in the order of the file
    tagged: set[str] = set()  # the rules of which all tags could be read

    def rule(key: str, entry: Node) -> Rule:
        section = Section(entry, RULE_SETTINGS)
        on: tuple[str, ...] = section.need("on", several(expressions.declared.names.read), ())
        tags: tuple[str, ...] = section.take("tags", several(KEY.read), ())
        carried.update(dict.fromkeys(tags))
        if "tags" not in section.broken:
            tagged.add(key)
        amount = expressions.reader(on, {FieldType.INT})
        found = Rule(
            key=key,
            title=section.need("title", text, ""),
            on=on,
            points=section.need("points", partial(_points, amount), 0),
            when=section.take("when", expressions.reader(on, {FieldType.BOOL}), None),
            audience=section.take("audience", expressions.member_reader(), None),
            limits=section.take("limits", _limits(expressions.reader(on, BY_TYPES)), ()),
            cooldown=section.take("cooldown", duration(WAIT_MIN, WAIT_MAX), None),
            budget=section.take("budget", _budget, None),
            bonuses=section.take("bonuses", partial(_bonuses, calendar), ()),
            credit=section.take("credit", one_of(Credit), Credit.EACH),
            hold=section.take("hold", duration(WAIT_MIN, WAIT_MAX), None),
            any_time=section.take("any_time", boolean, False),
            tags=tags,
            valid_from=section.take("from", moment(calendar, days_after=0), None),
            valid_to=section.take("to", moment(calendar, days_after=1), None),
            was=section.take("was", KEY.read, None),
        )
        if found.valid_from and found.valid_to and found.valid_from >= found.valid_to:
            section.note("to", "must be after 'from': as it is, no activity can count")
        _check_largest(section, found)
        return found

    if len(entries(node)) > RULES_MAX:
        node.note(f"has {len(entries(node)):,} rules: a programme can have {RULES_MAX:,}", node.named_at)
    rules = by_key(KEY, rule)(node)
    check_renames(node)
    return rules, tag_names(tuple(carried), complete=len(tagged) == len(entries(node)))


def tag_names(carried: Collection[str], complete: bool) -> Names:
    """The tags of all rules, for readers of what refers to them."""
    return Names("no rule carries the tag", "tags", carried, complete)


def rule_to_plain(rule: Rule, calendar: Calendar) -> dict[str, Any]:
    """A rule as a programme file has it, without what is default."""
    told: dict[str, Any] = {
        "title": rule.title,
        "on": list(rule.on),
        "when": rule.when,
        "audience": rule.audience,
        "points": _points_to_plain(rule.points),
        "limits": [_limit_to_plain(limit) for limit in rule.limits] or None,
        "cooldown": duration_to_plain(rule.cooldown) if rule.cooldown else None,
        "budget": {"points": rule.budget.points, "per": rule.budget.per.value} if rule.budget else None,
        "bonuses": [_bonus_to_plain(bonus, calendar) for bonus in rule.bonuses] or None,
        "credit": rule.credit.value if rule.credit is not Credit.EACH else None,
        "hold": duration_to_plain(rule.hold) if rule.hold else None,
        "any_time": rule.any_time or None,
        "tags": list(rule.tags) or None,
        **validity_to_plain(rule.valid_from, rule.valid_to, calendar),
    }
    return {name: value for name, value in told.items() if value is not None}


def rule_from_plain(key: str, plain: Mapping[str, Any], calendar: Calendar) -> Rule:
    """The rule of which `rule_to_plain` made this."""
    budget = plain.get("budget")
    valid_from, valid_to = validity_from_plain(plain, calendar)
    return Rule(
        key=key,
        title=plain["title"],
        on=tuple(plain["on"]),
        points=_points_from_plain(plain["points"]),
        when=plain.get("when"),
        audience=plain.get("audience"),
        limits=tuple(
            Limit(limit["max"], PeriodKind(limit["per"]), limit.get("by"), "across" in limit)
            for limit in plain.get("limits", ())
        ),
        cooldown=duration_from_plain(plain["cooldown"]) if "cooldown" in plain else None,
        budget=Budget(budget["points"], PeriodKind(budget["per"])) if budget else None,
        bonuses=tuple(_bonus_from_plain(bonus, calendar) for bonus in plain.get("bonuses", ())),
        credit=Credit(plain.get("credit", Credit.EACH)),
        hold=duration_from_plain(plain["hold"]) if "hold" in plain else None,
        any_time=plain.get("any_time", False),
        tags=tuple(plain.get("tags", ())),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _points(expression: Callable[[Node], str], node: Node) -> Amount | Steps:
    """Reads an amount, a list of steps, or steps in a period."""

    def amount(node: Node) -> Amount:
        if re.fullmatch("[+-]?[0-9]+", scalar(node).strip()):
            return integer(-POINTS_MAX, POINTS_MAX)(node)
        if re.fullmatch("[+-]?[0-9]*[.,][0-9]+", scalar(node).strip()):
            raise node.mistake(f"points are whole numbers: {described(node)} cannot be paid")
        return expression(node)

    def steps(node: Node) -> tuple[Amount, ...]:
        if isinstance(node.content, list) and len(node.content) not in STEPS:
            count = f"{len(node.content):,} step{'' if len(node.content) == 1 else 's'}"
            raise node.mistake(f"has {count}: write {STEPS[0]} to {STEPS[-1]} of them, or a single amount")
        return each(amount)(node)

    if isinstance(node.content, list):
        return Steps(steps(node))
    if isinstance(node.content, dict):
        section = Section(node, STEPS_SETTINGS)
        return Steps(section.need("steps", steps, ()), section.need("per", one_of(PeriodKind), PeriodKind.EVER))
    return amount(node)


def _points_to_plain(points: Amount | Steps) -> Any:
    if not isinstance(points, Steps):
        return points
    amounts = list(points.amounts)
    return amounts if points.per is PeriodKind.EVER else {"steps": amounts, "per": points.per.value}


def _points_from_plain(plain: Any) -> Amount | Steps:
    if isinstance(plain, list):
        return Steps(tuple(plain))
    if isinstance(plain, Mapping):
        return Steps(tuple(plain["steps"]), PeriodKind(plain["per"]))
    amount: Amount = plain
    return amount


def _limits(expression: Callable[[Node], str]) -> Callable[[Node], tuple[Limit, ...]]:
    def limit(node: Node) -> Limit:
        section = Section(node, LIMIT_SETTINGS)
        return Limit(
            max=section.need("max", integer(1, AWARDS_MAX), 1),
            per=section.need("per", one_of(PeriodKind), PeriodKind.EVER),
            by=section.take("by", expression, None),
            across_members=section.take("across", choice(("members",)), None) is not None,
        )

    def limits(node: Node) -> tuple[Limit, ...]:
        if isinstance(node.content, list) and len(node.content) > LIMITS_MAX:
            raise node.mistake(f"has {len(node.content):,} limits: a rule can have {LIMITS_MAX}", node.named_at)
        return each(limit)(node)

    return limits


def _limit_to_plain(limit: Limit) -> dict[str, Any]:
    plain: dict[str, Any] = {"max": limit.max, "per": limit.per.value}
    if limit.by is not None:
        plain["by"] = limit.by
    if limit.across_members:
        plain["across"] = "members"
    return plain


def _budget(node: Node) -> Budget:
    section = Section(node, BUDGET_SETTINGS)
    points = section.need("points", integer(1, BUDGET_MAX), 1)
    return Budget(points, section.need("per", one_of(PeriodKind), PeriodKind.EVER))


def _bonuses(calendar: Calendar, node: Node) -> tuple[Bonus, ...]:
    def bonus(node: Node) -> Bonus:
        section = Section(node, BONUS_SETTINGS)
        found = Bonus(
            percent=section.need("multiplier", _percent, BONUS_PERCENT[0]),
            title=section.take("title", text, None),
            valid_from=section.take("from", moment(calendar, days_after=0), None),
            valid_to=section.take("to", moment(calendar, days_after=1), None),
        )
        if not entries(node).keys() & {"from", "to"} and not section.broken & {"from", "to"}:
            node.note("needs 'from' or 'to': what always counts belongs in 'points'", node.named_at)
        if found.valid_from and found.valid_to and found.valid_from >= found.valid_to:
            section.note("to", "must be after 'from': as it is, the bonus never counts")
        return found

    if isinstance(node.content, list) and len(node.content) > BONUSES_MAX:
        raise node.mistake(f"has {len(node.content):,} bonuses: a rule can have {BONUSES_MAX}", node.named_at)
    return each(bonus)(node)


def _percent(node: Node) -> int:
    """Reads a multiplier such as 1.5, as 150."""
    match = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?", scalar(node).strip())
    percent = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else 0
    if percent not in BONUS_PERCENT:
        raise node.mistake(f"must be from 1.01 to 100 with at most two decimals, not {described(node)}")
    return percent


def _bonus_to_plain(bonus: Bonus, calendar: Calendar) -> dict[str, Any]:
    multiplier = bonus.percent / 100 if bonus.percent % 100 else bonus.percent // 100
    plain = {"multiplier": multiplier} | validity_to_plain(bonus.valid_from, bonus.valid_to, calendar)
    return plain if bonus.title is None else plain | {"title": bonus.title}


def _bonus_from_plain(plain: Mapping[str, Any], calendar: Calendar) -> Bonus:
    return Bonus(round(plain["multiplier"] * 100), plain.get("title"), *validity_from_plain(plain, calendar))


def _check_largest(section: Section, rule: Rule) -> None:
    """Notes bonuses that let a fixed amount exceed what one award may pay. The judge holds expressions to it."""
    percent = max((bonus.percent for bonus in rule.bonuses), default=100)
    amounts = rule.points.amounts if isinstance(rule.points, Steps) else (rule.points,)
    largest = max((abs(amount) for amount in amounts if isinstance(amount, int)), default=0) * percent // 100
    if largest > POINTS_MAX:
        section.note("bonuses", f"make one award of {largest:,} points: at most {POINTS_MAX:,} can be paid at once")
