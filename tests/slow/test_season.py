"""A short season on the strict GitHub server: `tests.slow.season` plays the whole."""

from __future__ import annotations

from datetime import date

import pytest

from bot import config
from tests.conftest import LIST
from tests.servers.openapi import DESCRIPTION_INSTALLED
from tests.slow import curator, season
from tests.slow.steps import Broken, Season

pytestmark = pytest.mark.skipif(not DESCRIPTION_INSTALLED, reason="tests/node is not installed: run make test")

BEGIN = date(2026, 3, 2)
SETTINGS = config.loads(season.INVENTED, "keywords.yaml")


def test_a_short_season_breaks_nothing() -> None:
    """Whatever the curator does, no line of theirs is lost and nothing refused comes back, at every step."""
    played = season.played(1, SETTINGS, LIST, season.invented(BEGIN), 3, BEGIN)
    assert sum(played.done.values()) >= 12
    assert played.people.out


def test_the_season_notices_what_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that would drop a line of the list, or bring back what was rejected, breaks the season."""

    def forgetful(on: Season) -> bool:
        curator.untick(on)
        on.step(on.on.review)
        (gone,) = on.people.out
        on.on.click(gone)  # what is asked of the bot here, the model of the people does not know
        return True

    def careless(on: Season) -> bool:
        on.on.edit(on.branch, lambda old: old.replace(b"Caching Things", b"Things"))
        return True

    for action, said in ((forgetful, "is back"), (careless, "lines of people are missing")):
        monkeypatch.setattr(season, "ACTIONS", (action,))
        monkeypatch.setattr(season, "REVIEWED", 1.0)
        with pytest.raises(Broken, match=said):
            season.played(1, SETTINGS, LIST, season.invented(BEGIN), 1, BEGIN)
