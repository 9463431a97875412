"""The answers of the day on disk: arXiv's change once a day, so a second run of a day asks nothing twice."""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path

from bot import console
from bot.errors import BotError
from bot.store import write_atomically


class ResponseCache:
    """Feeds by their address, for one day; those of other days are thrown away, with `fresh` those of today too.

    A folder that cannot be used costs requests, not the run.
    """

    def __init__(self, folder: Path, today: date, *, fresh: bool = False) -> None:
        self._folder = folder / today.isoformat()
        self._broken = False
        for other in folder.glob("????-??-??"):
            if fresh or other != self._folder:
                shutil.rmtree(other, ignore_errors=True)

    def read(self, url: str) -> bytes | None:
        """Return what came from an address today, None when nothing did."""
        try:
            return self._file(url).read_bytes()
        except OSError:
            return None

    def write(self, url: str, content: bytes) -> None:
        """Keep what came from an address."""
        if self._broken:
            return
        try:
            write_atomically(self._file(url), content)
        except BotError as error:
            self._broken = True
            console.note(f"arxiv-bot: answers are not kept for the next run: {error}")

    def forget(self, url: str) -> None:
        """Throw away what came from an address."""
        try:
            self._file(url).unlink(missing_ok=True)
        except OSError:
            self._broken = True

    def _file(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()}.xml"
