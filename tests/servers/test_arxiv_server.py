"""Keeps the local arXiv honest: against the recorded answers where there are any, else against the facts."""

from __future__ import annotations

import json
import re
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from bot.model import Paper
from tests.servers.arxiv import (
    ArxivServer,
    CutFeed,
    EmptyBody,
    FalseZero,
    Fault,
    HtmlPage,
    HttpError,
    MissingEntries,
    NoEntries,
    Reset,
    Slow,
    Truncated,
)
from tests.servers.arxiv_query import Document, canonical, normalised, parse, predicate

RECORDINGS = Path(__file__).resolve().parents[2].parent / "shared" / "arxiv"
ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


# --- recordings ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recording:
    """A request to arXiv and what it said."""

    name: str
    url: str
    status: int
    body: str

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))


@cache
def recordings() -> tuple[Recording, ...]:
    return tuple(_recording(path) for path in sorted(RECORDINGS.glob("api_*.json")))


def _recording(path: Path) -> Recording:
    record = json.loads(path.read_text(encoding="utf-8"))
    # The recorder took the UTF-8 bytes for Latin-1.
    body = record["body"].encode("latin-1").decode("utf-8")
    return Recording(path.stem, record["url"], record["status_code"], body)


def recording(name: str) -> Recording:
    found = [record for record in recordings() if record.name == name]
    if not found:
        pytest.skip(f"no recorded answer {name} in {RECORDINGS}: the recordings are not part of the repository")
    return found[0]


@dataclass(frozen=True)
class Recorded:
    """A paper of a recording, with its version."""

    paper: Paper
    version: int


def recorded_papers() -> tuple[Recorded, ...]:
    """Return every recorded paper once, those of the big search first and in its order of relevance."""
    big_first = sorted(recordings(), key=lambda record: record.name != "api_200_search_100")
    entries = [entry for record in big_first if record.status == 200 for entry in entries_of(record.body)]
    return tuple({entry.paper.id: entry for entry in map(_recorded, entries)}.values())


def _recorded(entry: ET.Element) -> Recorded:
    base, version = _text(entry, "id").removeprefix("http://arxiv.org/abs/").rsplit("v", 1)
    primary = entry.find(f"{ARXIV}primary_category")
    paper = Paper(
        id=base,
        title=_text(entry, "title"),
        authors=tuple(name.text or "" for name in entry.iter(f"{ATOM}name")),
        summary=_text(entry, "summary"),
        categories=tuple(category.get("term", "") for category in entry.findall(f"{ATOM}category")),
        primary_category=None if primary is None else primary.get("term"),
        published=datetime.fromisoformat(_text(entry, "published")),
        updated=datetime.fromisoformat(_text(entry, "updated")),
        comment=entry.findtext(f"{ARXIV}comment"),
        journal_ref=entry.findtext(f"{ARXIV}journal_ref"),
        doi=entry.findtext(f"{ARXIV}doi"),
    )
    return Recorded(paper, int(version))


def entries_of(body: str) -> list[ET.Element]:
    return ET.fromstring(body.encode()).findall(f"{ATOM}entry")


