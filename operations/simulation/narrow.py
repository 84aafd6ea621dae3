"""Narrow: judge again only what a draft does not leave as it was, of the activities that it looks at."""

from collections.abc import Iterable, Sequence

from operations.rejudge import Rejudged, Rejudging
from operations.simulation.reading import Said, Told
from rewards.award import Award


class Narrow:
    """One rejudging, of some rules and badges. What it is not to judge stays as it was said."""

    def __init__(self, rejudging: Rejudging) -> None:
        self._rejudging = rejudging
        types = {key for item in rejudging.rules for key in item.rule.on}
        self._types = types | {key for metered in rejudging.engine.metered for key in metered.metric.on}

    def rejudge(self, told: Iterable[Told], awards: Sequence[Award]) -> Rejudged:
        """Judge what a member did again, as far as anything looks at it now or did."""
        cases = []
        for each in told:
            said = each.said
            if said.looked_at or (said.looked_at is None and self._looked_at(said)):
                cases.append(each.case())
        return self._rejudging.rejudge(cases, awards)

    def _looked_at(self, said: Said) -> bool:
        """Whether a rule or metric looks at the type, or the verdict has a rule that is no more. Asked once."""
        judges, elements = self._rejudging.judges, self._rejudging.elements
        said.looked_at = said.type_key in self._types or any(judges(elements[each.version]) for each in said.outcomes)
        return said.looked_at
