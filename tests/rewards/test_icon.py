"""Icons: sound SVG whatever the title, the same for the same badge, and readable on its colour."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.programme import parse
from rewards.icon import BRONZE, GOLD, SILVER, icon
from rewards.monogram import monogram, monograms

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "g", "path", "circle", "rect", "text"}
ANY_TITLE = st.text(st.characters() | st.sampled_from("<>&\"'\0\ud800\ufffe😀é内 -"), max_size=40)
COLOURS = st.none() | st.from_regex("#[0-9a-fA-F]{6}", fullmatch=True)


def drawn(
    title: str = "Prolific creator", level: int = 1, levels: int = 1, colour: str | None = None, zone: bool = False
) -> ElementTree.Element:
    return ElementTree.fromstring(icon(title, level, levels, colour, zone=zone))


def told(root: ElementTree.Element) -> str:
    return root.findtext(f"{SVG}title") or ""


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def stars(root: ElementTree.Element) -> list[bool]:
    """Whether each star is filled; they are the paths with ten corners."""
    paths = [path for path in root.iter(f"{SVG}path") if path.get("d", "").count("L") == 9]
    return [path.get("fill-opacity") is None for path in paths]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@given(ANY_TITLE, st.integers(0, 10**6), st.integers(0, 100), COLOURS, st.booleans())
def test_any_badge_has_a_sound_icon(title: str, level: int, levels: int, colour: str | None, zone: bool) -> None:
    """It is one SVG of 128 x 128 of plain shapes: nothing in it runs, is loaded or can clash with another icon."""
    text = icon(title, level, levels, colour, zone=zone)
    root = ElementTree.fromstring(text.encode())
    assert ("128", "128", "img") == (root.get("width"), root.get("height"), root.get("role"))
    assert root.get("viewBox") == "0 0 128 128"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ELEMENTS
    names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if name in {"id", "style", "href", "class"} or name.startswith("on")}
    assert {"system-ui, sans-serif"} >= {element.get("font-family") for element in root.iter(f"{SVG}text")}
    assert text == icon(title, level, levels, colour, zone=zone)


def test_a_title_cannot_become_markup() -> None:
    """What has a meaning in SVG is escaped, in the words and in the monogram."""
    title = '<script>alert("&")</script>'
    assert title == told(drawn(title))
    assert "<script" not in icon(title, 1, 1, None)


def test_a_colour_cannot_become_markup() -> None:
    """Only #rrggbb is drawn."""
    with pytest.raises(ValueError, match="non-hexadecimal"):
        icon("T", 1, 1, 'red"/><script/>')


@pytest.mark.parametrize(
    ("level", "levels", "zone", "words"),
    [
        (1, 1, False, "Creator"),
        (2, 3, False, "Creator, level 2 of 3"),
        (7, 0, False, "Creator, level 7"),
        (0, 3, False, "Creator, not reached yet"),
        (3, 4, True, "Creator, zone 3 of 4"),
    ],
)
def test_an_icon_says_what_it_shows(level: int, levels: int, zone: bool, words: str) -> None:
    """Who cannot see it is told the level too."""
    assert words == told(drawn("Creator", level, levels, zone=zone))


def test_up_to_five_levels_are_stars_and_more_a_number() -> None:
    """Stars that are reached are filled; a badge of one level needs none."""
    assert [] == stars(drawn(level=1, levels=1))
    assert [True, True, False] == stars(drawn(level=2, levels=3))
    assert [True] * 5 == stars(drawn(level=5, levels=5))
    assert (["PC", "2"], []) == (texts(drawn(level=2, levels=6)), stars(drawn(level=2, levels=6)))
    assert ["PC", "1,234"] == texts(drawn(level=1234, levels=0))
    assert ["PC"] == texts(drawn(level=0, levels=6))


