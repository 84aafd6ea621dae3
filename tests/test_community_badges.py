"""A public badge programme in our format: it reads, it exports, and its badges come when they should."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activity.activity import Activity
from activity.catalogue import FieldValue
from activity.member import Facts
from operations.programme import Programme, export, parse
from rewards.goal import BadgeVersion, goals_of, measures_of_badge
from rewards.progress import Book, Held, Progress
from rules.judge import Count, Judge

FOLDER = Path(__file__).parent.parent / "programmes"
BADGES_MIN = 45
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)

# An answer to somebody's question of yesterday that nobody has voted on.
ANSWER: dict[str, FieldValue] = {
    "post": "a1",
    "question": "q1",
    "tags": ["python"],
    "score": 0,
    "question_score": 0,
    "question_score_then": 0,
    "question_age_days": 1,
}
LIKED: dict[str, FieldValue] = {"change": 1, "score": 1}
NICE: dict[str, FieldValue] = {"change": 1, "score": 10}
TAG = {"python-bronze": 1, "python-silver": 1, "python-gold": 1}  # each vote counts for these

# What a report of an answer says beside ANSWER, and the badges that it counts for.
ANSWERS: list[tuple[dict[str, FieldValue], set[str]]] = [
    ({}, set()),
    (LIKED, {"teacher", *TAG}),
    ({**LIKED, "own_question": True}, set(TAG)),
    ({**LIKED, "wiki": True}, {"teacher"}),
    ({**LIKED, "tags": ["rust"]}, {"teacher"}),
    ({**LIKED, "question_edited": True}, {"teacher", "explainer", *TAG}),
    ({"score": 3, "own_question": True}, {"self-learner"}),
    ({"score": 2, "first": True, "question_age_days": 30}, {"teacher"}),
    ({"score": 2, "first": True, "question_age_days": 31}, {"teacher", "revival"}),
    ({"score": 5, "question_age_days": 61}, {"teacher", "necromancer"}),
    (NICE, {"teacher", "nice-answer", *TAG}),
    ({"score": 10, "accepted": True}, {"teacher", "nice-answer"}),
    ({"score": 10, "accepted": True, "first": True}, {"teacher", "nice-answer", "enlightened"}),
    ({"score": 9, "accepted": True, "first": True}, {"teacher"}),
    ({"score": 40, "accepted": True}, {"teacher", "nice-answer", "good-answer", "guru"}),
    ({"score": 100}, {"teacher", "nice-answer", "good-answer", "great-answer"}),
    ({"score": 5, "question_score_then": -2, "question_score": 1}, {"teacher"}),
    ({"score": 5, "question_score_then": -2, "question_score": 2}, {"teacher", "lifejacket"}),
    (
        {"score": 20, "question_score_then": -3, "question_score": 3},
        {"teacher", "nice-answer", "lifejacket", "lifeboat"},
    ),
    ({"score": 22, "accepted_score": 11, "leads": True}, {"teacher", "nice-answer"}),
    ({"score": 23, "accepted_score": 11, "leads": True}, {"teacher", "nice-answer", "populist"}),
    ({"score": 21, "accepted_score": 10, "leads": True}, {"teacher", "nice-answer"}),
]

VISITS: list[tuple[dict[str, FieldValue], int, set[str]]] = [
    ({}, 5_000, set()),
    ({"joined": "2025-11-22"}, 5_000, set()),
    ({"joined": "2025-11-20"}, 200, set()),
    ({"joined": "2025-11-20"}, 201, {"yearling"}),
    ({"joined": "2023-11-20"}, 600, set()),
    ({"joined": "2023-11-20"}, 601, {"yearling"}),
    ({"moderator_since": "2025-11-22"}, 0, set()),
    ({"moderator_since": "2025-11-21"}, 0, {"sheriff"}),
    ({"caretaker_since": "2025-11-21"}, 0, {"constable"}),
]


@pytest.fixture(scope="module")
def programme() -> Programme:
    return parse((FOLDER / "community-badges.yaml").read_bytes())


@pytest.fixture(scope="module")
def rulebook(programme: Programme) -> "Rulebook":
    return Rulebook(programme)


@pytest.fixture
def ann(rulebook: "Rulebook") -> "Ann":
    return Ann(rulebook)


def test_a_public_programme_can_be_written(programme: Programme) -> None:
    """Most of what a large community rewards its members for can be said in a programme file."""
    assert len(programme.badges) >= BADGES_MIN


def test_it_can_be_exported(programme: Programme) -> None:
    """An export of it says the same."""
    assert programme == parse(export(programme))


def test_each_badge_is_explained(programme: Programme) -> None:
    """The page beside the file names each badge in it, and so says what it was made of."""
    named = set(re.findall("`([a-z-]+)`", (FOLDER / "community-badges.md").read_text()))
    assert set() == programme.badges.keys() - named


def test_each_activity_leads_to_something(programme: Programme) -> None:
    """Tools report nothing that no badge or rule looks at."""
    looked_at = {type_ for rule in programme.rules.values() for type_ in rule.on}
    looked_at |= {type_ for badge in programme.badges.values() if badge.metric for type_ in badge.metric.on}
    assert set() == programme.activities.keys() - looked_at


def test_halves_are_hidden(programme: Programme) -> None:
    """A badge without words for members is a half of another, which requires it."""
    required = {key for badge in programme.badges.values() for key in badge.requires}
    wordless = {key for key, badge in programme.badges.items() if badge.text is None}
    assert required == wordless
    assert all(programme.badges[key].hidden for key in wordless)


@pytest.mark.parametrize(("said", "expected"), ANSWERS)
def test_an_answer_counts_for_what_it_has_reached(
    rulebook: "Rulebook", said: Mapping[str, FieldValue], expected: set[str]
) -> None:
    """Each report of an answer carries how it stands, and that alone decides."""
    assert expected == set(rulebook.counted("answer.changed", {**ANSWER, **said}))


@pytest.mark.parametrize(("known", "reputation", "expected"), VISITS)
def test_a_visit_counts_by_what_is_known_of_the_member(
    rulebook: "Rulebook", known: Mapping[str, FieldValue], reputation: int, expected: set[str]
) -> None:
    """Dates that are known of a member decide how long they have been here; one that is missing counts nothing."""
    found = set(rulebook.counted("day.visited", {"reputation": reputation}, known))
    assert expected | {"enthusiast"} == found


def test_a_vote_that_is_turned_weighs_two(rulebook: "Rulebook") -> None:
    """The score of a tag follows each change of an answer's score, down as well as up."""
    assert TAG == rulebook.counted("answer.changed", {**ANSWER, "change": 1})
    turned = rulebook.counted("answer.changed", {**ANSWER, "change": -2, "score": -1})
    assert dict.fromkeys(TAG, -2) == turned


