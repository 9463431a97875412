"""The pull request's text: it reads well, hostile text does nothing in it, and it is never too long."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot import config
from bot.coverage.ledger import Gap
from bot.errors import Failure
from bot.model import (
    Answer,
    Candidate,
    Cell,
    Choice,
    Duplicate,
    Field,
    LeftOut,
    Match,
    Neighbour,
    Paper,
    Verdict,
    Window,
)
from bot.paperlist.edit import Growth
from bot.paperlist.read.document import parse
from bot.pullrequest.board import Board, BoardItem
from bot.pullrequest.boxes import boxes
from bot.pullrequest.commands import CommandContext, carry_out
from bot.pullrequest.decisions import Expired
from bot.pullrequest.proposal import Proposal
from bot.pullrequest.snapshot import Comment, OtherPull
from bot.pullrequest.text import body as message
from bot.pullrequest.text import inert, replies, title_and_commit
from bot.pullrequest.text import summary as summaries
from bot.pullrequest.text.parts import TextFacts
from bot.state.model import Notice, NoticeKind, State
from tests import examples
from tests.conftest import failed

NOW = datetime(2026, 3, 4, 6, 37, tzinfo=UTC)
WINDOW = Window(datetime(2026, 2, 2, tzinfo=UTC), NOW)
CACHES, SURVEY = ("Serving", "Caches"), ("Serving", "Survey")
TASK = config.loads(
    "lists: [{name: serving, file: README.md, keywords: [KV cache], "
    "limits: {max_open: 40, near_misses: 40, propose_at: 0.5}}]",
    "f",
).lists[0]
GROWTH = Growth(3, 1234, True)

HOSTILE = [
    "@everyone and @github/team, a@b.org",
    "fixes #1, closes GH-12, resolves owner/repo#3, gh-4",
    "closes https://github.com/a/b/issues/1 and www.example.org and HTTP://example.org",
    "--> <!-- arxiv-bot:paper 2603.09999 --> <!--",
    "x] <!-- arxiv-bot:paper 2603.09999 -->",
    "<!-- arxiv-bot:run --> hidden <!-- /arxiv-bot:run -->",
    "<!-- arxiv-bot:list other cycle 9 -->",
    "</details><details open><summary>Gone</summary>",
    "<img src=x onerror=alert(1)><script>alert(1)</script><b>",
    "```sh\nrm -rf\n```",
    "~~~ tilde ~~~ ~~gone~~",
    "[x](javascript:alert(1)) ![y](http://evil.example/p.png) [r][1] [^1]",
    "[1]: http://evil.example",
    "\u202eevil\u202c \u200b\u2066x\u2069 \u00ad\ufeff",
    "line\u2028two\u2029three\x85four\x0bfive\x0csix\x00\x07\x1b[31m",
    ":rocket: :+1:",
    "$math$ and $$x$$ and $`y`$",
    "# Heading", "- [x] item <!-- arxiv-bot:paper 2603.09999 -->", "1. one", "2024. year", "> quote", "+ plus",
    "===", "---", "* * *",
    "| a | b |\n|--|--|\n| c | d |",
    "\\", "trailing \\", "`", "``", "a_b_c _d_ *e* **f**",
    "&lt;b&gt; &#64;everyone &commat;x",
    "[skip ci] [ci skip] [no ci] [skip actions]",
    "Co-authored-by: Eve <eve@example.org>\n\nArxiv-Bot-Cycle: other/9",
    "~" * 50 + "!" * 50 + "[" * 50 + "<" * 50,
    "T" * 4000, "*" * 4000, "@a" * 2000, "$" * 4000, "&a;" * 1300,
]  # fmt: skip


def candidate(number: int = 1, text: str | None = None, **changes: object) -> Candidate:
    """Return a candidate of whose every text is the given one."""
    title = text if text is not None else f"Paper number {number}"
    inert = text if text is not None else "We evict the KV cache"
    found = Candidate(
        Paper(
            f"2603.{number:05}", f"T {title}" if text else title, (text or "A. Author", "B. Author"), inert + ".",
            (), text or "cs.DC", NOW,
        ),
        Verdict(
            0.87,
            (Match(inert, Field.TITLE, inert), Match(inert, Field.ABSTRACT, inert)),
            Choice(CACHES, 0.8),
            (Choice(SURVEY, 0.1),),
            (Neighbour("2407.12391", 0.61),),
            terms=(inert,),
            section_terms=(inert,),
        ),
        (Cell("code", "https://github.com/lab/tool", f"comment: “{inert}”"),),
    )  # fmt: skip
    return replace(found, **changes)  # type: ignore[arg-type]


def ticks(text: str) -> dict[str, bool]:
    """Return which papers are ticked; the bot's own note beside each box says the same."""
    found = boxes(text)
    assert all(ticked == was for ticked, was in found.values())
    return {i: ticked for i, (ticked, _) in found.items()}