def _text(element: ET.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


@pytest.fixture(scope="module")
def recorded_server() -> Iterator[ArxivServer]:
    papers = recorded_papers()
    versions = {entry.paper.id: entry.version for entry in papers}
    server = ArxivServer([entry.paper for entry in papers], version=lambda paper: versions[paper.id])
    with server:
        yield server


NAMES = (
    "api_200_comment_many_authors",
    "api_200_mixed_ids",
    "api_200_old_id_astro_ph",
    "api_200_old_id_with_version",
    "api_200_one_new_id",
    "api_200_search_100",
    "api_200_search_odd_window",
    "api_200_search_page0",
    "api_200_search_page5",
    "api_200_title_is_0",
    "api_200_unknown_id_zero",
    "api_200_wrong_length_id",
    "api_400_bad_id",
)


def comparable(body: str) -> str:
    """Blank out what two answers to one request may differ in, and the affiliations, which a Paper lacks."""
    body = re.sub(r"(?<=<id>https://arxiv.org/api/)[\w+/]{27}(?=</id>)", "ID", body)
    body = re.sub(r" *<arxiv:affiliation>.*</arxiv:affiliation>\n", "", body)
    body = re.sub(r"(?<=<opensearch:totalResults>)(214881|10\d)(?=<)", "ALL", body)
    head, *entries = body.split("  <entry>\n")
    if "<title>Error</title>" in body:
        entries = [_unstamped(entry) for entry in entries]
    return "  <entry>\n".join([_unstamped(head), *entries])


def _unstamped(text: str) -> str:
    return re.sub(r"<updated>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ</updated>", "<updated>NOW</updated>", text)


@pytest.mark.parametrize("name", NAMES)
def test_answers_a_recorded_request_as_recorded(name: str, recorded_server: ArxivServer) -> None:
    """The status and, but for the time, the query's hash and the size of arXiv, every byte agree."""
    record = recording(name)
    answer = requests.get(recorded_server.api_url, params=record.params, timeout=10)
    assert answer.status_code == record.status
    assert comparable(answer.content.decode()) == comparable(record.body)


def test_knows_every_recording() -> None:
    """No recorded answer is left out of the comparison."""
    if not recordings():
        pytest.skip(f"no recordings in {RECORDINGS}: they are not part of the repository")
    assert sorted(record.name for record in recordings()) == sorted(NAMES)


# --- a small archive ----------------------------------------------------------------------------------------


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


PAPERS = (
    Paper(
        "2601.00001",
        "Paged attention for LLM serving",
        authors=("Ada Lovelace", "Jürgen Müller"),
        summary="We manage the KV cache in pages & save memory.",
        categories=("cs.DC", "cs.LG"),
        primary_category="cs.DC",
        published=day("2026-01-01 23:59:00"),
        updated=day("2026-03-01 10:00:00"),
        comment="Accepted at SOSP",
        journal_ref="SOSP 2026",
        doi="10.1000/182",
    ),
    Paper(
        "2601.00002",
        "Caching keys and values",
        authors=("Alan Turing",),
        summary="KV caches are large; we compress the cache of KV pairs.",
        categories=("cs.LG",),
        published=day("2026-01-01 23:59:30"),
    ),
    Paper(
        "2601.00003",
        "Mixture of experts",
        authors=("Grace Hopper",),
        summary="A non invasive probe of experts.",
        categories=("cs.CL",),
        published=day("2026-01-02 00:00:00"),
    ),
    Paper(
        "math/0309136",
        "A cache of graphs",
        authors=("Paul Erdős",),
        summary="Non separable graphs.",
        categories=("math.GT",),
        published=day("2003-09-08 12:00:00"),
    ),
    Paper("2601.00005", "Undated experts", summary="Nobody knows when.", categories=("cs.CL",)),
)
A, B, C, D, E = (paper.id for paper in PAPERS)


@pytest.fixture
def server() -> Iterator[ArxivServer]:
    with ArxivServer(PAPERS) as running:
        yield running


def ask(server: ArxivServer, **params: str | int) -> requests.Response:
    return requests.get(server.api_url, params=params, timeout=10)


def ids(answer: requests.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    found = [_text(entry, "id").removeprefix("http://arxiv.org/abs/") for entry in entries_of(answer.text)]
    return [name.rsplit("v", 1)[0] for name in found]


def total(answer: requests.Response) -> int:
    return int(ET.fromstring(answer.content).findtext(f"{OPENSEARCH}totalResults") or "-1")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # fields
        ("ti:experts", [C, E]),
        ("abs:experts", [C]),
        ("au:turing", [B]),
        ("au:muller", [A]),
        ("co:SOSP", [A]),
        ('jr:"SOSP 2026"', [A]),
        ("rn:1", []),
        ("id:math/0309136", [D]),
        ("id:2601.00002v1", [B]),
        ("cat:cs.LG", [A, B]),
        ("cat:cs.lg", []),
        ("cat:cs", []),
        ("cat:math.GT", [D]),
        ("all:turing", [B]),
        ("all:cs.CL", [C, E]),
        ("experts", [C, E]),
        # words and phrases
        ("abs:x OR ti:x", []),
        ('abs:"KV CACHE"', [A, B]),
        ('abs:"cache KV"', []),
        ('abs:"cache of kv"', [B]),
        ('"keys and values"', [B]),
        ('all:"serving we"', []),
        ("au:ada_lovelace", [A]),
        ("au:lovelace_ada", [A]),
        ("abs:page", [A]),
        ("abs:compressing", [B]),
        ('ti:"attention for LLMs"', [A]),
        ("all:-", []),
        # operators bind to the right
        ("ti:paged AND abs:kv", [A]),
        ("ti:paged OR ti:mixture", [A, C]),
        ("abs:kv ANDNOT ti:paged", [B]),
        ("ti:mixture AND abs:kv OR abs:experts", [C]),
        ("(ti:mixture AND abs:kv) OR abs:experts", [C]),
        ("ti:absent AND abs:kv OR abs:experts", []),
        ("(ti:absent AND abs:kv) OR abs:experts", [C]),
        ("abs:kv ANDNOT ti:paged AND ti:absent", [A, B]),
        ("(abs:kv ANDNOT ti:paged) AND ti:absent", []),
        ("abs:kv ANDNOT (ti:paged OR ti:caching)", []),
        ("((ti:paged) OR (ti:mixture))", [A, C]),
        ("  ti:paged   OR  ti:mixture ", [A, C]),
        # dates: both ends to the very minute
        ("submittedDate:[202601010000 TO 202601012359]", [A]),
        ("submittedDate:[202601012359 TO 202601020000]", [A, B, C]),
        ("submittedDate:[202601020000 TO 202601020000]", [C]),
        ("submittedDate:[202601020001 TO 202612310000]", []),
        ("submittedDate:[202612310000 TO 202601010000]", []),
        ("abs:kv AND submittedDate:[202601012359 TO 202601020000]", [A, B]),
        ("(abs:kv OR ti:mixture) AND submittedDate:[202601020000 TO 202701010000]", [C]),
        ("submittedDate:[202601012359 TO 202601020000] ANDNOT abs:kv", [C]),
        ("cat:cs.CL ANDNOT submittedDate:[202601010000 TO 202701010000]", [E]),
        ("ti:graphs OR submittedDate:[202601020000 TO 202701010000]", [C, D]),
        ("lastUpdatedDate:[202601020000 TO 202701010000]", [C]),
        # the hyphen fault: the second word is excluded
        ("abs:non-invasive", [D]),
        ('abs:"non-invasive"', [D]),
        ('abs:"non invasive"', [C]),
    ],
)
def test_finds_what_the_query_means(query: str, expected: list[str], server: ArxivServer) -> None:
    """A well-formed query finds these papers, in the order in which they were given."""
    answer = ask(server, search_query=query)
    assert ids(answer) == expected
    assert total(answer) == len(expected)


