"""The rehearsal of prizes over GraphQL."""

from api.access import Scope
from tests.api.conftest import Client
from tests.operations.test_close import at
from tests.operations.test_prize_rehearsal import OCTOBER, finish, months
from tests.world import World

REHEARSE = """query Rehearse($period: String!) { closingRehearsal(board: "effort", period: $period) { prizes {
  podium { key } givesNothing undecided
  winners { place member { externalId name } prize { title amount } amount reason }
  passedOver { position member { externalId } why reason } empty { place reason } } } }"""


async def test_a_rehearsal_tells_who_would_win(world: World, empty_client: Client) -> None:
    """With what is split, who is passed over, and which period before it is not decided; nothing once it is final."""
    await months(world, "ties: split")
    asked = {"period": OCTOBER}
    (found,) = (await empty_client.ask(REHEARSE, Scope.MANAGE, **asked))["closingRehearsal"]["prizes"]
    assert (["2026-09"], []) == (found["undecided"], found["passedOver"])
    world.now = at(2026, 10, 20)
    await finish(world)
    (found,) = (await empty_client.ask(REHEARSE, Scope.MANAGE, **asked))["closingRehearsal"]["prizes"]
    dee, eve, flo = found.pop("winners")
    part = "place 1, shared by 2: an equal part of the 140 GBP of places 1 to 2"
    conference = {"title": "Conference", "amount": 90}
    for each, (name, title) in zip((dee, eve), (("dee", "Dee"), ("eve", "Eve")), strict=True):
        who = {"externalId": name, "name": title}
        assert {"place": 1, "member": who, "prize": conference, "amount": 70, "reason": part} == each
    assert (3, "flo", 10) == (flo["place"], flo["member"]["externalId"], flo["amount"])
    reason = "won in the period before"
    over = [
        {"position": position, "member": {"externalId": name}, "why": "PAUSED", "reason": reason}
        for position, name in ((1, "ada"), (4, "ben"))
    ]
    assert {
        "podium": {"key": "best"},
        "givesNothing": None,
        "undecided": [],
        "passedOver": over,
        "empty": [],
    } == found
    assert {"prizes": []} == (await empty_client.ask(REHEARSE, Scope.MANAGE, period="2026-09"))["closingRehearsal"]
    (older,) = (await empty_client.ask(REHEARSE, Scope.MANAGE, period="2026-12"))["closingRehearsal"]["prizes"]
    assert 3 == len(older["empty"])
