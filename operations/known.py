"""What was recorded before: how a redelivery is known, and told from a conflict."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from activity.calendar import microseconds
from activity.intake import Admitted, content_of
from activity.tables import activity, member
from operations.revision import Revision
from rules.tables import verdict
from storage.work import UnitOfWork


class Recorded(NamedTuple):
    """What is known of an activity that was recorded before."""

    content: bytes
    among: int  # how many it names
    members: Mapping[int, int]  # keys of those of them who took part, by their place

    def is_same(self, revision: Revision, report: Admitted, content: bytes, members: Sequence[int | None]) -> bool:
        """Whether a report says the same. Of members None is not known: nobody can say that it is another. Who turned
        out to be one is credited once; who took no part then has left no trace."""
        same = content == self.content
        if not same and len(members) > 1:  # before there were identities, the names of several were part of it
            same = content_told(revision, report, repr(report.members)) == self.content
        members = [each for place, each in enumerate(members) if each is None or each not in members[:place]]
        if not same or len(members) != self.among:
            return False
        return all(members[place] in (None, key) for place, key in self.members.items())


def content_told(revision: Revision, report: Admitted, names: str = "") -> bytes:
    """The keyed hash of what a report says."""
    type_id, time_us = revision.type_ids[report.type.key], microseconds(report.time)
    return content_of(type_id, time_us, report.sent, revision.secret, names)


async def recorded_before(work: UnitOfWork, identities: set[bytes]) -> dict[bytes, Recorded]:
    """The activities with these identities; who was merged since is who they were merged into."""
    columns = ("identity", "content", "member", "credited", "seq")
    rows = await work.find(activity, {"identity": sorted(identities)}, columns)
    shared: defaultdict[int, dict[int, int]] = defaultdict(dict)
    several = sorted(row[4] for row in rows if row[3] > 1)
    credited = await work.find(verdict, {"activity": several}, ("activity", "member", "place"))
    keys = sorted({row[1] for row in credited})
    merged = {row[0]: row[1] for row in await work.find(member, {"key": keys}, ("key", "merged_into"))}
    for seq, key, place in credited:
        shared[seq][place] = merged[key] or key
    return {
        bytes(identity): Recorded(bytes(content), among, shared[seq] if among > 1 else {0: key})
        for identity, content, key, among, seq in rows
    }
