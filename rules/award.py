"""An award: what a rule would pay, and what is paid of it once the tallies are known. In words, too."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from activity.activity import Activity
from activity.calendar import Calendar, microseconds
from rules.condition import Activation, EvaluationFailed, Expression
from rules.docket import Slot, Terms
from rules.rule import Bonus, Budget, Credit, Limit
from rules.tally import Tallies, TallyKey
from rules.verdict import Outcome, Result, cooldown_detail, period_kept

POINTS_MAX = 1_000_000_000  # for one award; nine million of them still fit the 2^53 that a ranking can hold exactly

TIMES = "\N{MULTIPLICATION SIGN}"

NUMBERS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


class Claim(NamedTuple):
    """What the amount of a rule with terms depends on, beside tallies."""

    terms: Terms
    amounts: Sequence[int]  # of the first award, the second and so on
    bonus: Bonus | None
    place: int  # 0 for the member who is named first
    among: int
    day: int
    time_us: int  # asked by a cool-down alone, else 0


class Candidate(NamedTuple):
    """What a rule would pay, and the tallies that decide it.

    First those of the limits, in their order; with terms those of the cool-down (the stretch of time before, the one
    of the activity, and the one after), of the steps and of the budget follow.
    """

    points: int  # without terms
    keys: list[TallyKey]
    limits: tuple[Limit, ...]
    claim: Claim | None = None


def evaluated(amount: int | Expression, activation: Activation | None) -> int:
    """What an amount comes to. Raises EvaluationFailed, also where it is more than one award may pay."""
    return amount if isinstance(amount, int) else _checked(amount.evaluate(activation))


def claim_of(
    terms: Terms, points: int, activation: Activation | None, activity: Activity, day: int, place: int, among: int
) -> Claim:
    """What a rule with terms would pay for an activity. Raises EvaluationFailed as soon as any of its steps would."""
    amounts = [evaluated(step, activation) for step in terms.steps] or [points]
    bonus = _largest(terms.bonuses, activity.time) if terms.bonuses else None
    for amount in amounts if bonus else ():
        _checked(_multiplied(amount, bonus))
    time_us = microseconds(activity.time) if terms.cooldown_us else 0
    return Claim(terms, amounts, bonus, place, among, day, time_us)


def keys_of(claim: Claim, activity: Activity, first_days: Sequence[int]) -> list[TallyKey]:
    """The tallies that decide a claim, in the order of a candidate's."""
    terms = claim.terms
    keys: list[TallyKey] = []
    if terms.cooldown_us:
        stretch = claim.time_us // terms.cooldown_us
        keys += [(activity.member, terms.cooldown_measure, stretch + near, 0) for near in (-1, 0, 1)]
    if terms.steps_slot is not None:
        keys.append(_key(terms.steps_slot, activity, first_days))
    if terms.budget_slot is not None:
        keys.append(_key(terms.budget_slot, activity, first_days))
    return keys


def effects_of(terms: Terms, activity: Activity, first_days: Sequence[int], points: int) -> list[tuple[TallyKey, int]]:
    """What an award adds under these terms: 1 to its steps, its points to the budget, its time to the cool-down."""
    effects: list[tuple[TallyKey, int]] = []
    if terms.cooldown_us:
        stretch, since_us = divmod(microseconds(activity.time), terms.cooldown_us)
        effects.append(((activity.member, terms.cooldown_measure, stretch, 0), since_us + 1))
    if terms.steps_slot is not None:
        effects.append((_key(terms.steps_slot, activity, first_days), 1))
    if terms.budget_slot is not None:
        effects.append((_key(terms.budget_slot, activity, first_days), points))
    return effects


def settle(version: int, candidate: Candidate, tallies: Tallies, calendar: Calendar) -> Outcome:
    """The outcome. What is paid is added to its tallies; an award of 0 points takes no place."""
    points, keys, limits, claim = candidate
    if claim is not None:
        return _settle_claim(version, candidate, claim, tallies, calendar)
    counts = []
    for index, limit in enumerate(limits):
        count = tallies.get(keys[index], 0)
        if count >= limit.max:
            return Outcome(version, Result.LIMITED, 0, index)
        counts.append(count + 1)
    if points:
        for key, count in zip(keys, counts, strict=True):  # two limits of one rule may look at the same tally
            tallies[key] = count
    return Outcome(version, Result.AWARDED, points)


