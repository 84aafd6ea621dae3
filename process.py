"""How a process that serves or loads is tuned, once, where it starts."""

import gc


def tune() -> None:
    """Look for reference cycles less often.

    A batch of 1,000 activities makes some 50,000 rows and keys, none in a cycle; with CPython's defaults the collector
    walks them about 70 times and takes two fifths of the time in Python. What start has loaded is never garbage: it is
    left out of every walk.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
