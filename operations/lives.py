"""Lives: since when the measures of a revision count. Pure; publishing writes what it says, replay asks it again."""

import json
from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from operations.revision import Life, Revision
from rules.tally import Measure


class Lives(NamedTuple):
    """What each measure that any revision ever used counts, and which metrics must be counted anew from the history:
    those that come back, which go on as if they had never been away, those whose activity types were renamed, and those
    of badges that are valid at other times."""

    lives: dict[int, Life]
    again: frozenset[int]


def lives_of(
    former: Revision | None, applied: Revision, known: Mapping[int, Life], from_now_only: Container[int] = ()
) -> Lives:
    """The lives of measures from a revision on. `known` are those of all measures before it.

    `from_now_only` are the elements for which it takes effect from now, though it looks back for others: what they
    count begins now too.
    """
    lives = dict(known)
    again = set()
    before = former.used if former else {}
    valid = _validities(former) if former else {}
    valid_now = _validities(applied)
    for identifier, measure in applied.used.items():
        life = known.get(identifier)
        if life is None and former is not None:
            life = known.get(_renamed(former, applied, measure) or 0)
        from_us = None if measure.element in from_now_only else applied.from_us
        if life is None:
            life = Life(applied.seq, from_us)
        elif measure.is_metric and (identifier not in before or valid[identifier] != valid_now[identifier]):
            again.add(identifier)
        if from_us is not None and (life.from_us is None or from_us < life.from_us):
            life = Life(life.since, from_us)
        lives[identifier] = life
    return Lives(lives, frozenset(again))


def lives_along(line: Sequence[Revision], from_now_only: Mapping[int, int]) -> dict[int, Life]:
    """The lives of measures after these revisions. `from_now_only` has the elements that take effect from now only,
    with the first revision that had them so."""
    lives: dict[int, Life] = {}
    former = None
    for each in line:
        shared = {element for element, since in from_now_only.items() if since <= each.number}
        lives = lives_of(former, each, lives, shared).lives
        former = each
    return lives


def lives_back(usual: Lives, then: Mapping[int, Life], applied: Revision, from_now_only: Container[int]) -> Lives:
    """The lives of measures under a revision that undoes others: as they were `then`, but for elements that take effect
    from now only, which go on as under any other. What else began since has not begun."""
    elements = {identifier: each.element for each, identifier in applied.measures.items()}
    kept = {identifier: life for identifier, life in usual.lives.items() if elements[identifier] in from_now_only}
    mine = {identifier: life for identifier, life in then.items() if elements[identifier] not in from_now_only}
    return Lives(kept | mine, usual.again)


def _validities(revision: Revision) -> dict[int, tuple[datetime | None, datetime | None]]:
    return {each.measure: (each.valid_from, each.valid_to) for each in revision.progress.metered}


def _renamed(former: Revision, applied: Revision, measure: Measure) -> int | None:
    """The measure that counted the same while activity types had other names."""
    told = json.loads(measure.definition)
    types = [applied.type_ids.get(key) for key in told.get("on", ())]
    keys = [former.type_keys.get(identifier) for identifier in types if identifier is not None]
    if not keys or None in keys:
        return None
    return former.measures.get(measure.with_types(sorted(key for key in keys if key is not None)))
