"""The demo's company has the shapes that it claims, and is the same company every time."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from activity.calendar import Calendar, PeriodKind
from activity.intake import Intake, Refused, Report
from operations.programme import Programme, export, parse
from programmes.demo import PROGRAMME
from programmes.demo_company import DAYS, SEED, TEAM_MOVES, Step, deliveries, enrolments, history
from programmes.demo_days import JOINT_ARTICLE_DAY, MISCOUNTED
from programmes.demo_deeds import RETRACTED_DAY, Disqualify, Move, Revise, deeds, prize_deeds, programme_at
from programmes.demo_people import (
    ABSENTEE,
    EXPERT,
    NEWCOMER,
    SHARER,
    SLEEPER,
    SUPPORTER,
    TEAMS,
    Habit,
    Person,
    Zone,
    people,
)
from programmes.demo_pilot import Delivery, first_day, pilot_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BEGAN = NOW - timedelta(days=DAYS)

IMPACT = ("content.", "lead.", "conversation.")


@pytest.fixture(scope="module")
def company() -> list[Person]:
    return people(SEED, BEGAN.date())


@pytest.fixture(scope="module")
def arrived(company: list[Person]) -> list[Delivery]:
    return deliveries(company, SEED, BEGAN, DAYS)


@pytest.fixture(scope="module")
def done(arrived: list[Delivery]) -> list[Report]:
    """What people did themselves, each once."""
    first = {(each.report.source, each.report.id): each.report for each in reversed(arrived)}
    return [each for each in first.values() if each.type == "content.published" or not each.type.startswith(IMPACT)]


@pytest.fixture(scope="module")
def programme() -> Programme:
    return parse(PROGRAMME.read_bytes())


def digest(steps: list[Step]) -> str:
    return sha256(repr(steps).encode()).hexdigest()


def test_the_same_seed_and_time_give_the_same_history() -> None:
    """Also in another process, where hashes and so the order of sets differ."""
    here = digest(list(history(SEED, NOW, 20)))
    code = "from tests.test_demo_company import NOW, SEED, digest, history; print(digest(list(history(SEED, NOW, 20))))"
    ran = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": "7"}, capture_output=True, check=True
    )
    assert ran.stdout.decode().strip() == here
    assert digest(list(history(SEED + 1, NOW, 20))) != here


def test_there_are_240_people_in_12_teams(company: list[Person]) -> None:
    """Every team has 20; names and ids are all different; ids are plain ASCII."""
    assert len(company) == len({person.id for person in company}) == len({person.name for person in company}) == 240
    assert set(Counter(person.team for person in company).values()) == {20}
    assert len(TEAMS) == 12
    assert all(person.id.isascii() and " " not in person.id for person in company)


def test_people_are_in_several_places_time_zones_and_departments(company: list[Person]) -> None:
    """Enough of each to compare by."""
    assert len({person.place.name for person in company}) == 10
    assert len({person.place.time_zone for person in company}) >= 8
    assert len({person.department for person in company}) >= 5
    assert 10 < sum(person.hourly for person in company) < 50
    assert all(person.joined < BEGAN.date() for person in company)


def test_the_first_step_enrols_everyone_and_later_ones_change_some(company: list[Person]) -> None:
    """Who joins late or leaves says so on their day; a few change their team."""
    changes = enrolments(company, SEED)
    assert len(changes[0]) == 240
    turning = [person for person in company if person.habit in (Habit.LATE, Habit.LEAVER)]
    later = [profile for day, profiles in changes.items() if day for profile in profiles]
    assert len(later) == len(turning) + TEAM_MOVES
    assert {profile.external_id for profile in later if profile.participates} == {
        person.id for person in company if person.habit is Habit.LATE
    }


def test_steps_are_in_order_and_none_is_ahead_of_its_time() -> None:
    """Each batch arrives after the one before it, and holds nothing that had not happened."""
    steps = list(history(SEED, NOW, 30))
    assert all(first.at <= second.at for first, second in pairwise(steps))
    assert steps[-1].at < NOW
    for step in steps:
        for report in step.reports:
            time = datetime.fromisoformat(report.time)
            assert time.tzinfo is None or time < step.at


def test_a_month_is_long_enough_to_see_and_the_whole_short_enough_to_wait_for(arrived: list[Delivery]) -> None:
    """Between 20,000 and 30,000 reports, on every day of the seven months."""
    assert 20_000 < len(arrived) < 30_000
    assert {(each.at - BEGAN).days for each in arrived} == set(range(DAYS))


def test_every_activity_type_of_the_programme_is_used(arrived: list[Delivery], programme: Programme) -> None:
    """So that every rule has something to judge."""
    assert set(programme.activities) <= {each.report.type for each in arrived}


def test_tools_report_soundly_but_for_a_few(arrived: list[Delivery], programme: Programme) -> None:
    """Under 1% of what arrives cannot be recorded, for reasons of several kinds."""
    calendar = Calendar(ZoneInfo(programme.time_zone), programme.year_starts)
    starts_at = calendar.starts_at(calendar.period(PeriodKind.DAY, programme.starts.toordinal()))
    assert starts_at is not None
    intake = Intake(programme.activities, starts_at)
    refused: Counter[str] = Counter()
    for at, report in arrived:
        try:
            intake.admit(report, at)
        except Refused as refusal:
            refused[refusal.field] += 1
    assert 5 < refused.total() < len(arrived) / 100
    assert {"type", "time"} <= set(refused)


def test_some_arrive_twice_late_or_with_other_content(arrived: list[Delivery]) -> None:
    """One in fifty twice, one in twenty more than a day late, a handful in conflict."""
    contents = defaultdict(list)
    for _, report in arrived:
        contents[report.source, report.id].append(report)
    twice = sum(len(same) > 1 for same in contents.values())
    conflicts = sum(any(report != same[0] for report in same) for same in contents.values())
    late = sum(at - _time(report) > timedelta(days=1) for at, report in arrived)
    assert 0.01 < twice / len(arrived) < 0.04
    assert 3 < conflicts < 60
    assert 0.03 < late / len(arrived) < 0.1


def test_a_few_do_most_and_many_do_little(done: list[Report]) -> None:
    """The tenth that does most does more than half of all; half of the people do less than a fifth."""
    counts = sorted(Counter(report.member for report in done).values(), reverse=True)
    assert sum(counts[:24]) > 0.5 * sum(counts)
    assert sum(counts[120:]) < 0.2 * sum(counts)


def test_people_keep_working_days_and_hours_of_their_own_time_zone(done: list[Report]) -> None:
    """Weekends are quiet, nights too, wherever somebody is."""
    times = [datetime.fromisoformat(report.time) for report in done if report.type == "post.liked"]
    assert sum(time.weekday() >= 5 for time in times) < 0.1 * len(times)
    assert all(7 <= time.hour <= 22 for time in times)
    assert len({time.utcoffset() for time in times}) > 5


def test_holidays_and_summer_are_quieter(done: list[Report], company: list[Person]) -> None:
    """In London's time, the last Monday of August sees a fraction of the Mondays around it."""
    there = {person.id for person in company if person.place.name == "London" and person.id != SHARER}
    days = Counter(datetime.fromisoformat(report.time).date().isoformat() for report in done if report.member in there)
    assert 3 * days["2026-08-31"] < (days["2026-09-07"] + days["2026-09-14"]) / 2
    months = Counter(day[:7] for day in days.elements())
    assert months["2026-08"] < 0.8 * months["2026-10"]


