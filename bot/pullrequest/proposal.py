"""Everything one run wants, in terms of papers, sections and reasons, never bytes; and its file.

A proposal travels from the job that reads to the job that writes, so it is read as hostile: its digest shows whether it
is as it was written, and every field is checked as if there were no digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.arxiv import arxiv_id, titles
from bot.coverage.ledger import Gap
from bot.errors import ProposalError
from bot.judge.sections.new_sections import LONGEST_NAME
from bot.model import ARXIV_BEGAN, TIME_ENDS, Answer, Candidate, Duplicate, LeftOut, NewSection, Paper
from bot.state import codec

VERSION = 4
LARGEST = 100_000_000
"""Characters; a month of all of arXiv would have fewer."""
_QUERY = re.compile(r"[0-9a-f]{16}")
_KIND = re.compile(r"[a-z]{1,20}")
_NAME = re.compile(rf"[A-Za-z0-9](?:[A-Za-z0-9.+# -]{{0,{LONGEST_NAME - 1}}})")
_LONGEST_VALUE = 300
_ADDRESS = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.-]{0,250}(?:/[A-Za-z0-9._~/?#=&%+:,-]{0,1000})?")
"""An address that means nothing but itself in Markdown, HTML and a table."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one run found for one list.

    `candidates` are all papers at or above the near-miss mark and those that wait for room, best first; `irrelevant`
    counts the others. `first_run` says that nothing before the first window was ever asked for this query, `by_hand`
    that a person named windows or a file. `recovered` are the answers for missed feeds, to a query for everything in
    the list's categories. `wanted` are known papers whose latest metadata is wanted, `rechecked` the result. `doubts`
    are windows whose proof in the state is doubted. `sections` are those that papers ask for and the list lacks.
    """

    list: str
    created: datetime
    query: str
    answers: tuple[Answer, ...]
    candidates: tuple[Candidate, ...]
    duplicates: tuple[Duplicate, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    irrelevant: int = 0
    first_run: bool = False
    by_hand: bool = False
    recovered: tuple[Answer, ...] = ()
    wanted: tuple[str, ...] = ()
    rechecked: tuple[Paper, ...] = ()
    doubts: tuple[Gap, ...] = ()
    sections: tuple[NewSection, ...] = ()

    @property
    def all_answers(self) -> tuple[Answer, ...]:
        """The answers to the list's query and those for missed feeds."""
        return (*self.answers, *self.recovered)

    @property
    def answered(self) -> bool:
        """Whether all that was asked is known."""
        return all_known(self.all_answers)

    @property
    def feeds_alone(self) -> bool:
        """Whether only feeds were asked, which cannot tell whether a paper is missing."""
        return bool(self.all_answers) and all(answer.evening for answer in self.all_answers)

    @property
    def complete(self) -> bool:
        """Whether every window asked is proven complete."""
        return self.answered and not self.feeds_alone


def all_known(answers: Sequence[Answer]) -> bool:
    """Whether all that was asked is known; sources that cannot prove count only if nothing else was asked."""
    return all(answer.unknown is None for answer in [a for a in answers if a.proves] or answers)


def dump_proposals(proposals: tuple[Proposal, ...]) -> str:
    """Return proposals as one JSON document with a digest of its content."""
    body = codec.dumped(tuple[Proposal, ...], proposals, defaults=True)
    return json.dumps({"version": VERSION, "sha256": _digest(body), "proposals": body}, ensure_ascii=False, indent=1)


def load_proposals(text: str, name: str) -> tuple[Proposal, ...]:
    """Return the proposals that a document holds; raise `ProposalError`, which calls it by name, for any other."""
    try:
        given = json.dumps(_body(text, name), ensure_ascii=False).encode()
        proposals: tuple[Proposal, ...] = codec.loaded(tuple[Proposal, ...], given)
        for problem in _problems(proposals):
            raise ValueError(problem)
    except ValueError as error:  # a lone surrogate cannot be encoded
        raise ProposalError(f"{name}: {error}; run discover again") from None
    return proposals