def _settle_claim(version: int, candidate: Candidate, claim: Claim, tallies: Tallies, calendar: Calendar) -> Outcome:
    """The same for a rule with terms."""
    terms, keys, at = claim.terms, candidate.keys, len(candidate.limits)
    for index, limit in enumerate(candidate.limits):
        if tallies.get(keys[index], 0) >= limit.max:
            return Outcome(version, Result.LIMITED, 0, index)
    places = set(keys[:at])
    if terms.cooldown_us:
        paid_us = _paid_us(claim, keys[at : at + 3], tallies)
        if paid_us is not None:
            return Outcome(version, Result.LIMITED, 0, cooldown_detail(paid_us))
        at += 3
    number = 0
    if terms.steps:
        number = tallies.get(keys[at], 0)
        places.add(keys[at])
        at += 1
    if terms.credit is Credit.FIRST and claim.place:
        return Outcome(version, Result.NOT_ELIGIBLE, 0, "it credits only the member who is named first")
    base = claim.amounts[min(number, len(claim.amounts) - 1)]
    points = _multiplied(base, claim.bonus)
    if terms.credit is Credit.SPLIT:
        points = _divided(points, claim.among)
    if points and terms.budget is not None:
        spent = tallies.get(keys[at], 0)
        if points > 0 and spent + points > terms.budget.points:  # what takes points away costs no budget
            words = _refused(points, spent, terms.budget) + period_kept(terms.budget.per, claim.day, calendar)
            return Outcome(version, Result.LIMITED, 0, words)
        tallies[keys[at]] = spent + points
    if points:
        for key in places:
            tallies[key] = tallies.get(key, 0) + 1
        if terms.cooldown_us:
            tallies[keys[len(candidate.limits) + 1]] = claim.time_us % terms.cooldown_us + 1
    result = Result.HELD if points and terms.holds else Result.AWARDED
    return Outcome(version, result, points, _words(claim, number, base, points, calendar))


def _paid_us(claim: Claim, keys: Sequence[TallyKey], tallies: Tallies) -> int | None:
    """The time of the activity before or after this one whose cool-down holds; None where there is none."""
    cooldown_us, found_us = claim.terms.cooldown_us, None
    for key in keys:  # in the order of time, so that the last one counts
        if count := tallies.get(key, 0):
            paid_us = key[2] * cooldown_us + count - 1
            if abs(paid_us - claim.time_us) < cooldown_us:
                found_us = paid_us
    return found_us


def _key(slot: Slot, activity: Activity, first_days: Sequence[int]) -> TallyKey:
    return (0 if slot.across_members else activity.member, slot.measure, first_days[slot.kind], 0)


def _largest(bonuses: Iterable[Bonus], time: datetime) -> Bonus | None:
    """The largest of the bonuses in force at a time."""
    largest = None
    for bonus in bonuses:
        if (bonus.valid_from and time < bonus.valid_from) or (bonus.valid_to and time >= bonus.valid_to):
            continue
        if largest is None or bonus.percent > largest.percent:
            largest = bonus
    return largest


def _checked(points: object) -> int:
    if type(points) is not int or abs(points) > POINTS_MAX:
        raise EvaluationFailed(f"{points} points are more than one award may pay ({POINTS_MAX:,})")
    return points


def _multiplied(points: int, bonus: Bonus | None) -> int:
    return points if bonus is None else _divided(points * bonus.percent, 100)


def _divided(number: int, by: int) -> int:
    """Rounded towards zero, as CEL divides."""
    return number // by if number >= 0 else -(-number // by)


def _refused(points: int, spent: int, budget: Budget) -> str:
    """What was asked of a budget that has less left: "it asks for 11 points, and 10 of 10,000 are left"."""
    asked = f"{points:,} point" if points == 1 else f"{points:,} points"
    left = max(budget.points - spent, 0)
    verb = "is" if left == 1 else "are"
    return f"it asks for {asked}, and {f'{left:,}' if left else 'none'} of {budget.points:,} {verb} left"


def _words(claim: Claim, number: int, base: int, points: int, calendar: Calendar) -> str | None:
    """How an amount came about, such as "third award pays half of 10"; None where it is just the rule's."""
    words, terms = f"{base:,}", claim.terms
    if not (base or terms.steps):
        return None
    if claim.bonus is not None:
        title = f" ({claim.bonus.title})" if claim.bonus.title else ""
        words += f" {TIMES} {claim.bonus.percent / 100:g}{title}"
    if terms.credit is Credit.SPLIT and claim.among > 1:
        words = f"{_part(claim.among)} of {words}"
    rounds = f"rounds {'down' if base > 0 else 'up'} to 0" if base and not points else ""
    if terms.steps:
        told = f"{_number(number + 1)} award{period_kept(terms.steps_per, claim.day, calendar)} pays {words}"
        return f"{told}, which {rounds}" if rounds else told
    if rounds:
        return f"{words} {rounds}"
    return words if claim.bonus is not None or words != f"{base:,}" else None


def _number(number: int) -> str:
    if number <= len(NUMBERS):
        return NUMBERS[number - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number:,}{ending}"


def _part(among: int) -> str:
    if among > len(NUMBERS):
        return f"1/{among}"
    return {2: "half", 4: "a quarter", 8: "an eighth"}.get(among, f"a {NUMBERS[among - 1]}")
