"""What runs, decisions and verdicts come to, as JSON documents for `--report` and `--json`. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot import __version__
from bot.arxiv.paper_json import format_time
from bot.coverage.ledger import Gap
from bot.coverage.sentences import sentence
from bot.errors import Failure
from bot.model import Answer, Candidate, Verdict, Window
from bot.pipeline import Outcome
from bot.pullrequest.commands import CommandResult
from bot.pullrequest.proposal import Proposal
from bot.state.decision import Decision


def run_report(outcomes: Sequence[Outcome], failures: Sequence[Failure]) -> dict[str, Any]:
    """Return what a run came to, list by list, and what failed."""
    return {"version": __version__, "lists": [_outcome(o) for o in outcomes], "errors": [asdict(f) for f in failures]}


def discover_report(proposals: Sequence[Proposal], failures: Sequence[Failure]) -> dict[str, Any]:
    """Return what the reading half of a run found, list by list, and what failed."""
    return {"version": __version__, "lists": [_proposal(p) for p in proposals], "errors": [asdict(f) for f in failures]}


def decide_report(outcome: Outcome, paper: str, result: CommandResult) -> dict[str, Any]:
    """Return what `decide --json` gives."""
    return {
        "version": __version__,
        "list": outcome.proposal.list,
        "id": paper,
        "done": result.done,
        "answer": result.answer,
        "decisions": [_decision(d) for d in outcome.change.state.decisions if d.id == paper],
        "publication": asdict(outcome.publication) if outcome.publication else None,
    }


def verdict_report(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as `judge --json` gives it."""
    return {
        "relevance": verdict.relevance,
        "matched": [m.phrase for m in verdict.matched],
        "terms": verdict.terms,
        "section": asdict(verdict.section) if verdict.section else None,
        "alternatives": [asdict(c) for c in verdict.alternatives],
        "section_terms": verdict.section_terms,
        "nearest": [asdict(n) for n in verdict.nearest],
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "kind": decision.kind,
        "day": decision.day.isoformat(),
        "source": str(decision.basis),
        "how": decision.basis.how,
        "section": decision.section,
        "until": decision.until.isoformat() if decision.until else None,
        "reason": decision.reason,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    board, edit, facts = outcome.board, outcome.edit, outcome.facts
    return {
        **_proposal(outcome.proposal),
        "proposed": [_candidate(s.candidate) for s in board.proposed],
        "new": [s.id for s in board.new],
        "near_misses": [_candidate(s.candidate) for s in board.near_misses],
        "backlog": [c.id for c in board.backlog],
        "elsewhere": [{"id": paper.id, "pull": pull.number, "where": pull.where} for paper, pull in facts.elsewhere],
        "unwritten": [{"id": paper.id, "why": why} for paper, why in facts.unwritten],
        "sections": Counter(" > ".join(s.path or ()) for s in board.proposed),
        "changed": [
            {"id": n.id, "what": n.kind, "day": n.day.isoformat(), "before": n.before, "now": n.now}
            for n in outcome.change.state.notices
        ],
        "inserted_bytes": edit.inserted_bytes,
        "rows": [{"id": e.id, "section": e.path, "row": e.row.decode()} for e in edit.entries],
        "title": outcome.change.title,
        "text": outcome.change.text,
        "publication": asdict(outcome.publication) if outcome.publication else None,
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    answers = [*((answer, False) for answer in proposal.answers), *((answer, True) for answer in proposal.recovered)]
    return {
        "list": proposal.list,
        "complete": proposal.complete,
        "doubts": [{**_window(d), "reason": d.why.reason, "why": sentence(d.why)} for d in proposal.doubts],
        "windows": [_answer(answer, sweep=sweep) for answer, sweep in answers],
        "duplicates": [asdict(d) for d in proposal.duplicates],
        "excluded": [asdict(p) for p in proposal.left_out],
        "irrelevant": proposal.irrelevant,
        "candidates": len(proposal.candidates),
    }


def _answer(answer: Answer, *, sweep: bool) -> dict[str, Any]:
    return {
        "source": answer.source,
        "sweep": sweep,
        **_window(answer.window),
        "total": answer.total,
        "received": answer.received,
        "requests": answer.requests,
        "unmatched": answer.unmatched,
        "reason": answer.unknown.reason if answer.unknown else None,
        "unknown": sentence(answer.unknown) if answer.unknown else None,
    }


def _window(window: Window | Gap) -> dict[str, str]:
    return {"since": format_time(window.since), "until": format_time(window.until)}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {"id": candidate.id, "title": candidate.paper.title, **verdict_report(candidate.verdict)}
