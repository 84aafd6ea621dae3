"""What rules say, in the naive reference: each verdict from all that was paid before."""

from zoneinfo import ZoneInfo

from tests.operations.naive_state import ZONE, Act, Pay, State, period_of, valid
from tests.operations.spec import Cel, RuleSpec, WorkingTime


class Judging(State):
    """What rules say of an activity, and what they pay."""

    def _judge(self, act: Act, spec: RuleSpec, pays: list[Pay]) -> None:
        """What one rule says; what it pays is added to the list."""
        if act.type not in spec.on:
            return
        element = self.elements["rule", spec.key]
        mine = [pay for pay in pays if pay.rule == element and pay.points]
        result, points = self._decide(act, spec, mine)
        act.said[element] = result, points
        if points:
            due = act.recorded + spec.hold if spec.hold else None
            told = act.member, spec.key, points, act.time, act.facts.team, spec.tags, act.facts, act.type, act
            pays.append(Pay(*told, rule=element, due=due))

    def _decide(self, act: Act, spec: RuleSpec, paid: list[Pay]) -> tuple[str, int]:
        assert self.spec is not None
        own = [pay for pay in paid if pay.member == act.member]
        if not valid(spec.valid_from, spec.valid_to, act.time):
            return "not eligible", 0
        works = self.spec.working_time
        if works and not spec.any_time and works.applies_to(act.facts) and _outside(works, act):
            return "not eligible", 0
        if spec.audience and not spec.audience.call({}, act.facts):
            return "not eligible", 0
        if spec.when and not spec.when.call(act.data, act.facts):
            return "condition false", 0
        for limit in spec.limits:
            among = [pay for pay in (paid if limit.across else own) if _same(limit.per, pay, act)]
            if limit.by:
                value = limit.by.call(act.data, act.facts)
                among = [pay for pay in among if pay.act and limit.by.call(pay.act.data, pay.act.facts) == value]
            if len(among) >= limit.max:
                return "limited", 0
        if spec.cooldown and any(abs(pay.time - act.time) < spec.cooldown for pay in own):
            return "limited", 0
        if spec.credit == "first" and act.place:
            return "not eligible", 0
        before = len([pay for pay in own if _same(spec.steps_per, pay, act)])
        points = _number(spec.points[min(before, len(spec.points) - 1)], act)
        bonuses = [each.percent for each in spec.bonuses if valid(each.valid_from, each.valid_to, act.time)]
        if bonuses:
            points = points * max(bonuses) // 100
        if spec.credit == "split":
            points //= act.among
        if points and spec.budget:
            most, per = spec.budget
            if sum(pay.points for pay in paid if _same(per, pay, act)) + points > most:
                return "limited", 0
        return ("held" if points and spec.hold else "awarded"), points


def _number(amount: int | Cel, act: Act) -> int:
    return amount if isinstance(amount, int) else int(amount.call(act.data, act.facts))


def _outside(works: WorkingTime, act: Act) -> bool:
    local = act.time.astimezone(ZoneInfo(act.facts.time_zone) if act.facts.time_zone else ZONE)
    minutes = local.hour * 60 + local.minute
    return local.weekday() not in works.days or not works.starts <= minutes < works.ends


def _same(per: str, pay: Pay, act: Act) -> bool:
    return period_of(per, pay.day) == period_of(per, act.day)
