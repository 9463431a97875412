"""The words people read: the pull request's title and text, the commit message, the step summary. Pure.

Everything that comes from arXiv is hostile here: it is escaped as Markdown, and mentions, references and closing words
are taken apart with a zero-width space. Nothing of this kind ever goes into the list itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot import __version__
from bot.arxiv import arxiv_id, titles
from bot.config import ListConfig
from bot.coverage.ledger import Gap, is_missed_feed
from bot.coverage.sentences import sentence
from bot.errors import Failure
from bot.judge.readiness import MIN_DECISIONS, Readiness
from bot.model import TRAILER, Answer, Paper, Unknown
from bot.paperlist.edit import Growth
from bot.paperlist.write import escape
from bot.pullrequest.board import Board, Expired, Shown
from bot.pullrequest.elsewhere import OFFERED_DAYS, OtherPull
from bot.pullrequest.proposal import Proposal
from bot.pullrequest.text.inert import MAX_BODY, harmless, name, short, shown, units
from bot.pullrequest.text.lines import Detail, item
from bot.state.model import Notice, NoticeKind

MAX_TITLE = 250

_RUN_BLOCK = re.compile(r"<!-- arxiv-bot:run -->.*?<!-- /arxiv-bot:run -->", re.DOTALL)
_OWN_PART = re.compile(r"<!-- arxiv-bot:list \S+ cycle \d+ -->.*<!-- /arxiv-bot:list -->\n?", re.DOTALL)

_MOST_ELSEWHERE = _MOST_ANSWERS = _MOST_GAPS = _MOST_LEFT_OUT = _MOST_NOTICES = 10
_MOST_EXPIRED, _MOST_EXPIRED_IDS = 10, 200
_MOST_SHORTEST = 100
_LONGEST_ERROR = 1000

_HOW_TO_REVIEW = """### How to review

A ticked paper is in the list. What you tick or untick is done within a minute or two.

- **Fine as it is?** Merge. What is in the list then counts as accepted.
- **Not wanted?** Untick it. Its row goes, it will not come back, and the bot learns from it.
- **A near miss belongs?** Tick it, and its row is written.
- **Wrong section, or words missing?** Move or edit the row: *Files changed*, `…`, *Edit file*, commit to this \
branch. The bot never touches a row that you edited.
- **None of it?** Close this pull request. None of its papers will come back."""

FEEDS_ALONE = (
    "Nothing here tells whether papers are missing: the feed alone cannot. It takes `api` among the `sources` of the "
    "configuration."
)
_PROPOSED_LATER = f"proposed when that closes, or {OFFERED_DAYS} days after it was first seen there"
_ASKED_AGAIN = "The next run asks again."
_ASKED_LATER = "Only the API can tell: where `api` is among the sources it is asked when its index must have them."


@dataclass(frozen=True, slots=True)
class Facts:
    """What the text says of the run and the list beside the papers; `earlier` is the text as it is now.

    `elsewhere` are papers that would be proposed if other people's pull requests did not bring them too, `unwritten`
    those that the list cannot take, each with the reason, `expired` those that waited in vain for room,
    `listed` the titles of listed papers by id, and `readiness` what the scores rest on.
    """

    config_path: str
    base_id: str
    growth: Growth | None
    gaps: tuple[Gap, ...]
    duplicates: int
    earlier: str = ""
    elsewhere: tuple[tuple[Paper, OtherPull], ...] = ()
    notices: tuple[Notice, ...] = ()
    unwritten: tuple[tuple[Paper, str], ...] = ()
    expired: tuple[Expired, ...] = ()
    listed: Mapping[str, str] = field(default_factory=dict)
    readiness: Readiness | None = None


def title(task: ListConfig, board: Board) -> str:
    """Return the pull request's title."""
    number = len(board.proposed)
    return harmless(f"{task.file}: {number} new paper{'' if number == 1 else 's'}")[:MAX_TITLE]


def body(task: ListConfig, cycle: int, board: Board, proposal: Proposal, facts: Facts) -> str:
    """Return the pull request's text, never longer than GitHub takes."""
    for detail in sorted(Detail, reverse=True):
        text = _body(task, cycle, board, proposal, facts, detail)
        if units(text) <= MAX_BODY:
            return text
    raise AssertionError(f"{len(board.proposed)} short items cannot exceed {MAX_BODY}")  # every number is limited


