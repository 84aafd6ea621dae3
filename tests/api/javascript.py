"""Programs in JavaScript that tests run, with the packages that they need."""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "javascript"
NODE_MIN = 20
MISSING = f"these tests need Node {NODE_MIN} or later, with npm: https://nodejs.org"


def install() -> None:
    """Bring in the packages that package-lock.json pins, unless they are there. All workers of a run share them."""
    assert shutil.which("node"), MISSING
    assert shutil.which("npm"), MISSING
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    assert int(version.strip().removeprefix("v").partition(".")[0]) >= NODE_MIN, f"{MISSING}; here is {version}"
    wanted, found = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    with wanted.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists() or found.stat().st_mtime < wanted.stat().st_mtime:
            done = subprocess.run(["npm", "ci"], cwd=FOLDER, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"npm ci in {FOLDER} failed:\n{done.stderr}"
            os.utime(found)


def run(program: str, *arguments: str) -> Any:
    """What a program prints, which is JSON."""
    told = subprocess.run(
        ["node", program, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)
