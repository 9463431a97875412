"""The words people read: the pull request's title and text, the commit message, the step summary. Pure.

Everything that comes from arXiv is hostile here: it is escaped as Markdown, and mentions, references and closing words
are taken apart with a zero-width space. Nothing of this kind ever goes into the list itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from bot import __version__, arxiv_id, titles
from bot.config import ListConfig
from bot.coverage import Gap
from bot.model import Answer, Cell, Match, Path
from bot.paperlist import escape
from bot.paperlist.edit import Growth
from bot.proposal import Proposal
from bot.review import Board, Shown

MAX_BODY = 60_000
"""UTF-16 units; GitHub refuses a body above 65,536 characters, and may count them either way."""
MAX_TITLE = 250

_BREAK = "\u200b"
_RUN_BLOCK = re.compile(r"<!-- arxiv-bot:run -->.*?<!-- /arxiv-bot:run -->", re.DOTALL)

_HOW_TO_REVIEW = """### How to review

1. Read the reasons; open what you doubt.
2. Not wanted? Delete its row in **Files changed** (… → Edit file) and commit to this branch. It does not come back.
3. Wrong section, missing words? Edit the row on this branch in the same way; the bot never touches a row again.
4. Merge. Papers that are in the list then count as accepted. Closing this pull request dismisses its papers.

Rejected, removed and dismissed papers do not come back. Near misses that are not taken by the time this is merged or
closed are not offered again."""


class _Detail(IntEnum):
    """How much is said of each paper; the first that fits is taken."""

    FULL = 3
    NO_ABSTRACT = 2
    SHORT = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What the text says of the run and the list beside the papers."""

    config_path: str
    base_id: str
    growth: Growth | None
    gaps: tuple[Gap, ...]
    duplicates: int


def title(task: ListConfig, board: Board) -> str:
    """Return the pull request's title."""
    number = len(board.proposed)
    return f"{task.file}: {number} new paper{'' if number == 1 else 's'}"[:MAX_TITLE]


def body(task: ListConfig, cycle: int, board: Board, proposal: Proposal, facts: Facts) -> str:
    """Return the pull request's text, never longer than GitHub takes."""
    for detail in sorted(_Detail, reverse=True):
        text = _body(task, cycle, board, proposal, facts, detail)
        if len(text.encode("utf-16-le")) // 2 <= MAX_BODY:
            return text
    raise AssertionError(f"{len(board.proposed)} short items cannot exceed {MAX_BODY}")  # both numbers are limited


def same_text(old: str, new: str) -> bool:
    """Tell whether two texts say the same of papers and gaps; the figures of the run itself do not count."""
    return _RUN_BLOCK.sub("", old.replace("\r\n", "\n")).strip() == _RUN_BLOCK.sub("", new).strip()


def commit(task: ListConfig, cycle: int, added: Sequence[Shown]) -> str:
    """Return the commit message, with the trailer by which the bot knows its own commits."""
    number = len(added)
    lines = [f"Add {number} paper{'' if number == 1 else 's'} to {task.file}", ""]
    lines += [
        f"- {harmless(titles.display(s.candidate.paper.title))[:200]} (arXiv:{s.candidate.paper.id})" for s in added
    ]
    return "\n".join([*lines, "", f"Arxiv-Bot-Cycle: {task.name}/{cycle}"])


def harmless(text: str) -> str:
    """Return text on one line that mentions nobody, refers to nothing and closes nothing, as plain text."""
    text = " ".join(text.split())
    text = re.sub(r"@(?=\w)", f"@{_BREAK}", text)
    text = re.sub(r"#(?=\d)", f"#{_BREAK}", text)
    text = re.sub(r"\b(GH-)(?=\d)", rf"\1{_BREAK}", text, flags=re.IGNORECASE)
    return re.sub(r"(?<=:)//(?=\S)", f"{_BREAK}//", text)


def shown(text: str) -> str:
    """Return Markdown that shows hostile text as it is, and does nothing else."""
    return escape.inline(harmless(text))


# The parts of the text, in the order of reading