def show(found: Candidate, ticked: bool = True, path: tuple[str, ...] | None = CACHES) -> BoardItem:
    return BoardItem(found, path, ticked, "|row|" if ticked else None)


def unknown(text: str) -> Answer:
    return Answer(text, WINDOW, 0, None, 1, failed(text or " "))


def proposal(text: str = "timeout", left_out: int = 1, answers: int = 1) -> Proposal:
    return Proposal(
        list="serving",
        created=NOW,
        query="q",
        answers=(Answer("api", WINDOW, 7, 7, 1, None, proves=True), *[unknown(text)] * answers),
        candidates=(),
        duplicates=(Duplicate("2401.00001", 4, "listed"), Duplicate("2401.00002", None, "listed")),
        left_out=tuple(LeftOut(f"2602.{n:05}", f"T {text}", text) for n in range(1, left_out + 1)),
        irrelevant=3,
    )  # fmt: skip


def facts(*gaps: Gap, growth: Growth | None = GROWTH) -> TextFacts:
    nothing = Board((), (), ())
    return TextFacts(TASK, 4, nothing, proposal(), "config/keywords.yaml", "0123456789abcdef", growth, gaps, pace=PACE)


def gap(why: str = "timeout") -> Gap:
    return Gap("q", WINDOW.since, NOW, NOW, failed(why or " "))


def notice(text: str, number: int = 1, kind: NoticeKind = NoticeKind.WITHDRAWN) -> Notice:
    return Notice(f"2601.{number:05}", kind, NOW.date(), f"T {text}", text)


def body(board: Board, found: Proposal | None = None, known: TextFacts | None = None) -> str:
    return message.body(replace(known or facts(), board=board, proposal=found or proposal()))


def summary(board: Board, known: TextFacts | None = None) -> str:
    return summaries.summary(replace(known or facts(), board=board), "dry run")


