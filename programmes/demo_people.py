"""The people of the demo's company: who they are, where they work, and how they take to the programme.

Everyone is made up. The same seed gives the same people.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

Kind = TypeVar("Kind")

TEAM_SIZE = 20


class Habit(StrEnum):
    """How somebody takes part."""

    STEADY = "steady"
    DORMANT = "dormant"  # was there, and stopped months ago
    LATE = "late"  # said yes some weeks or months after the programme began
    LEAVER = "leaver"  # said yes, and later no
    ABSENT = "absent"  # never said yes; tools report them all the same


class Zone(StrEnum):
    """How far somebody's journey has led: what they do, and what they do not do yet."""

    CONSUMER = "consumer"
    SHARER = "sharer"
    CREATOR = "creator"
    ENGAGED = "engaged"


@dataclass(frozen=True, slots=True)
class Place:
    """A location, its time zone and the days (month, day) on which nobody works."""

    name: str
    time_zone: ZoneInfo
    holidays: frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Person:
    """One employee. `pace` is the number of things they do on an ordinary working day."""

    id: str  # the external id, such as ingrid.solberg
    name: str
    team: str
    department: str
    place: Place
    hourly: bool
    joined: date
    habit: Habit
    turn: int  # the day of the programme on which a DORMANT one stops, a LATE one says yes and a LEAVER says no
    zone: Zone
    pace: float
    talent: float  # how far what they write reaches; 1 is usual


EVERYWHERE = {(1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)}

PLACES = {
    name: Place(name, ZoneInfo(zone), frozenset(EVERYWHERE | holidays))
    for name, zone, holidays in (
        ("London", "Europe/London", {(5, 4), (5, 25), (8, 31)}),
        ("Berlin", "Europe/Berlin", {(5, 14), (5, 25), (10, 3)}),
        ("Warsaw", "Europe/Warsaw", {(5, 3), (8, 15), (11, 1), (11, 11)}),
        ("Lisbon", "Europe/Lisbon", {(4, 25), (6, 10), (10, 5), (12, 1)}),
        ("New York", "America/New_York", {(5, 25), (7, 3), (9, 7), (11, 26), (11, 27)}),
        ("Austin", "America/Chicago", {(5, 25), (7, 3), (9, 7), (11, 26), (11, 27)}),
        ("São Paulo", "America/Sao_Paulo", {(4, 21), (9, 7), (10, 12), (11, 2)}),
        ("Bengaluru", "Asia/Kolkata", {(1, 26), (8, 15), (10, 2), (11, 9)}),
        ("Singapore", "Asia/Singapore", {(5, 31), (8, 10), (11, 9)}),
        ("Sydney", "Australia/Sydney", {(1, 26), (4, 25), (6, 8), (10, 5)}),
    )
}

# Name, department, home.
TEAMS = (
    ("Platform", "Engineering", "Berlin"),
    ("Data and AI", "Engineering", "Warsaw"),
    ("Mobile", "Engineering", "Bengaluru"),
    ("Product", "Product", "London"),
    ("Design", "Product", "Lisbon"),
    ("Sales Europe", "Sales", "London"),
    ("Sales Americas", "Sales", "New York"),
    ("Sales Asia-Pacific", "Sales", "Singapore"),
    ("Marketing", "Marketing", "Berlin"),
    ("Customer Success", "Services", "Austin"),
    ("Customer Support", "Services", "São Paulo"),
    ("Consulting", "Services", "Sydney"),
)
TEAM_PLACES = {team: PLACES[home] for team, _, home in TEAMS}
HOURLY_TEAM = "Customer Support"  # most are paid by the hour; elsewhere few

