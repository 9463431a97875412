"""Where a paper's own record says that it was accepted. A workshop, a submission or another paper's venue is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Paper

NAMES = (
    "3DV|AAAI|ACCV|ACL|ACM MM|AISTATS|ASPLOS|ATC|BMVC|CCS|CHI|CIKM|COLING|COLM|COLT|CoRL|CVPR|DAC|DATE|EACL"
    "|ECAI|ECCV|ECML|EMNLP|EuroSys|FAST|FSE|HPCA|HPDC|ICAPS|ICASSP|ICCAD|ICCV|ICDCS|ICDE|ICDM|ICLR|ICML"
    "|ICRA|ICSE|IJCAI|IJCNN|IJCV|INFOCOM|INTERSPEECH|Interspeech|IROS|ISCA|ISPASS|ISSTA|JMLR|KDD|MICCAI"
    "|MICRO|MLSys|MM|MobiCom|NAACL|NDSS|NeurIPS|NIPS|NSDI|OOPSLA|OSDI|PACT|PLDI|PNAS|POPL|PPoPP|RA-L"
    "|RecSys|RSS|SC|SIGCOMM|SIGGRAPH Asia|SIGGRAPH|SIGIR|SIGMOD|SoCC|SOSP|T-RO|TACL|TKDE|TMLR|TNNLS|TPAMI|UAI"
    "|USENIX ATC|USENIX Security|UIST|VLDB|WACV|WSDM|WWW"
)
"""Venues by the names that lists use."""
_FULL = {
    "NeurIPS": r"neural information processing systems",
    "ICML": r"international conference on machine learning(?! and)",
    "ICLR": r"international conference on learning representations",
    "CVPR": r"(?:conference on )?computer vision and pattern recognition(?:,? conference)?",
    "ICCV": r"international conference on computer vision(?! theory)",
    "ECCV": r"european conference on computer vision",
    "WACV": r"winter conference on applications of computer vision",
    "3DV": r"international conference on 3d vision",
    "EMNLP": r"empirical methods in natural language processing",
    "NAACL": r"(?:nations|north american chapter) of the (?:americas chapter of the )?"
    r"association for computational linguistics",
    "EACL": r"european chapter of the association for computational linguistics",
    "TACL": r"transactions of the (?:association for computational linguistics|acl)",
    "ACL": r"(?:annual meeting of the )?association for computational linguistics",
    "AAAI": r"aaai conference on artificial intelligence",
    "IJCAI": r"international joint conference on artificial intelligence",
    "AISTATS": r"(?:international conference on )?artificial intelligence and statistics",
    "UAI": r"conference on uncertainty in artificial intelligence",
    "CoRL": r"conference on robot learning",
    "RSS": r"robotics: science and systems",
    "ICRA": r"international conference on robotics and automation(?! letters)",
    "IROS": r"international conference on intelligent robots and systems",
    "RA-L": r"robotics and automation letters|(?<![\w-])ral(?![\w-])",
    "T-RO": r"transactions on robotics",
    "ICASSP": r"international conference on acoustics,? speech,? and signal processing",
    "KDD": r"(?:conference on )?knowledge discovery and data mining|sigkdd",
    "WWW": r"(?:the )?(?:acm )?(?:web conference|thewebconf)",
    "ACM MM": r"acm (?:international conference on )?multimedia|acm ?mm(?=[ '’]{0,2}2)",
    "TPAMI": r"transactions on pattern analysis and machine intelligence|(?:ieee )?t-pami",
    "IJCV": r"international journal of computer vision",
    "TMLR": r"transactions on machine learning research",
    "JMLR": r"journal of machine learning research",
    "TKDE": r"transactions on knowledge and data engineering",
    "TNNLS": r"transactions on neural networks and learning systems",
    "MICCAI": r"medical image computing and computer[- ]assisted intervention",
    "MLSys": r"conference on machine learning and systems",
    "COLM": r"conference on language modeling",
    "INTERSPEECH": r"annual conference of the international speech communication association",
}
_ACCEPTED = r"\b(?:accept(?:ed)?|appear\w*|published|presented|camera[- ]ready|in press|proceedings|proc)\b"
_YEAR = r"(?P<year>20[0-4]\d|(?<=[A-Z'’‘-])[123]\d)(?!\d)"
_KNOWN = re.compile(
    rf"(?<![\w/@-])(?P<name>{NAMES})(?![A-Za-z])"
    rf"(?:\s?\([^()\d]{{2,12}}\)| main| findings)?(?:['’‘ ,\-(]{{0,3}}{_YEAR})?(?P<after>[^,]*)",
    re.IGNORECASE,
)
_OTHER = re.compile(rf"(?<![\w/@-])(?P<name>[A-Z][A-Za-z]*[A-Z][A-Za-z]*)(?:['’‘ \-]{{0,2}}){_YEAR}(?P<after>[^,]*)")
"""A venue of no great name: an acronym with its year."""
_BRACKETED = re.compile(rf"\((?:IEEE |ACM )?(?P<name>[A-Z][A-Za-z]*[A-Z][A-Za-z]*)[-'’‘ ]{{0,2}}{_YEAR}(?P<after>)\)")
"""The short name behind a full one."""
_TO_OTHER = re.compile(
    rf"{_ACCEPTED}(?: for (?:publication|presentation))?(?: \w+ (?:paper|presentation))?"
    r" (?:(?:at|to|by|in|for|on) )*(?:the )?(?:(?:ACM|IEEE|USENIX|SIAM)(?:/\w+)? )?\Z|[(][^()]*\Z",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"\b(?:work-?shops?|wksp|submitted|submission|submit|under (?:review|consideration|submission)|in review|reject\w*"
    r"|(?:not|if|upon|until|after|once|pending) accept\w*|competition|challenges?|extend(?:ed|s)|extension"
    r"|preliminary|earlier|previous\w*|prior|shorter|longer|companion|tutorial|doctoral|intended|prepar\w+ for"
    r"|template|style|withdraw\w*|winner|winning|solution|place in|baseline|co-?located|in conjunction|follow-?up"
    r"|builds? (?:up)?on|based on|reproduc\w+|preprint for|symposium paper|late[- ]breaking|tiny papers?)\b"
    rf"|full version of|\b(?:{NAMES})W(?![A-Za-z])|@",
    re.IGNORECASE,
)
"""Words with which a place is not the main track of a venue that took this very paper."""
_YEARS = re.compile(r"(?<!\d)20[0-4]\d(?!\d)")
_CLAUSE = re.compile(r"[;\n]|(?<!\bproc)(?<!\bint)(?<!\bconf)(?<!\btrans)\.(?=\s|$)", re.IGNORECASE)
_BEFORE = re.compile(
    r"(?:\d+(?:st|nd|rd|th)\b|[\W\d]|\b(?:findings|pages?|pp|figures?|figs?|tables?|appendi\w+|main|text|paper|long|full|regular|in|at|the|with|and|plus"
    r"|ieee|acm|usenix|cvf|siam|version|total|references?|suppl\w+|materials?|annual|conference|content|of|on"
    r"|international|advances|preprint|including|excluding|algorithms?)\b)*",
    re.IGNORECASE,
)
"""What may stand before a venue that is said without a verb."""
_AFTER = re.compile(
    r"\s*\(|[\W\d]*(?:$|[a-z]|(?:Oral|Spotlight|Highlight|Poster|Findings?|Main|Conference|Proceedings|Camera|Best|Outstanding"
    r"|Datasets?|DB|Industry|Research|Applied|Technical|Project|Code|Web\w*|Long|Short|Regular|Full|Paper|Track|D&B|Position"
    r"|System|Demo\w*|Journal|Special|Accepted|CRV|Github|Data)\b)",
)
"""What may follow it: any other name is that of an event beside it."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A venue that a record tells: its short name, the year if it is said, and the words, with where they stand."""

    name: str
    year: int | None
    field: str
    text: str

    @property
    def origin(self) -> str:
        """The words that tell it, for people."""
        return f"{self.field.replace('_ref', ' reference')}: “{self.text}”"