def test_hyphens_can_be_healed() -> None:
    """Without the fault a hyphen is a word border like any other."""
    with ArxivServer(PAPERS, hyphen_fault=False) as server:
        assert ids(ask(server, search_query="abs:non-invasive")) == [C]


@pytest.mark.parametrize(
    "query",
    [
        'ti:"unclosed',
        "(ti:a OR ti:b",
        "ti:a OR ti:b)",
        "()",
        "xx:word",
        "ti:a AND OR ti:b",
        "ti:a AND",
        "AND ti:a",
        "ANDNOT ti:a",
        "ti:a ti:b",
        "deep learning",
        "ti:a and ti:b",
        "ti:a NOT ti:b",
        "ti:a & ti:b",
        "ti:a AND(ti:b)",
        "(ti:a)OR(ti:b)",
        "abs:(a OR b)",
        "ti:",
        'ti:""',
        "submittedDate:2007*",
        "submittedDate:20260101",
        "submittedDate:[2007 TO 2008]",
        "submittedDate:[20260101 TO 20260102]",
        "submittedDate:[2026-01-01 TO 2026-01-02]",
        "submittedDate:[202601010000 TO *]",
        "submittedDate:[20260101000000 TO 20260102000000]",
        "submittedDate:[202601010000+TO+202601020000]",
        "submittedDate:[202613010000 TO 202614010000]",
        "submittedDate:[202601010000 to 202601020000]",
        "submittedDate:[202601010000 TO 202601020000",
    ],
)
def test_refuses_a_malformed_query(query: str, server: ArxivServer) -> None:
    """A query that does not parse is answered with 400 and the error feed."""
    assert_refused(ask(server, search_query=query))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "Either a search_query or id_list must be specified for the classic API."),
        ({"search_query": " "}, "Either a search_query or id_list must be specified for the classic API."),
        ({"id_list": "abc"}, "incorrect id format for abc"),
        ({"id_list": f"{A},abc,{B}"}, "incorrect id format for abc"),
        ({"id_list": f"{A},"}, "incorrect id format for "),
        ({"id_list": "2601.1"}, "incorrect id format for 2601.1"),
        ({"id_list": "2601.00001v0"}, "incorrect id format for 2601.00001v0"),
        ({"id_list": "math/030913"}, "incorrect id format for math/030913"),
        ({"search_query": "x", "start": "one"}, "start must be an integer"),
        ({"search_query": "x", "start": "-1"}, "start must be non-negative"),
        ({"search_query": "x", "max_results": "1.5"}, "max_results must be an integer"),
        ({"search_query": "x", "max_results": "-1"}, "max_results must be non-negative"),
        ({"search_query": "x", "max_results": "2001"}, "max_results must not be greater than 2000"),
        (
            {"search_query": "x", "start": "29001", "max_results": "1000"},
            "start + max_results must not be greater than 30000",
        ),
        (
            {"search_query": "x", "sortBy": "date"},
            "sortBy must be in: relevance, lastUpdatedDate, submittedDate",
        ),
        ({"search_query": "x", "sortOrder": "up"}, "sortOrder must be in: ascending, descending"),
    ],
)
def test_refuses_malformed_parameters(params: dict[str, str], message: str, server: ArxivServer) -> None:
    """A bad parameter, or one bad id, fails the whole request and the feed says why."""
    assert_refused(ask(server, **params), message)


