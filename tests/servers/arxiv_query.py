"""The query language of the arXiv API: text -> tree -> predicate on a document. Pure: no server, no clock.

Where arXiv's behaviour is not known, the stricter reading is taken: a query that passes here is one that no
plausible reading of arXiv's parser refuses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from sys import intern

from bot.model import Paper


class QueryError(ValueError):
    """The query does not parse: arXiv answers HTTP 400 with this message."""


class Field(StrEnum):
    """The field prefixes of the user manual."""

    TITLE = "ti"
    AUTHOR = "au"
    ABSTRACT = "abs"
    COMMENT = "co"
    JOURNAL_REFERENCE = "jr"
    CATEGORY = "cat"
    REPORT_NUMBER = "rn"
    ID = "id"
    ALL = "all"


class Operator(StrEnum):
    """The Boolean operators; upper case only, and `NOT` is none of them."""

    AND = "AND"
    OR = "OR"
    ANDNOT = "ANDNOT"


@dataclass(frozen=True, slots=True)
class Term:
    """A word or, when quoted, a phrase, to be found in one field."""

    field: Field
    value: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class DateRange:
    """Submitted not before `since` and not after `until`, both whole minutes and both included."""

    field: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what joins them."""

    operator: Operator
    left: Node
    right: Node


Node = Term | DateRange | Binary
Predicate = Callable[["Document"], bool]


# --- text -> tree -------------------------------------------------------------------------------------------

