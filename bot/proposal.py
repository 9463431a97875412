"""Everything one run wants, in terms of papers, sections and reasons; never bytes. And its one versioned codec.

A proposal travels from the job that reads to the job that writes, so it is read as hostile: the digest shows that it
is not what was written, and every field is checked as if there were none.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from bot import arxiv_id
from bot.errors import ProposalError
from bot.model import Answer, Candidate, Duplicate, Paper, Verdict

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = 1


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A paper that an exclusion kept out, with the words that did."""

    id: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one run found for one list.

    `candidates` are all papers at or above the near-miss mark, most relevant first; `irrelevant` counts those below
    it. `first_run` says that nothing before the first window was ever asked for this query.
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

    @property
    def complete(self) -> bool:
        """Whether every window asked is proven complete."""
        return all(answer.unknown is None for answer in self.answers)


@cache
def _adapter() -> TypeAdapter[tuple[Proposal, ...]]:
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[Proposal, ...])


def dumps(proposals: tuple[Proposal, ...]) -> str:
    """Return proposals as one JSON document with a digest of its content."""
    body = _adapter().dump_python(proposals, mode="json", exclude_defaults=False)
    return json.dumps({"version": VERSION, "sha256": _digest(body), "proposals": body}, ensure_ascii=False, indent=1)


def loads(text: str, name: str) -> tuple[Proposal, ...]:
    """Read what `dumps` wrote; raises `ProposalError` for anything else. `name` is what messages call it."""
    try:
        document = json.loads(text)
    except ValueError as error:
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
    from pydantic import ValidationError

    try:
        proposals = _adapter().validate_python(document["proposals"], extra="forbid")
    except (ValidationError, ValueError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
        where = ".".join(map(str, first["loc"]))
        raise ProposalError(f"{name}: {where}: {first['msg']}; run discover again") from None
    for proposal in proposals:
        _check(proposal, name)
    return proposals


def _digest(body: Any) -> str:
    canonical = json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _check(proposal: Proposal, name: str) -> None:
    """Check what types cannot say."""
    seen: set[str] = set()
    for candidate in proposal.candidates:
        paper = candidate.paper
        _check_paper(paper, name)
        if paper.id in seen:
            raise ProposalError(f"{name}: {paper.id} stands there twice; run discover again")
        seen.add(paper.id)
        _check_verdict(candidate.verdict, paper.id, name)
        for cell in candidate.cells:
            if not cell.value.isprintable() or not cell.value.startswith("https://"):
                raise ProposalError(f"{name}: {paper.id}: {cell.value!r} is no value for a {cell.kind} cell")


def _check_paper(paper: Paper, name: str) -> None:
    parsed = arxiv_id.parse(paper.id)
    if parsed is None or parsed.base != paper.id:
        raise ProposalError(f"{name}: {paper.id!r} is not an arXiv id")
    if not paper.title.strip():
        raise ProposalError(f"{name}: {paper.id} has no title")


def _check_verdict(verdict: Verdict, paper: str, name: str) -> None:
    chosen = (verdict.section, *verdict.alternatives) if verdict.section else verdict.alternatives
    numbers = [verdict.relevance, *(choice.p for choice in chosen), *(n.similarity for n in verdict.nearest)]
    if not all(0 <= number <= 1 for number in numbers):
        raise ProposalError(f"{name}: {paper} has a probability outside 0..1")