def same_text(old: str, new: str) -> bool:
    """Tell whether two texts say the same of papers and gaps; the figures of the run itself do not count."""
    own = _OWN_PART.search(old.replace("\r\n", "\n"))
    return own is not None and _RUN_BLOCK.sub("", own[0]).strip() == _RUN_BLOCK.sub("", new).strip()


def with_notes(old: str, new: str) -> str:
    """Return a new text in the place of the bot's part of the old one; what people wrote around it stays."""
    old = old.replace("\r\n", "\n")
    own = _OWN_PART.search(old)
    if own is None:
        return f"{old.rstrip()}\n\n{new}" if old.strip() else new
    return old[: own.start()] + new + old[own.end() :]


def commit(task: ListConfig, cycle: int, added: Sequence[Shown], removed: Sequence[str] = ()) -> str:
    """Return the commit message, with the trailer by which the bot knows its own commits."""
    adding = f"Add {_papers(len(added))} to {task.file}"
    taking = f"Take {_papers(len(removed))} out of {task.file}"
    both = f"{adding}, take {len(removed)} out"
    lines = [
        harmless(both if added and removed else taking if removed else adding),
        "",
    ]
    lines += [
        f"- {harmless(short(titles.display(s.candidate.paper.title), 200))} (arXiv:{s.candidate.paper.id})"
        for s in added
    ]
    lines += [f"- without arXiv:{paper}, as was asked" for paper in removed]
    return "\n".join([*lines, "", f"{TRAILER}: {task.name}/{cycle}"])


def _papers(number: int) -> str:
    return f"{number} paper{'' if number == 1 else 's'}"


# The parts of the text, in the order of reading


