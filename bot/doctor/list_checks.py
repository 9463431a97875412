"""What a list says of its configuration: its format, the sections that are named, the keywords."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bot.adopt.understanding import recognised_papers
from bot.arxiv import titles
from bot.config import ListConfig
from bot.config.model import Phrase
from bot.doctor.findings import Check, Finding, error, fine, unknown, warning
from bot.judge.keywords import phrase_pattern
from bot.judge.readiness import MIN_LISTED
from bot.judge.relevance.own_text import list_title
from bot.judge.texts import has_terms, singular_term, words_of
from bot.model import Field, Paper
from bot.paperlist.read.document import Document
from bot.paperlist.read.young import takes_papers
from bot.pullrequest.pace import pace_line, week_number

_MOST_NAMED = 8


def check_list(settings: ListConfig, document: Document, library: Sequence[Paper] = ()) -> Iterator[Finding]:
    """Yield what a list says of its configuration; `library` holds the metadata of listed papers."""
    if line := document.generated():
        yield error(
            Check.LIST,
            f"{settings.file}:{line}: this line says that a program generates the list, so the bot adds nothing to it",
            "set 'file' to the file that it is made from, or remove the line if it is wrong",
        )
    elif not document.entries and takes_papers(document):
        yield fine(Check.LIST, f"{settings.file}: no papers yet; `arxiv-bot show {settings.file}` tells where they go")
    elif not document.entries:
        yield error(
            Check.LIST,
            f"{settings.file}: no papers are recognised",
            f"compare `arxiv-bot show {settings.file}` with the list, and see CONTRIBUTING.md on formats",
        )
    else:
        pace = pace_line(settings.limits, week_number(settings.limits, document))
        yield fine(Check.LIST, f"{settings.file}: {len(document.entries)} entries; {pace}")
    yield _sections(settings, document)
    papers = recognised_papers(document, {paper.id: paper for paper in library})
    yield _keywords(settings, papers)
    yield from _title(settings, document)
    yield from _categories(settings, papers)


def _sections(settings: ListConfig, document: Document) -> Finding:
    gone = [rule.heading for rule in settings.sections if document.section((rule.heading,)) is None]
    if not gone:
        return fine(Check.SECTIONS, f"{settings.name}: all configured sections are in the list")
    return error(
        Check.SECTIONS,
        f"{settings.name}: these sections are missing from the list, or in it several times: {_named(gone)}",
        "write the headings in 'sections' as they are in the list, or remove them",
    )


def _keywords(settings: ListConfig, papers: Sequence[Paper]) -> Finding:
    """Return which keywords no listed paper has. Where abstracts are unknown, those they may have are not judged."""
    name = settings.name
    if not settings.phrases and sum(map(has_terms, papers)) < MIN_LISTED:
        return warning(
            Check.KEYWORDS,
            f"{name}: there are no keywords, and fewer than {MIN_LISTED} papers to learn from, so that only the topic "
            "and the list's own text judge",
            "add phrases of the topic to 'keywords', and say what the list is about in 'topic'",
        )
    if len(papers) < MIN_LISTED:
        return fine(Check.KEYWORDS, f"{name}: too few papers to check the keywords against")
    texts = [(titles.display(paper.title), titles.display(paper.summary)) for paper in papers]
    silent = [phrase for phrase in settings.phrases if not any(_found(phrase, *text) for text in texts)]
    abstracts = sum(bool(abstract) for _, abstract in texts) >= len(texts) / 2
    never = [phrase.phrase for phrase in silent if abstracts or phrase.field is Field.TITLE]
    if never:
        return warning(
            Check.KEYWORDS,
            f"{name}: no listed paper has the keywords {_named(never)}",
            "check their spelling, or remove them if they ask for too much",
        )
    if silent:
        unseen = _named([phrase.phrase for phrase in silent])
        return unknown(
            Check.KEYWORDS,
            f"{name}: cannot tell whether {unseen} ever match: no title has them, abstracts are not known",
            "look with `arxiv-bot evaluate`, or give the metadata of the listed papers by --library",
        )
    return fine(Check.KEYWORDS, f"{name}: every keyword is found in the list")


def _title(settings: ListConfig, document: Document) -> Iterator[Finding]:
    """Yield the words of the list's own title that no phrase holds, where phrases restrict what is asked."""
    said = {singular_term(word) for phrase in settings.phrases for word in words_of(phrase.phrase)}
    title = [singular_term(word) for word in words_of(list_title(document.source.decode()))]
    if settings.phrases and (
        unsaid := [word for word in dict.fromkeys(title) if word not in said and word not in _LITTLE]
    ):
        yield unknown(
            Check.KEYWORDS,
            f"{settings.name}: no keyword holds {_named(unsaid)}, of the list's own title",
            "add phrases with these words if papers of the topic use them",
        )


_LITTLE = frozenset("a an and for in of on the to with".split())


def _categories(settings: ListConfig, papers: Sequence[Paper]) -> Iterator[Finding]:
    """Yield the categories of listed papers of which none is asked for."""
    known, query = [paper for paper in papers if paper.categories], settings.query()
    missed = Counter(paper.categories[0] for paper in known if not query.in_categories(paper))
    if missed:
        yield warning(
            Check.CATEGORIES,
            f"{settings.name}: {missed.total()} of {len(known)} listed papers are in no category that is asked for, "
            f"but in {', '.join(f'{name} ({n})' for name, n in missed.most_common(_MOST_NAMED))}",
            "add what papers of the topic are often in to 'categories'",
        )
    elif settings.categories and known:
        yield fine(Check.CATEGORIES, f"{settings.name}: every listed paper is in a category that is asked for")


def _found(phrase: Phrase, title: str, abstract: str) -> bool:
    pattern = phrase_pattern(phrase.phrase)
    in_title = phrase.field is not Field.ABSTRACT and pattern.search(title)
    return bool(in_title or (phrase.field is not Field.TITLE and pattern.search(abstract)))


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(repr(name) for name in names[:_MOST_NAMED]) + more
