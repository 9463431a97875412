"""Whether a new entry names its own paper, and no other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from bot.arxiv import arxiv_id, titles
from bot.paperlist.nouns import Entry, InsertedEntry
from bot.paperlist.read import dates, inline
from bot.paperlist.write.facts import VENUE

_NAME = 3
"""How many words a short name has at most."""


def titled(inserted: InsertedEntry, others: Sequence[Entry]) -> bool:
    """Whether an entry shows its paper's title, or the name it begins with where some of the others are names."""
    title, row = titles.display(inserted.title), inserted.row.decode()
    name, rest = titles.parted(title) or (title, "")
    by_name = any(len(entry.title.split()) <= _NAME for entry in others)
    return inline.holds(row, title) or (inline.holds(row, name) and (by_name or inline.holds(row, rest)))


def of_another(inserted: InsertedEntry, entry: Entry, there: Counter[str]) -> bool:
    """Whether an entry stands under words that named exactly one old entry and are no part of its own title."""
    own = titles.key(inserted.title)
    linked = own in {titles.key(link.text) for link in entry.links}
    return bool(own) and any(
        there[words] == 1 and not _within(words, inserted.title) and (words == entry.title or _says_a_name(words))
        for words in names(entry)
        if not (linked and inline.NAMES.match(words))  # its authors, below a title of few words
    )


def _within(words: str, title: str) -> bool:
    """Whether words are a part of a title; a letter or two must be a word of it."""
    key = titles.key(words)
    return key in titles.key(title) if len(key) not in (1, 2) else key in map(titles.key, title.split())


def _says_a_name(words: str) -> bool:
    """Whether words could be a paper's title rather than a label, an id, a venue or a date."""
    rest = _bare(words)
    return re.search(r"\w", rest) is not None and not inline.LABEL.fullmatch(rest) and not arxiv_id.parse_id(rest)


def _bare(text: str) -> str:
    return dates.DATE.sub("", VENUE.sub("", text))


def still_titled(old: Entry, new: Entry) -> bool:
    """Whether a changed entry shows its old title yet, but for a venue or a date that was read as a part of it."""
    return old.title == new.title or inline.holds(new.raw, re.sub(r"^[\W\d]+", "", _bare(old.title)))


def names(entry: Entry) -> set[str]:
    """Return the title of an entry and the words of its links to papers."""
    return {entry.title, *(link.text for link in entry.links if next(arxiv_id.find_ids(link.url), None))}