def _body(task: ListConfig, cycle: int, board: Board, proposal: Proposal, facts: Facts, detail: Detail) -> str:
    parts = [
        f"<!-- arxiv-bot:list {task.name} cycle {cycle} -->",
        _opening(task, board),
        *_calibration(facts.readiness),
        *_by_section(board.proposed, detail, facts.listed),
        *_near_misses(board.near_misses, detail, facts.listed),
        *_removed(board.removed, detail, facts.listed),
        *_waiting(task, board),
        *_expired(facts.expired, 0 if detail is Detail.SHORTEST else _MOST_EXPIRED),
        *_elsewhere(_unseen(board, facts), 0 if detail is Detail.SHORTEST else _MOST_ELSEWHERE),
        *_changed(facts.notices),
        _coverage(proposal, facts),
        _proof(task, facts),
        _HOW_TO_REVIEW,
        _footer(task, facts),
        "<!-- /arxiv-bot:list -->",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(task: ListConfig, board: Board) -> str:
    number = len(board.proposed)
    papers = "1 paper" if number == 1 else f"{number or 'No'} papers"
    sections = [f"{name(path)} {number}" for path, number in Counter(s.path for s in board.proposed).items()]
    into = f": {', '.join(sections)}" if sections else ""
    return f"**{papers} for `{task.file}`**{into}."


def _calibration(readiness: Readiness | None) -> Iterable[str]:
    """Say that scores are no probabilities, and what is missing until they are."""
    if readiness and not readiness.learns:
        yield "Scores are uncalibrated: the list holds too few papers to learn from, so keywords alone count."
    elif readiness and not readiness.calibrated:
        yield (
            "Scores are uncalibrated: they put the papers in order, and are no probabilities. That takes "
            f"{MIN_DECISIONS} papers that people accepted here and {MIN_DECISIONS} that they rejected; still "
            f"missing are {readiness.missing_accepted} accepted and {readiness.missing_rejected} rejected."
        )


def _by_section(papers: Sequence[Shown], detail: Detail, listed: Mapping[str, str]) -> Iterable[str]:
    some = papers[:_MOST_SHORTEST] if detail is Detail.SHORTEST else papers
    for path in dict.fromkeys(s.path for s in some):
        yield f"### {name(path)}\n\n" + "\n".join(item(s, detail, listed) for s in some if s.path == path)
    if len(some) < len(papers):  # only people put so many rows on the branch
        yield f"And {len(papers) - len(some)} more on this branch."


def _near_misses(papers: Sequence[Shown], detail: Detail, listed: Mapping[str, str]) -> Iterable[str]:
    if papers:
        items = "\n".join(
            item(s, min(detail, Detail.NO_ABSTRACT), listed, "elsewhere" if s.instead else "out") for s in papers
        )
        note = "Below the mark, or without a section: not in the list unless you tick them."
        if any(s.instead for s in papers):
            note += f" What another open pull request brings too is offered here all the same, and {_PROPOSED_LATER}."
        yield f"### Near misses\n\n{note}\n\n{items}"


def _removed(papers: Sequence[Shown], detail: Detail, listed: Mapping[str, str]) -> Iterable[str]:
    if papers:
        items = "\n".join(item(s, min(detail, Detail.SHORT), listed, "gone") for s in papers)
        yield f"### Taken out\n\nThey will not come back; tick one to have it after all.\n\n{items}"


def _waiting(task: ListConfig, board: Board) -> Iterable[str]:
    """Say how many wait for room; those whose score fell below both marks meanwhile do not."""
    low = sum(candidate.verdict.relevance < task.limits.near_miss_at for candidate in board.backlog)
    if number := len(board.backlog) - low:
        yield (
            f"**{number} more** {'waits' if number == 1 else 'wait'} in the backlog, and will be shown, best first, "
            f"when there is room: {room(task)}."
        )
    if low:
        yield f"{_papers(low)} that waited fell below the mark for near misses: none is shown unless its score rises."


def room(task: ListConfig) -> str:
    """Say how much room there is, and so why a paper may wait though the pull request is not full."""
    most = f"{task.limits.max_open} at most in one pull request"
    if task.publish_every == "run":
        return most
    return (
        f"{most}, and as many new ones a week, a fifth of them each working day; those with a score of "
        f"{task.limits.sure_at:g} or more wait for no day (publish_every: day)"
    )


def _unwritten(papers: Sequence[tuple[Paper, str]]) -> Iterable[str]:
    """Say which papers the list cannot take, and why: of a run, for only one with room for them tries."""
    if papers:
        items = [
            f"- [{shown(short(titles.display(paper.title), 200))}]({arxiv_id.abs_url(paper.id)}): "
            f"{shown(short(why, 200))}"
            for paper, why in papers[:_MOST_ELSEWHERE]
        ]
        more = [f"- and {len(papers) - _MOST_ELSEWHERE} more"] if len(papers) > _MOST_ELSEWHERE else []
        note = "These were not written, for their rows would do harm. Add one by hand, or say `/arxiv-bot dismiss ID`."
        yield "\n".join(["### Not written", "", note, "", *items, *more])


def _expired(papers: Sequence[Expired], titled: int = _MOST_EXPIRED) -> Iterable[str]:
    """Say which papers waited in vain for room, with what brings one in after all."""
    if not papers:
        return
    items = [
        f"- [{shown(short(titles.display(one.paper.title), 80))}]({arxiv_id.abs_url(one.paper.id)}), "
        f"`{one.paper.id}` ({one.day})"
        for one in papers[:titled]
    ]
    if rest := papers[titled:_MOST_EXPIRED_IDS]:
        count = f"{len(papers) - titled} {'more' if items else 'papers'}"
        items.append(f"- {count}: {', '.join(one.paper.id for one in rest)}")
    note = "They waited in the backlog and there was no room. They do not come back; `/arxiv-bot add ID` brings one in."
    summary = f"<details><summary>Expired without room: {_papers(len(papers))}</summary>"
    yield "\n".join([summary, "", note, "", *items, "", "</details>"])


def _changed(notices: Sequence[Notice]) -> Iterable[str]:
    """Say which listed papers are withdrawn or have another title by now."""
    if not notices:
        return
    items = [_notice(notice) for notice in notices[:_MOST_NOTICES]]
    more = [f"- and {len(notices) - _MOST_NOTICES} more"] if len(notices) > _MOST_NOTICES else []
    note = "arXiv says so by now; the bot never changes the entries of people."
    yield "\n".join(["### Listed papers that changed", "", note, "", *items, *more])


def _notice(notice: Notice) -> str:
    link = f"[{shown(short(titles.display(notice.before), 200))}]({arxiv_id.abs_url(notice.id)})"
    now = shown(short(titles.display(notice.now), 200))
    if notice.kind is NoticeKind.RETITLED:
        return f"- {link} is now called “{now}” (noticed {notice.day})"
    return f"- {link} is withdrawn{f': “{now}”' if now else ''} (noticed {notice.day})"


def _elsewhere(papers: Sequence[tuple[Paper, OtherPull]], titled: int = _MOST_ELSEWHERE) -> Iterable[str]:
    """Say which papers are not proposed because other people's pull requests bring them."""
    if papers:
        items = [
            f"- [{shown(short(titles.display(p.title), 200))}]({arxiv_id.abs_url(p.id)}): also in #{pull.number}"
            for p, pull in papers[:titled]
        ]
        count = f"{len(papers) - titled} more" if items else _papers(len(papers))
        more = [f"- {'and ' if items else ''}{count}"] if len(papers) > titled else []
        note = f"Each is offered unticked while there is room for it, and {_PROPOSED_LATER}."
        yield "\n".join(["### In other open pull requests too", "", note, "", *items, *more])


def _unseen(board: Board, facts: Facts) -> Sequence[tuple[Paper, OtherPull]]:
    """Return the papers of other pull requests that wait, for the offered ones are shown with a box."""
    waiting = {candidate.paper.id for candidate in board.backlog}
    return [(paper, pull) for paper, pull in facts.elsewhere if paper.id in waiting]


def _left_out(proposal: Proposal) -> str:
    """Say what exclusions kept out."""
    items = "\n".join(
        f"- [{shown(short(titles.display(p.title), 200))}]({arxiv_id.abs_url(p.id)}): {shown(short(p.why, 200))}"
        for p in proposal.left_out[:_MOST_LEFT_OUT]
    )
    hidden = len(proposal.left_out) - _MOST_LEFT_OUT
    more = f"\n- and {hidden} more" if hidden > 0 else ""
    return (
        f"<details><summary>Kept out by an exclusion: {len(proposal.left_out)}</summary>\n\n{items}{more}\n\n</details>"
    )


def _coverage(proposal: Proposal, facts: Facts) -> str:
    """Say what was asked and what came; when nothing was asked this time, what the text says of the last time."""
    if not proposal.answers:
        said = _RUN_BLOCK.search(facts.earlier.replace("\r\n", "\n"))
        block = said[0] if said else "<!-- arxiv-bot:run -->\nNothing was asked.\n<!-- /arxiv-bot:run -->"
        return "\n".join(["### Coverage", "", block, "", *_gaps(facts.gaps)]).rstrip()
    lines = ["### Coverage", "", "<!-- arxiv-bot:run -->", *_answers((*proposal.answers, *proposal.swept)), ""]
    lines.append(
        f"Of the papers seen, {facts.duplicates} {_were(facts.duplicates)} known already, {proposal.irrelevant} fell "
        f"below the mark for near misses, and {len(proposal.left_out)} {_were(len(proposal.left_out))} excluded."
    )
    if proposal.feeds_alone:
        lines += ["", FEEDS_ALONE]
    if proposal.first_run:
        lines += [
            "",
            "This is the first run for these keywords: nothing earlier was asked. "
            "`arxiv-bot run --since DATE` asks for more.",
        ]
    lines += ["", _left_out(proposal)] if proposal.left_out else []
    lines.append("<!-- /arxiv-bot:run -->")
    lines += ["", *_gaps(facts.gaps)]
    return "\n".join(lines).rstrip()


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _answers(answers: Sequence[Answer]) -> list[str]:
    """Say what was asked: what is unknown first."""
    ordered = sorted(answers, key=lambda a: (a.unknown is None, a.window))
    hidden = len(ordered) - _MOST_ANSWERS
    more = [f"- and {hidden} more periods"] if hidden > 0 else []
    return [*(_answer(a) for a in ordered[:_MOST_ANSWERS]), *more]


def _answer(answer: Answer) -> str:
    total = "an unknown number" if answer.total is None else str(answer.total)
    state = "complete" if answer.unknown is None else f"**not complete**: {_reason(answer.unknown)}"
    source = shown(short(answer.source, 60))
    if answer.evening:
        state = "" if answer.unknown is None else f"; **not read**: {_reason(answer.unknown)}"
        return f"- Announced in the feed of {answer.window.since:%Y-%m-%d}: {answer.received} papers{state}."
    other = f", {answer.unmatched} of them without a keyword in title or abstract" if answer.unmatched else ""
    return f"- Submitted {_range(answer)} ({source}): {answer.received} of {total} received{other}; {state}."


def _reason(unknown: Unknown) -> str:
    return shown(short(sentence(unknown), 200)).rstrip(".")


def _range(answer: Answer) -> str:
    return f"from {_minute(answer.window.since)} to {_minute(answer.window.until)}"


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d}" if not (time.hour or time.minute) else f"{time:%Y-%m-%d %H:%M} UTC"


