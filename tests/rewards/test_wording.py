"""How badges and zones are told: how one is earned, what is missing, and what is possible next."""

from datetime import date
from typing import Any

import pytest

from activity.calendar import Calendar, PeriodKind, zone
from rewards.badge import Badge, Level
from rewards.journey import Need, Zone
from rewards.noun import Noun, noun_of_field, noun_of_title
from rewards.progress import Step
from rewards.wording import Titles, again, earned, measured, onward, still
from rules.metric import Aggregate, Metric

LONDON = Calendar(zone("Europe/London"), (4, 1))
TODAY = date(2026, 11, 21).toordinal()
TITLES = Titles(
    {
        "post.shared": "Shared a company post",
        "post.liked": "Liked a company post",
        "article.published": "Published an article",
        "content.published": "Published original content",
        "colleague.mentored": "Mentored a colleague",
    },
    {},
)
COLLEAGUE = Noun("colleague", "colleagues")
COUNT, SUM, DISTINCT, STREAK = Aggregate


def metric(aggregate: Aggregate, *on: str, **settings: Any) -> Metric:
    return Metric(on or ("article.published",), aggregate, **settings)


MENTORED = metric(DISTINCT, "colleague.mentored", by="activity.colleague")
WEEKS = metric(STREAK, unit=PeriodKind.WEEK)

# What is measured, the value and the next threshold, the noun of the programme, and what is told.
STILL = [
    (MENTORED, 3, 5, COLLEAGUE, "3 of 5 colleagues; 2 more to go"),
    (MENTORED, 4, 5, COLLEAGUE, "4 of 5 colleagues; one more to go"),
    (MENTORED, 0, 5, COLLEAGUE, "5 different colleagues"),
    (MENTORED, 0, 1, COLLEAGUE, "one colleague"),
    (metric(COUNT), 0, 1, None, "one article"),
    (metric(COUNT), 0, 3, None, "3 articles"),
    (metric(COUNT), 2, 1_005, None, "2 of 1,005 articles; 1,003 more to go"),
    (metric(COUNT), 1, 3, Noun("piece", "pieces"), "1 of 3 pieces; 2 more to go"),
    (metric(COUNT, when="activity.edited"), 1, 3, None, "1 of 3 articles that count; 2 more to go"),
    (metric(COUNT, when="activity.edited"), 0, 1, None, "one article that counts"),
    (metric(COUNT, "post.shared", "post.liked"), 1, 3, None, "1 of 3 company posts; 2 more to go"),
    (metric(COUNT, "post.shared", "article.published"), 1, 3, None, "1 of 3 times; 2 more to go"),
    (metric(COUNT, "content.published"), 0, 3, None, "3 times"),
    (metric(COUNT, "content.published"), 0, 1, None, "once"),
    (metric(DISTINCT, by="activity.topic"), 0, 4, None, "4 different topics"),
    (metric(DISTINCT, by="activity.topic"), 2, 4, None, "2 of 4 topics; 2 more to go"),
    (metric(DISTINCT, by="activity.type"), 0, 2, None, "2 different kinds of activity"),
    (metric(DISTINCT, by="activity.a + activity.b"), 0, 2, None, "2 different ones"),
    (metric(DISTINCT, by="activity.a + activity.b"), 0, 1, None, "one"),
    (metric(DISTINCT, by="activity.a + activity.b"), 1, 2, None, "1 of 2 different ones; one more to go"),
    (metric(SUM, by="activity.reads"), 300, 1_000, None, "300 of 1,000 reads; 700 more to go"),
    (metric(SUM, by="activity.reads"), -1, 1, None, "-1 of 1 read; 2 more to go"),
    (metric(SUM, by="activity.reach"), 300, 1_000, None, "300 of 1,000 in reach; 700 more to go"),
    (metric(SUM, by="activity.reach"), 0, 1_000, Noun("view", "views"), "1,000 views"),
    (metric(SUM, by="activity.reach / 2"), 300, 1_000, None, "300 of 1,000; 700 more to go"),
    (WEEKS, 0, 4, None, "4 weeks in a row"),
    (WEEKS, 1, 4, Noun("post", "posts"), "1 of 4 weeks in a row; 3 more to go"),
    (WEEKS, 0, 1, None, "one week"),
    (metric(COUNT, window=30), 0, 3, None, "3 articles within 30 days"),
    (metric(COUNT, window=PeriodKind.DAY), 0, 3, None, "3 articles on 21 November 2026"),
    (metric(COUNT, window=PeriodKind.WEEK), 0, 3, None, "3 articles in the week from 16 November 2026"),
    (metric(COUNT, window=PeriodKind.MONTH), 2, 3, None, "2 of 3 articles in November 2026; one more to go"),
    (metric(COUNT, window=PeriodKind.QUARTER), 2, 3, None, "2 of 3 articles by 31 December 2026; one more to go"),
    (metric(COUNT, window=PeriodKind.HALF_YEAR), 0, 3, None, "3 articles by 31 March 2027"),
    (metric(COUNT, window=PeriodKind.YEAR), 0, 3, None, "3 articles by 31 March 2027"),
    (metric(COUNT), 3, 3, None, "nothing more: it comes with the next that counts"),
]


