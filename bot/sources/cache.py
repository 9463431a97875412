"""The answers of the day on disk: arXiv's change once a day, so a second run of a day asks nothing twice."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from bot.errors import BotError
from bot.sources.reply import FeedReply
from bot.state.files import write_atomically

_log = logging.getLogger(__name__)


class ResponseCache:
    """Feeds by their address, for one day; those of other days are deleted, with `fresh` those of today too.

    The time of a file is when its content came. A folder that cannot be used costs requests, not the run.
    """

    def __init__(self, folder: Path, today: date, *, fresh: bool = False) -> None:
        self._folder = folder / today.isoformat()
        self._broken = False
        for other in folder.glob("????-??-??"):
            if fresh or other != self._folder:
                shutil.rmtree(other, ignore_errors=True)

    def read(self, url: str) -> FeedReply | None:
        """Return what came from an address today, if anything."""
        file = self._file(url)
        try:
            return FeedReply(url, file.read_bytes(), datetime.fromtimestamp(file.stat().st_mtime, UTC))
        except OSError:
            return None

    def write(self, url: str, reply: FeedReply) -> None:
        """Keep what came from an address."""
        if self._broken:
            return
        try:
            write_atomically(self._file(url), reply.content)
            os.utime(self._file(url), (reply.at.timestamp(),) * 2)
        except (BotError, OSError) as error:
            self.forget(url)
            self._broken = True
            _log.warning(f"answers are not kept for the next run: {error}")

    def forget(self, url: str) -> None:
        """Delete what came from an address."""
        try:
            self._file(url).unlink(missing_ok=True)
        except OSError:
            self._broken = True

    def _file(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()}.xml"
