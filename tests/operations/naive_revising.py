"""What a change of the programme does, in the naive reference: from now on, and to what was before."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from tests.operations.naive_awarding import Awarding
from tests.operations.naive_judging import Judging
from tests.operations.naive_state import Aim, Award, Life, Measure, midnight
from tests.operations.spec import BadgeSpec, Spec


class Revising(Judging, Awarding):
    """What stands once a revision applies, and once one that looks back has judged anew."""

    def apply(self, spec: Spec, since: date | None = None) -> bool:
        if spec == self.spec and since is None:
            return False
        is_first, seq = self.spec is None, next(self._seq)
        since_time = midnight(since) if since and not is_first else None
        self.spec = spec
        declared = {("rule", each.key) for each in spec.rules} | {("badge", each.key) for each in spec.badges}
        declared |= {("zone", each.key) for each in spec.zones}
        self.elements = {each: self.elements.get(each) or next(self._ids) for each in sorted(declared)}
        self._exclude(spec)
        before = {measure for aim in self.aims for measure, _ in aim.needs}
        valid = _validities(self.aims)
        self.aims = self._in_order(spec)
        after = {measure for aim in self.aims for measure, _ in aim.needs}
        again = after - before & self.lives.keys()  # what comes back goes on as if it had never been away
        again |= {measure for measure in after & before if valid[measure] != _validities(self.aims)[measure]}
        for measure in after:
            life = self.lives.setdefault(measure, Life(seq, None))
            shared = measure[0] in self.excluded
            if since_time and not shared and (life.since_time is None or since_time < life.since_time):
                life.since_time = since_time
        for name, state in self.states.items():
            for measure in (after ^ before) | again:
                self._forget(state, measure)
            for aim in self.aims:
                for measure, need in aim.needs:
                    if measure in again and measure not in state.counted:
                        state.counted[measure] = self._counted(name, aim, measure, need)
                begins = {measure for measure, _ in aim.needs} - before
                for award in state.held:
                    if aim.element == award.element and begins | again & {measure for measure, _ in aim.needs}:
                        self._resume(state, aim, award)
                for award in state.taken:
                    if aim.element == award.element and again & {measure for measure, _ in aim.needs}:
                        self._resume(state, aim, award)
        if since_time:
            for name in self.members:
                self._rejudge(name, since_time)
        self.kept |= {self.elements["badge", each.key]: each.keep for each in spec.badges}
        return True

    def _exclude(self, spec: Spec) -> None:
        """What members share takes effect from now only, for good; and so do badges that look at such a badge."""
        for rule in spec.rules:
            if rule.budget or rule.hold or any(limit.across for limit in rule.limits):
                self.excluded.add(self.elements["rule", rule.key])
        for badge in spec.badges:
            element = self.elements["badge", badge.key]
            if badge.first is not None:
                self.excluded.add(element)
            self.linked.append({element, *(self.elements["badge", key] for key in badge.requires)})
        for _ in self.linked:
            for group in self.linked:
                if group & self.excluded:
                    self.excluded |= group

    def _rejudge(self, member: str, since: datetime) -> None:
        assert self.spec is not None
        state = self.states[member]
        aims = [aim for aim in self.aims if aim.element not in self.excluded]
        mine = {aim.element: aim for aim in aims}
        again = [act for act in self.acts if act.member == member and act.time >= since and not act.retracted]
        # What was paid since is paid anew.
        judged = {id(act) for act in again}
        self.pays = [
            pay for pay in self.pays if not (id(pay.act) in judged and pay.rule and pay.rule not in self.excluded)
        ]
        for act in again:
            act.said = {rule: told for rule, told in act.said.items() if rule in self.excluded}
        old = [each for each in state.held if each.element in mine and each.act is not None and each.time >= since]
        for award in old:
            state.held.remove(award)
        alive = {aim.element for aim in self.aims}
        for award in [each for each in state.held if each.act is not None and each.time >= since]:
            if award.element not in alive | self.excluded and not self.kept.get(award.element):
                self._drop(state, award)  # it is retired
        for aim in aims:
            for measure, _ in aim.needs:
                before = [each for each in state.counted[measure] if each[0].time < since]
                self._forget(state, measure)
                state.counted[measure] = before
        for award in (*state.held, *(each for each in state.taken if each.act is None or each.time < since)):
            if award.element in mine:
                self._resume(state, mine[award.element], award)
        made: list[Award] = []
        for act in again:
            for spec in self.spec.rules:
                if self.elements["rule", spec.key] not in self.excluded:
                    self._judge(act, spec, self.pays)
            made += self._reach(act, state, aims)
        taken = {each.occasion for each in state.taken if each.act is not None and each.time >= since}
        former = {each.occasion: each for each in old}
        for award in made:
            before_ = former.pop(award.occasion, None)
            if before_ is None and award.occasion in taken:
                state.held.remove(award)
            elif before_ is not None and (mine[award.element].is_zone or _terms(before_) == _terms(award)):
                state.held[state.held.index(award)] = before_
            else:
                if before_ is not None and before_.pay:
                    self.pays.remove(before_.pay)
                assert award.act is not None
                self._pay_award(award, award.act.facts.team)
        for award in former.values():
            if mine[award.element].keep:
                state.held.append(award)
                self._resume(state, mine[award.element], award)
            elif award.pay:
                self.pays.remove(award.pay)


def _validities(aims: Sequence[Aim]) -> dict[Measure, tuple[date | None, date | None] | None]:
    return {
        measure: (aim.spec.valid_from, aim.spec.valid_to) if isinstance(aim.spec, BadgeSpec) else None
        for aim in aims
        for measure, _ in aim.needs
    }


def _terms(award: Award) -> tuple[Any, ...]:
    """What an award of a badge pays, until when, and what it rests on: all that is not words."""
    spec = award.version
    need = spec.needs[0] if spec.needs else None
    at = need and (need.at[0] * award.level if spec.every else need.at[award.level - 1])
    rests = need and (need.identity(), spec.audience_text, spec.repeat, at)
    return spec.points, set(spec.tags), spec.expires, set(award.requires), rests