@pytest.mark.parametrize(("what", "value", "threshold", "noun", "words"), STILL)
def test_what_is_missing_reads_as_a_person_would_say_it(
    what: Metric, value: int, threshold: int, noun: Noun | None, words: str
) -> None:
    """In the programme's own words, or in those of its fields and titles."""
    assert words == still(what, Step(value, threshold), TODAY, LONDON, noun, TITLES)


def test_nothing_is_missing_where_nothing_is_next() -> None:
    """All levels are reached."""
    assert still(metric(COUNT), Step(3, None), TODAY, LONDON, None, TITLES) is None


MEASURED = [
    (MENTORED, [1, 5], COLLEAGUE, "Mentored a colleague: 1 or 5 different colleagues"),
    (MENTORED, [1], COLLEAGUE, "Mentored a colleague: one colleague"),
    (metric(COUNT), [1], None, "Published an article once"),
    (metric(COUNT), [5, 25], Noun("piece", "pieces"), "Published an article 5 or 25 times"),
    (metric(COUNT, when="activity.edited"), [5, 25], None, "Published an article 5 or 25 times, marked edited"),
    (
        metric(COUNT, when="activity.edited", window=30),
        [5, 25],
        Noun("edited article", "edited articles"),
        "Published an article: 5 or 25 edited articles within 30 days",
    ),
    (metric(DISTINCT, by="activity.topic"), [4], None, "Published an article: 4 different topics"),
    (
        metric(DISTINCT, by="activity.a + activity.b"),
        [4],
        None,
        'Published an article with 4 different values of "activity.a + activity.b"',
    ),
    (
        metric(DISTINCT, by="activity.a + activity.b"),
        [1],
        None,
        'Published an article with 1 value of "activity.a + activity.b"',
    ),
    (metric(SUM, by="activity.reads"), [10, 1_000], None, "Published an article: 10 or 1,000 reads"),
    (metric(SUM, by="activity.reach"), [10], None, "Published an article, reach adding up to 10"),
    (metric(SUM, by="activity.reach / 2"), [10], None, 'Published an article, "activity.reach / 2" adding up to 10'),
    (
        metric(STREAK, unit=PeriodKind.MONTH, forgiving=1, when="activity.edited"),
        [3],
        Noun("edited article", "edited articles"),
        "Published an article in 3 months in a row, at least one edited article in each (1 missed is forgiven)",
    ),
]


@pytest.mark.parametrize(("what", "values", "noun", "words"), MEASURED)
def test_what_is_measured_in_a_sentence(what: Metric, values: list[int], noun: Noun | None, words: str) -> None:
    """A noun of the programme stands for the condition too."""
    assert words == measured(what, values, TITLES, noun)


