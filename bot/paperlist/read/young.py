"""Where a list takes its first papers: sections that have a heading and no entries yet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bot.paperlist.nouns import Section
from bot.paperlist.read.document import Document
from bot.paperlist.read.items import no_papers
from bot.paperlist.read.roles import Role, roles
from bot.paperlist.read.unwritable import found_instead

FEW = 10
"""Entries from which a list has shown where its papers stand."""
_SHORT = 60
"""Words that say what a section is for; more are a text."""
_NO_TOPIC = re.compile(
    r"\W*(?:introduction|overview|about(?: .*)?|background|motivation|preface|abstract|usage|install\w*|getting started"
    r"|how to .*|legend|notations?|faq|links?|team|authors?|roadmap|todo|简介|介绍|概述|关于)\W*",
    re.IGNORECASE,
)
_HIDDEN = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)


def without_papers(document: Document) -> Sequence[Section]:
    """Return the sections of a young list that wait for their first paper: the innermost headings of topics.

    A long text below a heading says that it is for something else, unless there is no other heading.
    """
    if len(document.entries) >= FEW:
        return ()
    topics = [
        section
        for section, role in zip(document.sections, roles(document.sections), strict=True)
        if section.path and role in (Role.TOPIC, Role.DATED)
        if not no_papers(section.path[-1]) and not _NO_TOPIC.fullmatch(section.path[-1])
    ]
    innermost = [a for a, b in pairwise([*topics, None]) if a and (b is None or b.level <= a.level)]
    free = [s for s in innermost if not s.groups and found_instead(document, s.span) is None]
    short = [s for s in free if len(_words(document, s)) <= _SHORT]
    return short if short or _has_groups(document) else free


def takes_papers(document: Document) -> bool:
    """Whether a list has anything that a paper could be added to."""
    return _has_groups(document) or bool(without_papers(document))


def _has_groups(document: Document) -> bool:
    """Whether a list has entries, or a table for them."""
    return any(section.groups for section in document.sections)


def _words(document: Document, section: Section) -> Sequence[bytes]:
    return _HIDDEN.sub(b"", document.source[section.heading.end : section.span.end]).split()