def assert_refused(answer: requests.Response, message: str | None = None) -> None:
    assert answer.status_code == 400
    (entry,) = entries_of(answer.text)
    assert _text(entry, "title") == "Error"
    assert _text(entry, "id").startswith("https://arxiv.org/api/errors#")
    assert total(answer) == 1
    if message is not None:
        assert _text(entry, "summary") == message


def test_no_results_wanted_breaks_it(server: ArxivServer) -> None:
    """max_results=0 is answered with 500 and no feed."""
    answer = ask(server, search_query="x", max_results=0)
    assert answer.status_code == 500
    assert "<feed" not in answer.text


def test_limits_are_reached(server: ArxivServer) -> None:
    """The largest slice and the last place are still allowed."""
    assert ids(ask(server, search_query="x", max_results=2000)) == []
    assert ids(ask(server, search_query="x", start=29_000, max_results=1000)) == []


@pytest.mark.parametrize(
    ("id_list", "expected"),
    [
        (A, [f"{A}v2"]),
        (f"{A}v1", [f"{A}v1"]),
        (f"{A}v2", [f"{A}v2"]),
        (f"{A}v3", []),
        ("math.GT/0309136", [f"{D}v1"]),
        ("math/0309136v1", [f"{D}v1"]),
        (f"{A},0000.0000,{B}", [f"{A}v2", f"{B}v1"]),
        (f"{A},{A}", [f"{A}v2"]),
        ("0808.05394", []),
    ],
)
def test_id_list(id_list: str, expected: list[str], server: ArxivServer) -> None:
    """Known ids are answered once, in the version asked for; unknown ones are silently absent."""
    answer = ask(server, id_list=id_list)
    names = [_text(entry, "id").removeprefix("http://arxiv.org/abs/") for entry in entries_of(answer.text)]
    assert names == expected
    assert total(answer) == len(expected)


def test_an_old_version_has_its_own_date(server: ArxivServer) -> None:
    """The first version was updated when it was published, the latest later."""
    first, latest = (entries_of(ask(server, id_list=name).text)[0] for name in (f"{A}v1", A))
    assert _text(first, "updated") == _text(first, "published") == "2026-01-01T23:59:00Z"
    assert _text(latest, "updated") == "2026-03-01T10:00:00Z"