_LEXEME = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<open>\()
  | (?P<close>\))
  | (?P<date>(?:submittedDate|lastUpdatedDate):\[[^\]]*\])
  | (?P<atom>(?:[^\s()"]|"[^"]*")+)
    """,
    re.VERBOSE,
)
_DATES = re.compile(r"(?P<field>\w+):\[(?P<since>[0-9]{12}) TO (?P<until>[0-9]{12})\]")
_DATE_FIELDS = ("submittedDate", "lastUpdatedDate")


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str
    text: str


@dataclass(slots=True)
class _Reader:
    """The lexemes not yet read."""

    lexemes: Sequence[_Lexeme]
    at: int = 0

    def peek(self) -> _Lexeme:
        """Return the next lexeme, or one of kind `end`."""
        return self.lexemes[self.at] if self.at < len(self.lexemes) else _Lexeme("end", "")

    def take(self) -> _Lexeme:
        """Read the next lexeme."""
        lexeme = self.peek()
        self.at += 1
        return lexeme


def parse(text: str) -> Node:
    """Read a search_query, or raise QueryError with arXiv's reason."""
    reader = _Reader(tuple(_lex(text)))
    node = _expression(reader)
    if reader.peek().kind != "end":
        raise QueryError(f"Cannot parse fragment: {reader.peek().text}")
    return node


def _lex(text: str) -> Iterator[_Lexeme]:
    at = 0
    while at < len(text):
        match = _LEXEME.match(text, at)
        if match is None:  # only a quotation mark without its partner starts no lexeme
            raise QueryError(f"Quotation does not close: {text[at:]}")
        kind = str(match.lastgroup)
        if _is_glued(text, kind, match.start(), match.end()):
            raise QueryError(f"Cannot parse fragment: {text[at:]}")
        if kind != "space":
            yield _Lexeme(kind, match.group())
        at = match.end()


def _is_glued(text: str, kind: str, start: int, end: int) -> bool:
    """Whether a parenthesis touches a word: arXiv's tokenizer loses such a word, so it is refused."""
    if kind == "open":
        return start > 0 and text[start - 1] not in " ("
    return kind == "close" and end < len(text) and text[end] not in " )"


def _expression(reader: _Reader) -> Node:
    operands = [_operand(reader)]
    operators: list[Operator] = []
    while reader.peek().kind not in ("close", "end"):
        operators.append(_operator(reader))
        operands.append(_operand(reader))
    # No precedence: every operator takes all that stands to its right.
    node = operands.pop()
    while operands:
        node = Binary(operators.pop(), operands.pop(), node)
    return node


def _operator(reader: _Reader) -> Operator:
    fragment = reader.take().text
    try:
        return Operator(fragment)
    except ValueError as error:
        raise QueryError(f"Cannot parse fragment: {fragment}") from error


def _operand(reader: _Reader) -> Node:
    lexeme = reader.take()
    if lexeme.kind == "open":
        node = _expression(reader)
        if reader.take().kind != "close":
            raise QueryError("Parenthesis does not close")
        return node
    if lexeme.kind == "date":
        return _date_range(lexeme.text)
    if lexeme.kind != "atom":
        raise QueryError("Query ends or closes where a term is expected")
    if lexeme.text in tuple(Operator):
        raise QueryError(f"Query contains an operator where a term is expected: {lexeme.text}")
    return _term(lexeme.text)


def _term(atom: str) -> Term:
    if atom.startswith('"') or ":" not in atom:
        return _valued(Field.ALL, atom)
    name, value = atom.split(":", 1)
    if name in _DATE_FIELDS:
        raise QueryError(f"Invalid date format: {atom}")
    try:
        field = Field(name)
    except ValueError as error:
        raise QueryError(f"Invalid field: {name}") from error
    return _valued(field, value)


def _valued(field: Field, value: str) -> Term:
    quoted = len(value) > 1 and value.startswith('"') and value.endswith('"')
    bare = value[1:-1] if quoted else value
    if not bare.strip():
        raise QueryError(f"Cannot parse fragment: {field}:{value}")
    return Term(field, bare, quoted)


def _date_range(text: str) -> DateRange:
    match = _DATES.fullmatch(text)
    if match is None:
        raise QueryError(f"Invalid date format: {text}")
    try:
        return DateRange(match["field"], _minute(match["since"]), _minute(match["until"]))
    except ValueError as error:
        raise QueryError(f"Invalid date format: {text}") from error


def _minute(digits: str) -> datetime:
    return datetime.strptime(digits, "%Y%m%d%H%M").replace(tzinfo=UTC)


# --- tree -> text -------------------------------------------------------------------------------------------


def canonical(node: Node) -> str:
    """Write the query as the feed's title repeats it: each term with its field, mixed groups in brackets."""
    if isinstance(node, Term):
        return f'{node.field}:"{node.value}"' if node.quoted else f"{node.field}:{node.value}"
    if isinstance(node, DateRange):
        return f"{node.field}:[{node.since:%Y%m%d%H%M} TO {node.until:%Y%m%d%H%M}]"
    return f" {node.operator} ".join(_bracketed(operand) for operand in _operands(node))


def _bracketed(node: Node) -> str:
    return f"({canonical(node)})" if isinstance(node, Binary) else canonical(node)


def _operands(node: Binary) -> list[Node]:
    """Flatten a chain of one associative operator, so that a long chain needs no deep recursion."""
    found = [node.left]
    rest = node.right
    while node.operator is not Operator.ANDNOT and isinstance(rest, Binary) and rest.operator is node.operator:
        found.append(rest.left)
        rest = rest.right
    return [*found, rest]


# --- words --------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")
_VOWEL = re.compile(r"[aeiouy]")
_SUFFIXES = ("ing", "ed", "es", "s")
_NO_SUFFIXES = ("eed", "ss")
_LEAST_STEM = 3


@cache
def stem(word: str) -> str:
    """Reduce an inflected word to a stem: far lighter than arXiv's, but `caches` and `caching` still meet."""
    found = next((rest for suffix in _SUFFIXES if (rest := _without(word, suffix))), word)
    if found.endswith("e") and len(found) > _LEAST_STEM:
        return found[:-1]
    return f"{found[:-1]}i" if found.endswith("y") and len(found) > _LEAST_STEM else found


def _without(word: str, suffix: str) -> str | None:
    rest = word.removesuffix(suffix)
    if rest == word or word.endswith(_NO_SUFFIXES) or len(rest) < _LEAST_STEM:
        return None
    # `string` and `bring` end in no suffix, but `LLMs` does.
    return rest if suffix == "s" or _VOWEL.search(rest) else None


def normalised(text: str) -> str:
    """Return the stems of a text with a space around each, so that a phrase is found as a substring."""
    return f" {' '.join(map(stem, _WORD.findall(_plain(text))))} "


def _plain(text: str) -> str:
    """Lower the case and take the accents off."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text)
    return "".join(character for character in parts if not unicodedata.combining(character)).lower()


class Document:
    """A paper as the index sees it: the words of a field are worked out when first asked for, then kept."""

    __slots__ = ("_texts", "known", "paper")

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self._texts: dict[Field, str] = {}
        self.known: dict[str, bool] = {}
        """Whether it satisfies the groups of alternatives it was asked for before, by their canonical form."""

    def text(self, field: Field) -> str:
        """Return the normalised words of a field."""
        known = self._texts.get(field)
        if known is None:
            # The bar stands between values so that no phrase runs from one field into the next.
            known = "|".join(normalised(value) for value in _values(self.paper, field))
            self._texts[field] = known
        return known


def _values(paper: Paper, field: Field) -> tuple[str, ...]:
    """Return what is written in a field. A Paper has no report number, so `rn` is always empty."""
    match field:
        case Field.TITLE:
            return (paper.title,)
        case Field.AUTHOR:
            return paper.authors
        case Field.ABSTRACT:
            return (paper.summary,)
        case Field.COMMENT:
            return (paper.comment or "",)
        case Field.JOURNAL_REFERENCE:
            return (paper.journal_ref or "",)
        case Field.CATEGORY:
            return paper.categories
        case Field.ID:
            return (paper.id,)
        case Field.REPORT_NUMBER:
            return ()
        case Field.ALL:
            rest = (paper.comment or "", paper.journal_ref or "", paper.id, paper.doi or "")
            return (paper.title, paper.summary, *paper.authors, *rest, *paper.categories)


# --- tree -> predicate --------------------------------------------------------------------------------------


def predicate(node: Node, *, hyphen_fault: bool = True) -> Predicate:
    """Compile a query. `hyphen_fault` keeps arXiv's defect that `non-invasive` *excludes* `invasive`."""
    if isinstance(node, Term):
        return _term_predicate(node, hyphen_fault=hyphen_fault)
    if isinstance(node, DateRange):
        return _date_predicate(node)
    parts = [predicate(operand, hyphen_fault=hyphen_fault) for operand in _operands(node)]
    match node.operator:
        case Operator.AND:
            return lambda document: all(part(document) for part in parts)
        case Operator.OR:
            return _any_of(node, parts, hyphen_fault=hyphen_fault)
        case Operator.ANDNOT:
            return lambda document: parts[0](document) and not parts[1](document)


def _any_of(node: Binary, parts: Sequence[Predicate], *, hyphen_fault: bool) -> Predicate:
    """Join alternatives; the phrases of one field share one look-up of its text, for the sake of speed."""
    needles = [_needle(operand, hyphen_fault=hyphen_fault) for operand in _operands(node)]
    rest = [part for part, needle in zip(parts, needles, strict=True) if needle is None]
    by_field: dict[Field, list[str]] = {}
    for needle in needles:
        if needle is not None:
            by_field.setdefault(needle.field, []).append(needle.value)
    groups = tuple(by_field.items())
    name = intern(f"{canonical(node)} {hyphen_fault}")

    def matches(document: Document) -> bool:
        known = document.known.get(name)
        if known is None:
            known = document.known[name] = asked(document)
        return known

    def asked(document: Document) -> bool:
        for field, phrases in groups:
            text = document.text(field)
            for phrase in phrases:
                if phrase in text:
                    return True
        return any(part(document) for part in rest)

    return matches


def _needle(node: Node, *, hyphen_fault: bool) -> Term | None:
    """Return the term with its value as it is looked for, if it matches by that one substring alone."""
    if not isinstance(node, Term) or node.field in (Field.CATEGORY, Field.ID):
        return None
    if hyphen_fault and "-" in node.value:
        return None
    words = normalised(node.value)
    return replace(node, value=words) if words.strip() and (node.quoted or words.count(" ") == 2) else None


def _term_predicate(term: Term, *, hyphen_fault: bool) -> Predicate:
    if term.field is Field.CATEGORY:
        return lambda document: term.value in document.paper.categories
    if term.field is Field.ID:
        return lambda document: document.paper.id == re.sub(r"v[0-9]+$", "", term.value)
    needle = _needle(term, hyphen_fault=hyphen_fault)
    if needle is not None:
        phrase = needle.value
        return lambda document: phrase in document.text(term.field)
    wanted = _singles(term.value)
    if not wanted:
        return lambda document: False
    if hyphen_fault and "-" in term.value:
        return _hyphen_predicate(term)
    return lambda document: all(word in document.text(term.field) for word in wanted)


def _hyphen_predicate(term: Term) -> Predicate:
    """Read every `-` inside a word as "without", as arXiv's query parser does (arxiv-search#322)."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for word in term.value.split():
        first, *others = word.split("-")
        wanted += _singles(first)
        unwanted += _singles(" ".join(others))

    def matches(document: Document) -> bool:
        text = document.text(term.field)
        return all(word in text for word in wanted) and not any(word in text for word in unwanted)

    return matches


def _singles(text: str) -> tuple[str, ...]:
    return tuple(f" {word} " for word in normalised(text).split())


def _date_predicate(dates: DateRange) -> Predicate:
    # Published at 23:59:30 is later than the minute 23:59, hence outside `TO ...2359`.
    def matches(document: Document) -> bool:
        published = document.paper.published
        return published is not None and dates.since <= published <= dates.until

    return matches


def required_dates(node: Node) -> tuple[DateRange, ...]:
    """Return the date ranges that every hit must satisfy, so that an index can look only there."""
    if isinstance(node, DateRange):
        return (node,)
    if isinstance(node, Term) or node.operator is Operator.OR:
        return ()
    operands = _operands(node) if node.operator is Operator.AND else [node.left]
    return tuple(dates for operand in operands for dates in required_dates(operand))
