"""The status issue as text: what the last runs came to, and how each list stands. Pure.

Titles, errors and names of checks come from outside: they are words here and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from bot.arxiv import titles
from bot.config import ListConfig
from bot.coverage import ledger
from bot.coverage.sentences import sentence
from bot.doctor.list_checks import Finding, Severity
from bot.forges.base import RunRecord
from bot.model import Decision, DecisionKind
from bot.pullrequest.text.inert import defused
from bot.serve.record import Entry
from bot.state.model import State

MARK = "<!-- arxiv-bot:status -->"
TITLE = "Status of the paper lists"
HEAD = f"""{MARK}
Kept by arxiv-list-bot after every run. It is for reading: what is written here by hand is written over, and
nothing is read from it."""

_ROUNDS = 10
_SHOWN = 5
_MOST = 200
"""Characters of a title or an error."""


@dataclass(frozen=True, slots=True)
class ListStatus:
    """How one list stands: what is remembered of it, and, where `serve` keeps it, how that fared."""

    task: ListConfig
    state: State
    entry: Entry | None = None


def text(standings: Iterable[ListStatus], rounds: Sequence[RunRecord] | None, findings: Iterable[Finding]) -> str:
    """Return the issue's text; `rounds` are runs of the workflow, the newest first, None where they cannot be seen."""
    parts = [HEAD]
    if rounds is not None:
        parts.append("\n".join(_rounds(rounds)))
    parts += ["\n".join(_list(one)) for one in standings]
    parts.append("\n".join(_warnings(findings)))
    return "\n\n".join(parts) + "\n"


def failures(rounds: Iterable[RunRecord]) -> int:
    """Return how many of the newest runs failed one after the other; those that did not end do not count."""
    ended = (one for one in rounds if one.failed is not None)
    return sum(1 for _ in takewhile(lambda one: one.failed, ended))


def _rounds(rounds: Sequence[RunRecord]) -> Iterator[str]:
    yield "## Last runs"
    yield ""
    if not rounds:
        yield "The workflow has not run yet."
        return
    if row := failures(rounds):
        yield f"**The last {row} runs failed.**" if row > 1 else "**The last run failed.**"
        yield ""
    yield "| begun, UTC | by | result |"
    yield "|---|---|---|"
    words = {True: "failed", False: "done", None: "not ended"}
    for one in rounds[:_ROUNDS]:
        yield f"| {one.begun:%Y-%m-%d %H:%M} | {defused(one.event)} | [{words[one.failed]}]({one.url}) |"


def _list(standing: ListStatus) -> Iterator[str]:
    task, state = standing.task, standing.state
    yield f"## {task.name}"
    yield ""
    if standing.entry:
        yield from _served(standing.entry)
    yield from _coverage(task, state.coverage)
    yield f"- In the pull request: {_papers(sum(paper.row is not None for paper in state.open))}."
    yield from _waiting(state)
    yield from _deferred(state)


def _served(entry: Entry) -> Iterator[str]:
    last = f"{entry.succeeded:%Y-%m-%d %H:%M} UTC" if entry.succeeded else "never"
    yield f"- Last success: {last}."
    if entry.failures:
        times = f"{entry.failures} times in a row" if entry.failures > 1 else "once"
        yield f"- **Failed {times}**: {defused(entry.error or '', _MOST)}"


def _coverage(task: ListConfig, known: ledger.Coverage) -> Iterator[str]:
    queries = [ledger.digest(query) for query in (task.query(), task.everything()) if query]
    ends = [one.until for one in known.covered if one.query == queries[0]]
    yield f"- Complete up to: {max(ends):%Y-%m-%d %H:%M} UTC." if ends else "- No period is known to be complete yet."
    gaps = sorted((gap for gap in known.gaps if gap.query in queries), key=lambda gap: gap.since)
    for gap in gaps[:_SHOWN]:
        yield (
            f"- **Papers may be missing** from {gap.since:%Y-%m-%d} to {gap.until:%Y-%m-%d}, known since "
            f"{gap.noticed:%Y-%m-%d}: {defused(sentence(gap.why), _MOST)}"
        )
    if len(gaps) > _SHOWN:
        yield f"- and {len(gaps) - _SHOWN} more such periods"


def _waiting(state: State) -> Iterator[str]:
    since = min((c.waits for c in state.backlog if c.waits), default=None)
    yield f"- Waiting for room: {_papers(len(state.backlog))}" + (f", the first since {since}." if since else ".")
    best = sorted(state.backlog, key=lambda c: (-c.verdict.relevance, c.paper.id))
    yield from _few((c.paper.id, c.paper.title, "") for c in best)


def _deferred(state: State) -> Iterator[str]:
    found = sorted((d for d in state.decisions if d.kind is DecisionKind.DEFERRED), key=lambda d: (str(d.until), d.id))
    known = {paper.id: paper.title for paper in state.library}
    yield f"- Deferred: {_papers(len(found))}."
    yield from _few((d.id, known.get(d.id, ""), _until(d)) for d in found)


def _until(decision: Decision) -> str:
    return f", until {decision.until}" if decision.until else ""


def _few(papers: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Yield the first of some papers: id, title, what else there is to say."""
    rows = list(papers)
    for paper, title, more in rows[:_SHOWN]:
        name = f" {defused(titles.display(title), _MOST)}" if title else ""
        yield f"  - [{paper}](https://arxiv.org/abs/{paper}){name}{more}"
    if len(rows) > _SHOWN:
        yield f"  - and {len(rows) - _SHOWN} more"


def _warnings(findings: Iterable[Finding]) -> Iterator[str]:
    yield "## Warnings"
    yield ""
    found = sorted((f for f in findings if f.severity >= Severity.WARNING), key=lambda f: -f.severity)
    if not found:
        yield "None. `arxiv-bot doctor` looks at more."
    for one in found:
        yield f"- **{one.severity.name.lower()}**: {defused(one.what, 2 * _MOST)} ([what to do]({one.link}))"


def _papers(number: int) -> str:
    return f"{number} paper" if number == 1 else f"{number} papers"