def test_the_dormant_stopped_months_ago(done: list[Report], company: list[Person]) -> None:
    """Nothing in the last two months of any of them, and something before of most; the sleeper was among the best."""
    dormant = {person.id for person in company if person.habit is Habit.DORMANT}
    theirs = [report for report in done if report.member in dormant]
    assert len(dormant) == 27
    assert max(_time(report) for report in theirs) < NOW - timedelta(days=60)
    assert len({report.member for report in theirs}) > 20
    assert Counter(report.member for report in theirs).most_common(1)[0][0] == SLEEPER


def test_some_do_not_take_part_and_are_reported_all_the_same(arrived: list[Delivery], company: list[Person]) -> None:
    """They never say yes; what tools see of them is there to be ignored."""
    absent = {person.id for person in company if person.habit is Habit.ABSENT}
    assert len(absent) == 19
    assert sum(report.member == ABSENTEE for _, report in arrived) > 100
    assert not any(
        profile.participates
        for profiles in enrolments(company, SEED).values()
        for profile in profiles
        if profile.external_id in absent
    )


def test_a_quiet_expert_brings_most_leads(arrived: list[Delivery], done: list[Report]) -> None:
    """Six articles, hardly anything else, and more leads than anybody."""
    own = Counter(report.type for report in done if report.member == EXPERT)
    counts = Counter(report.member for report in done)
    leads = Counter(report.member for _, report in arrived if report.type == "lead.created")
    assert 6 <= own["content.published"] <= 8
    assert own.total() < 30
    assert sum(count > counts[EXPERT] for count in counts.values()) > 100
    assert leads.most_common(1)[0][0] == EXPERT
    assert leads[EXPERT] > 3 * leads.most_common(2)[1][1]