def test_each_post_is_rewarded_once(ann: "Ann") -> None:
    """An answer that stands at ten is nice, however often it is voted on after that; another one is nice again."""
    assert ["teacher 1", "nice-answer 1"] == ann.does("answer.changed", {**ANSWER, "score": 10})
    assert [] == ann.does("answer.changed", {**ANSWER, "score": 9})
    assert [] == ann.does("answer.changed", {**ANSWER, "score": 10})
    assert ["nice-answer 2"] == ann.does("answer.changed", {**ANSWER, "score": 12, "post": "a2"})


def test_days_in_a_row_begin_anew_after_a_day_off(ann: "Ann") -> None:
    """Enthusiast comes after thirty days in a row, Fanatic after a hundred."""
    reached = [ann.does("day.visited", {"reputation": 1}, NOW + day * DAY) for day in range(141) if day != 40]
    assert ["enthusiast 1"] == reached[29]
    assert ["enthusiast 2"] == reached[-1]
    assert 2 == sum(map(len, reached))


def test_a_gain_is_that_of_one_day(ann: "Ann") -> None:
    """Reputation of two days makes no Mortarboard, and neither does what was brought along from another site."""
    evening = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
    gain: dict[str, FieldValue] = {"amount": 199, "reason": "votes", "today": 199}
    assert [] == ann.does("reputation.gained", gain, evening)
    assert [] == ann.does("reputation.gained", gain, evening + timedelta(minutes=1))
    assert [] == ann.does("reputation.gained", {**gain, "reason": "association"}, evening + timedelta(minutes=2))
    found = ann.does("reputation.gained", {**gain, "amount": 1, "today": 200}, evening + timedelta(minutes=3))
    assert ["mortarboard 1"] == found


def test_good_days_are_counted_across_the_years(ann: "Ann") -> None:
    """Epic counts days, whatever lies between them and however much comes on each."""
    gain: dict[str, FieldValue] = {"amount": 10, "reason": "votes", "today": 200}
    reached = [ann.does("reputation.gained", gain, NOW + day * 3 * DAY) for day in range(50) for _ in range(2)]
    assert ["epic 1"] == reached[98]
    assert 1 == sum(map(len, reached))


def test_each_year_is_rewarded_once(ann: "Ann") -> None:
    """Yearling comes on the first visit of each further year, with 200 reputation for each of them."""
    ann.known = {"joined": "2026-01-05"}
    visits = {(2027, 1, 4): 900, (2027, 1, 6): 900, (2027, 1, 8): 900, (2028, 1, 6): 400, (2028, 1, 8): 401}
    reached = [
        ann.does("day.visited", {"reputation": reputation}, datetime(*date, tzinfo=UTC))
        for date, reputation in visits.items()
    ]
    assert [[], ["yearling 1"], [], [], ["yearling 2"]] == reached


