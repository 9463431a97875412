"""Masking the addresses of an entry: the paper's and its code's are slots, links to anything else gaps as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.arxiv import arxiv_id
from bot.paperlist.read import inline
from bot.paperlist.write.facts import VENUE
from bot.paperlist.write.forms import GAP, BadgeForm, Form, UrlForm, slot

Cut = tuple[int, int, str]
"""Where a place begins and ends, and what stands for it."""
_ARXIV_URL = re.compile(
    r"(?P<head>https?://(?:[\w.]*\.)?(?:arxiv\.org/(?:abs|pdf|html)/"
    r"|alphaxiv\.org/(?:abs|pdf)/|huggingface\.co/papers/|doi\.org/10\.48550/arXiv\.))"
    r"(?P<id>\d{4}\.\d{4,5}|[a-z\-]+(?:\.[A-Z]{2})?/\d{7})(?P<version>v\d+)?(?P<tail>\.pdf)?(?:[?#].*)?$",
    re.IGNORECASE,
)
REPOSITORY = re.compile(
    r"https?://(?:www\.)?(?:github|gitlab)\.com/(?P<repo>[\w.\-]+/[\w.\-]+?)(?:\.git)?/?$", re.IGNORECASE
)
_PAPER_LABEL = re.compile(
    r"\W*(?:link to )?(?:the )?(?:paper|pdf|arxiv|abs|link|论文|链接|html)s?(?: link)?\W*$", re.IGNORECASE
)
_CODE_LABEL = re.compile(
    r"\W*(?:official )?(?:code|github|repo(?:sitory)?|implementation|代码)s?(?: link| repo)?\W*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class LinkMasks:
    """Masks the links of an entry whose title stands there, and notes in `forms` how it writes addresses."""

    raw: str
    title: inline.Title | None
    forms: list[Form]

    def cuts(self) -> Iterator[Cut]:
        """Yield what to cut out; of places that overlap the first wins."""
        for link in inline.LINK.finditer(self.raw):
            yield from self._of_venue(link) if link["image"] else self._of_paper(link) or self._of_code(link)
            yield (*link.span(), GAP)
        for image in re.finditer(r"<img\b[^>]*>", self.raw, re.IGNORECASE):
            yield (*image.span(), GAP)
        for link in inline.ANCHOR.finditer(self.raw):
            label = inline.plain(link["text"]).casefold()
            place = self._url(link["url"], label, surely=self._titled(link))
            yield (*link.span("url"), place) if place else (*link.span(), GAP)
        for bare in inline.BARE.finditer(self.raw):
            yield (*bare.span(), self._url(bare[0], "bare", surely=False) or self._bare_code(bare) or GAP)

    def _of_venue(self, image: re.Match[str]) -> Iterator[Cut]:
        """Yield the place of the venue in the address of a badge, none where it says another thing."""
        said = re.search(r"(?<=badge/)[A-Za-z]+(?=[-_\d])", image["url"])
        preprint = said is not None and said[0].casefold() in ("arxiv", "preprint")
        if said and (preprint or VENUE.match(image["url"], said.start())):
            year = re.compile(r"\d*").match(image["url"], said.end())
            at = image.start("url")
            yield at + said.start(), at + (year or said).end(), slot("badge")
            if preprint:
                self.forms.append(BadgeForm(said[0]))

    def _titled(self, link: re.Match[str]) -> bool:
        return self.title is not None and link.start("text") <= self.title.start < link.end("text")

    def _url(self, url: str, label: str, *, surely: bool) -> str | None:
        """Return the slot of a paper's address and note its form; None for an address of something else."""
        if m := _ARXIV_URL.match(url):
            self.forms.append(UrlForm(label, f"{m['head']}{{id}}{'v1' if m['version'] else ''}{m['tail'] or ''}"))
        return slot(f"url={label}") if m or surely else None

    def _of_paper(self, link: re.Match[str]) -> Sequence[Cut]:
        """Return the cuts of a link to the paper, none where it leads elsewhere."""
        label, titled = inline.plain(link["text"]), self._titled(link)
        surely = titled or bool(_PAPER_LABEL.match(label))
        if not surely and not arxiv_id.parse_id(link["url"]):
            return ()
        if not (place := self._url(link["url"], "" if titled else label.casefold(), surely=surely)):
            return ()
        cuts = [(*link.span("url"), place)]
        if link["text"].lstrip().startswith("http"):
            cuts.append((*link.span("text"), place))
        elif not titled and arxiv_id.parse_id(label):
            cuts.append((*_place(link["text"], label, link.start("text")), slot("id")))
        for image in _images(link):
            cuts += _of_badge(image, link.start("text"))
        return cuts

    def _of_code(self, link: re.Match[str]) -> Sequence[Cut]:
        """Return the cuts of a link to the paper's code, none where it leads elsewhere."""
        repo, label = REPOSITORY.match(link["url"]), inline.plain(link["text"]).strip("[] ")
        said = re.search(r"(\w+)[*_]*\s*[:：]\s*\[*$", self.raw[: link.start()])
        if not repo or (said and not _CODE_LABEL.match(said[1])):
            return ()
        name, images = repo["repo"].partition("/")[2], _images(link)
        if not (images or _CODE_LABEL.match(label) or label in (name, repo["repo"])):
            return ()
        cuts = [(*link.span("url"), slot("code"))]
        for image in images:
            at = link.start("text") + image.start()
            cuts.append((at, at + len(image[0]), image["text"] or "code"))
        if label == name:
            cuts.append((*_place(link["text"], label, link.start("text")), slot("reponame")))
        return cuts

    def _bare_code(self, bare: re.Match[str]) -> str | None:
        before = self.raw[: bare.start()].rpartition("\n")[2]
        said = REPOSITORY.match(bare[0]) and re.search(r"(?:code|github|代码)\W*$", before, re.IGNORECASE)
        return slot("code") if said else None


def _images(link: re.Match[str]) -> list[re.Match[str]]:
    return [image for image in inline.LINK.finditer(link["text"]) if image["image"]]


def _of_badge(image: re.Match[str], offset: int) -> Iterator[Cut]:
    """Yield the id in the address of a paper's badge, `badge/arXiv-2401.00001-b31b1b`; its label tells no venue."""
    at = offset + image.start("url")
    ids = [(at + found.start, at + found.end, slot("id")) for found in arxiv_id.find_ids(image["url"])]
    if ids and _PAPER_LABEL.match(image["text"]):
        yield offset + image.start("text"), offset + image.end("text"), slot(f"word={image['text']}")
    yield from ids


def _place(text: str, part: str, offset: int) -> tuple[int, int]:
    at = offset + max(0, text.find(part))
    return at, at + len(part)
