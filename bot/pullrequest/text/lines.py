"""What the pull request says of one paper: a line of the task list, and its reasons folded under it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

from bot.arxiv import arxiv_id, titles
from bot.model import Cell, Field, Match, Neighbour, Paper, Verdict
from bot.paperlist.write import escape
from bot.pullrequest.board import Shown
from bot.pullrequest.text.inert import name, short, shown

_MOST_MATCHES = 6
_MOST_HINTS = 3
_SURE = 0.5
"""Probability of a section below which the line of a paper says that it is unsure."""


class Detail(IntEnum):
    """How much is said of each paper; the most that fits is taken."""

    FULL = 4
    NO_ABSTRACT = 3
    SHORT = 2
    SHORTEST = 1


_TITLE_LENGTH = {Detail.FULL: 1000, Detail.NO_ABSTRACT: 1000, Detail.SHORT: 300, Detail.SHORTEST: 60}


def item(paper: Shown, detail: Detail, listed: Mapping[str, str], unticked: str = "out") -> str:
    """Return one line of the task list with what speaks for the paper folded under it.

    The marker says how the box is left, so that a click can be told; `unticked` is what it says of an empty one.
    """
    found = paper.candidate.paper
    tick = "x" if paper.ticked else " "
    link = f"[{shown(short(titles.display(found.title), _TITLE_LENGTH[detail]))}]({arxiv_id.abs_url(found.id)})"
    hint = f" · {_hint(paper)}" if detail >= Detail.SHORT else ""
    hint += f" · also in #{paper.also.number}" if paper.also else ""
    lines = [f"- [{tick}] {link}{hint} <!-- arxiv-bot:paper {found.id} {'in' if paper.ticked else unticked} -->"]
    if detail >= Detail.NO_ABSTRACT:
        full = detail is Detail.FULL and bool(found.summary)
        lines += [f"  <details><summary>Why{', and the abstract' if full else ''}</summary>", ""]
        lines += ["  " + "\\\n  ".join(_reasons(paper, listed)), ""]
        if full:
            lines += [f"  {escape.start_of_line(shown(titles.display(found.summary)))}", ""]
        lines.append("  </details>")
    return "\n".join(lines)


def _hint(paper: Shown) -> str:
    """Say in a few words how a paper scored, by what, and where it goes if that is in doubt."""
    verdict = paper.candidate.verdict
    phrases = list(dict.fromkeys(m.phrase for m in verdict.matched)) or list(verdict.terms)
    words = ", ".join(f"“{shown(short(phrase, 40))}”" for phrase in phrases[:_MOST_HINTS])
    likely = next(iter(verdict.likeliest), None)
    if likely and not paper.ticked:
        where = f"for {name(likely.path)}"
    elif verdict.section and verdict.section.p < _SURE and verdict.section.path == paper.path:
        where = "section unsure"
    else:
        where = ""
    return " · ".join(part for part in (f"{verdict.relevance:.2f}", words, where) if part)


def _reasons(paper: Shown, listed: Mapping[str, str]) -> list[str]:
    verdict = paper.candidate.verdict
    lines = [*_origin(paper.candidate.paper), f"Score {verdict.relevance:.2f}: {_matches(verdict.matched)}."]
    sentence = next((m for m in verdict.matched if m.field is Field.ABSTRACT), None)
    if sentence:
        lines.append(f"“{_quote(sentence)}”")
    if verdict.terms:
        lines.append(f"Words like those of the list: {_named(verdict.terms)}.")
    lines += [_section(paper), *_section_terms(verdict)]
    if verdict.nearest:
        lines.append(f"Nearest in the list: {', '.join(_neighbour(n, listed) for n in verdict.nearest[:3])}.")
    lines += [_cell(cell) for cell in paper.candidate.cells]
    return lines


def _neighbour(near: Neighbour, listed: Mapping[str, str]) -> str:
    title = titles.display(listed.get(near.id, "")) or near.id
    return f"[{shown(short(title, 80))}]({arxiv_id.abs_url(near.id)}) ({near.similarity:.2f})"


def _origin(paper: Paper) -> Iterable[str]:
    """Say whose paper it is, in which category, and from which day, as far as known."""
    first = [shown(short(titles.display(name), 60)) for name in paper.authors[:1]]
    authors = [f"{name} and others" if len(paper.authors) > 1 else name for name in first]
    category = [shown(short(paper.primary_category, 20))] if paper.primary_category else []
    day = [f"{paper.published:%Y-%m-%d}"] if paper.published else []
    if known := [*authors, *category, *day]:
        yield escape.start_of_line(", ".join(known)) + "."


def _matches(matches: Sequence[Match]) -> str:
    """Name the strongest matches, by the field they stand in."""
    strongest = matches[:_MOST_MATCHES]
    by_field = {f: [f"“{shown(short(m.phrase, 80))}”" for m in strongest if m.field is f] for f in Field}
    named = "; ".join(f"{', '.join(phrases)} in the {f.value}" for f, phrases in by_field.items() if phrases)
    more = f"; {len(matches) - len(strongest)} more" if len(matches) > len(strongest) else ""
    return (named or "no phrase matched") + more


def _quote(match: Match) -> str:
    return shown(short(titles.display(match.sentence), 300))


def _section(paper: Shown) -> str:
    verdict = paper.candidate.verdict
    other = next((c for c in verdict.alternatives if c.p > 0), None)
    near = f"{name(other.path)} ({other.p:.2f})" if other else ""
    if verdict.section and verdict.section.path == paper.path:
        runner_up = f"; next best: {near}" if near else ""
        return f"Section: {name(verdict.section.path)} ({verdict.section.p:.2f}){runner_up}."
    if verdict.section:  # it was moved, or its section is gone
        return f"Judged for {name(verdict.section.path)} ({verdict.section.p:.2f})."
    where = f", so it goes to {name(paper.path)}" if paper.path else ""
    return f"No section of the list fits{where}{f'; nearest: {near}' if near else ''}."


def _section_terms(verdict: Verdict) -> Iterable[str]:
    """Say which words speak for the likeliest section and against the next."""
    if rivals := verdict.rivals:
        one, other = (shown(short(rival, 120)) for rival in rivals)
        yield f"Words for {one} rather than {other}: {_named(verdict.section_terms)}."


def _named(terms: Sequence[str]) -> str:
    return ", ".join(f"“{shown(short(term, 60))}”" for term in terms[:_MOST_MATCHES])


def _cell(cell: Cell) -> str:
    """Name a value and its origin; links into GitHub go round the back-reference they would leave there."""
    origin = shown(short(titles.display(cell.origin), 300))
    if cell.kind != "code":
        column = f" for “{shown(short(cell.column, 60))}”" if cell.column else ""
        return f"{shown(cell.kind.capitalize())}{column}: “{shown(short(cell.value, 300))}”, from the {origin}"
    url = re.sub(r"^https://github\.com/", "https://redirect.github.com/", cell.value)
    words = re.sub(r"^https://", "", cell.value)
    return f"{shown(cell.kind.capitalize())}: [{shown(words)}]({escape.address(url)}), from the {origin}"
