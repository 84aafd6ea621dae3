"""A naive reference for the whole meaning: what happened is kept in lists, and every answer is worked out from them.

It knows no tallies, rows, revisions or databases, and no CEL: expressions stand in tests/operations/pool.py beside a
Python function that says the same. How metrics are valued is left to the reference in tests/rewards/naive.py.
Here is what happens and what there is then; naive_judging.py has the rules, naive_awarding.py badges and zones,
naive_revising.py changes of the programme, and naive_state.py what they all keep.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.operations.naive_revising import Revising
from tests.operations.naive_state import ZONE, Act, Found, Pay, Refusal, micros, period_of
from tests.operations.spec import BadgeSpec, BoardSpec, Facts


class Naive(Revising):
    """The company as it must be."""

    # What happens.

    def enrol(self, name: str, facts: Facts) -> None:
        next(self._seq)
        self.members[name] = facts
        if facts.participates:
            self.first_days.setdefault(name, self.now.astimezone(ZONE).toordinal())

    def record(self, identifier: str, kind: str, names: Sequence[str], time: datetime, data: Any) -> tuple[str, int]:
        content = kind, tuple(names), time, tuple(sorted(data.items()))
        acts: list[Act] = []
        if not any(self.members[name].participates for name in names):
            return "ignored", 0
        if identifier in self.known:
            return ("duplicate" if self.known[identifier] == content else "conflict"), 0
        self.known[identifier] = content
        seq = next(self._seq)
        for place, name in enumerate(names):
            facts = self.members[name]
            if facts.participates:
                acts.append(Act(identifier, seq, kind, time, data, name, facts, place, len(names), self.now))
        self.acts += acts
        before = len(self.pays)
        for act in acts:
            assert self.spec is not None
            for spec in self.spec.rules:
                self._judge(act, spec, self.pays)
            for award in self._reach(act, self.states[act.member], self.aims):
                self._pay_award(award, act.facts.team)
        return "recorded", sum(pay.points for pay in self.pays[before:] if pay.counts)

    def retract(self, identifier: str) -> bool:
        acts = [act for act in self.acts if act.id == identifier]
        if not acts:
            raise Refusal
        if acts[0].retracted:
            return False
        next(self._seq)
        for act in acts:
            act.retracted = True
            self.pays = [pay for pay in self.pays if pay.act is not act]
            self._fall(act, self.states[act.member])
        return True

    def adjust(self, name: str, points: int, rule: str | None, time: datetime) -> None:
        assert self.spec is not None
        if points > 0 and not self.members[name].participates:
            raise Refusal
        next(self._seq)
        tags: tuple[str, ...] = ()
        if rule is not None:
            tags = next(each.tags for each in self.spec.rules if each.key == rule)
        named = self.elements["rule", rule] if rule is not None else 0
        facts = self.members[name]
        self.pays.append(Pay(name, rule or "", points, time, facts.team, tags, facts, named=named))

    def give(self, name: str, key: str, level: int) -> None:
        if not self.members[name].participates:
            raise Refusal
        aim = self._badge(key)
        state = self.states[name]
        spec = aim.spec
        assert isinstance(spec, BadgeSpec)
        if not spec.every and level > max(1, len(spec.needs[0].at if spec.needs else (1,))):
            raise Refusal
        day = self.now.astimezone(ZONE).toordinal()
        period = 0
        if aim.repeat:
            period = -day if aim.runs else aim.period(0, day)
        mine = [award for award in state.held if award.element == aim.element]
        if any((award.level, award.period) == (level, period) for award in mine):
            raise Refusal
        if aim.first is not None and not mine and self._holders(aim) >= aim.first:
            raise Refusal
        given = self._award(state, aim, Found(aim.element, level, period, day, day), None, name, next(self._seq))
        self._pay_award(given, self.members[name].team)
        self._raise(state, aim, period, level)
        for award in self._look(None, name, day, state, self.aims, {}, {aim.element}):
            self._pay_award(award, self.members[name].team)

    def take(self, name: str, key: str, level: int | None) -> None:
        aim = self._badge(key)
        state = self.states[name]
        ended = [each for each in state.held if each.element == aim.element and level in (None, each.level)]
        if not ended:
            raise Refusal
        next(self._seq)
        for award in ended:
            self._drop(state, award)
            state.taken.append(award)

    def release(self) -> int:
        due = [pay for pay in self.pays if pay.due is not None and not pay.released and pay.due <= self.now]
        for pay in due:
            next(self._seq)
            pay.released = True
        return len(due)

    # What there is then.

    def ledger(self) -> list[tuple[str, str, str, int, int]]:
        return sorted(
            (pay.member, pay.key, pay.act.id if pay.act else "", pay.points, pay.day)
            for pay in self.pays
            if pay.counts and pay.points
        )

    def verdicts(self) -> list[tuple[str, str, list[tuple[str, str, int]]]]:
        """What the rules in force say, or said when they last judged."""
        keys = {element: key for (kind, key), element in self.elements.items() if kind == "rule"}
        found = []
        for act in self.acts:
            said = sorted((keys[rule], *told) for rule, told in act.said.items() if rule in keys)
            found.append((act.id, act.member, said))
        return sorted(found)

    def badges(self) -> list[tuple[str, str, int, int, str, str]]:
        """What members hold, and what it was called when it was awarded."""
        return sorted(
            (
                award.member,
                award.key,
                award.level,
                award.period,
                award.act.id if award.act else "",
                award.version.plain()["title"],
            )
            for state in self.states.values()
            for award in state.held
        )

    def standings(self) -> dict[tuple[str, int, str], tuple[int, int, int]]:
        assert self.spec is not None
        found: dict[tuple[str, int, str], tuple[int, int, int]] = {}
        active: dict[tuple[str, int, str], set[str]] = defaultdict(set)
        for board in self.spec.boards:
            for pay in self.pays:
                who = pay.team if board.of == "teams" else pay.member
                listed = self.members[pay.member].participates
                if not (pay.counts and pay.points and who and listed and self._on(board, pay)):
                    continue
                key = board.key, period_of(board.period, pay.day), who
                score, reached, entries = found.get(key, (0, 0, 0))
                found[key] = score + pay.points, max(reached, micros(pay.time)), entries + 1
                active[key].add(pay.member)
        means = {board.key: board for board in self.spec.boards if board.score in ("mean", "mean-active")}
        for key, (points, reached, entries) in found.items():
            if mean := means.get(key[0]):
                there = [facts for facts in self.members.values() if facts.participates and facts.team == key[2]]
                there = [facts for facts in there if not mean.members or mean.members.call({}, facts)]
                by = len(there) if mean.score == "mean" and there else len(active[key])
                found[key] = int(Fraction(points * 1_000, by)), reached, entries
        return found

    def _on(self, board: BoardSpec, pay: Pay) -> bool:
        tagged = not board.tags or bool(set(board.tags) & set(pay.tags))
        ruled = not board.rules or (pay.rule or pay.named) in {self.elements["rule", key] for key in board.rules}
        asked = not board.members or board.members.call({}, pay.facts)
        last = self.first_days.get(pay.member, pay.day) + (board.newcomers or pay.day)
        return tagged and ruled and asked and pay.day < last and (not board.activities or pay.type in board.activities)
