"""A run as one JSON document, for `--report` and `--json`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot import __version__
from bot.arxiv.paper_json import format_time
from bot.basis import basis_text
from bot.coverage.sentences import sentence
from bot.errors import Failure
from bot.evaluate.evaluation import SHOWN, Evaluation
from bot.model import Candidate, Choice, Decision, Verdict
from bot.paperlist.read.document import Document, Section
from bot.pipeline import Outcome
from bot.pullrequest.change import Publication
from bot.pullrequest.commands import CommandResult
from bot.pullrequest.proposal import Proposal


def run_report(outcomes: Sequence[Outcome], failures: Sequence[Failure]) -> dict[str, Any]:
    """Return what a run came to, list by list, and what failed."""
    return {"version": __version__, "lists": [_outcome(o) for o in outcomes], "errors": [asdict(f) for f in failures]}


def decide_report(outcome: Outcome, paper: str, result: CommandResult) -> dict[str, Any]:
    """Return what `decide --json` gives."""
    return {
        "version": __version__,
        "list": outcome.proposal.list,
        "id": paper,
        "done": result.done,
        "answer": result.answer,
        "decisions": [_decision(d) for d in outcome.change.state.decisions if d.id == paper],
        "publication": _publication(outcome.publication),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "kind": str(decision.kind),
        "day": decision.day.isoformat(),
        "source": basis_text(decision.basis),
        "how": decision.basis.how,
        "section": list(decision.section) if decision.section else None,
        "until": decision.until.isoformat() if decision.until else None,
        "reason": decision.reason,
    }


def discover_report(proposals: Sequence[Proposal], failures: Sequence[Failure]) -> dict[str, Any]:
    """Return what the reading half of a run found."""
    return {"version": __version__, "lists": [_proposal(p) for p in proposals], "errors": [asdict(f) for f in failures]}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    board = outcome.board
    sections: dict[str, int] = {}
    for shown in board.proposed:
        name = " > ".join(shown.path or ())
        sections[name] = sections.get(name, 0) + 1
    return {
        **_proposal(outcome.proposal),
        "proposed": [_candidate(s.candidate) for s in board.proposed],
        "new": [s.id for s in board.new],
        "near_misses": [_candidate(s.candidate) for s in board.near_misses],
        "backlog": [c.id for c in board.backlog],
        "elsewhere": [
            {"id": paper.id, "pull": pull.number, "where": pull.where} for paper, pull in outcome.facts.elsewhere
        ],
        "unwritten": [{"id": paper.id, "why": why} for paper, why in outcome.facts.unwritten],
        "sections": sections,
        "changed": [
            {"id": n.id, "what": str(n.kind), "day": n.day.isoformat(), "before": n.before, "now": n.now}
            for n in outcome.change.state.notices
        ],
        "inserted_bytes": outcome.edit.inserted_bytes,
        "rows": [{"id": e.id, "section": list(e.path), "row": e.row.decode()} for e in outcome.edit.entries],
        "title": outcome.change.title,
        "text": outcome.change.text,
        "publication": _publication(outcome.publication),
    }


def _publication(publication: Publication | None) -> dict[str, Any] | None:
    if publication is None:
        return None
    return {
        "where": publication.where,
        "commit": publication.commit,
        "opened": publication.opened,
        "text_changed": publication.text_changed,
        "troubles": list(publication.troubles),
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "list": proposal.list,
        "complete": proposal.complete,
        "doubts": [
            {
                "since": format_time(d.window.since),
                "until": format_time(d.window.until),
                "reason": d.why.reason,
                "why": sentence(d.why),
            }
            for d in proposal.doubts
        ],
        "windows": [
            {
                "source": a.source,
                "sweep": sweep,
                "since": format_time(a.window.since),
                "until": format_time(a.window.until),
                "total": a.total,
                "received": a.received,
                "requests": a.requests,
                "unmatched": a.unmatched,
                "reason": a.unknown.reason if a.unknown else None,
                "unknown": sentence(a.unknown) if a.unknown else None,
            }
            for sweep, answers in ((False, proposal.answers), (True, proposal.recovered))
            for a in answers
        ],
        "duplicates": [{"id": d.id, "line": d.line, "why": d.why} for d in proposal.duplicates],
        "excluded": [{"id": p.id, "title": p.title, "why": p.why} for p in proposal.left_out],
        "irrelevant": proposal.irrelevant,
        "candidates": len(proposal.candidates),
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {"id": candidate.id, "title": candidate.paper.title, **verdict_report(candidate.verdict)}


def verdict_report(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as `judge --json` gives it."""
    return {
        "relevance": verdict.relevance,
        "matched": [m.phrase for m in verdict.matched],
        "terms": list(verdict.terms),
        "section": _choice(verdict.section) if verdict.section else None,
        "alternatives": [_choice(c) for c in verdict.alternatives],
        "section_terms": list(verdict.section_terms),
        "nearest": [{"id": n.id, "similarity": n.similarity} for n in verdict.nearest],
    }


def _choice(choice: Choice) -> dict[str, Any]:
    return {"path": list(choice.path), "p": choice.p}


def evaluation_report(found: Evaluation) -> dict[str, Any]:
    """Return what `evaluate --json` gives: ranks count from 1 among all papers of the month."""
    return {
        "periods": [
            {
                "month": p.month, "learned_from": p.learned_from, "listed": len(p.ranks), "background": p.background,
                "ranks": list(p.ranks), "found": {str(shown): p.found(shown) for shown in SHOWN},
                "top1": p.top1, "top3": p.top3, "placed": p.placed, "abstained": p.abstained,
                "proposed": p.proposed, "hits": p.hits,
            }
            for p in found.periods
        ],
        "confusion": [
            {"section": list(path), "chosen": list(chosen), "papers": n}
            for (path, chosen), n in sorted(found.confusion.items())
        ],
        "unmatched_keywords": list(found.unmatched),
        "phrases": [{"phrase": phrase, "papers": n} for phrase, n in found.phrases],
        "alike": [[list(one), list(other)] for one, other in found.alike],
    }  # fmt: skip


def show_report(document: Document) -> dict[str, Any]:
    """Return a list as the bot understands it, as `show --json` gives it."""
    line = document.date_line
    return {
        "date_line": {"line": line.line, "text": line.text, "date": line.date.isoformat()} if line else None,
        "contents": bool(document.contents),
        "sections": [_section(s) for s in document.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "path": list(section.path),
        "line": section.line,
        "kind": section_kind(section),
        "columns": list(section.tables[0].columns) if section.tables else [],
        "entries": [
            {"line": e.line, "title": e.title, "arxiv_ids": list(e.arxiv_ids), "urls": list(e.urls)}
            for e in section.entries
        ],
    }


def section_kind(section: Section) -> str | None:
    """Return the format of a section's entries in the words of the contract."""
    kinds = {str(group.kind) for group in section.groups}
    return "mixed" if len(kinds) > 1 or "blocks" in kinds else next(iter(kinds), None)
