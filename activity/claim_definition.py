"""What a programme file says of claims: which activities members may claim themselves, and how many.

Such as:

    claims: {open_max: 10, per_day: 5}
    activities:
      talk.given:
        title: Gave a talk
        fields: {topic: string}
        claim: {hint: Link to the recording, link: required, within: P90D}
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from activity.catalogue import Claimable, LinkRule
from activity.claim import ClaimLimits
from document import Node
from section import Section, boolean, duration, duration_from_plain, duration_to_plain, integer, one_of, text

SETTINGS = ("hint", "link", "within")
LIMITS = ("open_max", "per_day")

WITHIN_MIN, WITHIN_MAX = timedelta(hours=1), timedelta(days=3_660)
COUNT_MAX = 1_000


def read_claimable(node: Node) -> Claimable | None:
    """Reads the setting `claim` of an activity type: true or false, or how it is claimed."""
    if isinstance(node.content, str):
        return Claimable() if boolean(node) else None
    section = Section(node, SETTINGS)
    return Claimable(
        hint=section.take("hint", text, None),
        link=section.take("link", one_of(LinkRule), LinkRule.OPTIONAL),
        within=section.take("within", duration(WITHIN_MIN, WITHIN_MAX), None),
    )


def claimable_to_plain(claim: Claimable) -> dict[str, Any] | bool:
    """How an activity is claimed as a programme file has it, without what is default."""
    plain = {
        "hint": claim.hint,
        "link": None if claim.link is LinkRule.OPTIONAL else claim.link.value,
        "within": None if claim.within is None else duration_to_plain(claim.within),
    }
    return {name: value for name, value in plain.items() if value is not None} or True


def claimable_from_plain(plain: Mapping[str, Any] | bool) -> Claimable:
    """What `claimable_to_plain` made this of."""
    settings = {} if isinstance(plain, bool) else plain
    return Claimable(
        hint=settings.get("hint"),
        link=LinkRule(settings.get("link", LinkRule.OPTIONAL)),
        within=duration_from_plain(settings["within"]) if "within" in settings else None,
    )


def read_limits(node: Node) -> ClaimLimits:
    """Reads the section `claims`."""
    section, unless = Section(node, LIMITS), ClaimLimits()
    return ClaimLimits(
        open_max=section.take("open_max", integer(1, COUNT_MAX), unless.open_max),
        per_day=section.take("per_day", integer(1, COUNT_MAX), unless.per_day),
    )


def limits_to_plain(limits: ClaimLimits) -> dict[str, int]:
    """The limits that are not the default."""
    unless = ClaimLimits()
    return {name: getattr(limits, name) for name in LIMITS if getattr(limits, name) != getattr(unless, name)}


def limits_from_plain(plain: Mapping[str, int]) -> ClaimLimits:
    """What `limits_to_plain` made this of."""
    return ClaimLimits(**plain)