def _body(task: ListConfig, cycle: int, board: Board, proposal: Proposal, facts: Facts, detail: _Detail) -> str:
    parts = [
        f"<!-- arxiv-bot:list {task.name} cycle {cycle} -->",
        _opening(task, board),
        *_by_section(board.proposed, detail),
        *_near_misses(board.near_misses, detail),
        *_waiting(board),
        _left_out(proposal),
        _coverage(proposal, facts),
        _proof(task, facts, board),
        _HOW_TO_REVIEW,
        _footer(task, facts),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(task: ListConfig, board: Board) -> str:
    number = len(board.proposed)
    papers = "1 paper" if number == 1 else f"{number} papers"
    sections = [f"{_name(path)} {number}" for path, number in Counter(s.path for s in board.proposed).items()]
    into = f": {', '.join(sections)}" if sections else ""
    return f"**{papers} for `{task.file}`**{into}. Ticked = in the list once this is merged; unticked = only offered."


def _by_section(papers: Sequence[Shown], detail: _Detail) -> Iterable[str]:
    for path in dict.fromkeys(s.path for s in papers):
        yield f"### {_name(path)}\n\n" + "\n".join(_item(s, detail) for s in papers if s.path == path)


def _near_misses(papers: Sequence[Shown], detail: _Detail) -> Iterable[str]:
    if papers:
        items = "\n".join(_item(s, min(detail, _Detail.NO_ABSTRACT)) for s in papers)
        yield f"### Near misses\n\nBelow the mark, or without a section: in the list only if you add them.\n\n{items}"


def _waiting(board: Board) -> Iterable[str]:
    if board.backlog:
        number = len(board.backlog)
        yield (
            f"**{number} more** {'waits' if number == 1 else 'wait'} in the backlog, best first, and "
            "will be shown when there is room."
        )


def _item(paper: Shown, detail: _Detail) -> str:
    """Return one line of the task list with what speaks for the paper folded under it."""
    found = paper.candidate.paper
    limit = 300 if detail is _Detail.SHORT else 1000
    tick = "x" if paper.ticked else " "
    link = f"[{shown(titles.display(found.title)[:limit])}]({arxiv_id.abs_url(found.id)})"
    lines = [f"- [{tick}] {link} <!-- arxiv-bot:paper {found.id} -->"]
    if detail is not _Detail.SHORT:
        lines += [f"  {line}  " for line in _reasons(paper)]
    if detail is _Detail.FULL and found.summary:
        abstract = shown(titles.display(found.summary))
        lines += ["  <details><summary>Abstract</summary>", "", f"  {abstract}", "", "  </details>"]
    return "\n".join(lines)


def _reasons(paper: Shown) -> list[str]:
    verdict = paper.candidate.verdict
    matched = ", ".join(f"“{shown(m.phrase)}” in the {m.field.value}" for m in verdict.matched[:4])
    more = f" and {len(verdict.matched) - 4} more" if len(verdict.matched) > 4 else ""
    lines = [f"Score {verdict.relevance:.2f}: {matched or 'no keyword matched'}{more}."]
    sentence = next((m for m in verdict.matched if m.sentence != paper.candidate.paper.title), None)
    if sentence:
        lines.append(f"“{_quote(sentence)}”")
    lines.append(_section(paper))
    lines += [_cell(cell) for cell in paper.candidate.cells]
    return lines


def _quote(match: Match) -> str:
    return shown(titles.display(match.sentence)[:300])


def _section(paper: Shown) -> str:
    verdict = paper.candidate.verdict
    other = next((c for c in verdict.alternatives if c.p > 0), None)
    runner_up = f"; next: {_name(other.path)} {other.p:.2f}" if other else ""
    if verdict.section:
        return f"Section {_name(verdict.section.path)} {verdict.section.p:.2f}{runner_up}."
    where = f", so it goes to {_name(paper.path)}" if paper.path else ""
    return f"No section of the list fits{where}{runner_up}."


def _cell(cell: Cell) -> str:
    """Name a value and its origin; links into GitHub go round the back-reference they would leave there."""
    url = re.sub(r"^https://github\.com/", "https://redirect.github.com/", cell.value)
    words = re.sub(r"^https://", "", cell.value)
    return f"{cell.kind.capitalize()}: [{shown(words)}]({escape.address(url)}) (from the {shown(cell.origin[:300])})"


def _name(path: Path | None) -> str:
    return shown(path[-1]) if path else "no section"


def _left_out(proposal: Proposal) -> str:
    """Say what was not proposed, and why."""
    if not proposal.left_out:
        return ""
    items = "\n".join(
        f"- [{shown(titles.display(p.title)[:200])}]({arxiv_id.abs_url(p.id)}): {shown(p.why[:200])}"
        for p in proposal.left_out[:20]
    )
    more = f"\n- and {len(proposal.left_out) - 20} more" if len(proposal.left_out) > 20 else ""
    return (
        f"<details><summary>Kept out by an exclusion: {len(proposal.left_out)}</summary>\n\n{items}{more}\n\n</details>"
    )


def _coverage(proposal: Proposal, facts: Facts) -> str:
    lines = ["### Coverage", "", "<!-- arxiv-bot:run -->", *(_answer(a) for a in proposal.answers), ""]
    lines.append(
        f"Of these, {facts.duplicates} were known already, {proposal.irrelevant} stayed below the mark for near "
        f"misses, {len(proposal.left_out)} were excluded."
    )
    if proposal.first_run:
        lines += ["", "First run of this query: nothing earlier was asked. `arxiv-bot run --since DATE` asks for more."]
    lines.append("<!-- /arxiv-bot:run -->")
    lines += ["", *_gaps(facts.gaps)]
    return "\n".join(lines).rstrip()


def _answer(answer: Answer) -> str:
    total = "an unknown number" if answer.total is None else str(answer.total)
    state = "complete" if answer.unknown is None else f"**unknown**: {shown(answer.unknown)}"
    return f"- `{answer.source}`, submitted {_range(answer)}: {total} exist, {answer.received} received; {state}."


def _range(answer: Answer) -> str:
    return f"from {_minute(answer.window.since)} to {_minute(answer.window.until)}"


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d}" if not (time.hour or time.minute) else f"{time:%Y-%m-%d %H:%M} UTC"


