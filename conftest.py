"""Stops the run in one clear sentence when Python files stand where they would hide graphql-core."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent

if misplaced := [*(ROOT / "graphql").rglob("*.py"), *(ROOT / "tests" / "graphql").rglob("*.py")]:
    pytest.exit(
        f"{misplaced[0].relative_to(ROOT)} hides graphql-core from Strawberry: move it; graphql/ holds documents only"
    )
