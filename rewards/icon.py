"""Icons: a badge or zone drawn as SVG from its title, level and colour, so that it looks good without a designer.

    icon("Prolific creator", level=2, levels=3, colour=None)      # a silver medal with two of three stars
    icon("Creator", level=3, levels=4, colour=None, zone=True)    # the third stop of a journey

The same arguments give the same text. It stands alone, as a file or inside a page: it has no scripts, styles, links or
ids, and names no fonts but generic families.
"""

import re
from collections.abc import Iterator
from colorsys import hls_to_rgb
from hashlib import blake2b
from html import escape
from math import ceil, cos, pi, sin
from typing import NamedTuple

from rewards.monogram import monogram

SIZE = 128
STARS_MAX = 5  # levels beyond are told by their number
LETTERS = {1: 34, 2: 28, 3: 23}  # how large they are, by how many there are

CONTRAST_MIN = 5.0  # of white letters on a colour that nobody chose; WCAG 2.2 asks for 4.5
WHITE, BLACK, GREY = (255, 255, 255), (16, 16, 16), (116, 120, 126)

UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot hold

Colour = tuple[int, int, int]


class Metal(NamedTuple):
    """What a medal is made of: its edge, its face, and where light falls on it."""

    dark: Colour
    plain: Colour
    light: Colour


BRONZE = Metal((112, 62, 24), (201, 134, 78), (236, 187, 142))
SILVER = Metal((92, 103, 118), (190, 199, 209), (235, 240, 245))
GOLD = Metal((138, 98, 14), (229, 178, 48), (252, 226, 133))
METALS = (BRONZE, SILVER, GOLD)
RIMS = (0, 20, 14)  # how many teeth the rim of each metal has: a plain ring, small waves, a sun


def icon(
    title: str, level: int, levels: int, colour: str | None, *, zone: bool = False, letters: str | None = None
) -> str:
    """The icon as an SVG text of 128 x 128.

    `levels` is how many there are, 0 for no last one; of a zone, its place among how many. A `level` of 0 is drawn in
    grey: not earned yet. `colour` is #rrggbb, and `letters` what is written on it: None for what the title decides.
    """
    letters = monogram(title) if letters is None else letters
    face = _parsed(colour) if colour else _colour_of(title)
    face = face if level > 0 else GREY
    parts = _stop(letters, level, levels, face) if zone else _medal(letters, level, levels, face)
    told = escape(UNWRITABLE.sub("", _name(title, level, levels, zone)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}" '
        f'role="img"><title>{told}</title>{"".join(parts)}</svg>'
    )


def _name(title: str, level: int, levels: int, zone: bool) -> str:
    """What a screen reader says and a pointer shows."""
    if level < 1:
        return f"{title}, not reached yet"
    if levels == 1:
        return title
    kind = "zone" if zone else "level"
    return f"{title}, {kind} {level} of {levels}" if level <= levels else f"{title}, {kind} {level}"


def _medal(letters: str, level: int, levels: int, face: Colour) -> Iterator[str]:
    """A medal on two tails of ribbon, which gain a stripe with each metal. The last of several levels wears laurels."""
    share = level / levels if levels else min(level, STARS_MAX) / STARS_MAX
    rank = max(0, min(ceil(share * len(METALS)), len(METALS)) - 1)
    metal = METALS[rank] if level > 0 else SILVER
    ink = _ink(face)
    yield from _ribbon(face, rank)
    if level >= levels > 1:
        yield from _laurels()
    yield _path(_rim(64, 51, 45, RIMS[rank]), metal.plain, metal.dark, joined=True)
    yield _circle(64, 51, 38.5, metal.light)
    yield _circle(64, 51, 36, face, _mixed(face, BLACK, 0.45))
    yield '<path d="M38.5 76.5A36 36 0 0 1 89.5 25.5Z" fill="#fff" fill-opacity="0.14"/>'  # light from above, left
    yield _ring(64, 51, 32, ink, 0.3)
    counted = levels == 0 or max(level, levels) > STARS_MAX
    starred = not counted and levels > 1
    yield _letters(letters, 64, 47 if starred else 51, ink)
    if starred:
        for place in range(levels):
            angle = pi / 2 + (levels - 1 - 2 * place) * pi / 13.5
            earned = place < level
            x, y = 64 + 25 * cos(angle), 51 + 25 * sin(angle)
            yield _path(_star(x, y, 6.4 if earned else 5), GOLD.light if ink == WHITE and earned else ink, None, earned)
    if counted and level > 0:
        yield from _plate(level, metal)


