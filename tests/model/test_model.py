"""The service through random histories, beside a naive reference: the same boards, ranks, results and payouts."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import OpenStore
from tests.model.machine import Machine
from tests.model.mirror import Beside
from tests.redis_server import RedisServer

STEPS = 30
SHARE = 20  # of the examples of other tests: each story is as long as many of theirs


@pytest.fixture(params=["sql", "redis"])
def beside(request: pytest.FixtureRequest) -> Iterator[Beside | None]:
    """A Redis of our own that can be lost, or none."""
    if request.param == "sql":
        yield None
        return
    server = RedisServer()
    try:
        yield Beside(server)
    finally:
        server.close()


def test_the_service_says_what_a_naive_reference_says(open_store: OpenStore, beside: Beside | None) -> None:
    """Whatever members, managers, schedulers, restarts and losses of Redis do, in whatever order."""

    class Story(Machine):
        def __init__(self) -> None:
            super().__init__(open_store, beside)

    assert settings.default
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=settings.default.max_examples // SHARE,
            stateful_step_count=STEPS,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    assert beside is None or beside.built, "the mirror was asked"
