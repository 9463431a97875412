"""Draw the pictures of `docs/`: `make picture`.

`pull-request.png` shows the sample's pull request as GitHub would, `phone.png` the same on a phone, `reviewed.png`
after a review; `hands.png` shows three lists before and after one paper was added.

Needs a Chromium on the PATH. GitHub's own style sheet is not included: the page imitates what matters for reading.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt

from bot import config
from bot.forges.local import LocalForge
from bot.model import Paper, Window
from bot.paperlist.edit import Addition, add_entries
from bot.paperlist.read.document import parse
from bot.pullrequest.change import Change
from bot.sources.sample import SampleSource
from tests.servers.whole import job, review_list, run_list
from tools import demo

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2024, 10, 1, 6, 37, tzinfo=UTC)
PHONE = 390


def main() -> None:
    """Draw the pictures; exit with 1 where there is no Chromium."""
    browser = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if browser is None:
        sys.exit("there is no Chromium on the PATH: install one to draw the pictures")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    first, reviewed = _changes()
    _draw(browser, _page(first, 920), folder / "pull-request.png", "920,1500")
    _draw(browser, _page(first, PHONE), folder / "phone.png", f"{PHONE},1100")
    _draw(browser, _page(reviewed, 920), folder / "reviewed.png", "920,1000")
    _draw(browser, _hands(), folder / "hands.png", "1120,518")


def _draw(browser: str, html: str, target: Path, size: str) -> None:
    """Draw a page of a size in pixels, such as 920,1500."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, encoding="utf-8")
        subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--disable-sync", "--no-first-run", "--hide-scrollbars", f"--user-data-dir={folder}/profile",
                f"--window-size={size}", f"--screenshot={target}", page.as_uri(),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    print(f"drew {target}")


def _hands() -> str:
    """Return a page with three lists before and after one paper was added, the added line marked."""
    paper = Paper(
        "2410.90007", "Speculation Pays: Drafts under Load", authors=("Eve Stone", "Finn Hale"),
        published=datetime(2024, 10, 1, tzinfo=UTC),
    )  # fmt: skip
    rows = []
    for name in ("table", "bullets", "numbered"):
        document = parse((ROOT / "tools" / "lists" / f"{name}.md").read_bytes(), name)
        section = next(section for section in document.sections if section.groups)
        edit = add_entries(document, [Addition(paper, section.path)], NOW.date())
        before, after = (
            MarkdownIt("gfm-like", {"linkify": False}).render(t.decode()) for t in (edit.before, edit.after)
        )
        mark = re.compile(rf"<(tr|li)>(?=(?:(?!</\1>).)*{re.escape(paper.id)})", re.DOTALL)
        marked = mark.sub(r"<\1 class=added>", after)
        rows.append(f"<div>{before}</div><div>{marked}</div>")
    return Template((ROOT / "tools" / "hands.html").read_text("utf-8")).substitute(rows="\n".join(rows))


def _changes() -> tuple[Change, Change]:
    """Return the change of the sample, and the one of a review that unticks the papers without a section."""
    with tempfile.TemporaryDirectory() as folder:
        demo.repository(Path(folder))
        settings = config.load(Path(folder) / "config" / "keywords.yaml")
        task, place = settings.lists[0], LocalForge(Path(folder))
        window = (Window(datetime(2024, 9, 1, tzinfo=UTC), NOW),)
        first = run_list(job(settings, place, NOW, task=task, windows=window), SampleSource()).change
        text = Path(folder) / "state" / task.name / "pull-request.md"
        wanted, heading, rest = text.read_text("utf-8").partition("### Unsorted")
        text.write_text(wanted + heading + rest.replace("- [x]", "- [ ]"), "utf-8")
        later = NOW + timedelta(minutes=2)
        reviewed = review_list(job(settings, place, later, task=task), lambda ids: ()).change
    return first, reviewed


def _page(change: Change, width: int) -> str:
    """Return a pull request as a page for a window of some width, in pixels."""
    body = MarkdownIt("gfm-like", {"html": True, "linkify": False, "breaks": True}).render(change.text or "")
    for mark, box in (("[x]", "<input type=checkbox checked disabled>"), ("[ ]", "<input type=checkbox disabled>")):
        body = body.replace(f"<li>{mark}", f"<li>{box}").replace(f"<li>\n<p>{mark}", f"<li><p>{box}")
    page = Template((ROOT / "tools" / "picture.html").read_text("utf-8"))
    branch = f"arxiv-bot/{change.list}/{change.cycle}"
    return page.substitute(title=change.title, branch=branch, body=body, width=width)


if __name__ == "__main__":
    main()
