"""Commands in comments: what they are, and what comes of each."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Candidate, Choice, Paper, Verdict
from bot.paperlist.read.document import parse
from bot.pullrequest import commands
from bot.pullrequest.commands import Command, CommandContext, CommandError, Verb
from bot.pullrequest.snapshot import Comment
from bot.state.decision import Basis, Decision, DecisionKind, How
from bot.state.model import OpenPaper, State

TODAY = date(2026, 3, 4)
ONE, TWO = "2603.00001", "cs/0701001"
CACHES, SURVEY = ("P", "Caches"), ("P", "Survey")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (f"reject {ONE}", Command(Verb.REJECT, (ONE,))),
        (f"Reject arXiv:{ONE}v2, {TWO} BECAUSE it is old", Command(Verb.REJECT, (ONE, TWO), "it is old")),
        (f"reject {ONE} because", Command(Verb.REJECT, (ONE,))),
        (f"move https://arxiv.org/pdf/{ONE} to KV Cache to go", Command(Verb.MOVE, (ONE,), "KV Cache to go")),
        (f"add {ONE};{ONE} {TWO}", Command(Verb.ADD, (ONE, TWO))),
        (f"add {ONE} to Survey", Command(Verb.ADD, (ONE,), "Survey")),
        (f"defer {ONE} until 2026-05-01", Command(Verb.DEFER, (ONE,), "2026-05-01")),
        (f"defer {ONE}", Command(Verb.DEFER, (ONE,))),
        (f"undo {ONE}", Command(Verb.UNDO, (ONE,))),
        ("refresh now please", Command(Verb.REFRESH)),
        ("help", Command(Verb.HELP)),
        ("", Command(Verb.HELP)),
    ],
)
def test_commands(line: str, command: Command) -> None:
    """Ids stand in any spelling, once each; what follows the verb's word is its reason, day or section."""
    assert commands.parse_command(line) == command


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("destroy everything", "there is no command “destroy”"),
        ("reject", "needs the id"),
        ("reject the first", "“the” is not an arXiv id"),
        ("reject 2401.00001 for fun", "“for” is not an arXiv id; write `reject ID because REASON`"),
        ("undo 2401.00001 please", "“please” is not an arXiv id"),
        (f"move {ONE}", "name one paper and its section"),
        (f"move {ONE} {TWO} to Survey", "name one paper and its section"),
        (f"defer {ONE} until summer", "“summer” is not a date"),
    ],
)
def test_what_is_no_command(line: str, said: str) -> None:
    """What cannot be done is said in words."""
    with pytest.raises(CommandError, match=re.escape(said)):
        commands.parse_command(line)


def test_lines() -> None:
    """A command begins a line; quotes, code blocks and words in between are none, and there is an end to it."""
    text = f"Hello\r\n/arxiv-bot reject {ONE}\r\n> /arxiv-bot help\n ok /arxiv-bot help\n```\n/arxiv-bot help\n```\n"
    assert list(commands.command_lines(text + "/arxiv-bot  undo x \n/arxiv-botty help")) == [f"reject {ONE}", "undo x"]
    assert len(list(commands.command_lines("/arxiv-bot help\n" * 1000))) == commands.MOST_LINES


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """No text makes reading fail."""
    for line in commands.command_lines(f"/arxiv-bot {text}"):
        with contextlib.suppress(CommandError):
            commands.parse_command(line)


def candidate(paper: str = ONE) -> Candidate:
    verdict = Verdict(
        0.5, (), Choice(CACHES, 0.8), (Choice(SURVEY, 0.1),), terms=("owls", "barn"), section_terms=("eviction",)
    )
    return Candidate(Paper(paper, f"A paper called {paper}"), verdict)


def place(*known: str, listed: str | None = None, headings: Sequence[str] = ("Survey",)) -> CommandContext:
    """Return what commands are carried out on: a list of these sections, with a listed paper in its line 12."""
    text = "# P\n\n" + "".join(
        f"## {heading}\n\n- [A paper on owls](https://arxiv.org/abs/2401.00001)\n\n" for heading in headings
    )
    if listed:
        text = "\n" * (11 - text.count("\n")) + text + f"- [Another paper](https://arxiv.org/abs/{listed})\n"
    return CommandContext({i: candidate(i) for i in known}, parse(text.encode()), TODAY)


def do(state: State, text: str, where: CommandContext) -> tuple[State, list[str], list[bool]]:
    where = replace(where, candidates={**state.candidates, **where.candidates})
    comment = Comment(
        7, 1, "https://github.com/o/r/pull/1#issuecomment-7", "me", text, datetime(2026, 3, 4, tzinfo=UTC)
    )
    after, said = commands.carry_out(state, comment, where)
    return after, [s.answer for s in said], [s.done for s in said]


def opened(row: str | None = "row") -> State:
    return State(open=(OpenPaper(candidate(), CACHES, row),), cycle=1)


def test_rejecting_replaces_what_was_decided() -> None:
    """A paper has one decision, the last, with its reason and where it was said."""
    state = State(decisions=(Decision(ONE, DecisionKind.DISMISSED, TODAY, Basis(How.CLOSED, 1)),))
    after, _, done = do(state, f"/arxiv-bot reject {ONE} because of this", place())
    assert done == [True]
    (decision,) = after.decisions
    assert (decision.kind, decision.reason, decision.basis) == (
        DecisionKind.REJECTED, "of this", Basis(How.COMMENT, text="https://github.com/o/r/pull/1#issuecomment-7"),
    )  # fmt: skip