def _body(text: str, name: str) -> Any:
    """Return the content of a document; raise `ProposalError` unless its version and digest are right."""
    if len(text) > LARGEST:
        raise ProposalError(f"{name} has more than {LARGEST:,} characters, so discover did not write it")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProposalError(f"{name} is not JSON ({error}); run discover again") from None
    if not isinstance(document, dict) or set(document) != {"version", "sha256", "proposals"}:
        raise ProposalError(f"{name} is not a proposal; run discover again")
    if document["version"] != VERSION:
        raise ProposalError(
            f"{name} has version {document['version']!r}, this program reads {VERSION}; "
            "run discover and publish with the same version"
        )
    if document["sha256"] != _digest(document["proposals"]):
        raise ProposalError(f"{name} was changed after it was written; run discover again")
    return document["proposals"]


def _digest(body: Any) -> str:
    canonical = json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


# What types cannot say


def _problems(proposals: tuple[Proposal, ...]) -> Iterator[str]:
    """Yield what is wrong with proposals that have the right types."""
    yield from _repeated(repr(p.list) for p in proposals)
    for proposal in proposals:
        ids = [c.id for c in proposal.candidates]
        others = [p.id for part in (proposal.left_out, proposal.duplicates, proposal.rechecked) for p in part]
        if not _QUERY.fullmatch(proposal.query):
            yield f"{proposal.query[:80]!r} is not a digest of a query"
        yield from (f"{one!r} is not an arXiv id" for one in (*ids, *others) if not _is_id(one))
        yield from _repeated(ids)
        counts = [n for a in proposal.all_answers for n in (a.received, a.requests, a.total or 0, a.unmatched)]
        yield from (f"{count} is no count" for count in (proposal.irrelevant, *counts) if count < 0)
        for answer in proposal.all_answers:
            yield from _of_answer(answer)
        yield from (f"{s.name[:80]!r} is no name" for s in proposal.sections if not _NAME.fullmatch(s.name))
        yield from (f"{i!r} is not an arXiv id" for s in proposal.sections for i in s.papers if not _is_id(i))
        for candidate in proposal.candidates:
            yield from (f"{candidate.id}: {problem}" for problem in _of_candidate(candidate))


def _of_answer(answer: Answer) -> Iterator[str]:
    window, received, total = answer.window, answer.received, answer.total
    if not ARXIV_BEGAN <= window.since < window.until <= TIME_ENDS:
        yield f"no paper can be submitted from {window.since} to {window.until}"
    if answer.evening and answer.evening != window.since.date() - timedelta(days=1):
        yield f"the feed of {window.since:%Y-%m-%d} is not of the evening of {answer.evening}"
    if answer.proves and answer.unknown is None and total != received:
        yield f"{received} papers of {total} prove nothing, but are said to"


def _of_candidate(candidate: Candidate) -> Iterator[str]:
    verdict = candidate.verdict
    if not titles.display(candidate.paper.title):
        yield "has no title"
    choices = verdict.likeliest
    numbers = [verdict.relevance, *(choice.p for choice in choices), *(n.similarity for n in verdict.nearest)]
    yield from (f"{number} is not a probability" for number in numbers if not 0 <= number <= 1)
    yield from ("a section has no path" for choice in choices if not choice.path)
    yield from (f"{n.id!r} is not an arXiv id" for n in verdict.nearest if not _is_id(n.id))
    for cell in candidate.cells:
        line = 0 < len(cell.value) <= _LONGEST_VALUE and cell.value.isprintable()
        fit = _ADDRESS.fullmatch(cell.value) if cell.kind == "code" else line
        if not _KIND.fullmatch(cell.kind) or not fit:
            yield f"{cell.value[:80]!r} is no value for a {cell.kind[:20]!r} cell"


def _is_id(text: str) -> bool:
    return arxiv_id.parse_id(text) == text


def _repeated(names: Iterable[str]) -> Iterator[str]:
    return (f"{name} appears twice" for name, number in Counter(names).items() if number > 1)
