"""Measure the CPU time and memory of `show` and `add` on the largest real list, and on multiples of it: `make cost`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bot.paperlist.read.document import parse
from tests.servers.shared import LISTS

PAPER = {
    "id": "2511.00007",
    "title": "Hedgehogs: Paged Attention for Small Mammals",
    "authors": ["Ada Example"],
    "published": "2025-11-03T00:00:00Z",
}
BOT = str(Path(sys.executable).parent / "arxiv-bot")


def main() -> int:
    """Print the CPU seconds and the peak memory of each command: the least of some runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if not LISTS.is_dir():
        print(f"the real lists of the shared data are missing: no {LISTS}", file=sys.stderr)
        return 1
    source = max(LISTS.iterdir(), key=lambda file: file.stat().st_size).read_bytes()
    print("times     bytes   show: CPU s    MB    add: CPU s    MB")
    with tempfile.TemporaryDirectory() as folder:
        paper, file = Path(folder) / "paper.json", Path(folder) / "LIST.md"
        paper.write_text(json.dumps(PAPER))
        for times in (1, 2, 4):
            text = repeated(source, times)
            file.write_bytes(text)
            section = next(s for s in parse(text).sections if s.tables and s.entries)
            section_path = json.dumps(section.path)
            add = ["add", str(file), "--paper", str(paper), "--section", section_path, "--dry-run", "--json"]
            show_s, show_mb = min(cost([BOT, "show", str(file)]) for _ in range(options.runs))
            add_s, add_mb = min(cost([BOT, *add]) for _ in range(options.runs))
            print(f"{times:5} {len(text):9} {show_s:14.2f} {show_mb:5.0f} {add_s:13.2f} {add_mb:5.0f}")
    return 0


def repeated(source: bytes, times: int) -> bytes:
    """Return copies of a list one after another, each with headings of its own."""
    copies = [
        b"".join(
            line.rstrip() + b" part %d\n" % copy if copy and line.startswith(b"#") else line
            for line in source.splitlines(keepends=True)
        )
        for copy in range(times)
    ]
    return b"\n\n".join(copies)


def cost(command: list[str]) -> tuple[float, float]:
    """Run a command; return its CPU seconds and its peak memory in megabytes (10**6 bytes)."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # waited for here, not by the process object
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main())