@pytest.mark.parametrize("where", ["open", "waiting"])
def test_what_is_rejected_is_remembered(where: str) -> None:
    """A rejected paper goes into the library, so that the judge learns from it; a dismissed one does not."""
    state, known = (opened(), place()) if where == "open" else (State(), place(ONE))
    assert do(state, f"/arxiv-bot reject {ONE}", known)[0].library == (candidate().paper,)
    assert do(state, f"/arxiv-bot dismiss {ONE}", known)[0].library == ()
    assert do(state, f"/arxiv-bot reject {TWO}", known)[0].library == ()


@pytest.mark.parametrize("verb", ["reject", "dismiss", "defer", "add", "move"])
def test_listed_papers_are_left_to_people(verb: str) -> None:
    """What the base list holds is never touched: the answer names the line."""
    text = f"/arxiv-bot {verb} {ONE}" + (" to Survey" if verb == "move" else "")
    after, (answer,), done = do(State(), text, place(ONE, listed=ONE))
    assert (after, done) == (State(), [False])
    assert "line 12" in answer


def test_deferring() -> None:
    """A deferred paper waits in the backlog until its day, a month if none is given; a day gone by is refused."""
    after, _, _ = do(State(), f"/arxiv-bot defer {ONE}", place(ONE))
    assert after.decisions[0].until == date(2026, 4, 3)
    assert after.backlog == (candidate(),)
    same, (answer,), done = do(State(), f"/arxiv-bot defer {ONE} until 2026-03-04", place(ONE))
    assert (same, done) == (State(), [False])
    assert "not after today" in answer


def test_adding_and_moving() -> None:
    """An open near miss is wanted; an unknown paper is opened where it was asked for; a row is wanted elsewhere."""
    after, _, _ = do(opened(None), f"/arxiv-bot add {ONE}", place())
    assert after.open == (OpenPaper(candidate(), CACHES, None, wanted=True),)
    after, _, _ = do(State(), f"/arxiv-bot add {TWO} to Survey", place(TWO))
    assert after.open == (OpenPaper(candidate(TWO), SURVEY, None, wanted=True),)
    assert after.decisions[0].section == SURVEY
    after, _, _ = do(opened(), f"/arxiv-bot move {ONE} to Survey", place())
    assert after.open == (OpenPaper(candidate(), SURVEY, "row", wanted=True),)
    after, _, _ = do(opened(), f"/arxiv-bot add {ONE}", place())
    assert after.open == opened().open


@pytest.mark.parametrize(
    ("text", "said"),
    [(f"add {TWO}", "nothing is known of"), (f"move {ONE} to Nowhere", "no section “Nowhere”")],
)
def test_what_cannot_be_put(text: str, said: str) -> None:
    """Unknown papers and sections change nothing."""
    after, (answer,), done = do(opened(), f"/arxiv-bot {text}", place())
    assert (after, done) == (opened(), [False])
    assert said in answer


def test_a_heading_that_is_not_there_is_answered_with_those_that_are() -> None:
    """At most twenty of them, the list's first."""
    where = place(headings=("Survey", "Caches"))
    _, (answer,), _ = do(opened(), f"/arxiv-bot move {ONE} to Nowhere", where)
    assert answer.endswith("or there are several; the list has: Survey; Caches")
    many = place(headings=[f"H{n}" for n in range(30)])
    _, (answer,), _ = do(opened(), f"/arxiv-bot move {ONE} to Nowhere", many)
    assert answer.endswith("H18; H19; ...")


def test_undoing() -> None:
    """What was decided is forgotten: an open paper comes in again, a known one waits, another is seen to later."""
    rejected = (Decision(ONE, DecisionKind.REJECTED, TODAY, Basis(How.COMMAND)),)
    after, _, _ = do(State(open=opened(None).open, decisions=rejected), f"/arxiv-bot undo {ONE}", place())
    assert (after.decisions, after.open[0].wanted) == ((), True)
    after, _, _ = do(State(decisions=rejected), f"/arxiv-bot undo {ONE}", place(ONE))
    assert (after.decisions, after.backlog) == ((), (candidate(),))
    after, (answer,), _ = do(State(decisions=rejected), f"/arxiv-bot undo {ONE}", place())
    assert after == State()
    assert "seen again" in answer
    _, _, done = do(State(), f"/arxiv-bot undo {ONE}", place())
    assert done == [False]


def test_explaining() -> None:
    """The answer says where the paper stands, what was decided, and how it was judged; or that it was never seen."""
    state = State(decisions=(Decision(ONE, DecisionKind.REJECTED, TODAY, Basis(How.COMMAND), reason="old"),))
    _, (answer,), _ = do(state, f"/arxiv-bot explain {ONE}", place(ONE))
    for part in (
        "rejected on 2026-03-04 (by hand) because old",
        "score 0.50",
        "judged for Caches (0.80)",
        "words like those of the list: “owls”, “barn”",
        "words for Caches rather than Survey: “eviction”",
    ):
        assert part in answer
    _, (answer,), _ = do(State(), f"/arxiv-bot explain {ONE}", place())
    assert "never seen" in answer


def test_too_many_lines_are_told() -> None:
    """The first lines of a long comment are done; that the others are not is said of the first of them."""
    text = "\n".join(f"/arxiv-bot reject 2603.{n:05}" for n in range(1, 201))
    state, said, done = do(State(), text, place())
    assert len(state.decisions) == commands.MOST_LINES == sum(done)
    assert said[-1].startswith(f"a comment can hold {commands.MOST_LINES} commands")
    assert len(said) == commands.MOST_LINES + 1


def test_asked_for() -> None:
    """The papers to be fetched are those that are to be brought in, once each."""
    text = f"/arxiv-bot add {ONE} {TWO}\n/arxiv-bot reject 2603.00009\n/arxiv-bot undo {ONE}"
    comment = Comment(7, 1, "u", "me", text, datetime(2026, 3, 4, tzinfo=UTC))
    assert commands.asked_for([comment]) == (ONE, TWO)