class _Page(HTMLParser):
    """Counts what a rendered text holds: elements, addresses, comments, and the text a reader sees."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.addresses: list[str] = []
        self.comments: list[str] = []
        self.words: list[str] = []
        renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        self.feed(renderer.render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


ITEM = """- [x] [Paper number 1](https://arxiv.org/abs/2603.00001) · 0.87 · “We evict the KV cache” \
<!-- arxiv-bot:paper 2603.00001 in -->
  <details><summary>Why, and the abstract</summary>

  A. Author and others, cs.DC, 2026-03-04. Code: [github.com/lab/tool](https://redirect.github.com/lab/tool), from the \
comment: “We evict the KV cache”.\\
  Score 0.87: “We evict the KV cache” in the title; “We evict the KV cache” in the abstract. “We evict the KV cache”\\
  Section: Caches (0.80); next best: Survey (0.10). Words for Caches rather than Survey: “We evict the KV cache”.\\
  Nearest in the list: [2407.12391](https://arxiv.org/abs/2407.12391) (0.61).

  We evict the KV cache.

  </details>
"""
PACE = "5 new papers a week at most"
NEAR_MISS = """### Near misses

The best of the others: not in the list unless you tick them.

- [ ] [Paper number 3](https://arxiv.org/abs/2603.00003) · 0.41 · for Survey <!-- arxiv-bot:paper 2603.00003 out -->
  <details><summary>Why</summary>

  A. Author and others, cs.DC, 2026-03-04.\\
  Score 0.41: no phrase matched.\\
  No section of the list fits; nearest: Survey (0.20).

  </details>

**2 more** wait in the backlog, and will be shown, best first, when there is room: 5 new papers a week at \
most.
"""
COVERAGE = """### Coverage

<!-- arxiv-bot:run -->
- Submitted from 2026-02-02 to 2026-03-04 06:37 UTC (api): 7 of 7 received; complete.

Of the papers seen, 2 were known already, 3 fell below the mark for near misses, and 1 was excluded.
"""
KEPT_OUT = "<details><summary>Kept out by an exclusion: 1</summary>\n\n- [T timeout](https://arxiv.org/abs/2602.00001)"
GAP_AND_PROOF = """
</details>
<!-- /arxiv-bot:run -->

> [!WARNING]
> Papers submitted from 2026-02-02 on may be missing: timeout (noticed 2026-03-04). The next run asks again.

### Proof

This changes nothing but 3 inserted lines (1,234 bytes) and the date of the last update. Apart from that, \
`README.md` equals blob `0123456789ab`, byte for byte.
"""


def test_a_text_reads_well() -> None:
    """A whole text, as a curator gets it: its parts in the order of reading."""
    offered = candidate(3, verdict=Verdict(0.41, (), None, (Choice(SURVEY, 0.2),)), cells=())
    board = Board(
        (show(candidate(1)), show(candidate(2), path=SURVEY)),
        (show(offered, False, None),),
        (candidate(4), candidate(5)),
    )
    text = body(board, proposal(answers=0), facts(gap()))
    parts = [
        "<!-- arxiv-bot:list serving cycle 4 -->\n\n**2 papers for `README.md`**: Caches 1, Survey 1.\n",
        "### Caches\n\n" + ITEM,
        "### Survey\n\n- [x] [Paper number 2]",
        NEAR_MISS,
        COVERAGE,
        KEPT_OUT,
        GAP_AND_PROOF,
        "### How to review\n\nA ticked paper is in the list.",
        "---\n<sub>Keywords, sections and limits: `config/keywords.yaml`.",
    ]
    places = [text.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_no_paper_is_left() -> None:
    """When people removed all rows the text still stands, and says so."""
    text = body(Board((), (), ()))
    assert "**No papers for `README.md`**." in text
    assert ticks(text) == {}


def test_titles() -> None:
    """The pull request's title names the list and counts."""
    assert title_and_commit.title(TASK, Board((show(candidate()),), (), ())) == "README.md: 1 new paper"
    assert title_and_commit.title(TASK, Board((), (), ())) == "README.md: 0 new papers"
    long = TASK.model_copy(update={"file": "x" * 400 + ".md"})
    assert len(title_and_commit.title(long, Board((), (), ()))) == title_and_commit.MAX_TITLE


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_nothing(text: str) -> None:
    """Whatever a paper, an error or a heading says: no element, address, mention, reference or marker arises."""
    path = ("Serving", text)
    verdict = replace(candidate(1, text).verdict, section=Choice(path, 0.5))
    harmful = Board(
        (show(candidate(1, text, verdict=verdict), path=path),),
        (show(candidate(2, text, verdict=Verdict(0.4)), False, path),),
        (),
    )
    plain = Board((show(candidate(1)),), (show(candidate(2, verdict=Verdict(0.4)), False),), ())
    written = body(harmful, proposal(text), facts(gap(text)))
    page, expected = _Page(written), _Page(body(plain, proposal(), facts(gap())))
    assert page.elements == expected.elements
    assert page.addresses == expected.addresses
    assert page.comments == expected.comments
    assert ticks(written) == {"2603.00001": True, "2603.00002": False}
    assert_inert(written)


def assert_inert(text: str) -> None:
    """Nothing that GitHub acts upon stands in a text, outside of the bot's own markers and links."""
    assert not re.search(r"@\w", text)
    assert not re.search(r"(?i)#\d|\bgh-\d", re.sub(r"&#\d+;", "", text))
    assert not re.search(r"(?i)\[(skip|no|ci|actions)[ -](ci|actions|skip)\]", text)
    assert not re.search(r"(?<!\\)\$", text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text)
    assert text.count("<!-- arxiv-bot:run -->") <= 1
    links = re.findall(r"(?i)(?:https?|ftp)://[^/\s]+", text)
    assert {link.lower() for link in links} <= {"https://arxiv.org", "https://redirect.github.com"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_errors_do_nothing(text: str) -> None:
    """Nor does what a server or a file says of a list that failed, in the step summary."""
    written = summaries.failed(Failure("serving", text))
    page, expected = _Page(written), _Page(summaries.failed(Failure("serving", "It broke")))
    assert (page.elements, page.addresses, page.comments) == (expected.elements, expected.addresses, expected.comments)
    assert_inert(written)


@settings(deadline=None, max_examples=examples(100))
@given(st.lists(st.sampled_from(HOSTILE[:-5]) | st.text(max_size=8), max_size=5).map("".join))
def test_any_text_does_nothing(text: str) -> None:
    """So does any mixture of hostile and random text."""
    board = Board((show(candidate(1, f"T{text}")),), (show(candidate(2, f"T{text}"), False),), ())
    written = body(board, proposal(text), facts(gap(text)))
    page, expected = (
        _Page(written),
        _Page(body(Board((show(candidate(1)),), (show(candidate(2), False),), ()), None, facts(gap()))),
    )
    assert (page.elements, page.addresses, page.comments) == (expected.elements, expected.addresses, expected.comments)
    assert ticks(written) == {"2603.00001": True, "2603.00002": False}
    assert_inert(written)


@pytest.mark.parametrize("text", [t for t in HOSTILE if len(t) < 200])
def test_hostile_text_is_still_readable(text: str) -> None:
    """What is shown are the very characters of the title, but for invisible ones."""
    page = _Page(f"T {inert.defused(text)}\n")
    seen = "".join(page.words).replace("\u200b", "").strip()
    assert seen == f"T {inert.harmless(text)}".replace("\u200b", "").strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_commit_messages_are_harmless(text: str) -> None:
    """A commit message mentions nobody, closes nothing, skips no checks and has one trailer: the bot's."""
    written = title_and_commit.commit(TASK, 4, [show(candidate(1, text)), show(candidate(2, text))])
    lines = written.split("\n")
    assert lines[0] == "Add 2 papers to README.md"
    assert lines[-1] == "Arxiv-Bot-Cycle: serving/4"
    assert [line[:2] for line in lines[2:4]] == ["- ", "- "]
    assert lines[2].endswith(" (arXiv:2603.00001)")
    assert len(lines) == 6
    assert not re.search(r"(?i)@\w|#\d|gh-\d|\[skip ci\]|\[ci skip\]|://\S", written)


@pytest.mark.parametrize(
    "text", ["A title " * 500, "*" * 4000, "@a" * 2000, "&a;" * 2000, "#1 " * 2000, "\U0001f600" * 4000]
)
def test_never_too_long(text: str) -> None:
    """GitHub's limit holds with everything at its most: papers, near misses, exclusions, answers, gaps, titles."""
    other = OtherPull(123_456, "https://github.com/curator/papers/pull/123456")
    board = Board(
        tuple(show(candidate(n, text)) for n in range(1, 41)),
        (
            *(show(candidate(n, text), False) for n in range(41, 81)),
            *(replace(show(candidate(n, text), False), also=other, instead=True) for n in range(81, 91)),
        ),
        tuple(candidate(n) for n in range(91, 109)),
    )
    notices = tuple(notice(text, n) for n in range(150))
    gone = tuple(Expired(Paper(f"2601.{n:05}", text), NOW.date()) for n in range(150))
    brought = tuple((Paper(f"2603.{n:05}", text), other) for n in range(91, 109))
    known = replace(facts(*(gap(text) for _ in range(150))), notices=notices, expired=gone, elsewhere=brought)
    known = replace(known, learns=False)
    written = body(board, proposal(text, 150, 150), known)
    assert len(written) <= 65_536
    assert len(written.encode("utf-16-le")) // 2 <= 65_536
    assert list(ticks(written)) == [f"2603.{n:05}" for n in range(1, 91)]


def with_abstract(number: int, abstract: str) -> Candidate:
    return replace(candidate(number), paper=replace(candidate(number).paper, summary=abstract))


def test_as_much_as_fits() -> None:
    """Ends of abstracts go first when there is no room, then abstracts, reasons, ends of titles; papers never."""
    abstracts = [[with_abstract(n, "word " * m) for n in range(1, 41)] for m in (20, 300)]
    long = [[candidate(n, "word " * m) for n in range(1, 41)] for m in (38, 1200)]
    texts = [body(Board(tuple(map(show, papers)), (), ())) for papers in (*abstracts, *long)]
    assert ["and the abstract</summary>" in text for text in texts] == [True, True, False, False]
    assert ["word word…\n" in text for text in texts] == [False, True, False, False]
    assert ["Score 0.87" in text for text in texts] == [True, True, True, False]
    assert "…](https" in texts[3]
    assert all(len(ticks(text)) == 40 for text in texts)


def test_fifteen_papers_are_easy_to_read() -> None:
    """With fifteen papers and ten near misses the text stays below 32 kB, each with four lines of reasons at most."""
    shown = [with_abstract(n, "Words that people read. " * 60) for n in range(1, 26)]
    board = Board(tuple(map(show, shown[:15])), tuple(show(one, False) for one in shown[15:]), ())
    text = body(board)
    assert len(text.encode()) < 32_000
    reasons = re.findall(r"</summary>\n\n(.*?)\n\n", text, re.DOTALL)
    assert len(reasons) >= 25
    assert all(len(lines.splitlines()) <= 4 for lines in reasons)


def test_same_text() -> None:
    """Only the figures of the run do not count, nor does the form of line ends."""
    board = Board((show(candidate()),), (), ())
    one = body(board)
    other_run = body(board, replace(proposal(), irrelevant=99, answers=(), duplicates=()))
    assert one != other_run
    assert message.same_text(one.replace("\n", "\r\n") + "\r\n", other_run)
    assert not message.same_text(one, body(Board((show(candidate(2)),), (), ())))
    assert not message.same_text(one, body(board, None, facts(gap())))
    assert not message.same_text(one, body(board, None, facts(growth=replace(GROWTH, lines=4))))
    hostile = Board((show(candidate(1, "<!-- arxiv-bot:run -->")),), (), ())
    assert not message.same_text(body(hostile), body(Board((show(candidate(2, "<!-- arxiv-bot:run -->")),), (), ())))


def test_the_same_input_gives_the_same_text() -> None:
    """Text is a function of its input."""
    board = Board((show(candidate()),), (show(candidate(2), False),), (candidate(3),))
    assert body(board) == body(board)


def test_what_waits_in_vain_is_told_apart() -> None:
    """Papers of the backlog whose score fell below the mark are not promised to be shown."""
    high, low = candidate(2), candidate(3, verdict=replace(candidate().verdict, relevance=0.01))
    for backlog, waits, falls in (((high, low), True, True), ((high,), True, False), ((low,), False, True)):
        text = body(Board((show(candidate()),), (), backlog))
        assert ("**1 more** waits in the backlog" in text) == waits
        assert ("1 paper that waited fell below the mark" in text) == falls


def test_gaps_warn_without_their_moving_end() -> None:
    """A gap that reaches to the present is told the same on the next day."""
    board = Board((show(candidate()),), (), ())
    tomorrow = replace(gap(), until=NOW + timedelta(days=1))
    assert message.same_text(body(board, None, facts(gap())), body(board, None, facts(tomorrow)))


def test_listed_papers_that_changed() -> None:
    """Withdrawn and retitled papers are told, and a new one makes it another text; hostile titles do nothing there."""
    board = Board((show(candidate()),), (), ())
    changed = (notice("error in Theorem 2"), notice("New Name", 2, NoticeKind.RETITLED), notice("", 3))
    text = body(board, None, replace(facts(), notices=changed))
    assert "- [T error in Theorem 2](https://arxiv.org/abs/2601.00001) is withdrawn: “error in Theorem 2” (not" in text
    assert "- [T New Name](https://arxiv.org/abs/2601.00002) is now called “New Name” (noticed 2026-03-04)" in text
    assert "(https://arxiv.org/abs/2601.00003) is withdrawn (noticed" in text
    assert not message.same_text(text, body(board))
    many = body(board, None, replace(facts(), notices=tuple(notice("x", n) for n in range(12))))
    assert "- and 2 more" in many
    for hostile in HOSTILE:
        page = _Page(
            body(board, None, replace(facts(), notices=(notice(hostile), notice(hostile, 2, NoticeKind.RETITLED))))
        )
        assert not {"img", "script", "b", "del"} & set(page.elements)
        assert all(a.startswith(("https://arxiv.org/abs/", "https://redirect.github.com/lab")) for a in page.addresses)


def test_the_feed_and_the_api_are_told_apart() -> None:
    """The text says what came from the feed of which day, why one is missing, and what no keyword stands in."""
    day, evening = Window(datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)), date(2026, 3, 3)
    answers = (
        Answer("rss", day, 812, None, evening=evening),
        Answer("rss", day, 0, None, 3, failed("HTTP 503"), evening=evening),
        Answer("api", WINDOW, 7, 7, 1, None, 2, proves=True),
    )
    text = body(
        Board((show(candidate()),), (), ()),
        replace(proposal(), answers=answers, recovered=(Answer("api", WINDOW, 9, 9, proves=True),)),
    )
    assert "- Announced in the feed of 2026-03-04: 812 papers.\n" in text
    assert "- Announced in the feed of 2026-03-04: 0 papers; **not read**: HTTP 503.\n" in text
    assert "7 of 7 received, 2 of them without a keyword in title or abstract; complete." in text
    assert "9 of 9 received; complete." in text


def test_proof_when_people_changed_the_branch() -> None:
    """When people changed the list too, the text claims only what is proven."""
    text = body(Board((show(candidate()),), (), ()), None, facts(growth=None))
    assert "The list has changed since" in text
    text = body(Board((show(candidate()),), (), ()), None, facts(growth=Growth(1, 9, False)))
    assert "nothing but 1 inserted line (9 bytes). Apart from that" in text


def test_reasons() -> None:
    """Many matches are counted, a missing section is said, the first run says what was not asked."""
    many = tuple(Match(f"phrase {n}", Field.ABSTRACT, "S.") for n in range(9))
    text = body(Board((show(candidate(1, verdict=Verdict(1.0, many)), path=("P", "Unsorted")),), (), ()))
    assert "“phrase 4” in the abstract; 4 more" in text
    assert "No section of the list fits, so it goes to Unsorted." in text
    bare = Candidate(Paper("2603.00001", "Bare"), Verdict(0.0))
    assert "</summary>\n\n  Score 0.00: no phrase matched.\\\n  No section" in body(Board((show(bare),), (), ()))
    first = body(Board((), (), ()), replace(proposal(left_out=0), first_run=True))
    assert "This is the first run for these keywords" in first
    assert "Kept out" not in first


def test_one_line_tells_the_most() -> None:
    """The line of a paper names its score, its strongest phrases, and a section that is in doubt."""
    many = tuple(Match(f"phrase {n}", Field.ABSTRACT, "S.") for n in (1, 1, 2, 3, 4))
    unsure = candidate(1, verdict=Verdict(0.4, many, Choice(CACHES, 0.3)))
    learned = candidate(2, verdict=Verdict(0.2, (), None, (Choice(SURVEY, 0.2),), terms=("owls", "barns")))
    text = body(Board((show(unsure),), (show(learned, False),), ()))
    assert "abs/2603.00001) · 0.40 · “phrase 1”, “phrase 2”, “phrase 3” · section unsure <!--" in text
    assert "abs/2603.00002) · 0.20 · “owls”, “barns” · for Survey <!--" in text


def test_neighbours_have_titles() -> None:
    """The nearest listed papers are named as the list names them."""
    known = replace(facts(), listed={"2407.12391": "Serving *Owls*"})
    text = body(Board((show(candidate()),), (), ()), None, known)
    assert r"Nearest in the list: [Serving \*Owls\*](https://arxiv.org/abs/2407.12391) (0.61)." in text


def test_words_for_a_section() -> None:
    """Words are told for the likeliest section, chosen or not, and never where there is no other to hold it against."""
    verdict = Verdict(0.4, (), None, (Choice(SURVEY, 0.2), Choice(CACHES, 0.1)), section_terms=("owls",))
    told = body(Board((show(candidate(1, verdict=verdict)),), (), ()))
    assert "Words for Survey rather than Caches: “owls”." in told
    twins = replace(verdict, alternatives=(Choice(("A", "2024"), 0.2), Choice(("B", "2024"), 0.1)))
    assert "Words for A > 2024 rather than B > 2024" in body(Board((show(candidate(1, verdict=twins)),), (), ()))
    alone = replace(verdict, alternatives=verdict.alternatives[:1])
    assert "rather than" not in body(Board((show(candidate(1, verdict=alone)),), (), ()))


def test_few_papers_are_told() -> None:
    """Text and summary say what scores rest on while a list has few papers."""
    board = Board((show(candidate()),), (), ())
    for learns in (True, False):
        known = replace(facts(), learns=learns)
        for text in (body(board, None, known), summary(board, known)):
            assert ("The list has fewer than 10 papers" in text) != learns


def test_expired_papers_are_told() -> None:
    """What expired is listed with id and link, folded; hostile titles do nothing there, and the list is cut."""
    board = Board((show(candidate()),), (), ())
    gone = tuple(Expired(Paper(f"2601.{n:05}", f"T {n}"), NOW.date()) for n in range(30))
    known = replace(facts(), expired=gone)
    for text in (body(board, None, known), summary(board, known)):
        assert "<details><summary>Expired without room: 30 papers</summary>\n\nThey waited" in text
        assert "- [T 1](https://arxiv.org/abs/2601.00001), `2601.00001` (2026-03-04)" in text
        assert "- 20 more: 2601.00010, 2601.00011" in text
    for hostile in HOSTILE:
        known = replace(facts(), expired=(Expired(Paper("2601.00001", f"T {hostile}"), NOW.date()),))
        assert_inert(body(board, None, known))


def test_lists_are_cut() -> None:
    """Long lists of exclusions and periods are cut and counted; what is unknown comes first."""
    text = body(Board((), (), ()), proposal("timeout", 13, 12))
    assert "- and 3 more\n" in text
    assert "- and 3 more periods" in text
    assert "7 of 7 received" not in text


def test_summary() -> None:
    """The step summary counts everything and lists what is proposed, harmlessly."""
    board = Board((show(candidate(1, "@everyone <b>")),), (show(candidate(2), False),), (candidate(3),))
    text = summary(board)
    assert "| 1 | 1 | 1 | 2 | 1 | 3 |" in text
    assert "[T @\u200beveryone \\<b>](https://arxiv.org/abs/2603.00001)" in text


@pytest.mark.parametrize(
    "text",
    [
        f"reject {' '.join(f'2603.{n:05}' for n in range(1, 3000))} because of 😀",
        f"move 2603.00001 to {'#*[_' * 15_000}",
        "\n/arxiv-bot ".join(["help"] * 40),
        f"reject 2603.00001 because {'<' * 60_000}\n" + "\n/arxiv-bot ".join(["", *["explain 2603.00001"] * 39]),
    ],
)
def test_answers_are_never_too_long(text: str) -> None:
    """However much a comment asks for, GitHub takes the answer, which bears its mark and counts the rest."""
    comment = Comment(7, 1, "https://github.com/o/r/pull/1#issuecomment-7", "me", f"/arxiv-bot {text}", NOW)
    _, said = carry_out(State(), comment, CommandContext({}, parse(b"# Papers\n"), NOW.date()))
    answer = replies.answer(comment, said)
    assert replies.ANSWER.findall(answer) == ["7"]
    assert len(answer.encode("utf-16-le")) // 2 <= inert.MAX_BODY
    told = sum(line.startswith("- `/arxiv-bot ") for line in answer.splitlines())
    left = re.search(r"and so on for (\d+) more", answer)
    assert told + answer.count("| command |") + int(left[1] if left else 0) >= len(said)


def test_notes_around_the_bots_part_are_kept() -> None:
    """What people wrote above and below stays; a text without the bot's part gets it at its end."""
    old, new = body(Board((show(candidate(1)),), (), ())), body(Board((show(candidate(2)),), (), ()))
    assert message.with_notes(f"Mine above.\r\n\r\n{old}\nMine below.", new) == f"Mine above.\n\n{new}\nMine below."
    assert message.with_notes("All mine.", new) == f"All mine.\n\n{new}"
    assert message.with_notes("", new) == new
    assert message.same_text(f"Mine.\n\n{new}", new)
    assert not message.same_text("Mine.", new)
