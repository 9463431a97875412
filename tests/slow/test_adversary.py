"""A step of each kind with everything against it, on disk: `make adversary` plays weeks, on GitHub too."""

from __future__ import annotations

from typing import Any

import pytest

from tests.slow import adversary
from tests.slow.adversary import Broken


def test_everything_against_the_bot_changes_nothing() -> None:
    """Killed, doubled, misled about the time and out of disk, the bot ends where it ends on a quiet day."""
    quiet, hostile = (adversary.played(local=True, seed=2, days=1, kills=kills) for kills in (0, 2))
    assert hostile.final == quiet.final
    assert quiet.final["listed"]
    assert hostile.done["killed"] + hostile.done["disk full"] >= 2


def test_the_adversary_notices_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends with a traceback breaks the play."""

    def began(world: Any, bot: Any, command: str) -> Any:
        process = adversary.PROCESSES.Process(target=int, args=("no number",))
        process.start()
        return process

    monkeypatch.setattr(adversary.World, "_begun", began)
    with pytest.raises(Broken, match="exit 1"):
        adversary.played(local=True, seed=2, days=1, kills=0)