def test_query_and_ids_intersect(server: ArxivServer) -> None:
    """With both, only the listed papers that match are found."""
    assert ids(ask(server, search_query="abs:kv", id_list=f"{B},{C}")) == [B]


def many(count: int) -> list[Paper]:
    start = day("2026-02-01 00:00:00")
    return [
        Paper(f"2602.{n:05}", f"Paper {n}", categories=("cs.DC",), published=start + timedelta(minutes=n))
        for n in range(count)
    ]


def test_pages_join_without_gap_or_overlap() -> None:
    """The slices of one search are the parts of the whole, ten at a time unless told."""
    with ArxivServer(many(25)) as server:
        whole = ids(ask(server, search_query="ti:paper", max_results=100))
        assert ids(ask(server, search_query="ti:paper")) == whole[:10]
        assert ids(ask(server, search_query="ti:paper", start=9, max_results=15)) == whole[9:24]
        assert ids(ask(server, search_query="ti:paper", start=20)) == whole[20:]
        beyond = ask(server, search_query="ti:paper", start=25)
        assert ids(beyond) == []
        assert total(beyond) == 25
        assert len(ids(ask(server, id_list=",".join(whole)))) == 10


@pytest.mark.parametrize(
    ("sort_by", "sort_order", "expected"),
    [
        ("relevance", "descending", [A, B, C, D, E]),
        ("relevance", "ascending", [E, D, C, B, A]),
        ("submittedDate", "descending", [C, B, A, D, E]),
        ("submittedDate", "ascending", [D, A, B, C, E]),
        ("lastUpdatedDate", "descending", [A, C, B, D, E]),
        ("lastUpdatedDate", "ascending", [D, B, C, A, E]),
    ],
)
def test_sorts(sort_by: str, sort_order: str, expected: list[str], server: ArxivServer) -> None:
    """Every order is as named; papers without a date come last."""
    everything = ",".join((A, B, C, D, E))
    assert ids(ask(server, id_list=everything, sortBy=sort_by, sortOrder=sort_order)) == expected


def test_the_title_shows_the_canonical_query(server: ArxivServer) -> None:
    """The feed repeats the query as it was understood."""
    answer = ask(server, search_query="experts", start=1, max_results=3)
    title = ET.fromstring(answer.content).findtext(f"{ATOM}title")
    assert title == "arXiv Query: search_query=all:experts&id_list=&start=1&max_results=3"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("testing", "all:testing"),
        ('"kv cache"', 'all:"kv cache"'),
        ("ti:a AND ti:b OR ti:c", "ti:a AND (ti:b OR ti:c)"),
        ("(ti:a OR ti:b) AND ti:c", "(ti:a OR ti:b) AND ti:c"),
        ("ti:a OR ti:b OR ti:c", "ti:a OR ti:b OR ti:c"),
        ("ti:a ANDNOT ti:b ANDNOT ti:c", "ti:a ANDNOT (ti:b ANDNOT ti:c)"),
        (
            "ti:a AND submittedDate:[202601010000 TO 202601020000]",
            "ti:a AND submittedDate:[202601010000 TO 202601020000]",
        ),
    ],
)
def test_canonical_form(query: str, expected: str) -> None:
    """The canonical form makes fields and binding explicit, and reading it again changes nothing."""
    assert canonical(parse(query)) == expected
    assert parse(expected) == parse(query)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caches", "caching"),
        ("served", "serving"),
        ("models", "model"),
        ("LLMs", "LLM"),
        ("GPUs", "GPU"),
        ("uses", "use"),
        ("studies", "study"),
        ("Erdős", "erdos"),
        ("KV-cache", "kv cache"),
    ],
)
def test_inflections_meet(one: str, other: str) -> None:
    """Forms of a word, accents and case make no difference to a search."""
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(("one", "other"), [("string", "stress"), ("speed", "spe"), ("king", "k"), ("us", "u")])
def test_stems_keep_words_apart(one: str, other: str) -> None:
    """What only looks like an ending is not cut off."""
    assert normalised(one) != normalised(other)


def test_a_long_query_needs_no_deep_stack() -> None:
    """Thousands of alternatives are parsed, written and matched."""
    node = parse(" OR ".join(f"ti:word{n}" for n in range(5000)))
    assert canonical(node).count(" OR ") == 4999
    assert predicate(node)(Document(Paper("2601.00001", "word4999")))


