"""The sections `badges` and `zones`: what they declare, and the words for every mistake."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from activity.calendar import Calendar, PeriodKind
from activity.catalogue import ActivityType, Field, FieldType
from activity.definition import Declared
from document import Document
from rewards.badge import Badge, Level
from rewards.definition import BADGES_MAX, badge_from_plain, badge_to_plain, read_badges
from rewards.goal import measures_of_badge, measures_of_zone
from rewards.journey import Need, Zone
from rewards.journey_definition import read_journey_zones, zone_from_plain, zone_to_plain
from rewards.noun import Noun
from rules.expressions import Expressions
from rules.metric import Aggregate, Metric
from section import Names, attempt

LONDON = Calendar(ZoneInfo("Europe/London"), (4, 1))
MID_MONTH = Calendar(ZoneInfo("Europe/London"), (4, 6))
FIELDS = {"network": FieldType.STRING, "reach": FieldType.INT}
TYPES = {
    "post.shared": ActivityType("post.shared", "Share", {name: Field(name, kind) for name, kind in FIELDS.items()}),
    "post.liked": ActivityType("post.liked", "Like", {}),
}
NAMES = Names("there is no activity type", "activity types", tuple(TYPES))
DECLARED = Declared(TYPES, dict.fromkeys(TYPES, frozenset()), NAMES)
ATTRIBUTES = {"hourly": FieldType.BOOL}
SHARES = Metric(("post.shared",), Aggregate.COUNT)

KEY = "write small letters, digits and '-', beginning with a letter, at most 64 characters"
SETTINGS = (
    "(settings: title, text, on, when, measure, window, noun, levels, every, repeat, requires, points, audience, tags, "
    "hidden, first, expires, evidence_lost, colour, from, to, was)"
)
MEASURES = "count, {sum: CEL}, {distinct: CEL} or {streak: week}"
WINDOWS = "ever, day, week, month, quarter, half-year, year"

# What stands after `title: T` in a badge, and the badge that it becomes.
BADGES = {
    "": Badge("a", "T"),
    "text: For friends.": Badge("a", "T", text="For friends."),
    "points: 5": Badge("a", "T", levels=(Level(1, None, 5),)),
    "on: post.shared, measure: count": Badge("a", "T", SHARES),
    "on: [post.shared, post.liked], measure: count, when: activity.source != ''": Badge(
        "a", "T", Metric(("post.shared", "post.liked"), Aggregate.COUNT, when="activity.source != ''")
    ),
    "on: post.shared, measure: {sum: activity.reach}, window: half-year, levels: [5, 25]": Badge(
        "a",
        "T",
        Metric(("post.shared",), Aggregate.SUM, by="activity.reach", window=PeriodKind.HALF_YEAR),
        (Level(5), Level(25)),
    ),
    "on: post.shared, measure: {distinct: activity.network}, window: P30D, repeat: true": Badge(
        "a", "T", Metric(("post.shared",), Aggregate.DISTINCT, by="activity.network", window=30), repeat=True
    ),
    "on: post.shared, measure: {streak: week, forgiving: 1}, levels: [4], repeat: true": Badge(
        "a",
        "T",
        Metric(("post.shared",), Aggregate.STREAK, unit=PeriodKind.WEEK, forgiving=1),
        (Level(4),),
        repeat=True,
    ),
    "on: post.shared, measure: {distinct: activity.network}, levels: [3], noun: {one: place, many: places}": Badge(
        "a",
        "T",
        Metric(("post.shared",), Aggregate.DISTINCT, by="activity.network"),
        (Level(3),),
        noun=Noun("place", "places"),
    ),
    "on: post.shared, measure: {streak: day}, window: month": Badge(
        "a", "T", Metric(("post.shared",), Aggregate.STREAK, unit=PeriodKind.DAY, window=PeriodKind.MONTH)
    ),
    "on: post.shared, measure: {streak: month}, window: year, levels: [6, 12]": Badge(
        "a",
        "T",
        Metric(("post.shared",), Aggregate.STREAK, unit=PeriodKind.MONTH, window=PeriodKind.YEAR),
        (Level(6), Level(12)),
    ),
    "on: post.shared, measure: count, points: 10, levels: [5, {at: 25, title: Silver}, {at: 99, points: 0}]": Badge(
        "a", "T", SHARES, (Level(5, None, 10), Level(25, "Silver", 10), Level(99, None, 0))
    ),
    "on: post.shared, measure: count, points: 10, levels: [{at: 5, title: Bronze}, {at: 25, title: Silver}]": Badge(
        "a", "T", SHARES, (Level(5, "Bronze", 10), Level(25, "Silver", 10))
    ),
    "on: post.shared, measure: count, every: 5": Badge("a", "T", SHARES, (Level(5),), every=True),
    "on: post.shared, measure: count, every: {at: 5, points: 10, title: Five}": Badge(
        "a", "T", SHARES, (Level(5, "Five", 10),), every=True
    ),
    "on: post.shared, measure: count, window: month, every: 5, repeat: true": Badge(
        "a",
        "T",
        Metric(("post.shared",), Aggregate.COUNT, window=PeriodKind.MONTH),
        (Level(5),),
        every=True,
        repeat=True,
    ),
    "on: post.shared, measure: count, audience: '!member.hourly', tags: [x, y], hidden: true, first: 100, "
    "expires: P365D, evidence_lost: keep, colour: '#1F77B4', from: 2026-04-01, to: 2026-04-30, was: old": Badge(
        "a",
        "T",
        SHARES,
        audience="!member.hourly",
        tags=("x", "y"),
        hidden=True,
        first=100,
        expires_days=365,
        keep=True,
        colour="#1f77b4",
        valid_from=datetime(2026, 3, 31, 23, tzinfo=UTC),
        valid_to=datetime(2026, 4, 30, 23, tzinfo=UTC),
        was="old",
    ),
    "hidden: false, evidence_lost: revoke": Badge("a", "T"),
}

COUNT = "on: post.shared, measure: count"
STREAK = "on: post.shared, measure: {streak: day}"
NO_MEASURE = "has no meaning for a badge given by hand: remove it, or add 'on' and 'measure'"

# What stands after `title: T` in a badge, and the end of the one mistake that this is.
MISTAKES = {
    "on: post.shared": "it.a: 'measure' is missing",
    "measure: count": "it.a: 'on' is missing",
    "on: post.share, measure: count": "it.a.on: there is no activity type 'post.share'; did you mean 'post.shared'? "
    "(activity types: post.shared, post.liked)",
    f"{COUNT}, levles: [5]": f"it.a: there is no setting 'levles' here; did you mean 'levels'? {SETTINGS}",
    "on: post.shared, measure: total": f"it.a.measure: must be {MEASURES}, not 'total'",
    "on: post.shared, measure: cuont": f"it.a.measure: must be {MEASURES}, not 'cuont'; did you mean 'count'?",
    "on: post.shared, measure: streak": "it.a.measure: 'streak' needs to say of what: write {streak: week}",
    "on: post.shared, measure: sum": "it.a.measure: 'sum' needs to say of what: write {sum: activity.FIELD}",
    "on: post.shared, measure: [count]": "it.a.measure: must be a single value, not a list",
    "on: post.shared, measure: {}": f"it.a.measure: must say what is measured: write {MEASURES}",
    "on: post.shared, measure: {forgiving: 1}": f"it.a.measure: must say what is measured: write {MEASURES}",
    "on: post.shared, measure: {count: 1}": "it.a.measure.count: stands alone: write 'measure: count'",
    "on: post.shared, measure: {sun: '1'}": "it.a.measure: there is no setting 'sun' here; did you mean 'sum'? "
    "(settings: sum, distinct, streak, forgiving)",
    "on: post.shared, measure: {sum: '1', distinct: '1'}": "it.a.measure: measures one thing, not sum and distinct: "
    "keep one of them",
    "on: post.shared, measure: {sum: '1', forgiving: 1}": "it.a.measure.forgiving: goes with a streak alone: remove it",
    "on: post.shared, measure: {sum: activity.network}": "it.a.measure.sum: this must be a whole number (int), "
    "but it is string",
    "on: post.shared, measure: {streak: quarter}": "it.a.measure.streak: must be one of day, week, month, "
    "not 'quarter'",
    "on: post.shared, measure: {streak: day, forgiving: 101}": "it.a.measure.forgiving: must be from 0 to 100, "
    "not '101'",
    f"{COUNT}, window: monthly": f"it.a.window: must be one of {WINDOWS}, or any days in a row such as P30D, "
    "not 'monthly'; did you mean 'month'?",
    f"{COUNT}, window: 30 days": "it.a.window: must be whole days such as P30D, not '30 days'; did you mean 'P30D'?",
    f"{COUNT}, window: PT36H": "it.a.window: must be whole days such as P30D, not 'PT36H'",
    f"{COUNT}, window: P367D": "it.a.window: must be from P1D to P366D, not 'P367D'",
    f"{STREAK}, window: P30D": "it.a.window: a streak has no window of days in a row: remove 'window', or write "
    "a calendar period",
    "on: post.shared, measure: {streak: week}, window: month": "it.a.window: weeks run across the ends of a month: "
    "remove 'window', or count days",
    "on: post.shared, measure: {streak: month}, window: month": "it.a.window: a month holds no two months: "
    "write quarter, half-year, year or ever",
    f"{COUNT}, noun: colleague": "it.a.noun: must say one and many: write {one: colleague, many: colleagues}, "
    "not 'colleague'",
    f"{COUNT}, noun: [colleague, colleagues]": "it.a.noun: must say one and many: "
    "write {one: colleague, many: colleagues}, not a list",
    f"{COUNT}, noun: {{one: colleague}}": "it.a.noun: 'many' is missing",
    f"{COUNT}, noun: {{one: '', many: colleagues}}": "it.a.noun.one: is empty: write a text, or remove the setting",
    f"{COUNT}, noun: {{one: colleague, mny: colleagues}}": "it.a.noun: there is no setting 'mny' here; "
    "did you mean 'many'? (settings: one, many)",
    f"{COUNT}, nuon: {{one: colleague, many: colleagues}}": "it.a: there is no setting 'nuon' here; "
    f"did you mean 'noun'? {SETTINGS}",
    f"{COUNT}, levels: 5": "it.a.levels: must be a list, not '5'",
    f"{COUNT}, levels: []": "it.a.levels: is an empty list: add to it, or remove the setting",
    f"{COUNT}, levels: [0]": "it.a.levels.1: must be from 1 to 1,000,000,000,000, not '0'",
    f"{COUNT}, levels: [5, 25, 25]": "it.a.levels.3: must be more than 25, the level before it",
    f"{COUNT}, levels: [5, five, 6]": "it.a.levels.2: must be a whole number, not 'five'",
    f"{COUNT}, levels: [5, {{points: 3}}, 6]": "it.a.levels.2: 'at' is missing",
    f"{COUNT}, levels: [{{at: 5, points: -1}}]": "it.a.levels.1.points: must be from 0 to 1,000,000,000, not '-1'",
    f"{COUNT}, levels: {list(range(1, 102))}": "it.a.levels: has 101 levels: at most 100 are allowed",
    f"{COUNT}, levels: [5], every: 5": "it.a.every: goes without 'levels': remove one of them",
    f"{COUNT}, window: P30D, every: 5": "it.a.every: does not go with a window of days in a row: list 'levels', "
    "or write 'repeat: true' for a badge that comes again",
    f"{STREAK}, every: 5": "it.a.every: does not go with a streak: list 'levels', or write 'repeat: true' for a badge "
    "that comes again",
    f"{COUNT}, repeat: yes": "it.a.repeat: must be true or false, not 'yes'",
    f"{COUNT}, repeat: true": "it.a.repeat: needs a 'window' to come again in: write one, or 'every' for a level at "
    "each so many",
    f"{COUNT}, repeat: true, window: P7D, levels: [1, 2]": "it.a.repeat: goes with one level over days in a row: "
    "keep one, or write a badge for each level",
    f"{STREAK}, repeat: true, levels: [1, 2]": "it.a.repeat: goes with one level for a streak: keep one, or write "
    "a badge for each level",
    f"{COUNT}, repeat: true, window: day, first: 3": "it.a.first: goes without 'repeat', as only so many members ever "
    "get the badge: remove one of them",
    f"{COUNT}, first: 0": "it.a.first: must be from 1 to 1,000,000,000, not '0'",
    "requires: [a]": "it.a.requires.1: a badge cannot require itself: remove it",
    "requires: [c]": "it.a.requires.1: there is no badge 'c' (badges: a)",
    "when: 'true'": f"it.a.when: {NO_MEASURE}",
    "window: day": f"it.a.window: {NO_MEASURE}",
    "noun: {one: colleague, many: colleagues}": f"it.a.noun: {NO_MEASURE}",
    "every: 5": f"it.a.every: {NO_MEASURE}",
    "repeat: true": f"it.a.repeat: {NO_MEASURE}",
    "from: 2026-04-01": f"it.a.from: {NO_MEASURE}",
    "to: 2026-04-01": f"it.a.to: {NO_MEASURE}",
    "levels: [1, 2]": "it.a.levels: a badge given by hand has one level, at 1: remove the others, or add 'on' and "
    "'measure'",
    "levels: [5]": "it.a.levels: a badge given by hand has one level, at 1: remove the others, or add 'on' and "
    "'measure'",
    f"{COUNT}, audience: activity.reach > 5": "it.a.audience: only 'member' can be used here: "
    "use 'when' for what the activity must be",
    f"{COUNT}, expires: P1DT1H": "it.a.expires: must be whole days such as P30D, not 'P1DT1H'",
    f"{COUNT}, evidence_lost: forget": "it.a.evidence_lost: must be one of keep, revoke, not 'forget'",
    "colour: red": "it.a.colour: must be a colour such as \"#1f77b4\", in quotes, not 'red'",
    "colour: '#fff'": "it.a.colour: must be a colour such as \"#1f77b4\", in quotes, not '#fff'",
    f"{COUNT}, from: 2026-04-02, to: 2026-04-01": "it.a.to: must be after 'from': as it is, no activity can count",
    "was: a": "it.a.was: 'a' is still here, in line 1: a key that changed its name cannot stay",
}

ZONE_MISTAKES = {
    "{sharers: {title: S}}": "line 1, column 6: it: there is no zone 'sharers'; did you mean 'sharer'? "
    "(zones: consumer, sharer, creator, engaged)",
    "{creator: {title: C}, sharer: {title: S}}": "line 1, column 27: it.sharer: stands after creator: write zones in "
    "the order consumer, sharer, creator, engaged",
    "{sharer: {text: S}}": "line 1, column 6: it.sharer: 'title' is missing",
    "{sharer: {title: S, needs: []}}": "line 1, column 32: it.sharer.needs: is an empty list: add to it, "
    "or remove the setting",
    "{sharer: {title: S, needs: [{title: N, on: post.shared, measure: count}]}}": "line 1, column 33: "
    "it.sharer.needs.1: 'at_least' is missing",
    "{sharer: {title: S, needs: [{title: N, at_least: 1, measure: count}]}}": "line 1, column 33: "
    "it.sharer.needs.1: 'on' is missing",
    "{sharer: {title: S, needs: [{title: N, at_least: 1, on: post.shared, measure: count, noun: share}]}}": "line 1, "
    "column 96: it.sharer.needs.1.noun: must say one and many: write {one: colleague, many: colleagues}, not 'share'",
    "{sharer: {title: S, needs: [{title: N, at_least: 0, on: post.shared, measure: count}]}}": "line 1, column 54: "
    "it.sharer.needs.1.at_least: must be from 1 to 1,000,000,000,000, not '0'",
    "{sharer: {title: S, needs: ["
    + ", ".join(["{title: N, at_least: 1, on: post.shared, measure: count}"] * 11)
    + "]}}": "line 1, column 25: it.sharer.needs: has 11 needs: at most 10 are allowed",
    "[sharer]": "line 1, column 5: it: must be settings, each written 'name: value', not a list",
}


def read(text: str, reader: Any, calendar: Calendar = LONDON) -> tuple[Any, list[str]]:
    """What is read of a section that stands under the name `it`, and its mistakes."""
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    expressions = Expressions(DECLARED, ATTRIBUTES)
    found = attempt(document.root.content["it"], partial(reader, expressions=expressions, calendar=calendar), None)
    return found, [str(mistake) for mistake in document.mistakes]


def badges(text: str, calendar: Calendar = LONDON) -> tuple[dict[str, Badge], Names, list[str]]:
    found, mistakes = read(text, read_badges, calendar)
    return *(found or ({}, NAMES)), mistakes


@pytest.mark.parametrize(("settings", "expected"), BADGES.items())
def test_a_badge_is_read_and_comes_back(settings: str, expected: Badge) -> None:
    """Each setting is a field of the value, and the plain form gives the same value again, apart from `was`."""
    found, _, mistakes = badges(f"{{a: {{title: T, {settings}}}}}")
    assert not mistakes
    assert expected == found["a"]
    assert replace(expected, was=None) == badge_from_plain("a", badge_to_plain(expected, LONDON), LONDON)


@pytest.mark.parametrize(("settings", "words"), MISTAKES.items())
def test_every_mistake_has_its_place_and_says_what_to_do(settings: str, words: str) -> None:
    """One mistake in a badge is one sentence."""
    (mistake,) = badges(f"{{a: {{title: T, {settings}}}}}")[2]
    assert mistake.startswith("line 1, column ")
    assert words in mistake


def test_a_mistake_stands_where_it_was_written() -> None:
    """A combination is told at the setting that has to change."""
    text = "{a: {title: T, on: post.shared, measure: count, repeat: true}}"
    (mistake,) = badges(text)[2]
    assert mistake.startswith(f"line 1, column {5 + text.index('true')}: it.a.repeat: ")


@pytest.mark.parametrize(
    ("setting", "words"),
    [("window: day", "has no meaning"), ("audience: member.hourly", "says whose activities are measured")],
)
def test_a_badge_for_other_badges_measures_nothing(setting: str, words: str) -> None:
    """It is reached when what it requires is held; what would narrow that down needs a measure."""
    found, _, mistakes = badges("{a: {title: T, requires: [b]}, b: {title: B}}")
    assert ("b",) == found["a"].requires
    assert not mistakes
    (mistake,) = badges(f"{{a: {{title: T, requires: b, {setting}}}, b: {{title: B}}}}")[2]
    assert words in mistake


def test_an_unknown_badge_is_suggested() -> None:
    """The nearest key stands in the mistake."""
    (mistake,) = badges("{first-post: {title: F}, b: {title: B, requires: [frist-post]}}")[2]
    words = "there is no badge 'frist-post'; did you mean 'first-post'? (badges: first-post, b)"
    assert mistake == f"line 1, column 55: it.b.requires.1: {words}"


def test_badges_that_require_each_other_are_refused() -> None:
    """Each circle is told once, at the first of its badges in the file, with the whole way around."""
    text = "{a: {title: A, requires: [c]}, b: {title: B, requires: [a]}, c: {title: C, requires: [b]}, d: {title: D}}"
    words = "nobody can get this badge before itself: a requires c requires b requires a; remove one of these"
    assert [f"line 1, column 30: it.a.requires: {words}"] == badges(text)[2]
    pairs = "{a: {title: A, requires: [b]}, b: {title: B, requires: [a]}, c: {title: C, requires: [d, a]}, "
    pairs += "d: {title: D, requires: [c]}}"
    assert ["it.a.requires", "it.c.requires"] == [mistake.split(": ")[1] for mistake in badges(pairs)[2]]


def test_months_fit_a_year_that_starts_with_one() -> None:
    """A streak of months over quarters is refused where quarters start within a month; ever is always possible."""
    text = "{{a: {{title: T, on: post.shared, measure: {{streak: month}}, window: {}}}}}"
    assert not badges(text.format("quarter"))[2]
    assert not badges(text.format("ever"), MID_MONTH)[2]
    (mistake,) = badges(text.format("quarter"), MID_MONTH)[2]
    words = "months run across the ends of a quarter, as year_starts is 04-06: remove 'window', or count days"
    assert mistake.endswith(f": it.a.window: {words}")


def test_a_colour_without_quotes_is_a_comment() -> None:
    """YAML drops it, and the mistake says so."""
    (mistake,) = badges("\n  a:\n    title: T\n    colour: #1f77b4\n    hidden: true")[2]
    words = "is empty, as YAML takes # for a comment: put the colour in quotes, such as #1f77b4"
    assert mistake == f"line 4, column 12: it.a.colour: {words}"


def test_a_broken_setting_causes_no_other_mistake() -> None:
    """What goes together is checked when all of it could be read."""
    (mistake,) = badges("{a: {title: T, on: post.shared, measure: count, windw: P30D, repeat: true}}")[2]
    assert "did you mean 'window'?" in mistake
    (mistake,) = badges("{a: {title: T, on: post.shared, mesure: count, levels: [5, 6]}}")[2]
    assert "did you mean 'measure'?" in mistake


def test_a_programme_has_500_badges_at_most() -> None:
    """One more is a mistake of the section."""
    text = "{" + ", ".join(f"b{number}: {{title: T}}" for number in range(BADGES_MAX + 1)) + "}"
    assert ["line 1, column 1: it: has 501 badges: a programme can have 500"] == badges(text)[2]


def test_the_tags_of_badges_are_known() -> None:
    """In the order of the file; not completely while one is broken."""
    _, tags, _ = badges("{a: {title: A, tags: [x, y]}, b: {title: B, tags: [y, z]}}")
    assert (("x", "y", "z"), True) == (tags.known, tags.complete)
    _, tags, _ = badges("{a: {title: A, tags: [x]}, b: {title: B, tags: [Z]}}")
    assert not tags.complete


def test_zones_are_read_in_their_order_and_come_back() -> None:
    """A zone has needs, each a metric and the value that it has to reach; some zones may be left out."""
    text = """
  consumer: {title: Consumer, text: Reads.}
  creator:
    title: Creator
    needs:
      - {title: Share widely, on: post.shared, when: activity.reach > 5, measure: {distinct: activity.network},
         window: P30D, at_least: 3}
      - {title: Share often, on: [post.shared], measure: {streak: week, forgiving: 2}, at_least: 4,
         noun: {one: share, many: shares}}