def _stop(letters: str, level: int, levels: int, face: Colour) -> Iterator[str]:
    """A zone: a sign with the way below it, on which the member has come so far. All are equal, none is a metal."""
    ink, dark = _ink(face), _mixed(face, BLACK, 0.45)
    yield _path(_hexagon(64, 54, 52), _mixed(face, WHITE, 0.72), dark, joined=True)
    yield _path(_hexagon(64, 54, 44), face, dark, joined=True)
    yield '<path d="M25.9 76L25.9 32L64 10L102.1 32Z" fill="#fff" fill-opacity="0.13"/>'
    yield _letters(letters, 64, 54, ink)
    stops = range(1, min(max(level, levels, 1), 9) + 1)
    step = min(24, 96 / len(stops))
    left = 64 - step * (len(stops) - 1) / 2
    if len(stops) > 1:
        yield f'<path d="M{_n(left)} 117H{_n(left + step * (len(stops) - 1))}" stroke="{_hex(GREY)}" stroke-width="3"/>'
        reached = left + step * (max(min(level, len(stops)), 1) - 1)
        yield f'<path d="M{_n(left)} 117H{_n(reached)}" stroke="{_hex(face)}" stroke-width="4"/>'
    for stop in stops:
        x = left + step * (stop - 1)
        here = stop == level
        yield _circle(x, 117, 8 if here else 5.5, face if stop <= level else WHITE, dark if stop <= level else GREY)
        if here:
            yield _circle(x, 117, 3, ink)


def _ribbon(face: Colour, rank: int) -> Iterator[str]:
    cloth, edge = _mixed(face, BLACK, 0.18), _mixed(face, BLACK, 0.55)
    stripe = _mixed(face, WHITE, 0.72) if _ink(face) == WHITE else _mixed(face, BLACK, 0.5)
    for turn in (18, -18):
        yield f'<g transform="rotate({turn} 64 51)">'
        yield _path("M50 80H78V123L64 114L50 123Z", cloth, edge, joined=True)
        for x in ((64,), (58.5, 69.5), (56, 64, 72))[rank]:
            yield f'<path d="M{_n(x)} 80V{_n(114 + abs(x - 64) * 9 / 14)}" stroke="{_hex(stripe)}" stroke-width="3"/>'
        yield "</g>"


def _laurels() -> Iterator[str]:
    """Two branches of leaves around the medal, green with a dark edge."""
    colours = 'fill="#589652" stroke="#26522c"'
    for side in (1, -1):
        yield f'<g transform="translate(64 51) scale({side} 1)">'
        for place in range(7):
            angle = 62 - place * 19
            turned = f"rotate({angle}) translate(50 0) rotate(-{68 if place < 6 else 80})"
            yield f'<path d="M-1 0Q6 -7 14 0Q6 5 -1 0Z" transform="{turned}" {colours}/>'
        yield "</g>"


def _plate(level: int, metal: Metal) -> Iterator[str]:
    """The number of a level, where stars would be too many."""
    number = f"{level:,}"
    width = max(26, 12 + 10 * len(number))
    yield (
        f'<rect x="{_n(64 - width / 2)}" y="79" width="{width}" height="23" rx="11.5" fill="{_hex(metal.light)}" '
        f'stroke="{_hex(metal.dark)}" stroke-width="2"/>'
    )
    yield _text(number, 64, 90.5, 16, BLACK)


def _letters(letters: str, x: float, y: float, ink: Colour) -> str:
    """The monogram; a star for a title without letters."""
    return _text(letters, x, y, LETTERS[len(letters)], ink) if letters else _path(_star(x, y, 17), ink)