def test_characters_survive(server: ArxivServer) -> None:
    """Markup in the data is escaped and text outside ASCII is UTF-8."""
    (entry,) = entries_of(ask(server, id_list=A).text)
    assert _text(entry, "summary") == "We manage the KV cache in pages & save memory."
    assert [name.text for name in entry.iter(f"{ATOM}name")] == ["Ada Lovelace", "Jürgen Müller"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("2601.00005", "2026-01-01"), ("hep-th/9912001", "1999-12-01"), ("cs/0009001", "2000-09-01")],
)
def test_an_undated_paper_shows_the_month_of_its_id(name: str, expected: str) -> None:
    """No entry is without dates, yet no date range finds the paper."""
    with ArxivServer([Paper(name, "Undated")]) as server:
        (entry,) = entries_of(ask(server, id_list=name).text)
        assert _text(entry, "published") == _text(entry, "updated") == f"{expected}T00:00:00Z"
        assert ids(ask(server, search_query="submittedDate:[199001010000 TO 203001010000]")) == []


def test_post_is_as_good_as_get(server: ArxivServer) -> None:
    """The parameters may come as a form."""
    form = {"search_query": "abs:kv", "max_results": "1", "start": "1"}
    assert ids(requests.post(server.api_url, data=form, timeout=10)) == [B]
    assert server.requests[-1].method == "POST"
    assert server.requests[-1].params == form


def test_other_paths_are_not_found(server: ArxivServer) -> None:
    """Only the API is served, and a request astray takes no fault away."""
    server.faults.append(HttpError())
    assert requests.get(server.api_url + "x", timeout=10).status_code == 404
    assert len(server.faults) == 1


# --- time ---------------------------------------------------------------------------------------------------


def test_a_paper_appears_when_it_is_announced() -> None:
    """Until its time a paper is found neither by search nor by id."""
    times = [day("2026-01-02 00:00:00")]

    def announced(paper: Paper) -> datetime:
        return (paper.published or times[0]) + timedelta(days=1)

    with ArxivServer(PAPERS[:3], clock=lambda: times[0], visible=announced) as server:
        assert ids(ask(server, search_query="cat:cs.LG")) == []
        assert ids(ask(server, id_list=A)) == []
        times[0] = day("2026-01-02 23:59:10")
        answer = ask(server, search_query="cat:cs.LG")
        assert ids(answer) == [A]
        assert "<updated>2026-01-02T23:59:10Z</updated>\n  <link" in answer.text


# --- records and faults -------------------------------------------------------------------------------------


def test_requests_are_recorded(server: ArxivServer) -> None:
    """Each request is kept with its time, path, parameters, headers and status."""
    before = time.monotonic()
    headers = {"User-Agent": "some-bot/1 (mail)", "Accept": "application/atom+xml"}
    requests.get(server.api_url, params={"search_query": "a:b"}, headers=headers, timeout=10)
    (record,) = server.requests
    assert before <= record.monotonic <= time.monotonic()
    assert (record.method, record.path, record.params) == ("GET", "/api/query", {"search_query": "a:b"})
    assert (record.user_agent, record.accept, record.status) == (
        "some-bot/1 (mail)",
        "application/atom+xml",
        400,
    )
    assert record.concurrent == 1


def test_concurrent_requests_are_told(server: ArxivServer) -> None:
    """A request that comes while another is under way is counted as the second."""
    server.faults.append(Slow(0.5))
    first = threading.Thread(target=ask, args=(server,), kwargs={"id_list": A})
    first.start()
    while not server.requests:
        time.sleep(0.005)
    ask(server, id_list=B)
    first.join()
    assert [record.concurrent for record in server.requests] == [1, 2]


def test_faults_are_served_in_order_then_end(server: ArxivServer) -> None:
    """Each fault takes one request; a plain one lets it through."""
    server.faults.extend([HttpError(503), Fault(), HttpError(403)])
    assert [ask(server, id_list=A).status_code for _ in range(4)] == [503, 200, 403, 200]


