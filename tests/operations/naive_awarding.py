"""How badges and zones are reached and lost, in the naive reference: each value from all that was counted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rules.metric import Aggregate
from tests.operations.naive_state import (
    YEAR_MONTH,
    Act,
    Aim,
    Award,
    Found,
    Measure,
    MemberState,
    Pay,
    Refusal,
    State,
    micros,
    valid,
)
from tests.operations.spec import BadgeSpec, Spec
from tests.rewards import naive as metrics


class Awarding(State):
    """What members reach, hold and lose of badges and zones."""

    def _reach(self, act: Act, state: MemberState, aims: list[Aim]) -> list[Award]:
        """Count an activity, and award what it reaches."""
        fresh: dict[Measure, bool] = {}
        for aim in aims:
            for place, (measure, need) in enumerate(aim.needs):
                if measure not in fresh and (counts := _counts(aim, need, act)):
                    calculator = self._calculator(state, measure)
                    here = self._act(act, *counts)
                    fresh[measure] = calculator._is_fresh(here, aim.goal.needs[place].metric)
                    state.counted[measure].append((act, *counts))
        return self._look(act, act.member, act.day, state, aims, fresh, set())

    def _look(
        self,
        act: Act | None,
        member: str,
        day: int,
        state: MemberState,
        aims: list[Aim],
        fresh: Mapping[Measure, bool],
        awarded: set[int],
    ) -> list[Award]:
        """Look at what counted something, or requires what was awarded."""
        made: list[Award] = []
        time = act.time if act else self.now
        seq = act.seq if act else next(self._seq)
        for aim in aims:
            again = bool(awarded & set(aim.requires))
            if not again and not any(measure in fresh for measure, _ in aim.needs):
                continue
            if not all(self._holds(state, element, time) for element in aim.requires):
                continue
            found = self._found(aim, day, state, fresh, again=again)
            for each in found:
                award = self._award(state, aim, each, act, member, seq)
                made.append(award)
            if found and not aim.is_zone:
                awarded.add(aim.element)
        return made

    def _found(
        self, aim: Aim, day: int, state: MemberState, fresh: Mapping[Measure, bool], *, again: bool
    ) -> list[Found]:
        holds = any(award.element == aim.element for award in state.held)
        full = aim.first is not None and not holds and self._holders(aim) >= aim.first
        if not aim.needs:
            if holds or full or aim.is_zone:
                return []
            return [Found(aim.element, 1, 0, 0, metrics.EVER_LAST)]
        if aim.is_zone:
            values = [self._value(aim, place, state, 0) for place in range(len(aim.needs))]
            met = all(value >= need.at[0] for value, (_, need) in zip(values, aim.needs, strict=True))
            if not met or any(state.levels.get((measure, 0)) for measure, _ in aim.needs):
                return []
            self._raise(state, aim, 0, 1)
            return [Found(aim.element, 1, 0, 0, metrics.EVER_LAST)]
        measure, _ = aim.needs[0]
        want, calculator = aim.goal.needs[0], self._calculator(state, measure)
        here = metrics.Act(0, 0, want.metric.on[0], day, 0, 0, 0)
        is_fresh = fresh.get(measure, False)
        if aim.runs:
            if not is_fresh and not again:
                return []
            since = state.used.get(measure, (0, 0))[0]
            run = calculator._run(aim.goal, want, here, want.thresholds[0], since, looking=not is_fresh)
            if run is None:
                return []
            state.used[measure] = run[2], run[1]
            return [Found(aim.element, 1, run[1], run[1], run[2])]
        period = aim.period(0, day)
        value = self._value(aim, 0, state, period)
        level = state.levels.get((measure, period), 0)
        highest = level
        while (at := aim.threshold(highest + 1)) is not None and value >= at:
            highest += 1
        if highest == level or full:
            return []
        self._raise(state, aim, period, highest)
        found = []
        for number in range(level + 1, highest + 1):
            at = aim.threshold(number)
            assert at is not None
            run = calculator._run(aim.goal, want, here, at, 0) if is_fresh else None
            days = run[1:] if run else (0, metrics.EVER_LAST)
            found.append(Found(aim.element, number, period, *days))
        return found

    def _fall(self, act: Act, state: MemberState) -> None:
        """Take an activity out of what was counted, and revoke what loses its evidence."""
        touched = set()
        fell: list[Award] = []
        for measure, counted in state.counted.items():
            kept = [each for each in counted if each[0] is not act]
            if len(kept) < len(counted):
                touched.add(measure)
                counted[:] = kept
        for aim in self.aims:
            measures = {measure for measure, _ in aim.needs}
            if aim.keep:
                continue
            lost = []
            for award in state.held:
                if award.element != aim.element or award.act is None:
                    continue
                if any(_rested(award, element, fell, state) for element in aim.requires):
                    lost.append(award)
                    continue
                # What the badge said when it was awarded decides; what is no longer counted cannot fall away.
                then = Aim(aim.element, award.version, defaultdict(int))
                rests = {measure for measure, _ in then.needs}
                if rests & touched and rests <= measures and not self._stands(then, award, state):
                    lost.append(award)
            fell += lost
            for award in lost:
                self._drop(state, award)
            for award in sorted(lost, key=lambda each: -each.level):
                left = [
                    each.level
                    for each in state.held
                    if each.element == aim.element and each.period == award.period and not aim.runs
                ]
                for measure in measures:
                    if not aim.runs:
                        level = max([award.level - 1, *left])
                        place = measure, award.period if aim.repeat else 0
                        state.levels[place] = min(level, state.levels.get(place, 0))
                    elif state.used.get(measure, (0, 0))[1] == award.period:
                        state.used[measure] = award.period - 1, 0

    def _counted(self, member: str, aim: Aim, measure: Measure, need: Any) -> list[tuple[Act, int, int]]:
        """What a member did that counts, of all that there is."""
        life, found = self.lives[measure], []
        for act in self.acts:
            mine = act.member == member and not act.retracted and life.counts(act.seq, act.time)
            if mine and (counts := _counts(aim, need, act)):
                found.append((act, *counts))
        return found

    def _stands(self, aim: Aim, award: Award, state: MemberState) -> bool:
        for place, (measure, need) in enumerate(aim.needs):
            want = aim.goal.needs[place]
            threshold = need.at[0] if aim.is_zone else aim.threshold(award.level)
            if aim.runs:
                told = (aim.element, award.level, award.period, 0, award.first_day, award.last_day)
                if not self._calculator(state, measure)._supports(aim.goal, want, 0, told):
                    return False
            elif threshold is not None and self._value(aim, place, state, award.period) < threshold:
                return False
        return True

    def _value(self, aim: Aim, place: int, state: MemberState, period: int) -> int:
        """The highest value that there is in a period."""
        measure, _ = aim.needs[place]
        want = aim.goal.needs[place]
        return self._calculator(state, measure)._standing(0, aim.goal, want).get(period, 0)

    def _calculator(self, state: MemberState, measure: Measure) -> metrics.Naive:
        acts = [self._act(*each) for each in state.counted[measure]]
        return metrics.Naive([], YEAR_MONTH, acts)

    def _act(self, act: Act, amount: int, value: int) -> metrics.Act:
        return metrics.Act(act.seq, 0, act.type, act.day, micros(act.time), amount, value)

    def _award(self, state: MemberState, aim: Aim, found: Found, act: Act | None, member: str, seq: int) -> Award:
        days = aim.spec.expires if isinstance(aim.spec, BadgeSpec) else None
        time = act.time if act else self.now
        expires = time + timedelta(days=days) if days else None
        made = Award(
            member, aim.element, aim.spec.key, found.level, found.period, act, time, expires, seq, aim.spec, *found[3:]
        )
        made.requires = aim.requires
        state.held.append(made)
        return made

    def _pay_award(self, award: Award, team: str | None) -> None:
        spec = award.version
        if not isinstance(spec, BadgeSpec) or not spec.points:
            return
        facts = award.act.facts if award.act else self.members[award.member]
        award.pay = Pay(award.member, spec.key, spec.points, award.time, team, spec.tags, facts)
        self.pays.append(award.pay)

    def _drop(self, state: MemberState, award: Award) -> None:
        state.held.remove(award)
        if award.pay:
            self.pays.remove(award.pay)

    def _raise(self, state: MemberState, aim: Aim, period: int, level: int) -> None:
        if not aim.runs:
            for measure, _ in aim.needs:
                state.levels[measure, period] = max(level, state.levels.get((measure, period), 0))

    def _resume(self, state: MemberState, aim: Aim, award: Award) -> None:
        """An award that was made before is not made again, nor do its days count again."""
        for measure, _ in aim.needs:
            if not aim.runs:
                self._raise(state, aim, award.period if aim.repeat else 0, award.level)
            elif award.act is not None:
                # What rests on all days there are has used up those until it was made.
                last = award.last_day if award.last_day < metrics.EVER_LAST else award.act.day
                if last > state.used.get(measure, (0, 0))[0]:
                    state.used[measure] = last, award.period

    def _forget(self, state: MemberState, measure: Measure) -> None:
        state.counted.pop(measure, None)
        state.used.pop(measure, None)
        for key in [key for key in state.levels if key[0] == measure]:
            del state.levels[key]

    def _holds(self, state: MemberState, element: int, time: datetime) -> bool:
        return any(award.element == element and award.holds(time) for award in state.held)

    def _holders(self, aim: Aim) -> int:
        return sum(any(award.element == aim.element for award in state.held) for state in self.states.values())

    def _badge(self, key: str) -> Aim:
        for aim in self.aims:
            if aim.spec.key == key and not aim.is_zone:
                return aim
        raise Refusal

    def _in_order(self, spec: Spec) -> list[Aim]:
        keys = {each.key: self.elements["badge", each.key] for each in spec.badges}
        aims = [Aim(keys[each.key], each, keys) for each in spec.badges]
        aims += [Aim(self.elements["zone", each.key], each, keys) for each in spec.zones]
        ordered: list[Aim] = []
        while aims:
            placed = {aim.element for aim in ordered}
            following = next(aim for aim in aims if placed.issuperset(aim.requires))
            aims.remove(following)
            ordered.append(following)
        return ordered


def _rested(award: Award, element: int, fell: Sequence[Award], state: MemberState) -> bool:
    """Whether an award required a badge that was held then by what fell, and that nothing holds for it now."""
    held, lost = ([each for each in among if each.element == element] for among in (state.held, fell))
    asked = element in award.requires and any(each.holds(award.time) for each in lost)
    return asked and not any(each.holds(award.time) for each in held)


def _counts(aim: Aim, need: Any, act: Act) -> tuple[int, int] | None:
    """What an activity adds, and which value it has; None where it does not count."""
    spec = aim.spec
    if act.type not in need.metric.on:
        return None
    if isinstance(spec, BadgeSpec):
        if not valid(spec.valid_from, spec.valid_to, act.time):
            return None
        if spec.audience and not spec.audience.call({}, act.facts):
            return None
    if need.when and not need.when.call(act.data, act.facts):
        return None
    if need.metric.aggregate is Aggregate.SUM:
        amount = need.by.call(act.data, act.facts)
        return (amount, 0) if amount else None
    if need.metric.aggregate is Aggregate.DISTINCT:
        return 1, hash(need.by.call(act.data, act.facts))
    return 1, 0
