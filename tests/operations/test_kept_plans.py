"""What is asked of what is kept, every tenth second: found by an index, however much is kept or recorded."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from operations.enrol import Profile
from tests.operations.test_identities import OPT_OUT
from tests.world import World, shared


async def plans(world: World, statements: list[tuple[str, Any]]) -> list[str]:
    """How SQLite answers the questions among these that ask for some of what is kept."""
    found = []
    async with world.store.reading() as work:
        for text, values in statements:
            if text.startswith("SELECT kept") and "WHERE" in text:
                plan = await work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
                found.append("\n".join(str(row[-1]) for row in plan))
    return found


@pytest.mark.parametrize("open_store", ["sqlite"], indirect=True)
async def test_nothing_is_read_whole_to_find_what_is_due_or_old(world: World) -> None:
    """Neither what is kept nor what was recorded: each is a look into an index."""
    await world.apply(OPT_OUT)
    await world.record(*(shared(number, f"slack:U{number}") for number in range(9)))
    await world.enrol(Profile("ada", "Ada", identities=["slack:U1"]))
    statements: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, text: str, values: Any, *___: Any) -> None:
        statements.append((text, values))

    engine = world.store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    assert 1 == await world.resume()
    assert 0 == await world.drop_kept()
    world.now += timedelta(days=40)
    assert 8 == await world.drop_kept()
    event.remove(engine, "before_cursor_execute", note)
    found = await plans(world, statements)
    assert len(found) >= 4
    for plan in found:
        assert not re.search("SCAN (?!kept USING (COVERING )?INDEX ix_kept_due)", plan), plan
        assert "FOR IN-OPERATOR" not in plan, plan