# Given and family names that go together. A company mixes them, so that places say little of names.
NAMES = (
    (
        "Amelia Oliver Isla George Freya Harry Imogen Alfie",
        "Bennett Clarke Hughes Whitfield Marsh Ellison Barlow",
    ),
    (
        "Lena Jonas Katharina Felix Johanna Lukas Greta Moritz",
        "Weber Schäfer Krüger Lindner Brandt Voigt Hartmann",
    ),
    ("Zofia Jakub Agnieszka Piotr Magdalena Paweł Hanna Kacper", "Kowalczyk Zieliński Wójcik Lewandowska Mazur Dudek"),
    ("Inês Tiago Beatriz Rui Catarina Duarte Leonor Vasco", "Carvalho Almeida Teixeira Moreira Nogueira Pinto Rocha"),
    ("Camila Thiago Larissa Rafael Juliana Bruno Letícia Caio", "Oliveira Barbosa Cardoso Ribeiro Azevedo Monteiro"),
    ("Lucía Mateo Valentina Diego Carmen Andrés Ximena Javier", "García Hernández Rojas Castillo Vargas Medina Ortega"),
    ("Priya Arjun Ananya Rohan Kavya Vikram Meera Aditya", "Raman Iyer Deshpande Banerjee Kulkarni Menon Chaudhary"),
    ("Aisha Omar Layla Yusuf Noor Karim Salma Tariq", "Haddad Mansour Rahman Siddiqui Khalil Aziz Farouk"),
    ("Mei Wei Xiulan Jun Lihua Hao Yan Ming", "Chen Zhang Liu Huang Zhao Lin Tan Goh"),
    ("Yuki Haruto Sakura Ren Aoi Daiki Hana Sota", "Tanaka Suzuki Watanabe Kobayashi Mori Inoue"),
    ("Amara Chidi Ngozi Emeka Zanele Kwame Abena Thabo", "Okafor Adeyemi Mensah Dlamini Boateng Nwosu Kamau"),
    ("Astrid Erik Sigrid Lars Maja Nils Elin Oskar", "Lindqvist Johansen Bergström Nygård Dahl Holm"),
    ("Madison Jordan Taylor Marcus Brooke Tyrell Savannah Logan", "Washington Reed Sullivan Brooks Coleman Hayes"),
    ("Linh Minh Trang Duc Ji-woo Seo-yeon Min-jun Thu", "Nguyễn Trần Phạm Kim Park Choi"),
)

# People with a story, whose numbers are not left to chance. What they do is in demo_days.py, what managers do for and
# against them in demo_deeds.py.
EXPERT = "ingrid.solberg"  # writes seldom, is read for weeks, and brings more leads than anybody
SHARER = "marco.bellini"  # passes everything on, far more than limits pay; one post was miscounted, and retracted
SLEEPER = "tomasz.wisniewski"  # was engaged like few others, and has been dormant for months
ABSENTEE = "claire.dubois"  # does not take part: what tools report of her counts nowhere
NEWCOMER = "leilani.kealoha"  # began six weeks ago, went through every zone, and wrote an article with the expert
HOST = "nadia.rahal"  # brings people together; was given a badge by hand for what no tool sees
SUPPORTER = "daniel.osei"  # is paid by the hour: Saturday evenings earn nothing; was given points for a trade fair

# Of the pilot, and of its prizes: what they write is in demo_articles.py.
COAUTHORS = ("kofi.asante", "mirjam.vogel")  # write everything together and share a place; one never claimed
ADVERTISER = "victor.marchand"  # was disqualified in the first half-year; next in line in the second
WINNER = "hugo.ferreira"  # won the second half-year
DECLINER = "nora.jansen"  # came second in it, and declined
LATECOMER = "ravi.subramanian"  # came third in it: what would have made him second came too late
CAST = (*COAUTHORS, ADVERTISER, WINNER, DECLINER, LATECOMER)

# Name, team, habit, turn, zone, pace, talent.
STORIES = {
    EXPERT: ("Ingrid Solberg", "Data and AI", Habit.STEADY, 0, Zone.CREATOR, 0.05, 4.0),
    SHARER: ("Marco Bellini", "Sales Europe", Habit.STEADY, 0, Zone.SHARER, 0.3, 0.6),
    SLEEPER: ("Tomasz Wiśniewski", "Platform", Habit.DORMANT, 75, Zone.ENGAGED, 5.0, 1.2),
    ABSENTEE: ("Claire Dubois", "Design", Habit.ABSENT, 0, Zone.SHARER, 1.5, 1.0),
    NEWCOMER: ("Leilani Kealoha", "Customer Success", Habit.LATE, 170, Zone.ENGAGED, 4.0, 1.5),
    HOST: ("Nadia Rahal", "Marketing", Habit.STEADY, 0, Zone.ENGAGED, 2.0, 0.9),
    SUPPORTER: ("Daniel Osei", "Customer Support", Habit.STEADY, 0, Zone.SHARER, 1.0, 0.8),
    COAUTHORS[0]: ("Kofi Asante", "Consulting", Habit.STEADY, 0, Zone.CONSUMER, 0.3, 0.1),
    COAUTHORS[1]: ("Mirjam Vogel", "Consulting", Habit.STEADY, 0, Zone.CONSUMER, 0.3, 0.1),
    ADVERTISER: ("Victor Marchand", "Product", Habit.STEADY, 0, Zone.CONSUMER, 0.3, 0.1),
    WINNER: ("Hugo Ferreira", "Design", Habit.STEADY, 0, Zone.CONSUMER, 0.3, 0.1),
    DECLINER: ("Nora Jansen", "Platform", Habit.STEADY, 0, Zone.CONSUMER, 0.3, 0.1),
    LATECOMER: ("Ravi Subramanian", "Mobile", Habit.STEADY, 0, Zone.CONSUMER, 0.3, 0.1),
}