def _text(words: str, x: float, y: float, size: float, ink: Colour) -> str:
    # Capitals are about 0.7 of the size high; `dominant-baseline` is not the same in all that draws SVG.
    return (
        f'<text x="{_n(x)}" y="{_n(y + size * 0.355)}" text-anchor="middle" font-family="system-ui, sans-serif" '
        f'font-size="{_n(size)}" font-weight="700" fill="{_hex(ink)}">{escape(words)}</text>'
    )


def _path(d: str, fill: Colour, stroke: Colour | None = None, solid: bool = True, *, joined: bool = False) -> str:
    edge = f' stroke="{_hex(stroke)}" stroke-width="2"' if stroke else ""
    edge += ' stroke-linejoin="round"' if joined else ""
    edge += "" if solid else ' fill-opacity="0.35"'
    return f'<path d="{d}" fill="{_hex(fill)}"{edge}/>'


def _circle(x: float, y: float, radius: float, fill: Colour, stroke: Colour | None = None) -> str:
    edge = f' stroke="{_hex(stroke)}" stroke-width="2"' if stroke else ""
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{_hex(fill)}"{edge}/>'


def _ring(x: float, y: float, radius: float, stroke: Colour, opacity: float) -> str:
    return (
        f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="none" stroke="{_hex(stroke)}" '
        f'stroke-opacity="{opacity}"/>'
    )


def _rim(x: float, y: float, radius: float, teeth: int) -> str:
    """A ring's outline, with so many round teeth."""
    if not teeth:
        arc = f"A{_n(radius)} {_n(radius)} 0 0 1"
        return f"M{_n(x - radius)} {_n(y)}{arc} {_n(x + radius)} {_n(y)}{arc} {_n(x - radius)} {_n(y)}Z"
    inner, outer = radius - 3, radius + (2.5 if teeth > 16 else 6)
    found = ""
    for tooth in range(teeth):
        start, middle, end = ((tooth + part) * 2 * pi / teeth - pi / 2 for part in (0, 0.5, 1))
        found += "" if tooth else f"M{_at(x, y, inner, start)}"
        found += f"Q{_at(x, y, outer, middle)} {_at(x, y, inner, end)}" if teeth > 16 else ""
        found += "" if teeth > 16 else f"L{_at(x, y, outer, middle)}L{_at(x, y, inner, end)}"
    return found + "Z"


def _star(x: float, y: float, radius: float) -> str:
    corners = ((radius if corner % 2 == 0 else radius * 0.45, corner * pi / 5 - pi / 2) for corner in range(10))
    return "M" + "L".join(_at(x, y, length, angle) for length, angle in corners) + "Z"


def _hexagon(x: float, y: float, radius: float) -> str:
    return "M" + "L".join(_at(x, y, radius, corner * pi / 3 - pi / 2) for corner in range(6)) + "Z"


def _at(x: float, y: float, radius: float, angle: float) -> str:
    return f"{_n(x + radius * cos(angle))} {_n(y + radius * sin(angle))}"


def _n(number: float) -> str:
    return f"{round(number, 1) + 0:g}"


def _colour_of(title: str) -> Colour:
    """A colour that a title always has, dark enough for white letters."""
    hue = int.from_bytes(blake2b(title.encode("utf-8", "replace"), digest_size=2).digest(), "big") / 65_536
    for lightness in range(46, 0, -1):
        found = _bytes(hls_to_rgb(hue, lightness / 100, 0.62))
        if _contrast(found, WHITE) >= CONTRAST_MIN:
            return found
    return BLACK


def _bytes(colour: tuple[float, float, float]) -> Colour:
    red, green, blue = (round(part * 255) for part in colour)
    return red, green, blue


def _parsed(colour: str) -> Colour:
    """Raises ValueError for anything but #rrggbb."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _ink(face: Colour) -> Colour:
    """What can be read on a colour: white where that is enough, else whichever is better."""
    return WHITE if _contrast(face, WHITE) >= min(CONTRAST_MIN, _contrast(face, BLACK)) else BLACK


def _contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    parts = (part / 255 for part in colour)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
