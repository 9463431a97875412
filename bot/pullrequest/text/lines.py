"""What the pull request says of one paper: a line of the task list, and its reasons folded under it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum

from bot.arxiv import arxiv_id
from bot.model import Cell, Choice, Field, Match, Paper, Path, Verdict
from bot.paperlist.read.inline import slug
from bot.paperlist.write import escape
from bot.pullrequest.board import BoardItem, SectionItem
from bot.pullrequest.text.inert import defused, defused_title, name

_MOST_MATCHES = 5
_MOST_HINTS = 3
_NUMBERS = dict(enumerate("three four five six seven eight nine ten eleven twelve".split(), 3))
_SURE = 0.5
"""Probability of a section below which the line of a paper says that it is unsure."""


class Detail(IntEnum):
    """How much is said of each paper; the most that fits is taken."""

    FULL = 5
    BEGINNING = 4
    NO_ABSTRACT = 3
    SHORT = 2
    SHORTEST = 1


_ABSTRACT_LENGTH = {Detail.FULL: None, Detail.BEGINNING: 400}
_TITLE_LENGTH = {Detail.SHORT: 300, Detail.SHORTEST: 60}
_LONGEST_TITLE = 1000


def paper_link(paper: Paper, length: int = 200) -> str:
    """Return a paper's title as a link."""
    return f"[{defused_title(paper.title, length)}]({arxiv_id.abs_url(paper.id)})"


def item(item: BoardItem, detail: Detail, listed: Mapping[str, str], unticked: str = "out") -> str:
    """Return one line of the task list with what speaks for the paper folded under it.

    The marker says how the bot leaves the box, so that a click shows; `unticked` is its word for an empty one.
    """
    paper = item.candidate.paper
    hint = f" · {_hint(item)}" if detail >= Detail.SHORT else ""
    hint += f" · also in #{item.also.number}" if item.also else ""
    marker = f"<!-- arxiv-bot:paper {paper.id} {'in' if item.ticked else unticked} -->"
    title = paper_link(paper, _TITLE_LENGTH.get(detail, _LONGEST_TITLE))
    lines = [f"- [{'x' if item.ticked else ' '}] {title}{hint} {marker}"]
    if detail >= Detail.NO_ABSTRACT:
        whole = detail in _ABSTRACT_LENGTH and bool(paper.summary)
        lines += [f"  <details><summary>Why{', and the abstract' if whole else ''}</summary>", ""]
        lines += ["  " + "\\\n  ".join(_reasons(item, listed)), ""]
        if whole:
            abstract = defused_title(paper.summary, _ABSTRACT_LENGTH[detail])
            lines += [f"  {escape.start_of_line(abstract)}", ""]
        lines.append("  </details>")
    return "\n".join(lines)


def section_item(section: SectionItem) -> str:
    """Return one line of the task list for a new section, with the papers that it would hold below."""
    number = _NUMBERS.get(len(section.items), str(len(section.items)))
    marker = f"<!-- arxiv-bot:section {slug(section.name)} -->"
    head = f"- [ ] Open a section **{defused(section.name)}** for these {number} {marker}"
    return "\n".join([head, *(f"  - {paper_link(item.candidate.paper, 80)}" for item in section.items)])


def _hint(item: BoardItem) -> str:
    """Return in a few words how a paper scored, by what, and where it goes if that is in doubt."""
    verdict = item.candidate.verdict
    phrases = list(dict.fromkeys(m.phrase for m in verdict.matched)) or verdict.terms
    where = ""
    if verdict.likeliest and not item.ticked:
        where = f"for {name(verdict.likeliest[0].path)}"
    elif item.path in _unsure(verdict):
        where = "section unsure"
    words = _quoted(phrases[:_MOST_HINTS], 40)
    return " · ".join(part for part in (f"{verdict.relevance:.2f}", words, where) if part)


def _unsure(verdict: Verdict) -> Sequence[Path]:
    """Return the sections that the judge is unsure of, where it names one."""
    if verdict.section:
        return [verdict.section.path] if verdict.section.p < _SURE else []
    return [choice.path for choice in verdict.alternatives]