# How many of the company, beside the stories, are not steady, and how many of each zone there are.
HABITS = ((Habit.DORMANT, 26), (Habit.LATE, 22), (Habit.LEAVER, 5), (Habit.ABSENT, 18))
TURNS = {Habit.DORMANT: range(60, 140), Habit.LATE: (45, 100, 150), Habit.LEAVER: (120, 180)}
ZONES = ((Zone.CONSUMER, 80), (Zone.SHARER, 85), (Zone.CREATOR, 45), (Zone.ENGAGED, 25))

PACE_MAX = 8.0
PACE_EXPONENT = 0.8  # the person of rank r has the pace PACE_MAX / r ** PACE_EXPONENT: few do most


def people(seed: int, began: date) -> list[Person]:
    """Everyone in the company, which began its programme on a day: 12 teams of 20."""
    random = Random(f"{seed}: people")  # noqa: S311 - made-up people need no secrets
    count = len(TEAMS) * TEAM_SIZE - len(STORIES) + len(CAST)
    names = _names(random, count)
    habits = _spread(random, HABITS, count, Habit.STEADY)
    zones = _spread(random, ZONES, count, Zone.CONSUMER)
    paces = [PACE_MAX / rank**PACE_EXPONENT for rank in range(1, count + 1)]
    random.shuffle(paces)
    turns = [random.choice(TURNS.get(habit, (0,))) for habit in habits]
    talents = [random.lognormvariate(-0.2, 0.7) for _ in range(count)]
    natures = list(zip(map(_identifier, names), names, habits, turns, zones, paces, talents, strict=False))
    # The cast takes the places of some who would have looked on.
    onlookers = [each for each in natures if each[2] is Habit.STEADY and each[4] is Zone.CONSUMER][: len(CAST)]
    drawn = (each for each in natures if each not in onlookers)
    found = []
    for team, department, home in TEAMS:
        told = [(identifier, *story[:1], *story[2:]) for identifier, story in STORIES.items() if story[1] == team]
        for identifier, name, *nature in told + list(islice(drawn, TEAM_SIZE - len(told))):
            hourly = random.random() < (0.7 if team == HOURLY_TEAM else 0.06) or identifier == SUPPORTER
            there = random.random() < 0.75 or identifier in STORIES
            place = PLACES[home] if there else random.choice(list(PLACES.values()))
            joined = began - timedelta(days=int(random.lognormvariate(6.6, 0.9)) + 20)
            found.append(Person(identifier, name, team, department, place, hourly, joined, *nature))
    return found


def _names(random: Random, count: int) -> list[str]:
    """Full names that are all different, and so are their identifiers."""
    taken = {name: name for name in STORIES}
    while len(taken) < count + len(STORIES):
        given, family = random.choice(NAMES)
        name = f"{random.choice(given.split())} {random.choice(family.split())}"
        taken.setdefault(_identifier(name), name)
    return list(taken.values())[len(STORIES) :]


def _spread(random: Random, wanted: tuple[tuple[Kind, int], ...], count: int, otherwise: Kind) -> list[Kind]:
    kinds = [kind for kind, number in wanted for _ in range(number)]
    kinds += [otherwise] * (count - len(kinds))
    random.shuffle(kinds)
    return kinds


def _identifier(name: str) -> str:
    """The name in small ASCII letters, as companies make e-mail addresses of it."""
    plain = name.lower().replace("ł", "l").replace("ø", "o")
    folded = unicodedata.normalize("NFKD", plain)
    return "".join(each for each in folded if each.isascii()).replace(" ", ".")
