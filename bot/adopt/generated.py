"""Signs in a checkout that a program writes the list: a script there reads a file with its papers and writes it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from bot.arxiv import arxiv_id
from bot.errors import ListFormatError
from bot.paperlist.read.document import Document

_FILES, _BYTES, _FEWEST, _SHARE = 3000, 8_000_000, 10, 0.9
"""Files and bytes looked at, the fewest papers that tell, and the share of them that a source holds."""
_DATA = {".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".bib", ".toml"}
_SCRIPTS = {".py", ".js", ".mjs", ".ts", ".sh", ".rb", ".r", ".yml", ".yaml", ".go", ""}
_APART = {".git", "node_modules", ".venv", "venv", "state"}
_READS = (
    r"json\.loads?\b|JSON\.parse|csv\.(?:Dict)?[Rr]eader|read_(?:csv|json|table)"
    r"|safe_load|yaml\.load|bibtexparser|tomllib"
)
_WRITES_DATA = re.compile(
    r"json\.dump\b|JSON\.stringify|csv\.(?:Dict)?[Ww]riter|to_(?:csv|json)\b|(?:safe_|yaml\.)dump\b"
)
_WRITES = re.compile(r"""['"][wx]t?['"]|write_text|writeFile|File\.write""")


def refuse_made(document: Document, file: Path, root: Path) -> None:
    """Raise `ListFormatError` where a script of the repository writes the list from a file that holds its papers.

    A script that also writes data may derive it from the list, and is no sign.
    """
    listed = {i for entry in document.entries for i in entry.arxiv_ids}
    if len(listed) < _FEWEST:
        return
    texts = {path: text for path in _near(root) if path != file and (text := _text(path))}
    data = [p for p, text in texts.items() if p.suffix.lower() in _DATA and _holds(text, listed)]
    scripts = [(p, text) for p, text in texts.items() if p.suffix.lower() in _SCRIPTS and p not in data]
    for source in data:
        script = next((p for p, text in scripts if _makes(text, source.name, file.name)), None)
        if script:
            raise ListFormatError(
                f"{script.relative_to(root)} writes this list from {source.relative_to(root)}, and would undo every "
                "change; change that file, or add --force if the list is kept by hand",
                path=document.name,
            )


def _holds(text: str, listed: set[str]) -> bool:
    found = {one.base for one in arxiv_id.find_ids(text)}
    return len(found & listed) >= _SHARE * len(listed)


def _makes(script: str, source: str, list_file: str) -> bool:
    """Whether a script reads the one file, writes the other, and no data."""
    named = source in script and re.search(rf"(?<![\w.-]){re.escape(list_file)}\b", script)
    writes = _WRITES.search(script) or re.search(rf"""(?<!>)>\s*["']?[\w./-]*{re.escape(list_file)}""", script)
    return bool(named and writes and re.search(_READS, script) and not _WRITES_DATA.search(script))


def _near(root: Path) -> Iterator[Path]:
    """Yield files of a checkout that may tell, outermost first, as many as are looked at."""
    seen = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - _APART)
        for name in sorted(names):
            seen += 1
            path = Path(folder, name)
            if seen > _FILES:
                return
            if path.suffix.lower() in _DATA | _SCRIPTS:
                yield path


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8") if path.is_file() and path.stat().st_size <= _BYTES else ""
    except (OSError, UnicodeDecodeError):
        return ""
