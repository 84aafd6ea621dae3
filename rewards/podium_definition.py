"""The section `podiums` of a programme file: which places of which board win which prizes.

Such as:

    podiums:
      half-year-impact:
        title: Impact of the half-year
        board: impact                   # of members; see leaderboard/definition.py
        places: 3
        ties: share                     # or split, earliest
        currency: GBP                   # of amounts that say no other; points are points of the programme
        prizes:                         # or `prize` for every place
          1: {title: Conference of your choice, amount: 1500}
          2: {title: Dinner for your team, amount: 300}
          3: {title: Book budget, amount: 100}
        minimum: 100                    # the lowest score that wins
        pause: 1                        # who won cannot win in the next period
        absent: next                    # or empty: the place of a winner who does not take part any more
        declined: next                  # or empty: a prize that is declined, revoked, or not claimed in time
        claim: P90D                     # how long a granted prize can be claimed
        approval: true                  # a manager approves each prize
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from document import Node
from rewards.metric_definition import days_from_plain, days_to_plain, whole_days
from rewards.podium import ADJUSTED_POINTS_MAX, POINTS, Podium, Prize, TiePolicy, Vacancy, plain_prize
from section import (
    KEY,
    Names,
    Section,
    attempt,
    boolean,
    by_key,
    check_renames,
    described,
    entries,
    integer,
    one_of,
    scalar,
    text,
)

SETTINGS = (
    "title",
    "board",
    "places",
    "ties",
    "currency",
    "prizes",
    "prize",
    "minimum",
    "pause",
    "absent",
    "declined",
    "claim",
    "approval",
    "was",
)
PRIZE_SETTINGS = ("title", "text", "amount", "currency")
OF_BOARD = {
    name: f"belongs to the board: write 'closing: {{{name}: {days}}}' there, and remove it here"
    for name, days in (("grace", "P2D"), ("dispute_window", "P7D"))
}

PODIUMS_MAX = 100
PLACES, PLACES_MAX = 3, 100
AMOUNT_MAX = 1_000_000_000_000
SCORE_MAX = 2**53
PAUSE_MAX = 100  # periods
CLAIM_DAYS, CLAIM_DAYS_MAX = 90, 3_660


def read_podiums(
    node: Node, boards: Names, unfit: Mapping[str, str], windows: Collection[str] = ()
) -> dict[str, Podium]:
    """Reads the section `podiums`. `unfit` says of boards that can have no podium why, and what to do instead;
    `windows` are those with a single period."""

    def board(named: Node) -> str:
        key = boards.read(named)
        if key in unfit:
            raise named.mistake(unfit[key])
        return key

    def podium(key: str, entry: Node) -> Podium:
        section = Section(entry, SETTINGS, refused=OF_BOARD)
        currency = section.take("currency", _currency, None)
        places = section.take("places", integer(1, PLACES_MAX), PLACES)
        found = Podium(
            key=key,
            title=section.need("title", text, ""),
            board=section.need("board", board, ""),
            prizes=_prizes(section, places, currency),
            ties=section.take("ties", one_of(TiePolicy), TiePolicy.SHARE),
            minimum=section.take("minimum", integer(1, SCORE_MAX), 1),
            pause=section.take("pause", integer(0, PAUSE_MAX), 0),
            absent=section.take("absent", one_of(Vacancy), Vacancy.NEXT),
            declined=section.take("declined", one_of(Vacancy), Vacancy.NEXT),
            claim_days=section.take("claim", whole_days(1, CLAIM_DAYS_MAX), CLAIM_DAYS),
            approval=section.take("approval", boolean, True),
            was=section.take("was", KEY.read, None),
        )
        if found.pause and found.board in windows:
            section.note("pause", f"'{found.board}' comes only once, so that nobody has won before: remove it")
        if found.ties is TiePolicy.SPLIT and not section.broken & {"prizes", "prize", "currency", "places"}:
            _check_split(section, found)
        return found

    if len(entries(node)) > PODIUMS_MAX:
        node.note(f"has {len(entries(node)):,} podiums: a programme can have {PODIUMS_MAX}", node.named_at)
    podiums = by_key(KEY, podium)(node)
    check_renames(node)
    return podiums


def podium_to_plain(podium: Podium) -> dict[str, Any]:
    """A podium as a programme file has it, without what is default."""
    plain: dict[str, Any] = {"title": podium.title, "board": podium.board}
    if podium.places != PLACES:
        plain["places"] = podium.places
    if podium.ties is not TiePolicy.SHARE:
        plain["ties"] = podium.ties.value
    prizes = [plain_prize(prize) for prize in podium.prizes]
    if len(prizes) > 1 and all(prize == prizes[0] for prize in prizes):
        plain["prize"] = prizes[0]
    else:
        plain["prizes"] = {str(place): prize for place, prize in enumerate(prizes, 1)}
    if podium.minimum != 1:
        plain["minimum"] = podium.minimum
    if podium.pause:
        plain["pause"] = podium.pause
    if podium.absent is not Vacancy.NEXT:
        plain["absent"] = podium.absent.value
    if podium.declined is not Vacancy.NEXT:
        plain["declined"] = podium.declined.value
    if podium.claim_days != CLAIM_DAYS:
        plain["claim"] = days_to_plain(podium.claim_days)
    if not podium.approval:
        plain["approval"] = False
    return plain


def podium_from_plain(key: str, plain: Mapping[str, Any]) -> Podium:
    """The podium of which `podium_to_plain` made this."""
    places = plain.get("places", PLACES)
    prizes = [plain["prize"]] * places if "prize" in plain else [plain["prizes"][str(n + 1)] for n in range(places)]
    return Podium(
        key=key,
        title=plain["title"],
        board=plain["board"],
        prizes=tuple(Prize(**prize) for prize in prizes),
        ties=TiePolicy(plain.get("ties", TiePolicy.SHARE)),
        minimum=plain.get("minimum", 1),
        pause=plain.get("pause", 0),
        absent=Vacancy(plain.get("absent", Vacancy.NEXT)),
        declined=Vacancy(plain.get("declined", Vacancy.NEXT)),
        claim_days=days_from_plain(plain["claim"]) if "claim" in plain else CLAIM_DAYS,
        approval=plain.get("approval", True),
    )


def _prizes(section: Section, places: int, currency: str | None) -> tuple[Prize, ...]:
    """The prizes of all places, from `prizes` or from `prize`."""
    given = entries(section.node).keys() | section.broken
    read = _prize_reader(currency, currency_known="currency" not in section.broken)
    if {"prizes", "prize"} <= set(entries(section.node)):
        section.note("prize", "goes without 'prizes': keep 'prize' for the same at every place, or 'prizes' by place")
    if "prize" in given and "prizes" not in given:
        prize = section.take("prize", read, Prize(""))
        return (prize,) * places
    by_place = section.need("prizes", _by_place(read), {})
    known = not section.broken & {"prizes", "places"}
    if known and (missing := [str(place) for place in range(1, places + 1) if place not in by_place]):
        # Nobody means a place without a prize, or a prize without a place.
        which = f"places {_listed(missing)} have" if len(missing) > 1 else f"place {missing[0]} has"
        section.note("prizes", f"{which} no prize: add it, or write 'places: {max(len(by_place), 1)}'")
        section.broken.add("prizes")
    elif known and (more := [place for place in by_place if place > places]):
        told = f"there is no place {more[0]}: write 'places: {max(more)}', or remove it"
        entries(section.node)["prizes"].note(told, entries(entries(section.node)["prizes"])[str(more[0])].named_at)
        section.broken.add("prizes")
    return tuple(by_place.get(place, Prize("")) for place in range(1, places + 1))


def _by_place(read: Callable[[Node], Prize]) -> Callable[[Node], dict[int, Prize]]:
    def prizes(node: Node) -> dict[int, Prize]:
        found: dict[int, Prize] = {}
        for name, entry in entries(node).items():
            if not re.fullmatch("[1-9][0-9]{0,2}", name) or int(name) > PLACES_MAX:
                entry.note(f"must be a place from 1 to {PLACES_MAX}, such as 1", entry.named_at)
                continue
            found[int(name)] = attempt(entry, read, Prize(""))
        if not entries(node):
            raise node.mistake("has no prizes: write one for each place, such as {1: {title: Book budget}}")
        return found

    return prizes


def _prize_reader(currency: str | None, *, currency_known: bool) -> Callable[[Node], Prize]:
    """Reads a prize; `currency` is that of the podium."""

    def prize(node: Node) -> Prize:
        if isinstance(node.content, str):
            return Prize(text(node))
        section = Section(node, PRIZE_SETTINGS)
        title = section.need("title", text, "")
        words = section.take("text", text, None)
        amount = section.take("amount", integer(1, AMOUNT_MAX), None)
        own = section.take("currency", _currency, None)
        if amount is None:
            if own is not None and "amount" not in section.broken:
                section.note("currency", "has no meaning without an 'amount': add one, or remove it")
            return Prize(title, words)
        unit = own or currency
        if unit is None and currency_known and "currency" not in section.broken:
            section.note("amount", "needs a currency: write 'currency: GBP' or 'currency: points', here or for all")
        if unit == POINTS and amount > ADJUSTED_POINTS_MAX:
            most = f"must be at most {ADJUSTED_POINTS_MAX:,} points, as no more are given at once"
            section.note("amount", f"{most}: write {ADJUSTED_POINTS_MAX} or less, or another currency")
        return Prize(title, words, amount, unit)

    return prize


def _check_split(section: Section, podium: Podium) -> None:
    """What is split is a sum: every prize needs an amount, all in one currency."""
    where = "prizes" if "prizes" in entries(section.node) else "prize"
    currencies = list(dict.fromkeys(prize.currency for prize in podium.prizes if prize.amount is not None))
    if bare := [str(place) for place, prize in enumerate(podium.prizes, 1) if prize.amount is None]:
        which = "every place" if len(bare) == podium.places else f"place {' and of place '.join(bare)}"
        told = f"'ties: split' divides amounts: give the prize of {which} one, or write 'ties: share' or 'earliest'"
        section.note(where, told)
    elif len(currencies) > 1:
        told = f"'ties: split' adds amounts up, and these are of {_listed(map(str, currencies))}: use one currency"
        section.note(where, told)


def _currency(node: Node) -> str:
    written = scalar(node).strip()
    if written.casefold() == POINTS:
        return POINTS
    if not re.fullmatch("[A-Z]{3}", written):
        raise node.mistake(f"must be {POINTS}, or three capital letters such as GBP, not {described(node)}")
    return written


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