def accepted(paper: Paper) -> Acceptance | None:
    """Return where a record says that the paper was accepted, None where it says no such thing."""
    found = [*_in_comment(paper.comment or ""), *_in_reference(paper.journal_ref or "")]
    return next((one for one in found if one.year), next(iter(found), None))


def _in_comment(text: str) -> Iterator[Acceptance]:
    for clause in _CLAUSE.split(re.sub(r"https?://\S+", "", text)):
        if not _NOTHING.search(clause) and (told := _told(clause)):
            yield Acceptance(*told, "comment", " ".join(clause.split()))


def _in_reference(text: str) -> Iterator[Acceptance]:
    """Yield the venue of a journal reference, which is one of a publication: a known name, or a journal's words."""
    if re.search(r"work-?shop|submitted|arxiv|preprint", text, re.IGNORECASE):
        return
    year = next(iter(re.findall(r"(?<!\d)(?:19[89]|20[0-4])\d(?!\d)", text)[::-1]), None)
    known = _KNOWN.search(in_short(text))
    journal = re.match(r"[A-Z][A-Za-z&.\- ]{2,40}?(?=,?\s*(?:\d|vol\b|volume\b|\())", text)
    name = _spelled(known["name"]) if known else journal[0].strip(" ,") if journal else None
    if name and year:
        yield Acceptance(name, int(year), "journal_ref", " ".join(text.split()))


