"""The repository that a list lies in: its root folder and its name. Only files are looked at; git is not run."""

from __future__ import annotations

import re
from pathlib import Path

_ORIGIN = re.compile(r'\[remote "origin"\][^\[]*?\n\s*url\s*=\s*(\S+)')
_NAME = re.compile(r"[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")


def root_of(file: Path) -> Path:
    """Return the folder of the repository that holds a file.

    Without one it is the folder where we are, if the file lies below, else the file's own.
    """
    folder = file.absolute().parent
    for above in (folder, *folder.parents):
        if (above / ".git").exists():
            return above
    here = Path.cwd()
    return here if folder.is_relative_to(here) else folder


def name_of(root: Path, said: str) -> str:
    """Return `owner/name` as the environment says, or as git knows the origin; else the folder's name."""
    if said:
        return said
    try:
        config = (root / ".git" / "config").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return root.name
    origin = _ORIGIN.search(config)
    found = _NAME.search(origin[1]) if origin else None
    return found[1] if found else root.name
