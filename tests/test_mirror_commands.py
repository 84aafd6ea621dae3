"""The mirror as whoever runs the service looks after it: tampered with, found by verify, and built anew."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request

import pytest
from redis import Redis

from tests.redis_server import RedisServer
from tests.test_command_line import ACTIVITIES, MEMBERS, SHIPPED, Laurels, asked, free_port

QUESTION = """{ leaderboard(key: "effort", period: "2026-02-03") { top { score member { externalId } } } }"""


@pytest.fixture
def server() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.close()


def top(laurels: Laurels, key: str) -> list[tuple[str, int]]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    address = f"http://127.0.0.1:{laurels.environment['PORT']}/graphql"
    answer = json.loads(asked(Request(address, json.dumps({"query": QUESTION}).encode(), headers)))
    return [(each["member"]["externalId"], each["score"]) for each in answer["data"]["leaderboard"]["top"]]


def ready(redis: Redis) -> int:
    """How many sets there are to read, those of former mirrors among them."""
    return sum(redis.zscore(key, "ready") is not None for key in redis.keys("*:order"))


def test_what_verify_says_of_a_mirror_that_was_tampered_with_mends_it(tmp_path: Path, server: RedisServer) -> None:
    """It names board, period and member; while the service runs one command gives right answers again."""
    laurels = Laurels(tmp_path, LAURELS_REDIS_URL=server.url, PORT=str(free_port()))
    laurels.done("apply", str(SHIPPED))
    (tmp_path / "members.csv").write_text(MEMBERS)
    (tmp_path / "activities.csv").write_text(ACTIVITIES.format(time="2026-02-03T09:00:00Z"))
    laurels.done("import", "members", "members.csv")
    laurels.run("import", "activities", "activities.csv")
    key = laurels.done("key", "create", "--scope", "read").strip()
    process = laurels.start("serve")
    try:
        with Redis(unix_socket_path=str(server.folder / "redis.sock")) as redis:
            right = top(laurels, key)
            until(lambda: top(laurels, key) and ready(redis) == 1)
            (order,) = redis.keys("*:order")
            redis.zincrby(order, -500, redis.zrange(order, 1, 1)[0])
            until(lambda: top(laurels, key) == [("ada", right[0][1] + 500)])
            status, said, _ = laurels.run("verify")
            assert (1, "1 difference.") == (status, said.splitlines()[-1])
            assert f"mirror: board effort, 2025/26-H2, member ada: Redis has score {right[0][1] + 500}, " in said
            assert 'run "python app.py rebuild-mirror"' in said
            assert "Redis has is used no more" in laurels.done("rebuild-mirror")
            until(lambda: top(laurels, key) and ready(redis) == 2)  # the former is there until it ends by itself
            assert right == top(laurels, key)
        assert "Everything is as the recorded history makes it.\n" == laurels.done("verify")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def until(reached: Callable[[], object]) -> None:
    """Wait for something that comes by itself, however slow the machine is."""
    for _ in range(600):
        if reached():
            return
        time.sleep(0.1)
    pytest.fail("it never came")