def _gaps(gaps: Iterable[Gap]) -> list[str]:
    """Say what is unknown; the end of a gap that reaches to the present moves each day and is left out."""
    return [
        f"> [!WARNING]\n> Not known to be complete from {gap.since:%Y-%m-%d} on (noticed {gap.noticed:%Y-%m-%d}): "
        f"{shown(gap.why)}. It is asked again at the next run."
        for gap in gaps
    ]


def _proof(task: ListConfig, facts: Facts, board: Board) -> str:
    if facts.growth is None:
        return (
            "### Proof\n\nPeople changed the list here as well. Each commit of the bot was proven before it was "
            "written: without the bytes it inserted and the date, the file is the one it read, byte for byte."
        )
    date = " and the date of the last update" if facts.growth.date_changed else ""
    return (
        f"### Proof\n\n{facts.growth.lines} lines ({facts.growth.bytes:,} bytes) inserted{date}; without them "
        f"`{task.file}` is blob `{facts.base_id[:12]}`, byte for byte."
    )


def _footer(task: ListConfig, facts: Facts) -> str:
    return (
        f"---\n<sub>Keywords, sections and limits: `{facts.config_path}`. Made by arxiv-list-bot {__version__}. "
        "Thank you to arXiv for use of its open access interoperability.</sub>"
    )


# The step summary


def summary(task: ListConfig, board: Board, proposal: Proposal, where: str) -> str:
    """Return the Markdown of a run for `GITHUB_STEP_SUMMARY`."""
    lines = [f"## {shown(task.name)}", "", f"{where}", ""]
    lines += [_answer(a) for a in proposal.answers]
    lines += [
        "",
        "| proposed | near misses | backlog | known | excluded | below the mark |",
        "|--:|--:|--:|--:|--:|--:|",
        f"| {len(board.proposed)} | {len(board.near_misses)} | {len(board.backlog)} | {len(proposal.duplicates)} "
        f"| {len(proposal.left_out)} | {proposal.irrelevant} |",
        "",
    ]
    lines += [
        f"- [{shown(titles.display(s.candidate.paper.title)[:200])}]({arxiv_id.abs_url(s.candidate.paper.id)})"
        for s in board.proposed
    ]
    return "\n".join(lines) + "\n"