def test_a_tireless_sharer_shares_far_more_than_is_paid(done: list[Report]) -> None:
    """Six posts or more on working days, of which the limits pay three."""
    shares = [_time(report).date() for report in done if report.member == SHARER and report.type == "post.shared"]
    assert len(shares) > 700
    assert sum(count > 3 for count in Counter(shares).values()) > 0.9 * len(set(shares))


def test_a_newcomer_is_here_for_six_weeks_only(done: list[Report], company: list[Person]) -> None:
    """Who says yes late begins on that day."""
    [turn] = [person.turn for person in company if person.id == NEWCOMER]
    times = [_time(report) for report in done if report.member == NEWCOMER]
    assert min(times) > BEGAN + timedelta(days=turn - 1)
    assert len(times) > 80


def test_one_article_and_all_that_comes_of_it_names_two_authors(arrived: list[Delivery]) -> None:
    """The expert first, then the newcomer; nothing else names several, but for a report that cannot be recorded."""
    joint = [each for _, each in arrived if each.contributors and not str(each.member).startswith("contractor")]
    assert {(EXPERT, (NEWCOMER,))} == {(report.member, tuple(report.contributors)) for report in joint}
    assert {"content.published", "content.read", "lead.created"} <= {report.type for report in joint}
    assert 1 == len({report.data["url"] for report in joint if report.data})
    assert min(_time(report) for report in joint) > BEGAN + timedelta(days=JOINT_ARTICLE_DAY - 1)


def test_the_miscounted_post_arrives_before_it_is_retracted(arrived: list[Delivery]) -> None:
    """Once, under the name by which it is retracted."""
    [delivery] = [each for each in arrived if each.report.id == MISCOUNTED]
    assert SHARER == delivery.report.member
    assert delivery.at < BEGAN + timedelta(days=RETRACTED_DAY)


def test_who_is_paid_by_the_hour_shares_on_saturday_evenings_too(done: list[Report], company: list[Person]) -> None:
    """By the clock where they are, week after week."""
    [supporter] = [person for person in company if person.id == SUPPORTER]
    assert supporter.hourly
    times = [datetime.fromisoformat(report.time) for report in done if report.member == SUPPORTER]
    assert sum((time.weekday(), time.hour) == (5, 21) for time in times) > 20


