"""What people say to the bot in comments: `/arxiv-bot reject 2407.12391 because ...`, and what comes of it. Pure.

A command is a line that begins with `/arxiv-bot`. Only people with write access are heeded; whoever reads the comments
sees to that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice

from bot.arxiv import arxiv_id
from bot.basis import Basis, How, basis_text
from bot.model import Candidate, Decision, DecisionKind, Path
from bot.state.model import OpenPaper, State

DEFER_DAYS = 30
"""How long a paper is deferred when no day is given."""
MOST_LINES = 40
"""Lines of one comment that are heeded; a longer one is no review."""
_MOST_HEADINGS = 20

USAGE = """\
| command | what it does |
|---|---|
| `/arxiv-bot reject ID... [because ...]` | takes papers out; they do not come back, and the bot learns from it |
| `/arxiv-bot dismiss ID...` | takes papers out; they do not come back, without a word on their topic |
| `/arxiv-bot defer ID... [until DATE]` | takes papers out until a day, as 2026-05-01 |
| `/arxiv-bot move ID to SECTION` | puts a paper's row under another heading |
| `/arxiv-bot add ID... [to SECTION]` | puts papers in, whatever the judge says |
| `/arxiv-bot undo ID...` | takes back what was decided |
| `/arxiv-bot explain ID...` | says why a paper was proposed, or not |
| `/arxiv-bot refresh` | looks at everything again |"""

_LINE = re.compile(r"^/arxiv-bot\b[ \t]*(.*)$")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)")
_TAIL = {"reject": r"\bbecause\b", "defer": r"\buntil\b", "move": r"\bto\b", "add": r"\bto\b"}
_FORM = {
    "reject": "reject ID because REASON",
    "defer": "defer ID until 2026-05-01",
    "move": "move ID to SECTION",
    "add": "add ID to SECTION",
}
"""How commands go that take more than papers."""


class Verb(StrEnum):
    """What can be asked for."""

    REJECT = "reject"
    DISMISS = "dismiss"
    DEFER = "defer"
    MOVE = "move"
    ADD = "add"
    UNDO = "undo"
    EXPLAIN = "explain"
    REFRESH = "refresh"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Command:
    """One line of a comment. `tail` is a reason, a day or a section, whichever the verb takes."""

    verb: Verb
    ids: tuple[str, ...] = ()
    tail: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of somebody who may decide: its number, the issue it stands on, its address and words.

    What is said on the command line stands on no issue, 0.
    """

    number: int
    issue: int
    url: str
    author: str
    text: str
    written: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one line: `done` is False when nothing did."""

    line: str
    answer: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """What commands are carried out on: the papers known now, how a heading is found, and which there are to name."""

    candidates: Mapping[str, Candidate]
    listed: Callable[[str], int | None]
    section: Callable[[str], Path | None]
    today: date
    headings: tuple[str, ...] = ()


def lines(text: str) -> Iterator[str]:
    """Yield the first commands of a comment as written; what is quoted or in a code block is none."""
    return islice(_all_lines(text), MOST_LINES)


def _all_lines(text: str) -> Iterator[str]:
    fenced = False
    for line in text.splitlines():
        fenced ^= bool(_FENCE.match(line))
        if not fenced and (m := _LINE.match(line)):
            yield m[1].strip()


def parse(line: str) -> Command | str:
    """Return the command that a line is, or what is wrong with it."""
    words = line.split()
    if not words:
        return Command(Verb.HELP)
    try:
        verb = Verb(words[0].lower())
    except ValueError:
        return f"there is no command “{words[0]}”"
    rest, tail = line[len(words[0]) :], None
    if verb in _TAIL and (m := re.search(_TAIL[verb], rest, re.IGNORECASE)):
        rest, tail = rest[: m.start()], rest[m.end() :].strip() or None
    ids: list[str] = []
    for word in re.split(r"[\s,;]+", rest.strip()):
        if word and verb not in (Verb.REFRESH, Verb.HELP):
            base = arxiv_id.parse_id(word)
            if base is None:
                return f"“{word}” is no arXiv id" + (f"; write `{_FORM[verb]}`" if ids and verb in _FORM else "")
            ids.append(base)
    return _checked(Command(verb, tuple(dict.fromkeys(ids)), tail))


def _checked(command: Command) -> Command | str:
    if command.verb in (Verb.REFRESH, Verb.HELP):
        return command
    if not command.ids:
        return f"`{command.verb}` needs the id of a paper"
    if command.verb is Verb.MOVE and (len(command.ids) > 1 or not command.tail):
        return f"say which paper goes where: `{_FORM[command.verb]}`"
    if command.verb is Verb.DEFER and command.tail:
        try:
            date.fromisoformat(command.tail)
        except ValueError:
            return f"“{command.tail}” is no day such as 2026-05-01"
    return command


def asked_for(comments: Iterable[Comment]) -> tuple[str, ...]:
    """Return the papers that comments want added or moved, whose metadata may have to be fetched."""
    found = [parse(line) for comment in comments for line in lines(comment.text)]
    wanted = (c for c in found if isinstance(c, Command) and c.verb in (Verb.ADD, Verb.MOVE, Verb.UNDO))
    return tuple(dict.fromkeys(i for command in wanted for i in command.ids))


def carry_out(state: State, comment: Comment, place: Place) -> tuple[State, tuple[Said, ...]]:
    """Do what a comment asks for; return the state after it and what came of each line."""
    said: list[Said] = []
    for line in lines(comment.text):
        command = parse(line)
        if isinstance(command, str):
            said.append(Said(line, command, done=False))
            continue
        for answer in _each(command):
            state, words, done = _do(state, answer, comment, place)
            said.append(Said(line, words, done))
    if more := [*_all_lines(comment.text)][MOST_LINES:]:
        words = f"a comment may ask for {MOST_LINES} things; say this and what follows in another one"
        said.append(Said(more[0], words, done=False))
    return state, tuple(said)


def _each(command: Command) -> list[Command]:
    """Return a command for each of its papers."""
    return [replace(command, ids=(i,)) for i in command.ids] or [command]


def _do(state: State, command: Command, comment: Comment, place: Place) -> tuple[State, str, bool]:
    match command.verb:
        case Verb.HELP:
            return state, USAGE, True
        case Verb.REFRESH:
            return state, "looked at everything again", True
        case Verb.EXPLAIN:
            return state, explained(command.ids[0], state, place), True
        case Verb.UNDO:
            return _undone(state, command.ids[0], place)
        case Verb.ADD | Verb.MOVE:
            return _put(state, command, comment, place)
        case Verb.REJECT | Verb.DISMISS | Verb.DEFER:
            return _decided(state, command, comment, place)


def _decided(state: State, command: Command, comment: Comment, place: Place) -> tuple[State, str, bool]:
    (paper,) = command.ids
    if line := place.listed(paper):
        return state, f"{paper} is in the list already, in line {line}; take its row out by hand", False
    kinds = {
        Verb.REJECT: DecisionKind.REJECTED,
        Verb.DISMISS: DecisionKind.DISMISSED,
        Verb.DEFER: DecisionKind.DEFERRED,
    }
    until = None
    if command.verb is Verb.DEFER:
        until = date.fromisoformat(command.tail) if command.tail else place.today + timedelta(days=DEFER_DAYS)
        if until <= place.today:
            return state, f"{until} is not after today", False
    reason = command.tail if command.verb is Verb.REJECT else None
    decision = Decision(paper, kinds[command.verb], place.today, _basis(comment), until=until, reason=reason)
    words = f"{paper} is {decision.kind}" + (f" until {until}" if until else "")
    state = with_decision(state, decision)
    if command.verb is Verb.REJECT and paper in (known := _known(state, place)):
        state = state.knowing([known[paper].paper])
    if until and not any(c.paper.id == paper for c in state.backlog) and paper in place.candidates:
        state = replace(state, backlog=(*state.backlog, place.candidates[paper]))
    return state, words, True


def _basis(comment: Comment) -> Basis:
    """Return what a decision by a comment rests on; the command line stands on no issue."""
    return Basis(How.COMMENT, text=comment.url) if comment.issue else Basis(How.COMMAND)


def _known(state: State, place: Place) -> dict[str, Candidate]:
    """Return the papers known now, by id."""
    return {p.candidate.paper.id: p.candidate for p in state.open} | dict(place.candidates)


def with_decision(state: State, decision: Decision) -> State:
    """Return the state with a decision in place of an earlier one on the same paper."""
    return replace(state, decisions=(*(d for d in state.decisions if d.id != decision.id), decision))


def _undone(state: State, paper: str, place: Place) -> tuple[State, str, bool]:
    if not any(d.id == paper for d in state.decisions):
        return state, f"nothing was decided on {paper}", False
    state = replace(state, decisions=tuple(d for d in state.decisions if d.id != paper))
    if place.listed(paper):
        return state, f"what was decided on {paper} is forgotten; it stays in the list", True
    if any(p.candidate.paper.id == paper for p in state.open):
        return _wanted(state, paper, None), f"{paper} is in again", True
    if paper in place.candidates:
        if all(c.paper.id != paper for c in state.backlog):
            state = replace(state, backlog=(*state.backlog, place.candidates[paper]))
        return state, f"{paper} waits in the backlog again", True
    return state, f"{paper} will be judged when it is seen again; `add {paper}` brings it in now", True


def _headings(place: Place) -> str:
    """Name the first sections there are."""
    more = ["..."] if len(place.headings) > _MOST_HEADINGS else []
    return f"; the list has: {'; '.join((*place.headings[:_MOST_HEADINGS], *more))}" if place.headings else ""


def _put(state: State, command: Command, comment: Comment, place: Place) -> tuple[State, str, bool]:
    """Bring a paper in, or to another section."""
    (paper,) = command.ids
    if line := place.listed(paper):
        return state, f"{paper} is in the list already, in line {line}; move its row by hand", False
    path = place.section(command.tail) if command.tail else None
    if command.tail and path is None:
        return state, f"there is no section “{command.tail}”, or there are several{_headings(place)}", False
    known = _known(state, place)
    if paper not in known:
        return state, f"nothing is known of {paper}: arXiv has no such paper, or was not asked", False
    kept = tuple(d for d in state.decisions if d.id != paper)
    moved = Decision(paper, DecisionKind.MOVED, place.today, _basis(comment), section=path)
    state = replace(state, decisions=(*kept, moved) if path else kept)
    if all(p.candidate.paper.id != paper for p in state.open):
        state = replace(state, open=(*state.open, OpenPaper(known[paper], path, None)))
    where = f" under {path[-1]}" if path else ""
    return _wanted(state, paper, path), f"{paper} goes in{where}", True


def _wanted(state: State, paper: str, path: Path | None) -> State:
    """Return the state in which a paper is wanted, at a path if one is given."""
    return replace(
        state,
        open=tuple(
            replace(p, wanted=p.row is None or path not in (None, p.path), path=path or p.path)
            if p.candidate.paper.id == paper
            else p
            for p in state.open
        ),
    )


def explained(paper: str, state: State, place: Place) -> str:
    """Say what is known of a paper: where it stands, what was decided, and how it was judged."""
    parts = []
    if line := place.listed(paper):
        parts.append(f"in the list, line {line}")
    for decision in state.decisions:
        if decision.id == paper:
            because = f" because {decision.reason}" if decision.reason else ""
            parts.append(f"{decision.kind} on {decision.day} ({basis_text(decision.basis)}){because}")
    known = _known(state, place)
    if candidate := known.get(paper):
        verdict = candidate.verdict
        phrases = quoted(m.phrase for m in verdict.matched) or "no phrase"
        parts.append(f"score {verdict.relevance:.2f}, matched {phrases}")
        if verdict.terms:
            parts.append(f"words like those of the list: {quoted(verdict.terms)}")
        if verdict.section:
            parts.append(f"judged for {verdict.section.path[-1]} ({verdict.section.p:.2f})")
        elif verdict.alternatives:
            parts.append(f"no section fits; nearest {verdict.alternatives[0].path[-1]}")
        if rivals := verdict.rivals:
            parts.append(f"words for {' rather than '.join(rivals)}: {quoted(verdict.section_terms)}")
    return f"{paper}: " + ("; ".join(parts) if parts else "nothing is known of it; it was never seen")


def quoted(words: Iterable[str]) -> str:
    """Return words in quotes, each once."""
    return ", ".join(dict.fromkeys(f"“{word}”" for word in words))
