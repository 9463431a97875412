"""Commands in comments: `/arxiv-bot reject 2407.12391 because ...`, and what comes of them. Pure.

A command is a line that begins with `/arxiv-bot`. The forge hands over only comments of people with write access.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from bot.arxiv import arxiv_id
from bot.errors import BotError
from bot.model import Candidate, Path, Verdict
from bot.paperlist.read.document import Document
from bot.pullrequest.snapshot import Comment
from bot.state.decision import Basis, Decision, DecisionKind, How
from bot.state.model import OpenPaper, State

DEFER_DAYS = 30
"""How long a paper is deferred when no day is given."""
MOST_LINES = 40
"""Commands of one comment that are carried out; a longer one is no review."""
_MOST_HEADINGS = 20

USAGE = """\
| command | what it does |
|---|---|
| `/arxiv-bot reject ID... [because ...]` | takes papers out; they do not come back, and the bot learns from it |
| `/arxiv-bot dismiss ID...` | takes papers out; they do not come back, and the bot learns nothing from it |
| `/arxiv-bot defer ID... [until DATE]` | takes papers out until a day, such as 2026-05-01 |
| `/arxiv-bot move ID to SECTION` | puts a paper's row under another heading |
| `/arxiv-bot add ID... [to SECTION]` | puts papers in, whatever the judge says |
| `/arxiv-bot undo ID...` | takes back what was decided |
| `/arxiv-bot explain ID...` | says why a paper was proposed, or not |
| `/arxiv-bot refresh` | looks at everything again |"""

_LINE = re.compile(r"^/arxiv-bot\b[ \t]*(.*)$")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)")
_TAIL = {"reject": "because REASON", "defer": "until 2026-05-01", "move": "to SECTION", "add": "to SECTION"}
"""What commands may take beside papers, after a word of its own."""


class CommandError(BotError):
    """A line is no command, or cannot be carried out; its text is the answer."""


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


_KINDS = {
    Verb.REJECT: DecisionKind.REJECTED,
    Verb.DISMISS: DecisionKind.DISMISSED,
    Verb.DEFER: DecisionKind.DEFERRED,
}


@dataclass(frozen=True, slots=True)
class Command:
    """One line of a comment. `tail` is a reason, a day or a section, whichever the verb takes."""

    verb: Verb
    ids: tuple[str, ...] = ()
    tail: str | None = None


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The answer to a command; `done` is False when nothing was done."""

    line: str
    answer: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What commands are carried out on: the papers known now by id, the base list, and the day."""

    candidates: Mapping[str, Candidate]
    base: Document
    today: date


# Reading


def command_lines(text: str) -> Iterator[str]:
    """Yield the first commands of a comment as written; what is quoted or in a code block is none."""
    return islice(_all_lines(text), MOST_LINES)


def _all_lines(text: str) -> Iterator[str]:
    fenced = False
    for line in text.splitlines():
        fenced ^= bool(_FENCE.match(line))
        if not fenced and (m := _LINE.match(line)):
            yield m[1].strip()


def parse_command(line: str) -> Command:
    """Return the command of a line; raise `CommandError` with what is wrong with it."""
    words = line.split()
    if not words:
        return Command(Verb.HELP)
    try:
        verb = Verb(words[0].lower())
    except ValueError:
        raise CommandError(f"there is no command “{words[0]}”") from None
    if verb in (Verb.REFRESH, Verb.HELP):
        return Command(verb)
    rest, tail = line[len(words[0]) :], None
    word = _TAIL[verb].split()[0] if verb in _TAIL else ""
    if word and (m := re.search(rf"\b{word}\b", rest, re.IGNORECASE)):
        rest, tail = rest[: m.start()], rest[m.end() :].strip() or None
    ids: dict[str, None] = {}
    for word in re.split(r"[\s,;]+", rest.strip()):
        if word:
            if (base := arxiv_id.parse_id(word)) is None:
                form = f"; write `{verb} ID {_TAIL[verb]}`" if ids and verb in _TAIL else ""
                raise CommandError(f"“{word}” is not an arXiv id{form}")
            ids[base] = None
    return _checked(Command(verb, tuple(ids), tail))


def _checked(command: Command) -> Command:
    if not command.ids:
        raise CommandError(f"`{command.verb}` needs the id of a paper")
    if command.verb is Verb.MOVE and (len(command.ids) > 1 or not command.tail):
        raise CommandError("name one paper and its section: `move ID to SECTION`")
    if command.verb is Verb.DEFER and command.tail:
        try:
            date.fromisoformat(command.tail)
        except ValueError:
            raise CommandError(f"“{command.tail}” is not a date such as 2026-05-01") from None
    return command


def commands_in(text: str) -> list[Command]:
    """Return the commands of a comment that can be read."""
    found = []
    for line in command_lines(text):
        try:
            found.append(parse_command(line))
        except CommandError:
            continue  # carrying it out answers with what is wrong
    return found


def asked_for(comments: Iterable[Comment]) -> tuple[str, ...]:
    """Return the papers that comments want added, moved or back, whose metadata may have to be fetched."""
    commands = (command for comment in comments for command in commands_in(comment.text))
    wanted = (c.ids for c in commands if c.verb in (Verb.ADD, Verb.MOVE, Verb.UNDO))
    return tuple(dict.fromkeys(i for ids in wanted for i in ids))


# Carrying out


def carry_out(state: State, comment: Comment, context: CommandContext) -> tuple[State, tuple[CommandResult, ...]]:
    """Carry out a comment; return the state after it and a result for each line and paper."""
    results: list[CommandResult] = []
    basis = Basis(How.COMMENT, text=comment.url) if comment.issue else Basis(How.COMMAND)
    for line in command_lines(comment.text):
        try:
            command = parse_command(line)
        except CommandError as error:
            results.append(CommandResult(line, str(error), done=False))
            continue
        for paper in command.ids or ("",):
            try:
                state, answer = _done(state, command, paper, basis, context)
                results.append(CommandResult(line, answer))
            except CommandError as error:
                results.append(CommandResult(line, str(error), done=False))
    if more := [*_all_lines(comment.text)][MOST_LINES:]:
        answer = f"a comment can hold {MOST_LINES} commands; write this one and those below it in another comment"
        results.append(CommandResult(more[0], answer, done=False))
    return state, tuple(results)


def _done(state: State, command: Command, paper: str, basis: Basis, context: CommandContext) -> tuple[State, str]:
    """Return the state after a command for one paper, and the answer; raise `CommandError` if it cannot be done."""
    match command.verb:
        case Verb.HELP:
            return state, USAGE
        case Verb.REFRESH:
            return state, "looked at everything again"
        case Verb.EXPLAIN:
            return state, explained(paper, state, context)
        case Verb.UNDO:
            return _undone(state, paper, context)
    if line := context.base.line_of(paper):
        what = "move its row by hand" if command.verb in (Verb.ADD, Verb.MOVE) else "take its row out by hand"
        raise CommandError(f"{paper} is in the list already, in line {line}; {what}")
    if command.verb in (Verb.ADD, Verb.MOVE):
        path = _section(command.tail, context.base) if command.tail else None
        decision = Decision(paper, DecisionKind.MOVED, context.today, basis, section=path)
        return _put(state, decision, context)
    until = _until(command.tail, context.today) if command.verb is Verb.DEFER else None
    reason = command.tail if command.verb is Verb.REJECT else None
    decision = Decision(paper, _KINDS[command.verb], context.today, basis, until=until, reason=reason)
    return _declined(state, decision, context)


def _until(day: str | None, today: date) -> date:
    """Return the day until which a paper is deferred."""
    until = date.fromisoformat(day) if day else today + timedelta(days=DEFER_DAYS)
    if until <= today:
        raise CommandError(f"{until} is not after today")
    return until


def _declined(state: State, decision: Decision, context: CommandContext) -> tuple[State, str]:
    """Return the state with a decision against a paper: the judge learns from a rejected one, a deferred one waits."""
    state = state.with_decision(decision)
    known = context.candidates.get(decision.id)
    if known and decision.kind is DecisionKind.REJECTED:
        state = state.with_library([known.paper])
    if known and decision.until:
        state = state.waiting(known)
    return state, f"{decision.id} is {decision.kind}" + (f" until {decision.until}" if decision.until else "")


def _undone(state: State, paper: str, context: CommandContext) -> tuple[State, str]:
    if not any(d.id == paper for d in state.decisions):
        raise CommandError(f"no decision is recorded on {paper}")
    state = state.without_decisions({paper})
    if context.base.line_of(paper):
        return state, f"what was decided on {paper} is forgotten; it stays in the list"
    if any(p.id == paper for p in state.open):
        return _wanted(state, paper, None), f"{paper} is in again"
    if paper in context.candidates:
        return state.waiting(context.candidates[paper]), f"{paper} waits in the backlog again"
    return state, f"{paper} will be judged when it is seen again; `add {paper}` brings it in now"


def _section(heading: str, base: Document) -> Path:
    """Return the path of the one section with a heading."""
    if found := base.section((heading,)):
        return found.path
    headings = list(dict.fromkeys(s.path[-1] for s in base.sections if s.entries and s.path))
    more = ["..."] if len(headings) > _MOST_HEADINGS else []
    listed = f"; the list has: {'; '.join((*headings[:_MOST_HEADINGS], *more))}" if headings else ""
    raise CommandError(f"there is no section “{heading}”, or there are several{listed}")


def _put(state: State, decision: Decision, context: CommandContext) -> tuple[State, str]:
    """Return the state in which a paper is wanted in the list, in the section of the decision if it names one."""
    paper, path = decision.id, decision.section
    if paper not in context.candidates:
        raise CommandError(f"nothing is known of {paper}: arXiv has no such paper, or was not asked")
    state = state.with_decision(decision) if path else state.without_decisions({paper})
    if all(p.id != paper for p in state.open):
        state = replace(state, open=(*state.open, OpenPaper(context.candidates[paper], path, None)))
    return _wanted(state, paper, path), f"{paper} goes in" + (f" under {path[-1]}" if path else "")


def _wanted(state: State, paper: str, path: Path | None) -> State:
    """Return the state in which a paper is wanted, at a path if one is given."""
    return replace(
        state,
        open=tuple(
            replace(p, wanted=p.row is None or path not in (None, p.path), path=path or p.path) if p.id == paper else p
            for p in state.open
        ),
    )


def explained(paper: str, state: State, context: CommandContext) -> str:
    """Return what is known of a paper: where it is, what was decided, and how it was judged."""
    parts = []
    if line := context.base.line_of(paper):
        parts.append(f"in the list, line {line}")
    for decision in state.decisions:
        if decision.id == paper:
            because = f" because {decision.reason}" if decision.reason else ""
            parts.append(f"{decision.kind} on {decision.day} ({decision.basis}){because}")
    if candidate := context.candidates.get(paper):
        parts += _judged(candidate.verdict)
    return f"{paper}: " + ("; ".join(parts) if parts else "nothing is known of it; it was never seen")


def _judged(verdict: Verdict) -> Iterator[str]:
    """Yield how a paper was judged."""
    yield f"score {verdict.relevance:.2f}, matched {quoted(m.phrase for m in verdict.matched) or 'no phrase'}"
    if verdict.terms:
        yield f"words like those of the list: {quoted(verdict.terms)}"
    if verdict.section:
        yield f"judged for {verdict.section.path[-1]} ({verdict.section.p:.2f})"
    elif verdict.alternatives:
        yield f"no section fits; nearest {verdict.alternatives[0].path[-1]}"
    if rivals := verdict.rivals:
        yield f"words for {' rather than '.join(rivals)}: {quoted(verdict.section_terms)}"


def quoted(words: Iterable[str]) -> str:
    """Return words in quotes, each once."""
    return ", ".join(dict.fromkeys(f"“{word}”" for word in words))
