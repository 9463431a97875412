"""What is asked of arXiv means what the query says, read by arXiv's own rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError
from bot.model import Field, Keyword, Paper, Query, Window
from bot.sources.query import LONGEST, control_query, in_parts, matches, plain_words, search_query, variants, whole_days

WINDOW = Window(datetime(2024, 9, 1, tzinfo=UTC), datetime(2024, 9, 8, tzinfo=UTC))
RANGE = "submittedDate:[202409010000 TO 202409080000]"

Doc = dict[str, str]
Test = Callable[[Doc], bool]

TOKEN = re.compile(r'\(|\)|AND(?:NOT)?\b|OR\b|(\w+):(?:"([^"]*)"|(\[\d{12} TO \d{12}\])|([\w.*-]+))')


@dataclass
class Parser:
    """A tiny reader of arXiv's grammar: no precedence, every operator binds to the right."""

    tokens: list[re.Match[str]]

    @classmethod
    def read(cls, text: str) -> Test:
        """Return the meaning of a query; AssertionError when it is not one."""
        tokens, at = [], 0
        while at < len(text):
            if text[at] == " ":
                at += 1
                continue
            token = TOKEN.match(text, at)
            assert token, text[at:]
            tokens.append(token)
            at = token.end()
        parser = cls(tokens)
        meaning = parser.expression()
        assert not parser.tokens
        return meaning

    def expression(self) -> Test:
        """Read a term and, if an operator follows, all that stands to its right."""
        left = self.term()
        if not self.tokens or self.tokens[0][0] == ")":
            return left
        operator = self.tokens.pop(0)[0]
        assert operator in ("AND", "OR", "ANDNOT")
        right = self.expression()
        if operator == "AND":
            return lambda doc: left(doc) and right(doc)
        if operator == "OR":
            return lambda doc: left(doc) or right(doc)
        return lambda doc: left(doc) and not right(doc)

    def term(self) -> Test:
        """Read a group or one fielded term."""
        token = self.tokens.pop(0)
        if token[0] == "(":
            inner = self.expression()
            assert self.tokens.pop(0)[0] == ")"
            return inner
        field, phrase, dates, word = token[1], token[2], token[3], token[4]
        assert field, token[0]
        if dates:
            first, last = dates[1:-1].split(" TO ")
            return lambda doc: first <= doc["submittedDate"] <= last
        if phrase is not None:
            assert phrase.strip()
        wanted = phrase if phrase is not None else word
        fields = ("ti", "abs") if field == "all" else (field,)
        return lambda doc: any(wanted in doc[name].split("|") for name in fields)


