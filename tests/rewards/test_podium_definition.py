"""The section `podiums`: what it declares, and the words for every mistake."""

import pytest

from document import Document
from rewards.podium import POINTS, Podium, Prize, TiePolicy, Vacancy
from rewards.podium_definition import podium_from_plain, podium_to_plain, read_podiums
from section import Names, attempt

BOARDS = Names("there is no board", "boards", ("impact", "teams"))
UNFIT = {"teams": "'teams' is a board of teams, and prizes go to members: name a board of members"}
SETTINGS = (
    "(settings: title, board, places, ties, currency, prizes, prize, minimum, pause, absent, declined, claim, "
    "approval, was)"
)

PODIUMS = """
half-year:
  title: Impact of the half-year
  board: impact
  currency: GBP
  prizes:
    1: {title: Conference of your choice, text: With travel, amount: 1500}
    2: {title: Dinner for your team, amount: 300}
    3: Book budget
all:
  title: Five of a kind
  board: impact
  places: 5
  ties: split
  prize: {title: Thanks, amount: 500, currency: Points}
  minimum: 100
  pause: 2
  absent: empty
  declined: empty
  claim: P30D
  approval: false
  was: every
"""

EXPECTED = {
    "half-year": Podium(
        "half-year",
        "Impact of the half-year",
        "impact",
        (
            Prize("Conference of your choice", "With travel", 1500, "GBP"),
            Prize("Dinner for your team", None, 300, "GBP"),
            Prize("Book budget"),
        ),
    ),
    "all": Podium(
        "all",
        "Five of a kind",
        "impact",
        (Prize("Thanks", None, 500, POINTS),) * 5,
        TiePolicy.SPLIT,
        minimum=100,
        pause=2,
        absent=Vacancy.EMPTY,
        declined=Vacancy.EMPTY,
        claim_days=30,
        approval=False,
        was="every",
    ),
}

TOO_MANY_POINTS = (
    "must be at most 1,000,000 points, as no more are given at once: write 1000000 or less, or another currency"
)

# By what follows the title and the board of podium `a`; columns count from the first character of that.
MISTAKES = {
    "": "column 6: it.a: 'prizes' is missing",
    "prize: Cup, grace: P2D": "column 47: it.a.grace: belongs to the board: write 'closing: {grace: P2D}' there, "
    "and remove it here",
    "prize: Cup, dispute_window: P7D": "column 47: it.a.dispute_window: belongs to the board: "
    "write 'closing: {dispute_window: P7D}' there, and remove it here",
    "prize: Cup, places: 0": "column 55: it.a.places: must be from 1 to 100, not '0'",
    "prize: Cup, places: 101": "column 55: it.a.places: must be from 1 to 100, not '101'",
    "prizes: {1: Cup, 2: Book}": "column 43: it.a.prizes: place 3 has no prize: add it, or write 'places: 2'",
    "prizes: {1: Cup}": "column 43: it.a.prizes: places 2 and 3 have no prize: add it, or write 'places: 1'",
    "places: 1, prizes: {1: Cup, 2: Book}": "column 63: it.a.prizes: there is no place 2: write 'places: 2', "
    "or remove it",
    "places: 1, prizes: {first: Cup}": "column 55: it.a.prizes.first: must be a place from 1 to 100, such as 1",
    "prizes: {}": "column 43: it.a.prizes: has no prizes: write one for each place, such as {1: {title: Book budget}}",
    "prizes: [Cup]": "column 43: it.a.prizes: must be settings, each written 'name: value', not a list",
    "places: 1, prizes: {1: Cup}, prize: Cup": "column 71: it.a.prize: goes without 'prizes': keep 'prize' for the "
    "same at every place, or 'prizes' by place",
    "prize: {amount: 5, currency: GBP}": "column 35: it.a.prize: 'title' is missing",
    "prize: {title: Cup, amount: 5}": "column 63: it.a.prize.amount: needs a currency: write 'currency: GBP' "
    "or 'currency: points', here or for all",
    "prize: {title: Cup, amount: 5, currency: pounds}": "column 76: it.a.prize.currency: must be points, "
    "or three capital letters such as GBP, not 'pounds'",
    "currency: pounds, prize: {title: Cup, amount: 5}": "column 45: it.a.currency: must be points, "
    "or three capital letters such as GBP, not 'pounds'",
    "prize: {title: Cup, currency: GBP}": "column 65: it.a.prize.currency: has no meaning without an 'amount': "
    "add one, or remove it",
    "prize: {title: Cup, amount: 1.5, currency: GBP}": "column 63: it.a.prize.amount: must be a whole number, "
    "not '1.5'",
    "prize: {title: Cup, amount: 0, currency: GBP}": "column 63: it.a.prize.amount: must be from 1 to "
    "1,000,000,000,000, not '0'",
    "prize: {title: Cup, amount: 1000001, currency: points}": f"column 63: it.a.prize.amount: {TOO_MANY_POINTS}",
    "currency: Points, prize: {title: Cup, amount: 1000001}": f"column 81: it.a.prize.amount: {TOO_MANY_POINTS}",
    "currency: points, places: 1, prizes: {1: {title: Cup, amount: 1000001}}": "column 97: it.a.prizes.1.amount: "
    f"{TOO_MANY_POINTS}",
    "prize: Cup, ties: split": "column 42: it.a.prize: 'ties: split' divides amounts: give the prize of every place "
    "one, or write 'ties: share' or 'earliest'",
    "ties: split, currency: GBP, prizes: {1: {title: A, amount: 5}, 2: B, 3: C}": "column 71: it.a.prizes: "
    "'ties: split' divides amounts: give the prize of place 2 and of place 3 one, or write 'ties: share' or 'earliest'",
    "ties: split, places: 2, currency: GBP, prizes: {1: {title: A, amount: 5}, 2: {title: B, amount: 5, currency: "
    "points}}": "column 82: it.a.prizes: 'ties: split' adds amounts up, and these are of GBP and points: "
    "use one currency",
    "prize: Cup, ties: dense": "column 53: it.a.ties: must be one of share, split, earliest, not 'dense'",
    "prize: Cup, minimum: 0": "column 56: it.a.minimum: must be from 1 to 9,007,199,254,740,992, not '0'",
    "prize: Cup, pause: -1": "column 54: it.a.pause: must be from 0 to 100, not '-1'",
    "prize: Cup, absent: nobody": "column 55: it.a.absent: must be one of next, empty, not 'nobody'",
    "prize: Cup, declined: nxt": "column 57: it.a.declined: must be one of next, empty, not 'nxt'; "
    "did you mean 'next'?",
    "prize: Cup, claim: 90 days": "column 54: it.a.claim: must be whole days such as P30D, not '90 days'; "
    "did you mean 'P90D'?",
    "prize: Cup, approval: required": "column 57: it.a.approval: must be true or false, not 'required'",
    "prize: Cup, was: a": "column 52: it.a.was: 'a' is still here, in line 1: a key that changed its name cannot stay",
    "prise: Cup": f"column 35: it.a: there is no setting 'prise' here; did you mean 'prize'? {SETTINGS}",
}


