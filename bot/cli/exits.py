"""The exit statuses of the contract, and which of them a run ends with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.errors import Failure
    from bot.pullrequest.proposal import Proposal

DONE = 0
FAILED = 1
"""Expected failure, with a message that says what to do."""
WRONG_USAGE = 2
BUG = 3
"""A traceback was printed."""
INCOMPLETE = 4
"""Done, but coverage is incomplete."""
FOUND_ERRORS = 5
"""Done, and `lint` found errors."""


def exit_code(proposals: Sequence[Proposal], failures: Sequence[Failure]) -> int:
    """Return the exit status of a run over several lists."""
    if any(failure.bug for failure in failures):
        return BUG
    return FAILED if failures else DONE if all(p.answered for p in proposals) else INCOMPLETE