def _gaps(gaps: Iterable[Gap]) -> list[str]:
    """Say what is unknown; the end of a gap that reaches to the present moves each day and is left out."""
    return [
        f"> [!WARNING]\n> Papers submitted from {gap.since:%Y-%m-%d} on may be missing: {_reason(gap.why)} "
        f"(noticed {gap.noticed:%Y-%m-%d}). {_ASKED_LATER if is_missed_feed(gap) else _ASKED_AGAIN}\n"
        for gap in sorted(gaps, key=lambda g: g.since)[:_MOST_GAPS]
    ]


def _proof(task: ListConfig, facts: Facts) -> str:
    if facts.growth is None:
        return (
            "### Proof\n\nPeople changed the list meanwhile. Each commit of the bot was proven before it was written: "
            "without the lines it inserted and the date, the file is the one it read, byte for byte."
        )
    date = " and the date of the last update" if facts.growth.date_changed else ""
    plural = "" if facts.growth.lines == 1 else "s"
    return (
        f"### Proof\n\nThis changes nothing but {facts.growth.lines} inserted line{plural} ({facts.growth.bytes:,} "
        f"bytes){date}. Without that, `{task.file}` is blob `{facts.base_id[:12]}`, byte for byte."
    )


def _footer(task: ListConfig, facts: Facts) -> str:
    return (
        f"---\n<sub>Keywords, sections and limits: `{facts.config_path}`. Made by arxiv-list-bot {__version__}. "
        "Thank you to arXiv for use of its open access interoperability.</sub>"
    )


