"""Feeds damaged at random, Atom and RSS: `make fuzz`.

Each document begins as a small invented feed and is cut, doubled, swapped and sprinkled with hostile pieces. Whatever
comes of it, no source may crash, and none may call a window complete unless as many papers came as the feed announces.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

from bot.arxiv import arxiv_id
from bot.errors import SourceError
from bot.model import Batch, Keyword, Query, Window
from bot.sources.api import ApiSource
from bot.sources.base import Source
from bot.sources.http import PoliteSession
from bot.sources.reply import FeedReply, not_a_feed
from bot.sources.rss import RssSource

NOW = datetime(2026, 11, 24, 6, 37, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW)
QUERY = Query((Keyword("KV cache"),), ("cs.DC",))
DOCUMENTS = 20_000
MOST_MB = 300

_ENTRY = """<entry><id>http://arxiv.org/abs/2611.{n:05}v1</id><updated>2026-11-{day:02}T10:00:00Z</updated>
<published>2026-11-{day:02}T10:00:00Z</published><title>KV cache {n}</title><summary>On {n} &amp; more.</summary>
<author><name>A. Author</name></author><link href="http://arxiv.org/abs/2611.{n:05}v1" rel="alternate"/>
<arxiv:primary_category term="cs.DC"/><category term="cs.DC"/></entry>"""
_ITEM = """<item><title>KV cache {n}</title><link>https://arxiv.org/abs/2611.{n:05}</link>
<description>arXiv:2611.{n:05}v1 Announce Type: new Abstract: On {n}.</description>
<guid>oai:arXiv.org:2611.{n:05}v1</guid><category>cs.DC</category><pubDate>Tue, 24 Nov 2026 00:00:00 -0500</pubDate>
<arxiv:announce_type>new</arxiv:announce_type><dc:creator>A. Author</dc:creator></item>"""
ATOM = (
    '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
    "<opensearch:totalResults>3</opensearch:totalResults>"
    + "".join(_ENTRY.format(n=n, day=n) for n in (3, 4, 5))
    + "</feed>"
).encode()
RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>cs.DC updates</title>'
    + "".join(_ITEM.format(n=n) for n in (3, 4, 5))
    + "</channel></rss>"
).encode()
PIECES = (
    b"", b"<entry/>", b"<item/>", b"</entry>", b"<a>", b"&amp;", b"&#0;", b"\0", b"\xff", b"9" * 30, b"-1", b"0",
    b"<![CDATA[", b"<!--", b"::add-mask::x", b"2611.00003v1", b"math/0309136",
    b"NaN", b"9999-99-99T99:99:99Z", b"0000-00-00",
    b"\xe2\x80\xae", b'<link title="pdf" href="x"/>', b"<title></title>", b'xml:base="//["', b'term=""',
    b"<id>x</id>", b"<updated/>",
)  # fmt: skip


class Damaged(PoliteSession):
    """A client that gets one document from every address, and believes it as the real one does."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._body = body

    def get(self, url: str, tries: int | None = None) -> FeedReply:
        """Return the document; raise `SourceError` when it is no whole feed."""
        self.requests += 1
        if wrong := not_a_feed(self._body):
            raise SourceError(wrong, url=url, status=200)
        return FeedReply(url, self._body, NOW)


def damaged(random: Random, body: bytes) -> bytes:
    """Return a document after one to four damages."""
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(body) + 1)
        end = min(len(body), start + random.choice((0, 1, 5, 40, 400)))
        kind = random.randrange(5)
        if kind == 0:
            body = body[:start] + random.choice(PIECES) + body[end:]
        elif kind == 1:
            body = body[:end] + body[start:end] * random.choice((1, 2, 50)) + body[end:]
        elif kind == 2:
            tag = random.choice(
                (b"title", b"id", b"updated", b"published", b"link", b"pubDate", b"guid", b"totalResults")
            )
            body = body.replace(tag, random.choice((b"x", b"title", b"id", b"entry")), random.choice((1, 2, -1)))
        elif kind == 3:
            body = body.replace(
                random.choice((b"2611", b"2026-11", b"10:00", b"cs.DC", b">3<")), random.choice(PIECES), 1
            )
        else:
            body = body[:start] if random.random() < 0.2 else body[:start] + body[end:]
    return body


def problem(batch: Batch) -> str | None:
    """Return what is wrong with what a source made of a document, None when nothing is."""
    if any(arxiv_id.parse_id(paper.id) != paper.id or not paper.title for paper in batch.papers):
        return "a paper without id or title"
    for answer in batch.answers:
        if answer.proves and answer.unknown is None and not answer.total == answer.received == len(batch.papers):
            return f"complete with {len(batch.papers)} of {answer.total} papers"
    return None


def run(documents: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Return how the documents were taken, by kind, and what went wrong."""
    random, taken, wrong = Random(seed), Counter[str](), list[str]()
    for number in range(documents):
        atom = number % 2 == 0
        with Damaged(damaged(random, ATOM if atom else RSS)) as session:
            source: Source = ApiSource(session) if atom else RssSource(session, NOW)
            try:
                batch = source.fetch(QUERY, [WINDOW])
            except Exception as error:
                wrong.append(f"document {number} of seed {seed}: {type(error).__name__}: {error}")
                continue
            if said := problem(batch):
                wrong.append(f"document {number} of seed {seed}: {said}")
            known = all(answer.unknown is None for answer in batch.answers)
            taken[f"{'Atom' if atom else 'RSS'} {'believed' if known else 'unknown'}"] += 1
    return taken, wrong


def main() -> None:
    """Try as many documents as are asked for; exit with 1 when one did harm."""
    parser = argparse.ArgumentParser(description=__doc__, prog="fuzz")
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = time.monotonic()
    taken, wrong = run(options.documents, options.seed)
    used_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print("\n".join(wrong[:20]))
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(taken.items()))
    print(
        f"{options.documents} documents in {time.monotonic() - begun:.0f} s, {used_mb} MB: {kinds}, {len(wrong)} wrong"
    )
    sys.exit(bool(wrong) or used_mb > MOST_MB)


if __name__ == "__main__":
    main()
