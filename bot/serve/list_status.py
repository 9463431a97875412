"""The status issue as text: the results of the last runs, and the status of each list. Pure.

Titles, errors and names of checks come from outside: they are text here and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from bot.arxiv import titles
from bot.config import ListConfig
from bot.coverage.ledger import Coverage, digest
from bot.coverage.sentences import sentence
from bot.doctor.findings import Finding, Severity
from bot.forges.base import RunRecord
from bot.model import counted
from bot.pullrequest.text.inert import defused
from bot.serve.record import ListRecord
from bot.state.decision import DecisionKind
from bot.state.model import State

MARK = "<!-- arxiv-bot:status -->"
TITLE = "Status of the paper lists"
HEAD = f"""{MARK}
arxiv-list-bot writes this after every run. It is for reading: edits are overwritten, and nothing is read from it."""

_RUNS = 10
_SHOWN = 5
_MOST = 200
"""Characters of a title or an error."""


@dataclass(frozen=True, slots=True)
class ListStatus:
    """One list: its settings, its state, and its record where `serve` runs it."""

    settings: ListConfig
    state: State
    record: ListRecord | None = None


def status_text(lists: Iterable[ListStatus], runs: Sequence[RunRecord] | None, findings: Iterable[Finding]) -> str:
    """Return the issue's text; `runs` are those of the workflow, the newest first, None where they cannot be seen."""
    parts = [HEAD]
    if runs is not None:
        parts.append("\n".join(_runs(runs)))
    parts += ["\n".join(_list(one)) for one in lists]
    parts.append("\n".join(_warnings(findings)))
    return "\n\n".join(parts) + "\n"


def failures_in_a_row(runs: Iterable[RunRecord]) -> int:
    """Return how many of the newest runs failed in a row; those that have not ended do not count."""
    ended = (one for one in runs if one.failed is not None)
    return sum(1 for _ in takewhile(lambda one: one.failed, ended))


def _runs(runs: Sequence[RunRecord]) -> Iterator[str]:
    yield "## Last runs"
    yield ""
    if not runs:
        yield "The workflow has not run yet."
        return
    if row := failures_in_a_row(runs):
        yield f"**The last {row} runs failed.**" if row > 1 else "**The last run failed.**"
        yield ""
    yield "| begun, UTC | by | result |"
    yield "|---|---|---|"
    words = {True: "failed", False: "done", None: "not ended"}
    for one in runs[:_RUNS]:
        yield f"| {one.begun:%Y-%m-%d %H:%M} | {defused(one.event)} | [{words[one.failed]}]({one.url}) |"


def _list(status: ListStatus) -> Iterator[str]:
    state = status.state
    yield f"## {status.settings.name}"
    yield ""
    if record := status.record:
        yield (
            f"- Last success: {record.succeeded:%Y-%m-%d %H:%M} UTC." if record.succeeded else "- Last success: never."
        )
        if record.failures:
            times = f"{record.failures} times in a row" if record.failures > 1 else "once"
            yield f"- **Failed {times}**: {defused(record.error or '', _MOST)}"
    yield from _coverage(status.settings, state.coverage)
    yield f"- In the pull request: {counted(sum(paper.row is not None for paper in state.open), 'paper')}."
    yield from _waiting(state)
    yield from _deferred(state)


def _coverage(settings: ListConfig, coverage: Coverage) -> Iterator[str]:
    queries = [digest(query) for query in (settings.query(), settings.everything()) if query]
    ends = [one.until for one in coverage.covered if one.query == queries[0]]
    yield f"- Complete up to: {max(ends):%Y-%m-%d %H:%M} UTC." if ends else "- No period is known to be complete yet."
    gaps = sorted((gap for gap in coverage.gaps if gap.query in queries), key=lambda gap: gap.since)
    for gap in gaps[:_SHOWN]:
        yield (
            f"- **Papers may be missing** from {gap.since:%Y-%m-%d} to {gap.until:%Y-%m-%d}, known since "
            f"{gap.noticed:%Y-%m-%d}: {defused(sentence(gap.why), _MOST)}"
        )
    if len(gaps) > _SHOWN:
        yield f"- and {len(gaps) - _SHOWN} more such periods"


def _waiting(state: State) -> Iterator[str]:
    since = min((c.waits for c in state.backlog if c.waits), default=None)
    yield f"- Waiting for room: {counted(len(state.backlog), 'paper')}" + (
        f", the first since {since}." if since else "."
    )
    best = sorted(state.backlog, key=lambda c: (-c.verdict.relevance, c.paper.id))
    yield from _few([(c.paper.id, c.paper.title, "") for c in best])


def _deferred(state: State) -> Iterator[str]:
    found = sorted((d for d in state.decisions if d.kind is DecisionKind.DEFERRED), key=lambda d: (str(d.until), d.id))
    known = {paper.id: paper.title for paper in state.library}
    yield f"- Deferred: {counted(len(found), 'paper')}."
    yield from _few([(d.id, known.get(d.id, ""), f", until {d.until}" if d.until else "") for d in found])


def _few(papers: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Yield the first of some papers: id, title, and a remark."""
    for paper, title, remark in papers[:_SHOWN]:
        name = f" {defused(titles.display(title), _MOST)}" if title else ""
        yield f"  - [{paper}](https://arxiv.org/abs/{paper}){name}{remark}"
    if len(papers) > _SHOWN:
        yield f"  - and {len(papers) - _SHOWN} more"


def _warnings(findings: Iterable[Finding]) -> Iterator[str]:
    yield "## Warnings"
    yield ""
    found = sorted((f for f in findings if f.severity >= Severity.WARNING), key=lambda f: -f.severity)
    if not found:
        yield "None. `arxiv-bot doctor` looks at more."
    for one in found:
        yield f"- **{one.severity.name.lower()}**: {defused(one.what, 2 * _MOST)} ([what to do]({one.link}))"