@pytest.mark.parametrize("star_at", [0, 5, 10])
def test_a_star_and_ten_messages_come_in_any_order(ann: "Ann", star_at: int) -> None:
    """What requires another badge comes when both are there."""
    reached = []
    for number in range(11):
        if number == star_at:
            reached.append(ann.does("chat.starred", {"message": "m0", "starred_by": "bo"}))
        else:
            reached.append(ann.does("chat.written", {"message": f"m{number}"}))
    assert "talkative-star 1" in reached[star_at]
    assert "talkative 1" in reached[10]
    assert 2 == sum(map(len, reached))


@pytest.mark.parametrize("votes_first", [True, False])
def test_a_tag_takes_both_score_and_answers(ann: "Ann", votes_first: bool) -> None:
    """A hundred votes on few answers are not enough, nor are twenty answers that nobody likes."""
    post: dict[str, FieldValue] = {"question": "q1", "tags": ["python"]}
    posted = [("answer.posted", {**post, "post": f"a{number}"}) for number in range(20)]
    voted = [("answer.changed", {**ANSWER, **LIKED})] * 100
    reached = [ann.does(type_, data) for type_, data in (voted + posted if votes_first else posted + voted)]
    assert "python-bronze 1" in reached[-1]
    assert ["python-bronze 1", "python-bronze-answers 1", "teacher 1"] == sorted(
        each for found in reached for each in found
    )


def test_the_private_beta_ends(ann: "Ann") -> None:
    """Beta takes votes, posts and visits, all of them in time."""
    last = datetime(2026, 1, 21, 23, 59, tzinfo=UTC)
    vote: dict[str, FieldValue] = {"post": "a1", "kind": "answer", "up": True}
    for number in range(10):
        ann.does("vote.cast", vote, last)
        ann.does("question.voted", {"post": f"q{number % 2}", "score": 1}, last)
    ann.does("answer.changed", {**ANSWER, "score": 1}, last)
    for day in range(2):
        assert [] == ann.does("day.visited", {"reputation": 1}, last - day * DAY)
    assert [] == ann.does("day.visited", {"reputation": 1}, last + timedelta(minutes=1))
    assert ["beta-days 1", "beta 1"] == ann.does("day.visited", {"reputation": 1}, last - 2 * DAY)


def test_each_queue_is_counted_apart(ann: "Ann") -> None:
    """Custodian comes once for each queue, and Reviewer for those that one stays with."""
    review: dict[str, FieldValue] = {"queue": "late-answers", "post": "a1"}
    reached = [ann.does("review.completed", review) for _ in range(250)]
    assert (["custodian 1"], ["review-late-answers 1"]) == (reached[0], reached[-1])
    assert ["custodian 2"] == ann.does("review.completed", {**review, "queue": "close-votes"})
    assert 2 == sum(map(len, reached))


class Rulebook:
    """The badges of the programme, ready to count."""

    def __init__(self, programme: Programme) -> None:
        self.badges = [BadgeVersion(number, number, badge) for number, badge in enumerate(programme.badges.values())]
        found = [measure for _, element, badge in self.badges for measure in measures_of_badge(element, badge)]
        measures = {measure: number for number, measure in enumerate(found, 1)}
        self.progress = Progress(programme.calendar, *goals_of(self.badges, [], measures))
        self.owners = {measures[measure]: measure.element for measure in found}
        self.judge = Judge(
            programme.calendar,
            b"",
            [],
            {},
            programme.activities,
            programme.attributes,
            metered=self.progress.metered,
        )

    def counts(
        self, type_: str, data: Mapping[str, FieldValue], known: Mapping[str, FieldValue], time: datetime
    ) -> Sequence[Count]:
        activity = Activity("test", "1", type_, 1, time, data)
        return self.judge.counts(activity, Facts(attributes=known), time.toordinal())

    def counted(
        self, type_: str, data: Mapping[str, FieldValue], known: Mapping[str, FieldValue] | None = None
    ) -> dict[str, int]:
        """What an activity adds to each badge that it counts for."""
        return {
            self.badges[self.owners[self.progress.metered[count.metered].measure]].badge.key: count.amount
            for count in self.counts(type_, data, known or {}, NOW)
        }


class Ann:
    """A member who has nothing yet."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.known: Mapping[str, FieldValue] = {}
        self._rulebook, self._book, self._held = rulebook, Book(), Held()

    def does(self, type_: str, data: Mapping[str, FieldValue], time: datetime = NOW) -> list[str]:
        """The badges that an activity brings, each with its level."""
        counts = self._rulebook.counts(type_, data, self.known, time)
        reached = self._rulebook.progress.settle(
            1, 1, int(time.timestamp() * 1_000_000), time.toordinal(), counts, self._book, {}, self._held
        )
        return [f"{self._rulebook.badges[each.goal.element].badge.key} {each.level}" for each in reached]
