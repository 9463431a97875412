"""The link to a paper's code in a row: in place of one that leads nowhere, or where the rows like it have theirs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from bot.arxiv import arxiv_id
from bot.upkeep.atoms import REPOSITORY, Atom
from bot.upkeep.places import Row, like
from bot.upkeep.rows import Part
from bot.upkeep.span import BLANK, Replaced, Unchanged, filled

COLUMN = re.compile(r"\b(?:codes?|github|repo(?:sitory)?|implementation|open[ -]?source[d]?)\b|代码|开源", re.I)
_LABEL = (
    r"[^\w\[\]]*(?:official[ -]?)?(?:codes?|github|git|repo(?:sitory)?|implementation|代码)(?:[ -]link)?"
    r"(?: ?\([\w ]+\))?[^\w\[\]]*"
)
_LABELLED = re.compile(rf"\[{_LABEL}\](?:\]|\\\])?\((?P<url>[^()\s]*)\)", re.IGNORECASE)
_PAGE = re.compile(r"https?://[\w-]+\.github\.io/", re.IGNORECASE)
_NO_LINK = re.compile(rf"\[(?:\\?\[)?{_LABEL}(?:\\?\])?\](?![(\[:\]])", re.IGNORECASE)
_FRAMEWORK = re.compile(r"\b(?:py ?torch|torch|tensor ?flow|tf|keras|jax)\b", re.IGNORECASE)


def shows_code(part: Part) -> bool:
    """Whether a part links to code, or is of a column of code."""
    return any(a.kind == "code" for a in part.atoms) or bool(part.column and COLUMN.search(part.column))


def with_code(part: Part, near: Sequence[Row], address: str, paper: str) -> list[Replaced] | Unchanged | None:
    """Return how a part comes to link to a paper's code.

    None where it does, or where no row like it links to any; `Unchanged` where it links to other code.
    """
    if address.casefold() in part.raw.casefold():
        return None
    kind = "code" if REPOSITORY.match(address) or not any(a.kind == "hub" for r in near for a in r.atoms) else "hub"
    if there := [a for a in part.atoms if a.kind == kind and (kind == "hub" or REPOSITORY.match(address))]:
        return _moved(part, there, address) or Unchanged(there[0].url)
    text = _commonest(near, kind, address)
    if part.column is not None and BLANK.fullmatch(part.raw.strip()):
        return filled(part, text or f"[Code]({address})")
    complete = None if any(a.kind == "code" for a in part.atoms) else _completed(part, address, paper)
    return complete or _added(part, near, kind, address)


def _moved(part: Part, there: Sequence[Atom], address: str) -> list[Replaced] | None:
    """Return the new address of a repository of the same name that went to another owner."""
    new = REPOSITORY.match(address)
    for atom in there:
        old = atom.repository or "/"
        if new and old.partition("/")[2].casefold() == new["repo"].partition("/")[2].casefold():
            return [
                Replaced(m.start(), m.end(), new["repo"])
                for m in re.finditer(re.escape(old), part.raw[: atom.end])
                if m.start() >= atom.start
            ]
    return None


def _completed(part: Part, address: str, paper: str) -> list[Replaced] | Unchanged | None:
    """Return the address of a link to code that has none, or the paper's own, or its project page's."""
    for m in _LABELLED.finditer(part.raw):
        page = _PAGE.match(m["url"]) or part.raw.count(m["url"]) > 1
        if not m["url"] or arxiv_id.parse_id(m["url"]) == paper or page:
            return [Replaced(*m.span("url"), address)]
        return Unchanged(m["url"])
    if bare := _NO_LINK.search(part.raw):
        return [Replaced(bare.end(), bare.end(), f"({address})")]
    return None


def _added(part: Part, near: Sequence[Row], kind: str, address: str) -> list[Replaced] | None:
    found = like(near, kind, Row(part.raw, part.atoms), lambda row, atom: _like(row, atom, address))
    if found:
        return [Replaced(found.at, found.at, found.text)]
    text = _commonest(near, kind, address)
    last = next((a for a in reversed(part.atoms) if a.url), None)
    end = last.end if last and part.column is None else len(part.raw.rstrip())
    return [Replaced(end, end, f" {text}")] if text and end else None


def _commonest(rows: Sequence[Row], kind: str, address: str) -> str | None:
    counts: Counter[str] = Counter()
    for row in rows:
        for atom in row.atoms:
            if atom.kind == kind and (text := _like(row, atom, address)):
                counts[text] += 1
    return counts.most_common(1)[0][0] if counts else None


def _like(row: Row, atom: Atom, address: str) -> str | None:
    """Return an example's link with another address, None where its badge cannot show it."""
    text, old, new = row.raw[atom.start : atom.end], atom.repository, REPOSITORY.match(address)
    if text.count("](") + text.count("<a ") == 0:
        return None
    text = re.sub(r"\s+\)", ")", text.replace(atom.url, address))
    if new is None and "![" in text:
        return None
    if new and old:
        text = re.sub(re.escape(old), lambda _: new["repo"], text, flags=re.IGNORECASE)
        name = old.partition("/")[2]
        if atom.label == name:
            text = text.replace(f"[{name}]", f"[{new['repo'].partition('/')[2]}]")
    if new is None and atom.kind == "code":
        text = text.replace(atom.label, _cased("dataset" if "/datasets/" in address else "model", atom.label), 1)
    elif _FRAMEWORK.search(atom.label):
        text = text.replace(atom.label, _cased("code", atom.label), 1)
    return text


def _cased(word: str, label: str) -> str:
    """Return a word with a capital where a label has one."""
    return word.capitalize() if label[:1].isupper() else word
