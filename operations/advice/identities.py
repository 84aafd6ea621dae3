"""What becomes of identities: of a kind that is retired they name nobody, and a new one can hide external ids."""

from sqlalchemy import func, select

from activity.identity import SEPARATOR
from activity.tables import identity, kept, member
from operations.programme import Programme
from rules.advice import Advice, Code
from storage.work import UnitOfWork


async def advice_on_identities(work: UnitOfWork, declared: Programme) -> list[Advice]:
    """Kinds that members have and the programme does not, members whose external ids reports cannot write, and what is
    kept of unknown people where nothing will be."""
    found = []
    waiting = (await work.execute(select(func.count()).select_from(kept))).scalar_one() if declared.opt_in else 0
    if waiting:
        kept_now = f"{waiting:,} activit{'y' if waiting == 1 else 'ies'} of unknown people"
        told = f"{kept_now} will be forgotten, as each must opt in"
        remedy = "import these people first, so that they are judged: python app.py unknown lists them"
        found.append(Advice(Code.KEPT_FORGOTTEN, "participation", f"{told}; {remedy}"))
    query = select(identity.c.kind, func.count().label("having")).group_by(identity.c.kind).order_by(identity.c.kind)
    for row in await work.rows(query):
        if row.kind not in declared.identities:
            have = f"{row.having:,} identit{'y' if row.having == 1 else 'ies'} of the kind '{row.kind}'"
            told = f"members have {have}, which the programme does not declare: reports name nobody by them"
            found.append(Advice(Code.IDENTITIES_RETIRED, "identities", f"{told}; declare it, or leave them unused"))
    for key in declared.identities:
        begun = f"{key}{SEPARATOR}"
        begins = func.substr(member.c.external_id, 1, len(begun)) == begun  # SQLite's LIKE passes over case
        ids = select(func.count(), func.min(member.c.external_id)).where(begins)
        count, first = (await work.execute(ids)).one()
        if count:
            whose = f"the external id of {count:,} member{'s' * (count != 1)}, such as {first!r}, begins with '{begun}'"
            told = f"{whose}: reports that write it mean an identity, so these members are not found by it"
            remedy = "give them this identity, or choose another key"
            found.append(Advice(Code.EXTERNAL_ID_HIDDEN, f"identities.{key}", f"{told}; {remedy}"))
    return found
