"""An audience: whether something is for a member, by what is known of them alone."""

from collections.abc import Mapping
from datetime import UTC, datetime

from activity.activity import Activity
from activity.catalogue import FieldType
from activity.member import Facts
from rules.condition import EvaluationFailed, Scope

NO_ACTIVITY = Activity("", "", "", 0, datetime(1970, 1, 1, tzinfo=UTC), {})  # an audience names nothing of it


class Audience:
    """A condition over the member, made ready. Raises ExpressionInvalid for one that was never checked.

    >>> Audience('member.location == "Paris"', {}).holds(Facts(location="Oslo"))
    False
    """

    def __init__(self, condition: str, attributes: Mapping[str, FieldType]) -> None:
        self._scope = Scope({}, attributes)
        self._expression = self._scope.compile(condition, {FieldType.BOOL})

    @property
    def names(self) -> frozenset[str]:
        """What it asks of members, such as member.location."""
        return self._expression.names

    def holds(self, facts: Facts) -> bool:
        """Whether it is for a member of whom this is known. Where a fact is missing that it needs, it is not."""
        try:
            return self.says(facts)
        except EvaluationFailed:
            return False

    def says(self, facts: Facts) -> bool:
        """The same, but for a missing fact. Raises EvaluationFailed."""
        names = self._expression.names
        activation = self._scope.activation(names, NO_ACTIVITY, facts) if names else None
        return self._expression.evaluate(activation) is True
