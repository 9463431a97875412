r"""Plain text -> Markdown that shows as that very text, in a table cell, a link's words or a paragraph.

Only what GitHub would act upon is escaped (GFM, its math, its emoji), so that an ordinary title stays as a person
would type it. See https://github.github.com/gfm/ and FACTS on `$...$` and `:name:`.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote

_ALWAYS = re.compile(r"[`*\[\]<|~$]")
_LAST_BACKSLASH = re.compile(r"\\(?=\\*(?:\||$))")  # parsers differ on two of them before a pipe
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_EMOJI = re.compile(r":(?=[+\-\w]+:)")
_AUTOLINK = re.compile(r"(?i)\b(https?|ftp):(?=//)")
_WWW = re.compile(r"(?i)\bwww\.")
_SPECIAL = re.compile(r"[$`\\]|:[+\-\w]+:")
_IMAGE = re.compile(r"!(?=\\\[)")


def inline(text: str) -> str:
    """Return Markdown for one line of plain text; line breaks become spaces.

    Holds inside link text, table cells and paragraphs alike. An e-mail address is the one thing GitHub may still
    turn into a link: nothing visible prevents that.
    """
    text = " ".join(text.split())
    text = _ENTITY.sub("&amp;", text)
    text = _LAST_BACKSLASH.sub("&#92;", text)
    text = _BACKSLASH.sub(r"\\\\", text)
    text = _UNDERSCORE.sub(r"\\_", text)
    text = _EMOJI.sub(r"\\:", text)
    text = _AUTOLINK.sub(r"\1\\:", text)
    text = _WWW.sub(lambda m: m[0][:-1] + r"\.", text)
    text = _ALWAYS.sub(r"\\\g<0>", text)
    text = text.replace(r"\](", r"\]\(")  # shows alike, and patterns of links stay clear of it
    return _IMAGE.sub(r"\\!", text)


def html_text(text: str) -> str:
    """Return HTML for one line of plain text in a block of HTML, where Markdown is not read but emoji and math are."""
    text = html.escape(" ".join(text.split()))
    return re.sub(r"[$`:\\*_~\[\]|](?!//)", lambda m: f"&#{ord(m[0])};", text) if _SPECIAL.search(text) else text


def start_of_line(markdown: str) -> str:
    """Escape what only means something where a line begins: a heading, a bullet, a quote, a number, an underline."""
    return re.sub(r"^(\d{0,9})(?=[.)])|^(?=[#>+\-=:])", r"\1\\", markdown)


def address(url: str) -> str:
    """Percent-encode what would end a link's address, or a table cell, too early."""
    return quote(url, safe="!#$%&'*+,-./:;=?@_~", errors="replace")
