"""The venue of a row: in place of its placeholder, or where the rows like it have theirs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bot.arxiv.venues import Acceptance, in_short
from bot.paperlist.write.facts import VENUE, VenueForm, read_venue
from bot.upkeep.atoms import Atom, Venue, venues
from bot.upkeep.places import Row, like
from bot.upkeep.rows import Part
from bot.upkeep.span import BLANK, Replaced, Unchanged, filled

COLUMN = re.compile(
    r"\b(?:venues?|conf(?:erence)?s?|journals?|publications?|published|pub|publisher|source)\b|会议|期刊|出处", re.I
)
_YEAR = re.compile(r"\W*(?P<year>20[0-4]\d)\W*")
_SAME = (
    {"nips", "neurips"},
    {"tpami", "pami", "ieee tpami"},
    {"mm", "acm mm", "acmmm"},
    {"www", "thewebconf"},
    {"interspeech", "isca"},
    {"kdd", "sigkdd"},
    {"ecml", "ecml-pkdd", "pkdd"},
    {"t-ro", "tro"},
    {"ra-l", "ral"},
)
_LEAD = re.compile(r"\b(?:Proc\.|In) \Z")


def shows_venue(part: Part) -> bool:
    """Whether a part names a venue, or is a preprint's where it would."""
    return any(a.kind in ("venue", "preprint") for a in part.atoms) or bool(
        part.column and COLUMN.search(part.column) and part.raw.strip()
    )


def with_venue(part: Part, near: Sequence[Row], told: Acceptance) -> list[Replaced] | Unchanged | None:
    """Return how a part comes to name a venue.

    None where it does, or where no row like it names one; `Unchanged` where another is named, or none can be written.
    """
    there = venues(part.raw, part.title)
    real = [v for v in there if not v.preprint]
    if any(_same(v.match["name"], told.name) for v in real) or _names(part, told):
        return None
    if real:
        return Unchanged(part.raw[real[0].start : real[0].end])
    if part.column and COLUMN.search(part.column) and not there and _written_by_hand(part):
        return Unchanged(part.raw.strip())
    form = _form(near) or _own_form(there)
    if form is None:
        return None
    text = _written(form, told)
    if text is None:
        return Unchanged("")
    return (
        _in_place(part, near, form, text, told)
        or _for_blank(part, text)
        or _for_year(part, near, form, text)
        or _added(part, near, text)
        or Unchanged("")
    )


def _written_by_hand(part: Part) -> bool:
    """Whether a cell of venues says something, in words of its own."""
    return bool(part.atoms) and all(a.kind == "text" for a in part.atoms) and not BLANK.fullmatch(part.raw.strip())


def _same(name: str, other: str) -> bool:
    pair = {name.casefold(), other.casefold()}
    return len(pair) == 1 or any(pair <= same for same in _SAME)


def _names(part: Part, told: Acceptance) -> bool:
    """Whether the words of a part outside its title name the venue in some other way: in a badge, with a note."""
    text = part.raw if part.title is None else part.raw[: part.title[0]] + part.raw[part.title[1] :]
    words = in_short(re.sub(r"\]\([^)]*\)", "", text)) + " ".join(re.findall(r"badge/([^)\s]*)", text))
    return re.search(rf"(?<![^\W_]){re.escape(told.name)}(?![A-Za-z])", words, re.IGNORECASE) is not None


def _real(rows: Sequence[Row]) -> Iterator[tuple[Row, Atom]]:
    for row in rows:
        yield from ((row, atom) for atom in row.atoms if atom.kind == "venue")


def named_in(row: Row) -> bool:
    """Whether a row names a venue, by itself or in the words of its link to the paper."""
    return any(a.kind == "venue" or (a.kind == "paper" and _named(row.raw[a.start : a.end])) for a in row.atoms)


def _form(rows: Sequence[Row]) -> tuple[str, VenueForm] | None:
    """Return how rows write a venue, and the words before it: the commonest form of those that name one."""
    votes: defaultdict[tuple[str, VenueForm], float] = defaultdict(float)
    for row in rows:
        for atom in row.atoms:
            inside = atom.kind == "paper"
            if atom.kind != "venue" and not inside:
                continue
            found = [m for m in VENUE.finditer(row.raw, atom.start, atom.end) if m["name"]]
            if found and (found[0]["year"] or not inside):
                lead = _LEAD.search(row.raw[: found[0].start()])
                votes[lead[0] if lead else "", read_venue(found[0])] += row.weight
    return max(votes, key=lambda one: votes[one], default=None)


