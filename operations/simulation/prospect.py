"""A prospect: a draft as the revision that publishing it would make. Nothing is written.

What the draft leaves as it is keeps its ids. What is new or different gets ids above those that are stored, which is
what publishing would do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select

from leaderboard.standing import BoardVersion
from operations.catch_up import members_behind
from operations.gone import refuse_gone
from operations.lives import lives_of
from operations.programme import Programme
from operations.publish import SECTIONS, Plan, Unfinished, instant_since, plan
from operations.revision import Life, Revision, Revisions
from rewards.goal import BadgeVersion, ZoneVersion, measures_of_badge, measures_of_zone
from rules.judge import RuleVersion
from rules.tables import element, measure, version
from rules.tally import Measure, measures_of
from rules.versions import Action
from storage.work import UnitOfWork


@dataclass(frozen=True)
class Prospect:
    """A draft beside what is in force."""

    plan: Plan
    former: Revision
    revision: Revision  # what publishing the draft with effect from a past day would put in force
    boards: Mapping[str, str]  # keys of boards in force that live on, by their keys in the draft


async def prospect_of(
    work: UnitOfWork,
    revisions: Revisions,
    declared: Programme,
    *,
    since: date,
    now: datetime,
    revive: bool = False,
) -> Prospect:
    """The draft as it would be with effect from a past day. Raises what publishing it would raise."""
    planned = await plan(work, revisions, declared)
    former = await revisions.current(work)
    if behind := await members_behind(work, former):
        raise Unfinished(former.number, behind)
    from_us = instant_since(declared, since, now)
    await refuse_gone(work, former, declared, from_us, revive=revive)
    ids = await _ids(work, former, planned, revive)
    measures, lives = await _measures(work, declared, ids)
    revision = Revision(
        number=former.number + 1,
        seq=await work.last_seq() + 1,
        programme=replace(declared, places={}),
        secret=former.secret,
        type_ids={key: ids["activity", key].element for key in declared.activities},
        rule_versions=tuple(
            RuleVersion(ids["rule", key].version, ids["rule", key].element, rule)
            for key, rule in declared.rules.items()
        ),
        badge_versions=tuple(
            BadgeVersion(ids["badge", key].version, ids["badge", key].element, badge)
            for key, badge in declared.badges.items()
        ),
        zone_versions=tuple(
            ZoneVersion(ids["zone", key].version, ids["zone", key].element, zone)
            for key, zone in declared.zones.items()
        ),
        board_versions=tuple(
            BoardVersion(ids["board", key].version, board, ids["board", key].element)
            for key, board in declared.boards.items()
        ),
        measures=measures,
        lives={},
        from_us=from_us,
        closings=former.closings,
        rejudged=former.number + 1,
    )
    changed = {change.key: change for change in planned.changes if change.kind == "board"}
    boards = {
        key: (changed[key].was or key) if key in changed else key
        for key in declared.boards
        if key not in changed or changed[key].action is not Action.ADDED
    }
    revision = replace(revision, lives=lives_of(former, revision, lives).lives)
    return Prospect(planned, former, revision, boards)


@dataclass(frozen=True, slots=True)
class _Ids:
    element: int
    version: int


async def _ids(work: UnitOfWork, former: Revision, planned: Plan, revive: bool) -> dict[tuple[str, str], _Ids]:
    """The ids of everything that the draft declares."""
    stored = {("rule", item.rule.key): _Ids(item.element, item.id) for item in former.rule_versions}
    stored |= {("badge", item.badge.key): _Ids(item.element, item.id) for item in former.badge_versions}
    stored |= {("zone", item.zone.key): _Ids(item.element, item.id) for item in former.zone_versions}
    stored |= {("podium", item.podium.key): _Ids(item.element, item.id) for item in former.podium_versions}
    stored |= {("activity", key): _Ids(found, 0) for key, found in former.type_ids.items()}
    alive = select(element.c.key, element.c.id).where(element.c.kind == "board", element.c.retired.is_(None))
    boards = {row.key: row.id for row in await work.rows(alive)}
    stored |= {("board", item.board.key): _Ids(boards[item.board.key], item.id) for item in former.board_versions}
    next_element = int((await work.execute(select(func.coalesce(func.max(element.c.id), 0)))).scalar_one())
    next_version = int((await work.execute(select(func.coalesce(func.max(version.c.id), 0)))).scalar_one())
    gone = select(element.c.kind, element.c.key, func.max(element.c.id).label("id")).group_by(
        element.c.kind, element.c.key
    )
    retired = {(row.kind, row.key): row.id for row in await work.rows(gone)} if revive else {}
    ids = dict(stored)
    for change in planned.changes:
        if change.kind not in SECTIONS or change.action is Action.RETIRED:
            continue
        next_version += 1
        if change.action is Action.ADDED:
            next_element += 1
            known = retired.get((change.kind, change.key))
            ids[change.kind, change.key] = _Ids(known or next_element, next_version)
        else:
            ids[change.kind, change.key] = _Ids(stored[change.kind, change.was or change.key].element, next_version)
    return ids


async def _measures(
    work: UnitOfWork, declared: Programme, ids: Mapping[tuple[str, str], _Ids]
) -> tuple[dict[Measure, int], dict[int, Life]]:
    """The ids of all measures, those that are new above the others; and the lives of those that have begun."""
    used = {each for key, rule in declared.rules.items() for each in measures_of(ids["rule", key].element, rule)}
    for key, badge in declared.badges.items():
        used |= set(measures_of_badge(ids["badge", key].element, badge))
    for key, zone in declared.zones.items():
        used |= set(measures_of_zone(ids["zone", key].element, zone))
    rows = await work.rows(select(measure))
    measures = {Measure(row.element, row.definition): row.id for row in rows}
    lives = {row.id: Life(row.since, row.from_us) for row in rows if row.since is not None}
    new = sorted(used - measures.keys())
    return measures | {found: number for number, found in enumerate(new, max(measures.values(), default=0) + 1)}, lives
