"""The layout: imports run from right to left, and each folder knows only what it should."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# The way of one event. A folder may import itself, whatever stands before it, and what everyone may.
WAY = ("activity", "rules", "rewards", "leaderboard", "operations", "api", "web")
EVERYONE = {"errors"}
# What stands beside the way, and who may use it.
STORAGE_USERS = {"activity", "rewards", "leaderboard", "operations", "api"}
YAML_READERS = {"activity", "rules", "leaderboard", "operations"}

MODULES = sorted(path for folder in WAY for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """First words of all that a module imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_from_right_to_left(path: Path) -> None:
    """A module imports its own folder and those before it on the way of one event, never one after it."""
    folder = path.relative_to(ROOT).parts[0]
    allowed = set(WAY[: WAY.index(folder) + 1])
    assert set() == (imported(path) & set(WAY)) - allowed


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rules_know_no_storage(path: Path) -> None:
    """Judging is pure: nothing in rules/ opens or queries a database."""
    folder = path.relative_to(ROOT).parts[0]
    if folder not in STORAGE_USERS:
        assert "storage" not in imported(path)


def test_storage_knows_no_domain() -> None:
    """Storage moves sets of rows for whoever asks; only its migrations know the tables."""
    for path in (ROOT / "storage").glob("*.py"):
        assert set() == imported(path) & set(WAY), path.name


def test_only_the_condition_module_knows_cel() -> None:
    """Another CEL library would be a change of one module."""
    users = {str(path.relative_to(ROOT)) for path in MODULES if "cel_expr_python" in imported(path)}
    assert {"rules/condition.py"} == users


def test_only_the_pattern_module_knows_re2() -> None:
    """Patterns that people write are compiled nowhere else."""
    assert {"activity/pattern.py"} == {str(path.relative_to(ROOT)) for path in MODULES if "re2" in imported(path)}


def test_only_the_edge_asks_what_time_it_is() -> None:
    """Time is an argument everywhere on the way of an event: `now()` and `time()` are called by app.py alone."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = ast.unparse(node.func)
                assert called not in {"datetime.now", "datetime.utcnow", "date.today", "time.time"}, path


def test_only_settings_read_the_environment() -> None:
    """No module of the service looks at environment variables for itself. (CEL's time zones need one to be written.)"""
    for path in [*MODULES, *(ROOT / "storage").rglob("*.py"), ROOT / "app.py"]:
        tree = ast.parse(path.read_text())
        written = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
                assert id(node) in written, path


def test_no_python_hides_graphql_core() -> None:
    """graphql/ holds documents; a module or package of that name would hide the library."""
    assert [path for path in ROOT.glob("*/graphql.py") if ".venv" not in path.parts] == []
    assert not (ROOT / "graphql.py").exists()
    assert list((ROOT / "graphql").rglob("*.py")) == []
    assert not (ROOT / "tests" / "graphql").exists()


def test_one_module_knows_redis() -> None:
    """Whatever else wants something of Redis asks storage/redis.py."""
    knowing = {path.name for path in MODULES if "redis" in imported(path)}
    knowing |= {path.name for path in (ROOT / "storage").rglob("*.py") if "redis" in imported(path)}
    assert {"redis.py"} == knowing
