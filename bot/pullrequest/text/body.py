"""The pull request's text: a task list, what was asked, and the proof. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bot import __version__
from bot.coverage.ledger import Gap, is_missed_feed
from bot.model import Paper, counted
from bot.pullrequest.text import parts
from bot.pullrequest.text.inert import MAX_BODY, defused, defused_title, name, units
from bot.pullrequest.text.lines import Detail, item, paper_link, section_item
from bot.pullrequest.text.parts import FEEDS_ALONE, MOST_ITEMS, PROPOSED_LATER, TextFacts, shortened
from bot.state.model import Notice, NoticeKind

_RUN_BLOCK = re.compile(r"<!-- arxiv-bot:run -->.*?<!-- /arxiv-bot:run -->", re.DOTALL)
_OWN_PART = re.compile(r"<!-- arxiv-bot:list \S+ cycle \d+ -->.*<!-- /arxiv-bot:list -->\n?", re.DOTALL)
_EASY, _EASY_PAPERS = 32_000, 15
"""Length of a text that is easy to read with so many papers; more papers may take more."""
_MOST_SHORTEST = 100
"""Proposed papers of the shortest text: only people put more rows on the branch."""

_HOW_TO_REVIEW = """### How to review

A ticked paper is in the list. What you tick or untick is done within a minute or two.

- **Fine as it is?** Merge. What is in the list then counts as accepted.
- **Not wanted?** Untick it. Its row goes, it will not come back, and the bot learns from it.
- **A near miss belongs in the list?** Tick it, and its row is written.
- **Wrong section, or words missing?** Move or edit the row: *Files changed*, `…`, *Edit file*, commit to this \
branch. The bot never touches a row that you edited.
- **Want none of these?** Close this pull request, and keep the branch until the next run. None of its papers \
will come back."""
_ASKED_AGAIN = "The next run asks again."
_ASKED_LATER = "If `api` is among the sources, the API is asked once its index should contain them."


def body(facts: TextFacts) -> str:
    """Return the pull request's text, never longer than GitHub takes, with abstracts while it is easy to read."""
    easy = _EASY * max(1, len(facts.board.proposed) / _EASY_PAPERS)
    for detail in sorted(Detail, reverse=True):
        text = _body(facts, detail)
        if units(text) <= (min(easy, MAX_BODY) if detail > Detail.NO_ABSTRACT else MAX_BODY):
            return text
    raise AssertionError(f"{len(facts.board.proposed)} short items cannot exceed {MAX_BODY}")


def same_text(old: str, new: str) -> bool:
    """Whether two texts say the same of papers and gaps; the figures of the run itself do not count."""
    own = _OWN_PART.search(old.replace("\r\n", "\n"))
    return own is not None and _RUN_BLOCK.sub("", own[0]).strip() == _RUN_BLOCK.sub("", new).strip()


def with_notes(old: str, new: str) -> str:
    """Return a new text in the place of the bot's part of the old one; what people wrote around it stays."""
    old = old.replace("\r\n", "\n")
    own = _OWN_PART.search(old)
    if own is None:
        return f"{old.rstrip()}\n\n{new}" if old.strip() else new
    return old[: own.start()] + new + old[own.end() :]


# The parts of the text, in the order of reading


def _body(facts: TextFacts, detail: Detail) -> str:
    titled = 0 if detail is Detail.SHORTEST else MOST_ITEMS
    waiting = {candidate.id for candidate in facts.board.backlog}  # the offered ones are shown with a box
    written = [
        f"<!-- arxiv-bot:list {facts.settings.name} cycle {facts.cycle} -->",
        _opening(facts),
        *parts.few_papers(facts),
        *_by_section(facts, detail),
        *_new_sections(facts),
        *_near_misses(facts, detail),
        *_removed(facts, detail),
        *parts.waiting(facts),
        *parts.expired_papers(facts, titled),
        *parts.other_pulls([(paper, pull) for paper, pull in facts.elsewhere if paper.id in waiting], titled),
        *_changed(facts.notices),
        "\n".join(["### Coverage", "", *_asked(facts), "", *_gaps(facts.gaps)]).rstrip(),
        _proof(facts),
        _HOW_TO_REVIEW,
        f"---\n<sub>Keywords, sections and limits: `{facts.config_path}`. Made by arxiv-list-bot {__version__}. "
        "Thank you to arXiv for use of its open access interoperability.</sub>",
        "<!-- /arxiv-bot:list -->",
    ]
    return "\n\n".join(written) + "\n"


def _opening(facts: TextFacts) -> str:
    sections = Counter(s.path for s in facts.board.proposed)
    into = ", ".join(f"{name(path)} {number}" for path, number in sections.items())
    papers = counted(len(facts.board.proposed), "paper") if facts.board.proposed else "No papers"
    return f"**{papers} for `{facts.settings.file}`**{': ' if into else ''}{into}."