@pytest.mark.parametrize(
    ("level", "levels", "metal"),
    [(1, 1, GOLD), (1, 3, BRONZE), (2, 3, SILVER), (3, 3, GOLD), (1, 2, SILVER), (1, 0, BRONZE), (99, 0, GOLD)],
)
def test_the_metal_rises_with_the_level(level: int, levels: int, metal: tuple[tuple[int, int, int], ...]) -> None:
    """Bronze, silver, gold; where there is no last level, gold from the fourth."""
    assert "#{:02x}{:02x}{:02x}".format(*metal[1]) in icon("T", level, levels, "#336699")


def test_every_level_looks_different() -> None:
    """Of a badge with levels and of the zones of a journey."""
    for zone in (False, True):
        pictures = [re.sub("<title>.*</title>", "", icon("T", level, 4, None, zone=zone)) for level in range(5)]
        assert len(set(pictures)) == 5


def test_a_zone_is_no_medal() -> None:
    """A zone is never a grade: it has no metal and no stars, but its place on the way."""
    text = icon("Creator", 3, 4, None, zone=True)
    for metal in (BRONZE, SILVER, GOLD):
        assert "#{:02x}{:02x}{:02x}".format(*metal.plain) not in text
    assert not stars(drawn("Creator", 3, 4, zone=True))


@given(st.text(min_size=1, max_size=20))
def test_a_colour_that_nobody_chose_carries_white_letters(title: str) -> None:
    """It comes from the title alone and has the contrast that WCAG asks of small text."""
    text = icon(title, 1, 1, None)
    (face,) = re.findall('<circle cx="64" cy="51" r="36" fill="(#[0-9a-f]{6})"', text)
    assert 1.05 / (luminance(face) + 0.05) >= 4.5
    assert f'r="36" fill="{face}"' in icon(title, 2, 7, None)


@given(st.from_regex("#[0-9a-f]{6}", fullmatch=True))
def test_letters_can_be_read_on_any_colour(colour: str) -> None:
    """On a colour that somebody chose they are white or nearly black."""
    (ink,) = re.findall('font-weight="700" fill="(#[0-9a-f]{6})"', icon("T", 1, 1, colour))
    darker, lighter = sorted([luminance(ink), luminance(colour)])
    assert (lighter + 0.05) / (darker + 0.05) >= 4.3


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Prolific creator", "PC"),
        ("Voice of the company", "VC"),
        ("Impact", "IM"),
        ("Ünal's best", "ÜS"),
        ("U\u0308ber", "ÜB"),
        ("100 posts", "100"),
        ("2026 tour", "TR"),
        ("1234", "1"),
        ("of the", "OT"),
        ("内容创作者", "内"),
        ("straße", "ST"),
        ("ß", "S"),
        ("🏅 !!!", ""),
        ("🏅 Winner", "WN"),
        ("Aia", "AI"),
    ],
)
def test_a_monogram_stands_for_the_title(title: str, expected: str) -> None:
    """Two letters where it has them, or a short number; none for a title without letters, which gets a star."""
    assert expected == monogram(title)


SHIPPED = Path(__file__).parents[2] / "programmes"


@pytest.mark.parametrize("file", ["social-journey.yaml", "community-badges.yaml"])
def test_badges_of_a_programme_have_letters_of_their_own(file: str) -> None:
    """All differ, and one that comes at the end changes none before it."""
    titles = [(key, badge.title) for key, badge in parse((SHIPPED / file).read_bytes()).badges.items()]
    found = monograms(tuple(titles))
    assert len(titles) == len(set(found.values()))
    assert found == {key: letters for key, letters in monograms((*titles, ("z", titles[0][1]))).items() if key != "z"}
    assert found == monograms(tuple(titles))


def test_letters_are_shared_only_where_all_are_taken() -> None:
    """In the order of the programme, the best first."""
    titles = (("a", "Mentor"), ("b", "Mentor"), ("c", "Minute taker"), ("d", "Mu"), ("e", "Mu"), ("f", "Mu"), ("g", ""))
    assert ["MN", "MT", "MI", "MU", "M", "MU", ""] == list(monograms(titles).values())
    assert ">MI<" in icon("Minute taker", 1, 1, None, letters="MI")


def test_a_title_without_letters_gets_a_star() -> None:
    """There is always something on the medal."""
    assert [True] == stars(drawn("!!!"))
