"""What every command takes beside the settings, and what the process exits with."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]  # aware

DONE = 0
FOUND = 1  # done, and something is not as it should be
