"""What both the pull request's text and the step summary of a workflow say. Pure.

Everything that comes from arXiv is hostile here: it is escaped as Markdown, and mentions, references and closing words
are taken apart with a zero-width space. Nothing of this kind ever goes into the list itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.config import ListConfig
from bot.coverage.ledger import Gap
from bot.coverage.sentences import sentence
from bot.judge.readiness import MIN_LISTED
from bot.model import Answer, Paper, Unknown, counted
from bot.paperlist.edit import Growth
from bot.pullrequest.board import Board
from bot.pullrequest.decisions import Expired
from bot.pullrequest.elsewhere import OFFERED_DAYS
from bot.pullrequest.proposal import Proposal
from bot.pullrequest.snapshot import OtherPull
from bot.pullrequest.text.inert import defused
from bot.pullrequest.text.lines import paper_link
from bot.state.model import Notice

MOST_ITEMS = 10
"""Items of a list, but for papers with a box."""
_MOST_EXPIRED_IDS = 200

FEEDS_ALONE = "The feed alone cannot tell whether papers are missing. Add `api` to the `sources` of the configuration."
PROPOSED_LATER = f"proposed when that closes, or {OFFERED_DAYS} days after it was first seen there"


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What the texts of a run say.

    `earlier` is the pull request's text as it is now. `elsewhere` are papers that would be proposed if other people's
    pull requests did not bring them, `unwritten` those that the list cannot take, each with the reason, `expired` those
    that waited in vain for room, `pace` says what comes when, `listed` the titles of listed papers by id, and `learns`
    whether they are enough to learn from.
    """

    settings: ListConfig
    cycle: int
    board: Board
    proposal: Proposal
    config_path: str
    base_id: str
    growth: Growth | None
    gaps: tuple[Gap, ...]
    earlier: str = ""
    elsewhere: tuple[tuple[Paper, OtherPull], ...] = ()
    notices: tuple[Notice, ...] = ()
    unwritten: tuple[tuple[Paper, str], ...] = ()
    expired: tuple[Expired, ...] = ()
    pace: str = ""
    listed: Mapping[str, str] = field(default_factory=dict)
    learns: bool = True


def shortened(items: Sequence[str], noun: str = "") -> list[str]:
    """Return the first items of a list, and the number of the others."""
    more = [f"- and {len(items) - MOST_ITEMS} more{noun}"] if len(items) > MOST_ITEMS else []
    return [*items[:MOST_ITEMS], *more]


def few_papers(facts: TextFacts) -> Iterator[str]:
    """Yield what scores rest on where the list teaches too little."""
    if not facts.learns:
        yield f"The list has fewer than {MIN_LISTED} papers: its topic, its own text and keywords give the scores."


def waiting(facts: TextFacts) -> Iterator[str]:
    """Yield how many papers wait for room, and how many of the backlog fell below both marks meanwhile."""
    mark = facts.settings.limits.near_miss_at
    low = sum(candidate.verdict.relevance < mark for candidate in facts.board.backlog)
    if number := len(facts.board.backlog) - low:
        yield (
            f"**{number} more** {'waits' if number == 1 else 'wait'} in the backlog, and will be shown, best first, "
            f"when there is room: {facts.pace}."
        )
    if low:
        papers = counted(low, "paper")
        yield f"{papers} that waited fell below the mark for near misses: none is shown unless its score rises."


def unwritten(facts: TextFacts) -> Iterator[str]:
    """Yield the papers that the list cannot take, and why: only a run with room for them tries."""
    if items := [f"- {paper_link(paper)}: {defused(why, 200)}" for paper, why in facts.unwritten]:
        note = "Their rows would damage the list. Add them by hand, or comment `/arxiv-bot dismiss ID`."
        yield "\n".join(["### Not written", "", note, "", *shortened(items)])


def expired_papers(facts: TextFacts, titled: int = MOST_ITEMS) -> Iterator[str]:
    """Yield the papers that waited in vain for room, so many with their titles, and how to add one after all."""
    papers = facts.expired
    if not papers:
        return
    items = [f"- {paper_link(one.paper, 80)}, `{one.paper.id}` ({one.day})" for one in papers[:titled]]
    if rest := papers[titled:_MOST_EXPIRED_IDS]:
        count = f"{len(papers) - titled} {'more' if items else 'papers'}"
        items.append(f"- {count}: {', '.join(one.paper.id for one in rest)}")
    note = "They waited in the backlog and there was no room. They do not come back; `/arxiv-bot add ID` brings one in."
    summary = f"<details><summary>Expired without room: {counted(len(papers), 'paper')}</summary>"
    yield "\n".join([summary, "", note, "", *items, "", "</details>"])


def other_pulls(papers: Sequence[tuple[Paper, OtherPull]], titled: int = MOST_ITEMS) -> Iterator[str]:
    """Yield the papers that are not proposed because other people's pull requests bring them."""
    if papers:
        items = [f"- {paper_link(paper)}: also in #{pull.number}" for paper, pull in papers[:titled]]
        if len(papers) > titled:
            more = f"and {len(papers) - titled} more" if items else counted(len(papers), "paper")
            items.append(f"- {more}")
        note = f"Each is offered unticked while there is room for it, and {PROPOSED_LATER}."
        yield "\n".join(["### In other open pull requests too", "", note, "", *items])


def answers(found: Iterable[Answer]) -> list[str]:
    """Return what was asked and what came, first what is unknown."""
    return shortened([_answer(a) for a in sorted(found, key=lambda a: (a.unknown is None, a.window))], " periods")


def _answer(answer: Answer) -> str:
    if answer.evening:
        state = f"; **not read**: {why(answer.unknown)}" if answer.unknown else ""
        return f"- Announced in the feed of {answer.window.since:%Y-%m-%d}: {answer.received} papers{state}."
    total = "an unknown number" if answer.total is None else str(answer.total)
    state = f"**not complete**: {why(answer.unknown)}" if answer.unknown else "complete"
    other = f", {answer.unmatched} of them without a keyword in title or abstract" if answer.unmatched else ""
    return (
        f"- Submitted from {_minute(answer.window.since)} to {_minute(answer.window.until)} "
        f"({defused(answer.source, 60)}): {answer.received} of {total} received{other}; {state}."
    )


def why(unknown: Unknown) -> str:
    """Return why something is unknown, without a full stop."""
    return defused(sentence(unknown), 200).rstrip(".")


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d}" if not (time.hour or time.minute) else f"{time:%Y-%m-%d %H:%M} UTC"
