"""What `show` and `add` cost on a list and on two and four of it one after another: `make cost`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bot.paperlist.read.document import parse

PAPER = {
    "id": "2511.00007",
    "title": "Hedgehogs: Paged Attention for Small Mammals",
    "authors": ["Ada Example"],
    "published": "2025-11-03T00:00:00Z",
}
BOT = str(Path(sys.executable).parent / "arxiv-bot")


def main() -> int:
    """Print the CPU seconds, user and system, and the memory of each whole command: the least of some runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lists", type=Path, default=Path("../shared/zoo/lists"), help="the largest of them is taken")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if not options.lists.is_dir():
        print(f"no collection of lists in {options.lists}", file=sys.stderr)
        return 1
    source = max(options.lists.iterdir(), key=lambda file: file.stat().st_size).read_bytes()
    print("times     bytes   show: CPU s    MB    add: CPU s    MB")
    with tempfile.TemporaryDirectory() as folder:
        paper, file = Path(folder) / "paper.json", Path(folder) / "LIST.md"
        paper.write_text(json.dumps(PAPER))
        for times in (1, 2, 4):
            text = repeated(source, times)
            file.write_bytes(text)
            section = next(s for s in parse(text).sections if s.tables and s.entries)
            add = [
                "add",
                str(file),
                "--paper",
                str(paper),
                "--section",
                json.dumps(section.path),
                "--dry-run",
                "--json",
            ]
            show_s, show_mb = min(cost([BOT, "show", str(file)]) for _ in range(options.runs))
            add_s, add_mb = min(cost([BOT, *add]) for _ in range(options.runs))
            print(f"{times:5} {len(text):9} {show_s:14.2f} {show_mb:5.0f} {add_s:13.2f} {add_mb:5.0f}")
    return 0


def repeated(source: bytes, times: int) -> bytes:
    """Return a list several times one after another, with the headings of each time in words of their own."""
    copies = [
        b"".join(
            line.rstrip() + b" part %d\n" % copy if copy and line.startswith(b"#") else line
            for line in source.splitlines(keepends=True)
        )
        for copy in range(times)
    ]
    return b"\n\n".join(copies)


def cost(command: list[str]) -> tuple[float, float]:
    """Run a command; return its CPU seconds and the megabytes it had at most (10**6 bytes)."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # waited for here, not by the process object
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main())