def _own_form(there: Sequence[Venue]) -> tuple[str, VenueForm] | None:
    """Return the form of a word for preprints, where no row of the list names a venue."""
    preprint = next((v for v in there if not v.inside), None)
    if preprint is None:
        return None
    said = read_venue(preprint.match)
    short = re.search(r"(?<!\d)([ '’]{1,2})\d\d$", preprint.match.string[preprint.start : preprint.end])
    gap = said.gap if said.year else short[1] if short else " "
    return "", VenueForm(None, gap, said.year or ("{y}" if short else "{Y}"))


def _written(form: tuple[str, VenueForm], told: Acceptance) -> str | None:
    """Return a venue in a form, None where the form has a year and none is told."""
    _, how = form
    if how.year and told.year is None:
        return None
    year = how.gap + how.year.format(Y=told.year, y=f"{told.year % 100:02}") if how.year and told.year else ""
    return f"{told.name}{year}"


def _in_place(
    part: Part, near: Sequence[Row], form: tuple[str, VenueForm], text: str, told: Acceptance
) -> list[Replaced] | None:
    """Return the venue in place of the word for preprints, unless the rows like it name a venue beside theirs."""
    in_labels = sum(
        r.weight for r in near if any(a.kind == "paper" and _named(r.raw[a.start : a.end]) for a in r.atoms)
    )
    beside = [any(a.kind == "preprint" for a in row.atoms) for row, _ in _real(near)]
    for venue in venues(part.raw, part.title):
        if venue.inside and not (in_labels or venue.dated):
            continue
        if not venue.inside and sum(beside) > len(beside) / 2:
            continue
        lead = form[0] if not part.raw[: venue.start].endswith(form[0]) else ""
        out = [Replaced(venue.start, venue.end, lead + text)]
        after = re.compile(r"[*_`]{1,3}[ ,]{1,2}(20\d\d)\b").match(part.raw, venue.end)
        if after and told.year and not form[1].year and after[1] != str(told.year):
            out.append(Replaced(*after.span(1), str(told.year)))
        return out
    return None


def _named(text: str) -> bool:
    return any(m["name"] and m["year"] for m in VENUE.finditer(text))


def _for_blank(part: Part, text: str) -> list[Replaced] | None:
    """Return the venue in place of a cell's sign for none."""
    return filled(part, text) if part.column is not None and BLANK.fullmatch(part.raw.strip()) else None


def _for_year(part: Part, near: Sequence[Row], form: tuple[str, VenueForm], text: str) -> list[Replaced] | None:
    """Return the venue in place of a year that stands where the rows like it name their venue and its year."""
    if not form[1].year:
        return None
    for atom in part.atoms:
        if (
            atom.kind == "paper"
            and _YEAR.fullmatch(atom.label)
            and any(a.kind == "paper" and _named(row.raw[a.start : a.end]) for row in near for a in row.atoms)
        ):
            year = re.compile(r"20[0-4]\d").search(part.raw, atom.start)
            return [Replaced(*year.span(), text)] if year else None
    with_year = [any(_bare_year(row.raw, a) for a in row.atoms) for row, _ in _real(near)]
    if not with_year or sum(with_year) > len(with_year) / 2:
        return None
    alone = (a for a in part.atoms if _bare_year(part.raw, a) and not part.raw[: a.start].rstrip(" ")[-1:].isalnum())
    year_atom = next(alone, None)
    return [Replaced(year_atom.start, year_atom.end, text)] if year_atom else None


def _bare_year(raw: str, atom: Atom) -> bool:
    return atom.kind == "date" and _YEAR.fullmatch(raw[atom.start : atom.end]) is not None


def _added(part: Part, near: Sequence[Row], text: str) -> list[Replaced] | None:
    def write(row: Row, atom: Atom) -> str:
        inner = next(m for m in VENUE.finditer(row.raw, atom.start) if m["name"])
        core = next(v for v in venues(row.raw, None) if v.start <= inner.start() < v.end)
        return row.raw[atom.start : core.start] + text + row.raw[core.end : atom.end]

    target = Row(part.raw, part.atoms)
    found = like(near, "venue", target, write)
    return [Replaced(found.at, found.at, found.text)] if found else None