phrases = st.text(min_size=1, max_size=12) | st.sampled_from(
    ["KV-cache", 'a" OR all:*', "x) ANDNOT (y", "\\", "* ?", "TO", "AND", "mixture-of-experts", "O(n)", "v0.6"]
)
keywords = st.builds(Keyword, phrase=phrases.filter(plain_words), field=st.sampled_from(Field))
queries = st.builds(
    Query,
    keywords=st.lists(keywords, max_size=3).map(tuple),
    categories=st.lists(st.sampled_from(["cs.DC", "cs.LG", "math-ph", "hep-th"]), max_size=2).map(tuple),
    exclude=st.lists(keywords, max_size=2).map(tuple),
    groups=st.lists(st.lists(keywords, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple),
)


def meant(query: Query, window: Window, doc: Doc, minute: datetime) -> bool:
    """Return what the query means for a document whose fields hold whole phrases, from its definition alone."""

    def found(keyword: Keyword) -> bool:
        names = {Field.ANY: ("ti", "abs"), Field.TITLE: ("ti",), Field.ABSTRACT: ("abs",)}[keyword.field]
        return any(plain_words(keyword.phrase) in doc[name].split("|") for name in names)

    return (
        all(any(map(found, some)) for some in (query.keywords, *query.groups) if some)
        and (not query.categories or any(each in doc["cat"].split("|") for each in query.categories))
        and window.since <= minute <= window.until
        and not any(map(found, query.exclude))
    )


def phrases_of(query: Query) -> tuple[Keyword, ...]:
    """Return all phrases of a query."""
    return (*query.keywords, *query.exclude, *(keyword for group in query.groups for keyword in group))


@given(queries, st.data())
def test_a_query_means_what_it_says(query: Query, data: st.DataObject) -> None:
    """Read with right-binding operators, the text selects exactly the documents the query describes."""
    known = [plain_words(keyword.phrase) for keyword in phrases_of(query)] + ["other"]
    some = st.lists(st.sampled_from(known), max_size=2).map("|".join)
    minute = WINDOW.since + timedelta(minutes=data.draw(st.integers(-5, 7 * 24 * 60 + 5)))
    doc = {
        "ti": data.draw(some),
        "abs": data.draw(some),
        "cat": data.draw(st.sampled_from(["cs.DC", "cs.LG", "hep-th", "cs.CV"])),
        "submittedDate": f"{minute:%Y%m%d%H%M}",
    }
    assert Parser.read(search_query(query, WINDOW))(doc) == meant(query, WINDOW, doc, minute)


@given(st.text())
def test_phrases_cannot_break_out(phrase: str) -> None:
    """Plain words hold no quote, bracket, wildcard, operator sign or line break, and are a fixed point."""
    plain = plain_words(phrase)
    assert not set(plain) & set('"\\()[]{}*?~^:+-|&!/%\n\t')
    assert plain_words(plain) == plain


@pytest.mark.parametrize(
    ("phrase", "plain"),
    [
        ("KV-cache", "KV cache"),
        ('"prefill/decode"', "prefill decode"),
        ("Moore’s law.", "Moore's law"),
        ("vLLM v0.6", "vLLM v0.6"),
        ("speculative*", "speculative"),
        ("snake_case", "snake case"),
        ("naïve  Schrödinger", "naïve Schrödinger"),
        ("...", ""),
    ],
)
def test_plain_words(phrase: str, plain: str) -> None:
    """Hyphens and signs become blanks; what belongs to a word stays."""
    assert plain_words(phrase) == plain


def test_the_whole_form() -> None:
    """All parts together, each group in parentheses, duplicates once, ANDNOT last."""
    query = Query(
        keywords=(
            Keyword("KV cache"),
            Keyword("kv-cache", Field.TITLE),
            Keyword("KV-cache"),
            Keyword("serving", Field.ABSTRACT),
        ),
        categories=("cs.DC", "cs.LG", "cs.DC"),
        exclude=(Keyword("survey", Field.TITLE), Keyword("robot")),
    )
    assert search_query(query, WINDOW) == (
        '((all:"KV cache" OR all:"KV caches" OR ti:"kv cache" OR ti:"kv caches" OR ti:"kvcache" OR ti:"kvcaches" '
        'OR all:"KVcache" OR all:"KVcaches" OR abs:"serving") AND (cat:cs.DC OR cat:cs.LG) AND '
        f'{RANGE}) ANDNOT (ti:"survey" OR ti:"robot" OR abs:"robot")'
    )
    assert control_query(query, WINDOW) == f"(cat:cs.DC OR cat:cs.LG) AND {RANGE}"


def test_groups() -> None:
    """Of each group one phrase is asked for, beside keywords or alone; the control has none of them."""
    robot, model = (Keyword("robot", Field.TITLE),), (Keyword("VLA"), Keyword("LLM"))
    alone = Query((), ("cs.RO",), groups=(robot, model))
    groups = '(ti:"robot" OR ti:"robots") AND (all:"VLA" OR all:"VLAs" OR all:"LLM" OR all:"LLMs")'
    assert search_query(alone, WINDOW) == f"{groups} AND (cat:cs.RO) AND {RANGE}"
    with_keyword = Query((Keyword("grasping", Field.TITLE),), groups=(robot, model))
    assert search_query(with_keyword, WINDOW) == f'(ti:"grasping") AND {groups} AND {RANGE}'
    assert control_query(alone, WINDOW) == f"(cat:cs.RO) AND {RANGE}"
    both, one = Paper("1", "Robots that talk", summary="An LLM."), Paper("1", "Robots that walk", summary="VLM.")
    assert (matches(alone, both), matches(alone, one), matches(with_keyword, both)) == (True, False, False)


def test_without_keywords_the_control_is_wider() -> None:
    """A query of categories alone is controlled by the window alone, not by itself."""
    query = Query((), ("cs.DC",))
    assert search_query(query, WINDOW) == f"(cat:cs.DC) AND {RANGE}"
    assert control_query(query, WINDOW) == RANGE


def test_the_range_covers_the_window() -> None:
    """Minutes are GMT, the first is rounded down and the last up: papers of the last seconds are inside."""
    eastern = timezone(timedelta(hours=-4))
    window = Window(datetime(2024, 9, 1, 20, 0, 30, tzinfo=eastern), datetime(2024, 9, 2, 23, 59, 0, 1, tzinfo=UTC))
    assert search_query(Query(()), window) == "submittedDate:[202409020000 TO 202409030000]"


def test_what_cannot_be_asked() -> None:
    """A phrase without letters, a category that is none, and an empty query are refused with advice."""
    with pytest.raises(BotError, match="no letter or digit"):
        search_query(Query((Keyword("***"),)), WINDOW)
    with pytest.raises(BotError, match="no letter or digit"):
        search_query(Query((), ("cs.DC",), (Keyword("?"),)), WINDOW)
    with pytest.raises(BotError, match="not an arXiv category"):
        search_query(Query((), ("cs.DC) OR (all:x",)), WINDOW)
    with pytest.raises(BotError, match="nothing to ask"):
        search_query(Query(()), None)
    assert search_query(Query((Keyword("x"),)), None) == '(all:"x")'


@pytest.mark.parametrize(
    ("phrase", "spellings"),
    [
        ("KV cache", ("KV cache", "KV caches")),
        ("multi-tenant", ("multi tenant", "multi tenants", "multitenant", "multitenants")),
        ("caches", ("caches", "cache", "cach")),
        ("survey", ("survey", "surveys")),
        ("memory", ("memory", "memories")),
        ("memories", ("memories", "memory", "memorie")),
        ("LLMs", ("LLMs", "LLM")),
        ("analysis", ("analysis",)),
        ("loss", ("loss", "losses")),
        ("matrix", ("matrix", "matrixes")),
        ("request batching", ("request batching",)),
        ("GPT 4", ("GPT 4",)),
        ("vLLM", ("vLLM", "vLLMs")),
    ],
)
def test_spellings(phrase: str, spellings: tuple[str, ...]) -> None:
    """A phrase is asked in both numbers, and without its hyphens: arXiv's index knows neither for sure."""
    assert variants(phrase) == spellings


def test_the_judge_finds_what_is_asked() -> None:
    """Our own matcher finds the spellings that are asked for, by field; without keywords everything matches."""
    for phrase in ("KV cache", "multi-tenant", "survey", "memory"):
        for spelling in variants(phrase):
            assert matches(Query((Keyword(phrase),)), Paper("2409.00001", f"On {spelling}"))
    paper = Paper("2409.00001", "Serving", summary="A KV cache.")
    assert matches(Query((Keyword("KV cache", Field.ABSTRACT),)), paper)
    assert not matches(Query((Keyword("KV cache", Field.TITLE), Keyword("serving", Field.ABSTRACT))), paper)
    assert matches(Query(()), paper)


def test_parts_of_a_long_query() -> None:
    """A query that fits stays one; a longer one is halved until it fits, and one keyword too long is told."""
    short = Query((Keyword("KV cache"),), ("cs.DC",))
    assert in_parts(short, WINDOW) == (short,)
    many = Query(tuple(Keyword(f"phrase number {n}") for n in range(400)))
    parts = in_parts(many, WINDOW)
    assert tuple(k for part in parts for k in part.keywords) == many.keywords
    assert all(len(quote_plus(search_query(part, WINDOW))) <= LONGEST for part in parts)
    grouped = replace(short, groups=(short.keywords, many.keywords))
    pieces = in_parts(grouped, WINDOW)
    assert tuple(k for part in pieces for k in part.groups[1]) == many.keywords
    assert {(part.keywords, part.groups[0]) for part in pieces} == {(short.keywords, short.keywords)}
    excluding = Query(short.keywords, exclude=many.keywords)
    assert in_parts(excluding, WINDOW) == (Query(short.keywords),)
    with pytest.raises(BotError, match="longer than the 6000 bytes"):
        in_parts(Query((Keyword("word " * 2000),)), WINDOW)


def test_whole_days() -> None:
    """A window is asked in whole days of UTC, so that every run of a day asks the same."""
    noon = datetime(2024, 2, 28, 12, 5, tzinfo=UTC)
    assert whole_days(Window(noon, noon + timedelta(days=1))) == Window(
        datetime(2024, 2, 28, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)
    )
    exact = Window(datetime(2024, 12, 31, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    assert whole_days(exact) == exact