# The step summary


def summary(
    task: ListConfig, board: Board, proposal: Proposal, facts: Facts, where: str, troubles: Sequence[str] = ()
) -> str:
    """Return the Markdown of a run for `GITHUB_STEP_SUMMARY`."""
    lines = [f"## {shown(task.name)}", "", f"{where}", ""]
    lines += [f"> [!NOTE]\n> {shown(trouble)}\n" for trouble in troubles]
    lines += _answers((*proposal.answers, *proposal.swept))
    lines += ["", FEEDS_ALONE] if proposal.feeds_alone else []
    lines += [
        "",
        "| proposed | near misses | backlog | known | excluded | below the mark |",
        "|--:|--:|--:|--:|--:|--:|",
        f"| {len(board.proposed)} | {len(board.near_misses)} | {len(board.backlog)} | {len(proposal.duplicates)} "
        f"| {len(proposal.left_out)} | {proposal.irrelevant} |",
        "",
    ]
    lines += [
        f"- [{shown(short(titles.display(s.candidate.paper.title), 200))}]({arxiv_id.abs_url(s.candidate.paper.id)})"
        for s in board.proposed
    ]
    more = (
        *_waiting(task, board),
        *_calibration(facts.readiness),
        *_elsewhere(facts.elsewhere),
        *_unwritten(facts.unwritten),
        *_expired(facts.expired),
    )
    return "\n".join(lines) + "\n" + "".join(f"\n{part}\n" for part in more)


def failed(failure: Failure) -> str:
    """Return the Markdown of a list that failed, for `GITHUB_STEP_SUMMARY`."""
    words = escape.start_of_line(shown(short(failure.error, _LONGEST_ERROR)))
    return f"## {shown(failure.list)}\n\n> [!CAUTION]\n> {words}\n\n"