def test_the_journey_of_most_is_not_at_its_end(company: list[Person]) -> None:
    """Many consumers and sharers, fewer creators, and fewest who bring others together."""
    zones = Counter(person.zone for person in company)
    assert zones[Zone.CONSUMER] + zones[Zone.SHARER] > 2 * (zones[Zone.CREATOR] + zones[Zone.ENGAGED])


DATES = [
    datetime(2026, 5, 15, tzinfo=UTC) + timedelta(days=13 * number, hours=5 * number) for number in range(0, 60, 5)
]


@pytest.mark.parametrize("now", DATES)
def test_the_pilot_has_two_half_years_that_are_over_whenever_it_is_looked_at(
    programme: Programme, now: datetime
) -> None:
    """For 40 days at least; all that becomes of their prizes is over too, and in order."""
    pilot = pilot_of(programme, first_day(programme.calendar, programme.calendar.day(now)))
    first, second = pilot.halves
    assert first.after == second.first
    assert 40 <= programme.calendar.day(now) - second.after < 40 + 184
    assert pilot.began.date().toordinal() == first.first
    assert programme.starts <= pilot.began.date()
    times = [at for at, _ in prize_deeds(pilot.halves)]
    assert times == sorted(times)
    assert times[-1] < now - timedelta(days=2)


def test_the_pilot_comes_before_the_company(programme: Programme) -> None:
    """Its steps too are in order, none is ahead of its time, and no batch spans a night in which a period closes."""
    pilot = pilot_of(programme, first_day(programme.calendar, programme.calendar.day(NOW)))
    steps = list(history(SEED, NOW, DAYS, pilot))
    assert all(first.at <= second.at for first, second in pairwise(steps))
    piloting = [step for step in steps if step.at < BEGAN]
    assert 20 < len(piloting[0].profiles) < 30
    assert 240 == len(steps[len(piloting)].profiles)
    nights = [night for night in pilot.nights if night < BEGAN]
    assert len(nights) >= 2
    for step in piloting:
        times = [datetime.fromisoformat(report.time) for report in step.reports]
        assert all(time < step.at for time in times)
        assert all(step.at < night or min(times) >= night - timedelta(days=1) for night in nights if times)
    assert [deed for _, deed in prize_deeds(pilot.halves)] == [
        deed for step in steps for deed in step.deeds if isinstance(deed, Disqualify | Move)
    ]


def test_what_managers_do_comes_with_reports_in_its_order() -> None:
    """All of it, each on its day; only the programme begins with the people."""
    first, *rest = history(SEED, NOW)
    assert deeds(BEGAN.date())[0] == first.deeds
    assert len(first.profiles) == 240
    told = [(step.at - BEGAN, step.deeds) for step in rest if step.deeds]
    assert all(step.reports for step in rest if step.deeds)
    assert [(at.days, done) for at, done in told] == [(day, done) for day, done in deeds(BEGAN.date()).items() if day]


def test_the_programme_becomes_the_one_that_ships(programme: Programme) -> None:
    """Each stage changes one rule; the first has a launch week in the demo's first days, the last is the file."""
    stages = [programme_at(stage, programme, BEGAN.date()) for stage in (1, 2, 3)]
    for (before, after), changed in zip(pairwise(stages), ("share", "reads"), strict=True):
        assert [changed] == [key for key in programme.rules if before.rules[key] != after.rules[key]]
    assert programme == stages[-1]
    [launch] = stages[0].rules["share"].bonuses
    assert launch.valid_from is not None
    assert launch.valid_to is not None
    assert launch.valid_from.date() <= BEGAN.date()
    assert launch.valid_to - launch.valid_from == timedelta(days=7)
    assert stages[0] == parse(export(stages[0]))
    assert {1, 2, 3} == {
        deed.stage for done in deeds(BEGAN.date()).values() for deed in done if isinstance(deed, Revise)
    }


def _time(report: Report) -> datetime:
    time = datetime.fromisoformat(report.time)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