def _by_section(facts: TextFacts, detail: Detail) -> Iterator[str]:
    papers = facts.board.proposed
    some = papers[:_MOST_SHORTEST] if detail is Detail.SHORTEST else papers
    for path in dict.fromkeys(s.path for s in some):
        yield f"### {name(path)}\n\n" + "\n".join(item(s, detail, facts.listed) for s in some if s.path == path)
    if len(some) < len(papers):
        yield f"And {len(papers) - len(some)} more on this branch."


def _new_sections(facts: TextFacts) -> Iterator[str]:
    if sections := facts.board.sections:
        note = "No section of the list fits these papers. Tick one to open it: they move there."
        yield f"### New sections\n\n{note}\n\n" + "\n".join(map(section_item, sections))


def _near_misses(facts: TextFacts, detail: Detail) -> Iterator[str]:
    if papers := facts.board.near_misses:
        mark = facts.settings.limits.propose_at
        note = "The best of the others: not in the list unless you tick them."
        if any(s.relevance >= mark and not s.instead for s in papers):
            note += f" Those with a score of {mark:g} or more come in when there is room: {facts.pace}."
        if any(s.instead for s in papers):
            note += f" A paper of another open pull request is offered here too, and {PROPOSED_LATER}."
        detail = min(detail, Detail.NO_ABSTRACT)
        items = (item(s, detail, facts.listed, "waits" if s.relevance >= mark else "out") for s in papers)
        yield f"### Near misses\n\n{note}\n\n" + "\n".join(items)


def _removed(facts: TextFacts, detail: Detail) -> Iterator[str]:
    if papers := facts.board.removed:
        items = "\n".join(item(s, min(detail, Detail.SHORT), facts.listed, "gone") for s in papers)
        yield f"### Taken out\n\nThey will not come back; tick one to have it after all.\n\n{items}"


def _changed(notices: Sequence[Notice]) -> Iterator[str]:
    """Yield the listed papers that are withdrawn or have another title by now."""
    if notices:
        note = "These changed on arXiv. The bot never edits entries that people wrote."
        items = shortened([_notice(notice) for notice in notices])
        yield "\n".join(["### Listed papers that changed", "", note, "", *items])


def _notice(notice: Notice) -> str:
    link, now = paper_link(Paper(notice.id, notice.before)), defused_title(notice.now, 200)
    if notice.kind is NoticeKind.RETITLED:
        return f"- {link} is now called “{now}” (noticed {notice.day})"
    return f"- {link} is withdrawn{f': “{now}”' if now else ''} (noticed {notice.day})"


def _asked(facts: TextFacts) -> list[str]:
    """Return what was asked and what came; when nothing was asked, what the text says of the last time."""
    proposal = facts.proposal
    if not proposal.answers:
        last = _RUN_BLOCK.search(facts.earlier.replace("\r\n", "\n"))
        return [last[0] if last else "<!-- arxiv-bot:run -->\nNothing was asked.\n<!-- /arxiv-bot:run -->"]
    known, excluded = len(proposal.duplicates), len(proposal.left_out)
    lines = ["<!-- arxiv-bot:run -->", *parts.answers(proposal.all_answers), ""]
    lines.append(
        f"Of the papers seen, {known} {'was' if known == 1 else 'were'} known already, {proposal.irrelevant} fell "
        f"below the mark for near misses, and {excluded} {'was' if excluded == 1 else 'were'} excluded."
    )
    if proposal.feeds_alone:
        lines += ["", FEEDS_ALONE]
    if proposal.first_run:
        first = "This is the first run for these keywords: nothing earlier was asked."
        lines += ["", f"{first} To fetch earlier papers, use `arxiv-bot run --since DATE`."]
    if proposal.left_out:
        items = shortened([f"- {paper_link(Paper(p.id, p.title))}: {defused(p.why, 200)}" for p in proposal.left_out])
        summary = f"<details><summary>Kept out by an exclusion: {excluded}</summary>"
        lines += ["", summary, "", *items, "", "</details>"]
    return [*lines, "<!-- /arxiv-bot:run -->"]


def _gaps(gaps: Iterable[Gap]) -> list[str]:
    """Return what is unknown; the end of a gap that reaches to the present moves each day and is left out."""
    return [
        f"> [!WARNING]\n> Papers submitted from {gap.since:%Y-%m-%d} on may be missing: {parts.why(gap.why)} "
        f"(noticed {gap.noticed:%Y-%m-%d}). {_ASKED_LATER if is_missed_feed(gap) else _ASKED_AGAIN}\n"
        for gap in sorted(gaps, key=lambda g: g.since)[:MOST_ITEMS]
    ]


def _proof(facts: TextFacts) -> str:
    growth = facts.growth
    if growth is None:
        return (
            "### Proof\n\nThe list has changed since. Each commit of the bot was checked before it was written: "
            "without its inserted lines, moved rows and the date, the file is the one it read, byte for byte."
        )
    date = " and the date of the last update" if growth.date_changed else ""
    return (
        f"### Proof\n\nThis changes nothing but {counted(growth.lines, 'inserted line')} ({growth.bytes:,} "
        f"bytes){date}. Apart from that, `{facts.settings.file}` equals blob `{facts.base_id[:12]}`, byte for byte."
    )
