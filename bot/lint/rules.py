"""The rules that a list is checked by."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date

from bot.arxiv import arxiv_id, titles
from bot.lint.findings import LintFinding, lint_error, lint_warning, proven
from bot.model import Paper
from bot.paperlist.nouns import Entry, Lines, Splice, Table
from bot.paperlist.read import dates, inline
from bot.paperlist.read.document import Document, Section, bare
from bot.paperlist.read.roles import Role, roles
from bot.paperlist.write.facts import VENUE
from bot.paperlist.write.order import out_of_order
from bot.paperlist.write.table_style import cell_spans
from bot.upkeep.withdrawn import withdrawn

_SHORTEST = 20
"""Titles with fewer letters and digits ("Introduction", "GPT-4") may name two works."""
_OPEN_LINK = re.compile(
    r"\]\(\s*(?:https?://|www\.)[^\s()<>|]*(?:\([^\s()]*\)[^\s()<>|]*)*(?P<end>[ \t]*(?=[|\n]|$))", re.M
)
"""A link whose address runs to the end of its cell or line without a bracket that closes it."""
_OLD = re.compile(r"(?:http://(?:www\.)?|https://www\.)(?=arxiv\.org/)|https?://xxx\.lanl\.gov/", re.IGNORECASE)
_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf)/(?P<id>[^\s()<>\[\]\"'|#?]+)", re.IGNORECASE)
_COUNT = re.compile(r"\((?P<count>\d{1,4})(?: papers?)?\)\s*$")
_ANCHOR = re.compile(rb"<[^<>]*\b(?:id|name)\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


def lint(
    document: Document, records: Mapping[str, Paper], today: date, unknown: Collection[str] = ()
) -> tuple[LintFinding, ...]:
    """Return what is wrong in a list. `records` are those of listed papers, as far as known.

    `unknown` are ids that arXiv was asked for and does not know.
    """
    found: list[LintFinding] = []
    for section in document.sections:
        for group in section.groups:
            for entry in group.entries:
                found += _row(entry, group if isinstance(group, Table) else None)
                found += _ids(entry, today, unknown)
                found += _record(entry, records)
            found += (lint_warning(entry.line, "order", why) for entry, why in out_of_order(group.entries))
    found += _duplicates(document)
    found += _counts(document)
    found += _contents(document)
    return proven(document, found)


def _row(entry: Entry, table: Table | None) -> Iterator[LintFinding]:
    """Yield what is broken in a row: cells, links that do not end, links of old forms."""
    if table:
        cells = [entry.raw[len(entry.prefix) :][a:b] for a, b in cell_spans(entry.raw[len(entry.prefix) :])[1]]
        extra = next((cell.strip() for cell in cells[len(table.columns) :] if cell.strip()), None)
        size = f"{len(cells)} cells in a table of {len(table.columns)} columns"
        if extra:
            yield lint_error(entry.line, "cells", f"{size}: {extra[:60]!r} is not shown")
        elif len(cells) < len(table.columns) - 1:
            yield lint_warning(entry.line, "cells", size)
    for m in _OPEN_LINK.finditer(entry.raw):
        at = m.start("end")
        yield _mend(entry, lint_error(_line(entry, at), "link", "a link does not end"), at, at, ")")
    for m in _OLD.finditer(entry.raw):
        new = "https://arxiv.org/" if "lanl" in m[0].lower() else "https://"
        old = lint_warning(_line(entry, m.start()), "address", f"{m[0]} is an old form of arXiv's address")
        yield _mend(entry, old, *m.span(), new)


def _mend(entry: Entry, finding: LintFinding, start: int, end: int, text: str) -> LintFinding:
    """Return a finding with a text for a place of its row as the fix."""
    first, last = (entry.span.start + len(entry.raw[:at].encode()) for at in (start, end))
    line_start = entry.raw.rfind("\n", 0, start) + 1
    line_end = entry.raw.find("\n", end)
    line = entry.raw[line_start:start] + text + entry.raw[end : line_end if line_end >= 0 else len(entry.raw)]
    return LintFinding(
        finding.line, finding.kind, finding.severity, finding.why, line, (Splice(first, last, text.encode()),)
    )


def _line(entry: Entry, at: int) -> int:
    return entry.line + entry.raw.count("\n", 0, at)


def _ids(entry: Entry, today: date, unknown: Collection[str]) -> Iterator[LintFinding]:
    """Yield links to arXiv that lead to no paper."""
    for m in _ARXIV.finditer(entry.raw):
        paper = next((found.base for found in arxiv_id.find_ids(m[0])), None)
        line = _line(entry, m.start())
        if paper is None:
            yield lint_error(line, "id", f"{m[0]} names no paper of arXiv")
        elif paper in unknown:
            yield lint_error(line, "id", f"arXiv has no paper {paper}")
        elif (arxiv_id.known_month(paper) or today) > today:
            yield lint_error(line, "id", f"{paper} is of a month to come")


def _record(entry: Entry, records: Mapping[str, Paper]) -> Iterator[LintFinding]:
    """Yield a row that names another paper than it links to, and a withdrawn one."""
    if len(entry.arxiv_ids) != 1 or not (paper := records.get(entry.arxiv_ids[0])):
        return
    if gone := withdrawn(paper):
        yield lint_warning(entry.line, "withdrawn", f"{paper.id} was withdrawn: {' '.join(gone[1].split())[:120]}")
    if _differ(entry.title, paper.title) and not inline.holds(entry.raw, paper.title):
        why = f"{entry.title!r} links to {paper.id}, which arXiv calls {titles.display(paper.title)!r}"
        yield lint_warning(entry.line, "mismatch", why)


def _differ(one: str, other: str) -> bool:
    """Whether two titles of some length share hardly a word; venues, dates and labels of links are no words of one."""
    words = [_words(text) for text in (one, other)]
    if min(len(text.split()) for text in (one, other)) < 4 or not (one[:1].isupper() and other[:1].isupper()):
        return False  # a nickname, or a remark
    return min(map(len, words)) >= 3 and len(words[0] & words[1]) < 0.2 * min(map(len, words))


def _words(title: str) -> set[str]:
    text = dates.DATE.sub(" ", VENUE.sub(" ", titles.display(title)))
    return {word.casefold() for word in re.findall(r"[^\W\d_]{3,}", text) if not inline.LABEL.fullmatch(word)}


def _duplicates(document: Document) -> Iterator[LintFinding]:
    """Yield rows of papers that stand further above, by id or by title; in another section that may be meant."""
    ids: dict[str, tuple[Entry, Section]] = {}
    named: dict[str, tuple[Entry, Section]] = {}
    for section, role in zip(document.sections, roles(document.sections), strict=True):
        for entry in section.entries if role is not Role.ROLLING else ():
            key, own = titles.key(entry.title), entry.arxiv_ids[:1]
            first = next((ids[i] for i in own if i in ids), None)
            again = first or (named.get(key) if len(key) >= _SHORTEST else None)
            if again and (first or not (own and again[0].arxiv_ids)):
                yield _again(entry, section, *again, own[0] if first else None)
            for paper in own:
                ids.setdefault(paper, (entry, section))
            named.setdefault(key, (entry, section))


def _again(entry: Entry, section: Section, first: Entry, other: Section, paper: str | None) -> LintFinding:
    alone = len(entry.arxiv_ids) == len(first.arxiv_ids) == 1
    if paper and alone and _differ(entry.title, first.title):
        return lint_error(
            entry.line, "mismatch", f"{entry.title!r} links to {paper}, as {first.title!r} in line {first.line} does"
        )
    what = f"{paper} is" if paper else "this title is"
    make = lint_error if section is other else lint_warning
    return make(entry.line, "duplicate", f"{what} listed in line {first.line} already")


def _counts(document: Document) -> Iterator[LintFinding]:
    """Yield headings whose count of papers is not theirs."""
    for i, section in enumerate(document.sections):
        said = _COUNT.search(section.path[-1]) if section.path and section.level else None
        if said is None:
            continue
        below = [s for s in document.sections[i + 1 :] if s.path[: len(section.path)] == section.path]
        number = sum(len(s.entries) for s in (section, *below))
        if number and number != int(said["count"]) and (int(said["count"]) < 1900 or "paper" in said[0]):
            yield lint_warning(section.line, "count", f"the heading says {said['count']}, the section has {number}")


def _contents(document: Document) -> Iterator[LintFinding]:
    """Yield contents lines whose heading is not there."""
    if not document.contents:
        return
    lines = Lines(document.source)
    there = {bare(s.path[-1]) for s in document.sections if s.path}
    anchors = {m[1].decode(errors="replace") for m in _ANCHOR.finditer(document.source)}
    for item in document.contents:
        fragment = item.fragment
        name = re.sub(r"-\d+$", "", fragment)
        if fragment and fragment not in anchors and not {bare(fragment), bare(name)} & there:
            yield lint_error(lines.number(item.span.start), "contents", f"no heading for #{fragment}")