def test_rate_limit(server: ArxivServer) -> None:
    """The throttle is a plain text, with Retry-After if wanted."""
    server.faults.extend([HttpError(), HttpError(429, retry_after="7")])
    plain, timed = ask(server, id_list=A), ask(server, id_list=A)
    assert (plain.status_code, plain.text) == (429, "Rate exceeded.")
    assert "Retry-After" not in plain.headers
    assert timed.headers["Retry-After"] == "7"


def test_a_page_in_place_of_a_feed(server: ArxivServer) -> None:
    """A status of 200 comes with HTML."""
    server.faults.append(HtmlPage())
    answer = ask(server, id_list=A)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<feed" not in answer.text


def test_an_empty_body(server: ArxivServer) -> None:
    """A status of 200 comes with nothing."""
    server.faults.append(EmptyBody())
    answer = ask(server, id_list=A)
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_truncated_body(server: ArxivServer) -> None:
    """The client sees that bytes are missing, and the next request works."""
    server.faults.append(Truncated())
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(server, id_list=A)
    assert ids(ask(server, id_list=A)) == [A]


def test_a_cut_feed(server: ArxivServer) -> None:
    """HTTP is content, but the XML is not well-formed."""
    server.faults.append(CutFeed())
    answer = ask(server, id_list=A)
    assert answer.status_code == 200
    with pytest.raises(ET.ParseError):
        ET.fromstring(answer.content)


def test_false_zero_is_a_valid_feed(server: ArxivServer) -> None:
    """It differs in nothing from the answer of a quiet day."""
    server.faults.append(FalseZero())
    answer = ask(server, search_query="abs:kv")
    assert ids(answer) == []
    assert total(answer) == 0


def test_a_total_without_entries(server: ArxivServer) -> None:
    """The total is right, the entries are missing; of nothing it still claims one."""
    server.faults.extend([NoEntries(), NoEntries()])
    answer, nothing = ask(server, search_query="abs:kv"), ask(server, search_query="ti:absent")
    assert (ids(answer), total(answer)) == ([], 2)
    assert (ids(nothing), total(nothing)) == ([], 1)


def test_missing_entries(server: ArxivServer) -> None:
    """A page may be shorter than its total says."""
    server.faults.append(MissingEntries(1))
    answer = ask(server, search_query="abs:kv")
    assert (ids(answer), total(answer)) == ([A], 2)


def test_a_reset_connection(server: ArxivServer) -> None:
    """The client gets no answer; the record has no status; the next request works."""
    server.faults.append(Reset())
    with pytest.raises(requests.exceptions.ConnectionError):
        ask(server, id_list=A)
    assert ids(ask(server, id_list=A)) == [A]
    assert [record.status for record in server.requests] == [None, 200]


def test_a_slow_answer(server: ArxivServer) -> None:
    """The right answer comes late: a patient client gets it, an impatient one does not."""
    server.faults.extend([Slow(0.2), Slow(30)])
    before = time.monotonic()
    assert ids(ask(server, id_list=A)) == [A]
    assert time.monotonic() - before >= 0.2
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(server.api_url, params={"id_list": A}, timeout=0.1)


def test_a_malformed_request_is_refused_despite_a_page_fault(server: ArxivServer) -> None:
    """Faults of the results leave an error feed alone."""
    server.faults.append(FalseZero())
    assert_refused(ask(server, search_query="ti:a ti:b"))


# --- speed --------------------------------------------------------------------------------------------------


def test_a_long_query_over_a_window_is_quick() -> None:
    """Sixty phrases over one window of a large archive take well under two seconds, the first time too."""
    start = day("2026-02-01 00:00:00")
    text = "We serve large language models from the paged memory of many machines at low cost. " * 15
    template = Paper("2602.00000", "Title", summary=text, categories=("cs.DC",))
    papers = [replace(template, id=f"2602.{n:05}", published=start + timedelta(minutes=n)) for n in range(100_000)]
    phrases = " OR ".join(f'abs:"absent phrase {n}"' for n in range(60))
    query = f"({phrases}) AND submittedDate:[202602020000 TO 202602040000]"
    with ArxivServer(papers) as server:
        before = time.monotonic()
        assert ids(ask(server, search_query=query)) == []
        assert time.monotonic() - before < 1.5
