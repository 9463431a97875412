"""Tests of the program; `make quick` sets HYPOTHESIS_PROFILE=quick, for few examples of each property."""

import os
from typing import Final

QUICK: Final = os.environ.get("HYPOTHESIS_PROFILE") == "quick"


def examples(count: int) -> int:
    """Return how many examples of a property to try: the count, or a tenth of it in `make quick`."""
    return max(5, count // 10) if QUICK else count