def test_a_badge_is_told_in_its_own_words() -> None:
    """Those of the badge, through all its levels."""
    badge = Badge("mentor", "Mentor", MENTORED, (Level(5),), every=True, noun=COLLEAGUE)
    assert "Mentored a colleague: 5 different colleagues, again at 10, 15 and so on" == earned(badge, TITLES, LONDON)


def test_a_level_each_one_is_told_before_the_condition() -> None:
    """Each further one is a level of its own."""
    badge = Badge("a", "A", metric(COUNT, when="activity.edited"), every=True)
    assert "Published an article once, again with each further one, marked edited" == earned(badge, TITLES, LONDON)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (PeriodKind.MONTH, "again from 1 December 2026"),
        (PeriodKind.YEAR, "again from 1 April 2027"),
        (30, "again with days that no award has used"),
        (PeriodKind.EVER, "again with days that no award has used"),
    ],
)
def test_what_repeats_says_from_when(window: PeriodKind | int, words: str) -> None:
    """From the first day of the next period."""
    assert words == again(metric(COUNT, window=window), TODAY, LONDON)


@pytest.mark.parametrize(
    ("title", "one", "many"),
    [
        ("Published an article", "article", "articles"),
        ("Shared a company post", "company post", "company posts"),
        ("Created an account on a network", "account", "accounts"),
        ("Told a story", "story", "stories"),
        ("Opened a box", "box", "boxes"),
    ],
)
def test_a_title_may_say_what_there_is_one_of(title: str, one: str, many: str) -> None:
    """After its verb and a or an, up to two words."""
    assert Noun(one, many) == noun_of_title(title)


@pytest.mark.parametrize(
    "title",
    [
        "Published original content",
        "Attended a training or webinar",
        "Followed a thought leader, a group or a topic",
        "Had an idea taken up",
        "Held a webinar series",
        "Invited someone to a group",
        "Hat einen Beitrag geteilt",
        "",
    ],
)
def test_a_title_that_does_not_say_so_surely_gives_no_noun(title: str) -> None:
    """Then activities are counted as times."""
    assert noun_of_title(title) is None


@pytest.mark.parametrize(
    ("field", "one", "many"),
    [
        ("topic", "topic", "topics"),
        ("reads", "read", "reads"),
        ("company_size", "company size", "company sizes"),
        ("category", "category", "categories"),
        ("stories", "story", "stories"),
        ("status", "status", "statuses"),
        ("class", "class", "classes"),
        ("day", "day", "days"),
    ],
)
def test_a_field_names_its_values(field: str, one: str, many: str) -> None:
    """One and many, whichever of them the field is called by."""
    assert Noun(one, many) == noun_of_field(field)


NEED = Need("Share", metric(COUNT), 1)
JOURNEY = (
    Zone("consumer", "Consumer"),
    Zone("sharer", "Sharer", (NEED,)),
    Zone("creator", "Creator", (NEED,)),
    Zone("engaged", "Engaged", (NEED,)),
)
GOAL = "Engaged is where the journey leads, and all that you do goes on counting"
ONWARD = [
    (None, (), "Consumer comes next on your journey"),
    (0, (), "Sharer comes next on your journey"),
    (1, ("sharer",), "Creator comes next on your journey"),
    (2, ("creator",), "Engaged comes next on your journey; Sharer is open to you as well"),
    (3, ("sharer", "creator", "engaged"), GOAL),
    (3, ("creator", "engaged"), f"{GOAL}; Sharer is still open to you"),
    (3, ("engaged",), f"{GOAL}; Sharer and Creator are still open to you"),
]


@pytest.mark.parametrize(("place", "entered", "words"), ONWARD)
def test_something_is_always_possible_next(place: int | None, entered: tuple[str, ...], words: str) -> None:
    """The zone that follows, those that were passed by, and at the end that nothing has to follow."""
    assert words == onward(JOURNEY, place, entered)


def test_without_zones_there_is_no_way_on() -> None:
    """A programme may have no journey."""
    assert onward((), None, ()) is None
