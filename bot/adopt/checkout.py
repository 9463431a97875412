"""The repository that a list lies in: its root folder and its name. Only files are looked at; git is not run."""

from __future__ import annotations

import os
import re
from pathlib import Path

_ORIGIN = re.compile(r'\[remote "origin"\][^\[]*?\n\s*url\s*=\s*(\S+)')
_NAME = re.compile(r"[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")


def whole(path: Path) -> Path:
    """Return the absolute path of a file, without `..` and linked folders; the file itself may be a link."""
    return path.parent.resolve() / path.name


def root_of(file: Path) -> Path:
    """Return the folder of the repository that holds a file; without one, the current folder or the file's own."""
    folder = whole(file).parent
    for above in (folder, *folder.parents):
        if (above / ".git").exists():
            return above
    here = Path.cwd()
    return here if folder.is_relative_to(here) else folder


def from_here(path: Path) -> str:
    """Return a path as a person would write it: relative to the current folder, where that is shorter."""
    try:
        return min(str(path), os.path.relpath(path), key=len)
    except ValueError:  # on another drive
        return str(path)


def name_of(root: Path) -> str:
    """Return `owner/name` as git knows the origin, else the folder's name."""
    try:
        config = (root / ".git" / "config").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return root.name
    origin = _ORIGIN.search(config)
    found = _NAME.search(origin[1]) if origin else None
    return found[1] if found else root.name
