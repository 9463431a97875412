"""Whose turn it is to ask arXiv: the pace of all processes of one machine."""

from __future__ import annotations

from pathlib import Path


class Turn:
    """When any process asked last, in seconds since 1970, in a file that is locked while it is read and written.

    A file that cannot be used, or a system without such locks, leaves each process to its own pace.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def take(self, now: float, interval_s: float) -> float:
        """Take the turn and return 0, or return the seconds to wait before the next try."""
        try:
            import fcntl

            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                wait_s = _number(file.read()) + interval_s - now
                if 0 < wait_s <= interval_s:  # anything longer is of a clock that was put back
                    return wait_s
                file.truncate(0)
                file.write(str(now))
        except (ImportError, OSError):
            pass
        return 0.0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
