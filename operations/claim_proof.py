"""The proof of claims: each that was approved has its activity, which says the same, and no activity has none."""

from collections.abc import Callable

from sqlalchemy import select

from activity.claim import NOTHING_LEFT, State
from activity.intake import CLAIMS, content_of, identity_of
from activity.tables import activity, claim
from operations.names import Names, activity_told
from storage.bulk import AnyRow
from storage.work import UnitOfWork

RECORDED = ("identity", "content", "type", "member", "credited", "time_us")


class ClaimProof:
    """Names each difference to `differ`."""

    def __init__(self, work: UnitOfWork, secret: bytes, names: Names, differ: Callable[[str], None]) -> None:
        self._work = work
        self._secret = secret
        self._names = names
        self._differ = differ

    async def prove(self) -> None:
        """Compare every claim with what was recorded for it, and look for what was recorded without one."""
        recorded = [activity.c[name].label(f"recorded_{name}") for name in RECORDED]
        query = select(claim, *recorded).outerjoin(activity, activity.c.seq == claim.c.activity)
        for row in await self._work.rows(query.order_by(claim.c.id)):
            for wrong in self._wrong(row):
                self._differ(f"claim {row.id} of {self._names.member(row.member)}: {wrong}")
        approved = select(claim.c.activity).where(claim.c.activity.is_not(None))
        of_claims = select(activity.c.seq, activity.c.source, activity.c.id).where(activity.c.source == CLAIMS)
        for row in await self._work.rows(of_claims.where(activity.c.seq.not_in(approved)).order_by(activity.c.seq)):
            self._differ(f"{activity_told(row.source, row.id, row.seq)}: no claim was approved for it")

    def _wrong(self, row: AnyRow) -> list[str]:
        found = []
        sent = row.data.encode()
        if row.stripped:
            if (row.data, row.link, row.note) != (NOTHING_LEFT, None, None) or row.decided_us is None:
                found.append("it was stripped, and says more, or is not decided")
        elif bytes(row.content) != content_of(row.type, row.time_us, sent, self._secret):
            found.append("its type, time and data are not those that were claimed")
        if row.state not in list(State):
            return [*found, f"its state is {row.state}"]
        state = State(row.state)
        if (state is State.WAITING) != (row.decided_us is None):
            found.append(f"it is {state}, and was decided {'never' if row.decided_us is None else 'nevertheless'}")
        if state is State.REFUSED and not row.reason:
            found.append("it was refused without a reason")
        if row.decider is not None and (row.decider == row.member) != (state is State.WITHDRAWN):
            found.append(f"it was {state} by {self._names.member(row.decider)}")
        if (state is State.APPROVED) != (row.activity is not None):
            found.append(f"it is {state}, and its activity is {row.activity or 'missing'}")
        elif state is State.APPROVED:
            identity = identity_of(CLAIMS, str(row.id), self._secret)
            told = identity, bytes(row.content), row.type, row.member, 1, row.time_us
            if told != tuple(row[-len(RECORDED) :]):
                found.append(f"the activity at {row.activity} is not what was claimed")
        return found