def podiums(text: str, boards: Names = BOARDS) -> tuple[dict[str, Podium] | None, list[str]]:
    """What is read of a section that stands under the name `it`, and its mistakes."""
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    read = attempt(document.root.content["it"], lambda node: read_podiums(node, boards, UNFIT), None)
    return read, [str(mistake) for mistake in document.mistakes]


def test_a_section_declares_podiums() -> None:
    """Three places, ties share, a manager approves and 90 days to claim, unless they say otherwise."""
    assert (EXPECTED, []) == podiums(PODIUMS.replace("\n", "\n  "))


@pytest.mark.parametrize(("text", "words"), MISTAKES.items())
def test_every_mistake_has_its_place_and_says_what_to_do(text: str, words: str) -> None:
    """One mistake in the section is one sentence."""
    comma = ", " if text else ""
    assert [f"line 1, {words}"] == podiums(f"{{a: {{title: A, board: impact{comma}{text}}}}}")[1]


def test_a_board_must_be_there_and_rank_members() -> None:
    """What is wrong with a board stands where the podium names it."""
    read = "line 1, column 27: it.a.board: "
    assert [f"{read}there is no board 'impct'; did you mean 'impact'? (boards: impact, teams)"] == podiums(
        "{a: {title: A, board: impct, prize: Cup}}"
    )[1]
    assert [f"{read}{UNFIT['teams']}"] == podiums("{a: {title: A, board: teams, prize: Cup}}")[1]
    unsure = Names("there is no board", "boards", (), complete=False)
    assert [] == podiums("{a: {title: A, board: impct, prize: Cup}}", unsure)[1]


def test_all_mistakes_of_a_podium_are_found() -> None:
    """A mistake hides no other."""
    found = podiums("{a: {board: x, ties: y, prizes: {0: Cup, 1: {title: A, amount: z}}, pause: no, absent: w}}")[1]
    assert [
        "it.a",
        "it.a.absent",
        "it.a.board",
        "it.a.pause",
        "it.a.prizes.0",
        "it.a.prizes.1.amount",
        "it.a.ties",
    ] == sorted(mistake.split(": ")[1] for mistake in found)


def test_plain_values_leave_out_what_is_default_and_come_back() -> None:
    """The plain form is that of the file, and nothing but `was` is lost on the way back."""
    plain = podium_to_plain(EXPECTED["half-year"])
    assert {
        "title": "Impact of the half-year",
        "board": "impact",
        "prizes": {
            "1": {"title": "Conference of your choice", "text": "With travel", "amount": 1500, "currency": "GBP"},
            "2": {"title": "Dinner for your team", "amount": 300, "currency": "GBP"},
            "3": {"title": "Book budget"},
        },
    } == plain
    assert EXPECTED["half-year"] == podium_from_plain("half-year", plain)
    plain = podium_to_plain(EXPECTED["all"])
    assert {"places": 5, "prize": {"title": "Thanks", "amount": 500, "currency": "points"}, "approval": False} == {
        name: plain[name] for name in ("places", "prize", "approval")
    }
    again = podium_from_plain("all", plain)
    assert (None, EXPECTED["all"].prizes, 30) == (again.was, again.prizes, again.claim_days)
    assert plain == podium_to_plain(again)


def test_a_prize_is_as_large_as_what_can_be_delivered() -> None:
    """In points what is given at once; in money more."""
    for most in ("amount: 1000000, currency: points", "amount: 1000000000000, currency: GBP"):
        _, mistakes = podiums(f"{{a: {{title: A, board: impact, prize: {{title: Cup, {most}}}}}}}")
        assert [] == mistakes
