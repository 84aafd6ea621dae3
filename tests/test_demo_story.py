"""The demo tells the stories that it claims: what is kept of each named member shows one feature of the programme.

Only what they did themselves is filled in: nearly all rules and badges look at one member at a time.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from activity.calendar import microseconds
from activity.claim import State
from activity.tables import activity, claim, member, retraction
from operations.chronicle import RevisionRecord, chronicle
from operations.programme import parse
from operations.verify import verify
from programmes import demo
from programmes.demo_claims import MANAGER
from programmes.demo_days import MISCOUNTED
from programmes.demo_deeds import COLLEAGUE
from programmes.demo_people import ABSENTEE, EXPERT, HOST, NEWCOMER, SHARER, SLEEPER, STORIES, SUPPORTER
from rewards.ledger import Kind
from rewards.tables import adjustment, award, entry, hold
from rules.tables import element, verdict, version
from rules.verdict import Outcome, Result, load
from storage.bulk import AnyRow
from storage.engine import Store
from storage.migration import migrate

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

ZONES = {"sharer", "creator", "engaged"}


class Story:
    """What a store keeps of the named members, by their external ids."""

    def __init__(self, differences: list[str], records: list[RevisionRecord], rows: dict[Table, list[AnyRow]]) -> None:
        self.differences = differences
        self.records = records
        self._rows = rows
        self._keys = {row.external_id: row.key for row in rows[member]}
        self._elements = {row.id: row.key for row in rows[element]}
        self._versions = {row.id: self._elements[row.element] for row in rows[version]}

    def of(self, who: str, table: Table) -> list[AnyRow]:
        return [row for row in self._rows[table] if row.member == self._keys[who]]

    def all(self, table: Table) -> list[AnyRow]:
        return self._rows[table]

    def badges(self, who: str) -> set[str]:
        """The badges and zones that somebody holds."""
        return {self._elements[row.element] for row in self.of(who, award) if row.revoked_seq is None}

    def awards(self, who: str, badge: str) -> list[AnyRow]:
        return [row for row in self.of(who, award) if self._elements[row.element] == badge]

    def entries(self, who: str, kind: Kind, rule: str | None = None) -> list[AnyRow]:
        mine = (row for row in self.of(who, entry) if row.kind == kind)
        return [row for row in mine if rule is None or self._versions.get(row.version) == rule]

    def outcomes(self, who: str, rule: str) -> list[Outcome]:
        """What a rule said of all that somebody did."""
        said = (outcome for row in self.of(who, verdict) for outcome in load(row.outcomes))
        return [outcome for outcome in said if self._versions[outcome.version] == rule]


async def told(path: Path) -> Story:
    store = Store(f"sqlite:///{path}")
    await migrate(store)
    steps = [
        replace(step, reports=tuple(report for report in step.reports if report.member in STORIES))
        for step in await demo.missing(store, now=NOW)
    ]
    await demo.fill(store, steps, progress=lambda _: None)
    differences: list[str] = []
    async with store.reading() as work:
        await verify(work, differences.append)
        tables = (member, activity, retraction, element, version, verdict, entry, hold, adjustment, award, claim)
        rows = {table: list(await work.rows(select(table).order_by(*table.primary_key))) for table in tables}
        records = await chronicle(work)
    await store.close()
    return Story(differences, records, rows)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return asyncio.run(told(tmp_path_factory.mktemp("demo") / "laurels.db"))


def test_the_whole_story_is_as_verify_wants_it(story: Story) -> None:
    """With its corrections, and the revision that looks back."""
    assert [] == story.differences


def test_the_programme_was_changed_twice_each_time_with_a_note(story: Story) -> None:
    """Once from then on, and once with effect from a past date; the second is done."""
    back, on, first = story.records
    assert {MANAGER.name} == {record.author for record in story.records}
    assert all(record.note for record in story.records)
    assert ["share"] == [change.key for change in on.changes]
    assert ["reads"] == [change.key for change in back.changes]
    assert first.since is None
    assert on.since is None
    assert back.since is not None
    assert timedelta(days=10) < back.applied_at.date() - back.since < timedelta(days=20)
    assert not back.pending


def test_a_quiet_expert_is_paid_the_difference_that_a_change_of_the_past_makes(story: Story) -> None:
    """Each read is taken back and paid anew, about twice as much; and leads are held for two weeks, some still."""
    paid = sum(row.points for row in story.entries(EXPERT, Kind.REVISION, "reads"))
    taken = -sum(row.points for row in story.entries(EXPERT, Kind.REVERSAL, "reads"))
    assert taken > 30
    assert 1.3 * taken < paid < 3 * taken
    held = story.of(EXPERT, hold)
    assert sum(row.released for row in held) > 20
    waiting = [row for row in held if row.ended_seq is None]
    assert waiting
    assert all(row.due_us > microseconds(NOW - timedelta(days=1)) for row in waiting)
    assert {"creator", "five-originals", "monthly-article", "door-opener"} <= story.badges(EXPERT)


def test_a_tireless_sharer_meets_limits_and_loses_what_a_retracted_post_brought(story: Story) -> None:
    """The points for its reach are taken back, and the badge that rests on it alone is revoked, with the reason."""
    results = Counter(outcome.result for outcome in story.outcomes(SHARER, "share"))
    assert results[Result.LIMITED] > results[Result.AWARDED] > 200
    [post] = [row for row in story.of(SHARER, activity) if row.id == MISCOUNTED]
    [retracted] = story.all(retraction)
    assert (post.seq, COLLEAGUE.name) == (retracted.activity, retracted.author)
    assert "robots" in retracted.reason
    assert [-20] == [row.points for row in story.entries(SHARER, Kind.REVERSAL, "share-with-reach")]
    [lost] = story.awards(SHARER, "wide-echo")
    assert retracted.seq == lost.revoked_seq
    assert {"messenger", "weekly-sharing", "own-words", "sharer"} <= story.badges(SHARER)
    assert not story.badges(SHARER) & {"creator", "engaged"}


def test_the_launch_week_counted_twice(story: Story) -> None:
    """In the first seven days shares are worth double, and say so; later they are not."""
    bonus = [outcome for outcome in story.outcomes(SHARER, "share") if "Launch week" in str(outcome.detail)]
    assert len(bonus) > 10
    assert {10} == {outcome.points for outcome in bonus}


def test_the_sleeper_is_dormant(story: Story) -> None:
    """Engaged like few others, and silent for longer than the programme calls dormant."""
    dormant_days = parse(demo.PROGRAMME.read_bytes()).journey.dormant_days
    assert dormant_days is not None
    latest = max(row.time_us for row in story.of(SLEEPER, activity))
    assert latest < microseconds(NOW - timedelta(days=dormant_days))
    assert ZONES | {"all-round"} <= story.badges(SLEEPER)


def test_who_does_not_take_part_has_nothing(story: Story) -> None:
    """Reported like others, and kept nowhere."""
    [absentee] = [row for row in story.all(member) if row.external_id == ABSENTEE]
    assert not absentee.participates
    for table in (activity, verdict, entry, award, hold):
        assert [] == story.of(ABSENTEE, table)


def test_a_newcomer_goes_through_every_zone_and_shares_an_article(story: Story) -> None:
    """Both authors of one article get half of what it earns, and the newcomer is engaged within weeks."""
    assert story.badges(NEWCOMER) >= ZONES
    begun = min(row.time_us for row in story.of(NEWCOMER, activity))
    [engaged] = story.awards(NEWCOMER, "engaged")
    assert engaged.time_us - begun < timedelta(days=30) / timedelta(microseconds=1)
    shared = [row for row in story.all(activity) if row.credited == 2]
    assert {"newsroom", "web-analytics"} <= {row.source for row in shared}
    for author in (EXPERT, NEWCOMER):
        halves = [outcome for outcome in story.outcomes(author, "publish") if "half of" in str(outcome.detail)]
        assert len(halves) == 1
        assert any("half of" in str(outcome.detail) for outcome in story.outcomes(author, "reads"))


def test_a_host_was_given_a_badge_by_hand(story: Story) -> None:
    """By a manager, with a reason, and with its points."""
    [thanks] = story.awards(HOST, "thank-you")
    assert MANAGER.name == thanks.author
    assert "open day" in thanks.reason
    assert thanks.activity is None
    assert [50] == [row.points for row in story.entries(HOST, Kind.BADGE, "thank-you")]
    assert ZONES | {"host", "five-originals"} <= story.badges(HOST)


def test_who_is_paid_by_the_hour_earns_nothing_at_home_and_got_points_by_hand(story: Story) -> None:
    """Saturday evenings are outside working time; the trade fair is an adjustment with a reason."""
    said = [outcome for outcome in story.outcomes(SUPPORTER, "share") if outcome.result is Result.NOT_ELIGIBLE]
    assert len(said) > 20
    assert any("outside working time: Saturday 21:" in str(outcome.detail) for outcome in said)
    [given] = story.all(adjustment)
    assert COLLEAGUE.name == given.author
    assert "trade fair" in given.reason
    [paid] = story.entries(SUPPORTER, Kind.ADJUSTMENT)
    assert (given.seq, 40) == (paid.seq, paid.points)


def test_what_no_tool_sees_was_claimed(story: Story) -> None:
    """A talk counts at its own time, with points; others were withdrawn or refused with a reason, or wait."""
    talk, visit = story.of(HOST, claim)
    assert (State.APPROVED, MANAGER.name) == (talk.state, talk.decided_by)
    [spoken] = [row for row in story.of(HOST, activity) if row.source == "claims"]
    assert (talk.activity, talk.time_us) == (spoken.seq, spoken.time_us)
    assert sum(row.points for row in story.of(HOST, entry) if row.activity == spoken.seq) > 0
    assert (State.WITHDRAWN, HOST) == (visit.state, visit.decided_by)
    [refused] = story.of(SHARER, claim)
    assert (State.REFUSED, True) == (refused.state, "does not name you" in refused.reason)
    assert [State.WAITING] * 2 == [row.state for who in (EXPERT, NEWCOMER) for row in story.of(who, claim)]


def test_each_kind_of_entry_is_in_somebodys_ledger(story: Story) -> None:
    """So that a person who explores the demo sees all of them."""
    assert set(Kind) == {row.kind for row in story.all(entry)}