def _told(clause: str) -> tuple[str, int | None] | None:
    """Return the venue that a clause tells and its year."""
    text = in_short(clause)
    for pattern in (_BRACKETED, _KNOWN, _OTHER):
        for found in pattern.finditer(text):
            before, verb = text[: found.start()], re.search(_ACCEPTED, text, re.IGNORECASE)
            bare = _BEFORE.fullmatch(before) and not re.search(r"accepted|accept\b", before)
            said = verb is not None and (pattern is not _OTHER or _TO_OTHER.search(before))
            year = found["year"] or (_year_before(before) if pattern is _KNOWN else None)
            if (said or (bare and year)) and _AFTER.match(found["after"].removeprefix(")")):
                return _spelled(found["name"]), int(year) % 100 + 2000 if year else _year_after(found["after"], text)
    return None


def _year_before(text: str) -> str | None:
    """Return the year right before a name: `the 2026 IEEE International ...`."""
    found = re.search(
        r"\b(20[0-4]\d)(?: (?:IEEE|ACM|CVF|RSJ|ISCA|SIAM|\W|and|/|annual|international|conference|on))*\W*$", text
    )
    return found[1] if found else None


def _year_after(after: str, text: str) -> int | None:
    """Return the year that a clause names once, apart from its venue."""
    years = set(_YEARS.findall(after) or _YEARS.findall(text))
    return int(years.pop()) if len(years) == 1 else None


def in_short(text: str) -> str:
    """Return a text with the full names of venues in short; `... on Machine Learning (ICML)` says it once."""
    for name, pattern in _FULL.items():
        text = re.sub(
            r"(?:(?:ieee/?(?:cvf|rsj)?|acm|international|annual|conference|meeting|advances|in|on|of|the) )*"
            rf"\b(?:{pattern})(?:\s*\(({name})\b[ '’,]*(20\d\d)?\))?",
            rf" {name} \2",
            text,
            flags=re.IGNORECASE,
        )
    return re.sub(r"\s+", " ", text)


def _spelled(name: str) -> str:
    """Return a venue's name as lists spell it."""
    return next((known for known in NAMES.split("|") if known.casefold() == name.casefold()), name)
