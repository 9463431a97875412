"""The step summary of a workflow. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import Failure
from bot.paperlist.write import escape
from bot.pullrequest.text import parts
from bot.pullrequest.text.inert import defused
from bot.pullrequest.text.lines import paper_link
from bot.pullrequest.text.parts import FEEDS_ALONE, TextFacts

_LONGEST_ERROR = 1000


def summary(facts: TextFacts, where: str, troubles: Sequence[str] = ()) -> str:
    """Return the Markdown of a list for `GITHUB_STEP_SUMMARY`."""
    board, proposal = facts.board, facts.proposal
    lines = [f"## {defused(facts.settings.name)}", "", where, ""]
    lines += [f"> [!NOTE]\n> {defused(trouble)}\n" for trouble in troubles]
    lines += parts.answers(proposal.all_answers)
    lines += ["", FEEDS_ALONE] if proposal.feeds_alone else []
    lines += [
        "",
        "| proposed | near misses | backlog | known | excluded | below the mark |",
        "|--:|--:|--:|--:|--:|--:|",
        f"| {len(board.proposed)} | {len(board.near_misses)} | {len(board.backlog)} | {len(proposal.duplicates)} "
        f"| {len(proposal.left_out)} | {proposal.irrelevant} |",
        "",
        *(f"- {paper_link(s.candidate.paper)}" for s in board.proposed),
    ]
    more = (
        *parts.waiting(facts),
        *parts.few_papers(facts),
        *parts.other_pulls(facts.elsewhere),
        *parts.unwritten(facts),
        *parts.expired_papers(facts),
    )
    return "\n".join(lines) + "\n" + "".join(f"\n{part}\n" for part in more)


def failed(failure: Failure) -> str:
    """Return the Markdown of a list that failed, for `GITHUB_STEP_SUMMARY`."""
    words = escape.start_of_line(defused(failure.error, _LONGEST_ERROR))
    return f"## {defused(failure.list)}\n\n> [!CAUTION]\n> {words}\n\n"