def _reasons(item: BoardItem, listed: Mapping[str, str]) -> Iterator[str]:
    """Yield at most four lines: what the record says, why the paper belongs, why there, and what it is like."""
    verdict = item.candidate.verdict
    if known := " ".join((*_origin(item.candidate.paper), *map(_cell, item.candidate.cells))):
        yield known
    yield f"Score {verdict.relevance:.2f}: {_evidence(verdict)}"
    yield f"{_section(item)}{_words_for(verdict)}"
    if verdict.nearest:
        near = (
            f"{paper_link(Paper(n.id, listed.get(n.id, '') or n.id), 60)} ({n.similarity:.2f})" for n in verdict.nearest
        )
        yield f"Nearest in the list: {', '.join([*near][:2])}."


def _origin(paper: Paper) -> Iterator[str]:
    """Yield the first author, the category and the day of a paper, as far as known."""
    others = " and others" if len(paper.authors) > 1 else ""
    authors = [defused_title(author, 60) + others for author in paper.authors[:1]]
    category = [defused(paper.primary_category, 20)] if paper.primary_category else []
    day = [f"{paper.published:%Y-%m-%d}"] if paper.published else []
    if known := [*authors, *category, *day]:
        yield escape.start_of_line(", ".join(known)) + "."


def _evidence(verdict: Verdict) -> str:
    """Return the phrases with a sentence of the abstract, and without one the words that are like the list's."""
    sentence = [f" “{defused_title(m.sentence, 200)}”" for m in verdict.matched if m.field is Field.ABSTRACT][:1]
    words = f" Words like those of the list: {_quoted(verdict.terms[:_MOST_MATCHES], 60)}." if verdict.terms else ""
    return f"{_matches(verdict)}.{''.join(sentence) or words}"


def _words_for(verdict: Verdict) -> str:
    if not verdict.rivals:
        return ""
    one, other = (defused(rival, 120) for rival in verdict.rivals)
    return f" Words for {one} rather than {other}: {_quoted(verdict.section_terms[:_MOST_MATCHES], 60)}."


def _matches(verdict: Verdict) -> str:
    """Return the strongest matches, by their field."""
    strongest: tuple[Match, ...] = verdict.matched[:_MOST_MATCHES]
    by_field = {f: [m.phrase for m in strongest if m.field is f] for f in Field}
    named = "; ".join(f"{_quoted(phrases, 80)} in the {f.value}" for f, phrases in by_field.items() if phrases)
    more = f"; {len(verdict.matched) - len(strongest)} more" if len(verdict.matched) > len(strongest) else ""
    return (named or "no phrase matched") + more


def _section(item: BoardItem) -> str:
    verdict = item.candidate.verdict
    other = next((c for c in verdict.alternatives if c.p > 0), None)
    if verdict.section and verdict.section.path == item.path:
        return f"Section: {_choice(verdict.section)}{f'; next best: {_choice(other)}' if other else ''}."
    if verdict.section:  # it was moved, or its section is gone
        return f"Judged for {_choice(verdict.section)}."
    if other and other.path == item.path:
        return f"No section surely fits; likeliest: {_choice(other)}."
    where = f", so it goes to {name(item.path)}" if item.path else ""
    return f"No section of the list fits{where}{f'; nearest: {_choice(other)}' if other else ''}."


def _choice(choice: Choice) -> str:
    return f"{name(choice.path)} ({choice.p:.2f})"


def _quoted(terms: Iterable[str], length: int) -> str:
    return ", ".join(f"“{defused(term, length)}”" for term in terms)


def _cell(cell: Cell) -> str:
    """Return a value and its origin; a link into GitHub goes through a redirect, which leaves no backlink there."""
    kind, origin = defused(cell.kind.capitalize()), defused_title(cell.origin, 300)
    if cell.kind != "code":
        column = f" for “{defused(cell.column, 60)}”" if cell.column else ""
        return f"{kind}{column}: “{defused(cell.value, 300)}”, from the {origin}."
    url = re.sub(r"^https://github\.com/", "https://redirect.github.com/", cell.value)
    words = re.sub(r"^https://", "", cell.value)
    return f"{kind}: [{defused(words)}]({escape.address(url)}), from the {origin}."