"""
    widely = Metric(("post.shared",), Aggregate.DISTINCT, "activity.network", when="activity.reach > 5", window=30)
    often = Metric(("post.shared",), Aggregate.STREAK, unit=PeriodKind.WEEK, forgiving=2)
    needs = (Need("Share widely", widely, 3), Need("Share often", often, 4, Noun("share", "shares")))
    expected = (Zone("consumer", "Consumer", text="Reads."), Zone("creator", "Creator", needs))
    assert (expected, []) == read(text, read_journey_zones)
    assert expected == tuple(zone_from_plain(zone.key, zone_to_plain(zone)) for zone in expected)


@pytest.mark.parametrize(("text", "words"), ZONE_MISTAKES.items())
def test_every_mistake_in_a_zone_has_its_place(text: str, words: str) -> None:
    """One mistake is one sentence."""
    assert [words] == read(text, read_journey_zones)[1]


def test_words_are_no_part_of_what_is_counted() -> None:
    """A badge or need that is only called otherwise goes on counting where it was."""
    text = "{{a: {{title: T, on: post.shared, measure: count{}}}}}"
    plain, called = (badges(text.format(noun))[0]["a"] for noun in ("", ", noun: {one: share, many: shares}"))
    assert plain != called
    assert list(measures_of_badge(1, plain)) == list(measures_of_badge(1, called))
    zone = Zone("sharer", "S", (Need("N", SHARES, 3),))
    renamed = replace(zone, needs=(replace(zone.needs[0], noun=Noun("share", "shares")),))
    assert list(measures_of_zone(1, zone)) == list(measures_of_zone(1, renamed))


def test_a_need_is_checked_as_a_badge_is() -> None:
    """A streak of weeks over a month is no measure of a need either."""
    need = "{title: N, on: post.shared, measure: {streak: week}, window: month, at_least: 1}"
    (mistake,) = read(f"{{sharer: {{title: S, needs: [{need}]}}}}", read_journey_zones)[1]
    assert mistake.endswith(
        ": it.sharer.needs.1.window: weeks run across the ends of a month: remove 'window', or count days"
    )
