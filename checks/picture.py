"""`make picture`: the sample's pull request as GitHub would show it, in `docs/pull-request.png`.

Needs a Chromium on the PATH. GitHub's own style sheet is not shipped: the page imitates what matters for reading.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt

from bot import config, run
from bot.model import Window
from bot.publish.local import Nowhere
from bot.sources.sample import SampleSource

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2024, 10, 1, 6, 37, tzinfo=UTC)


def main() -> None:
    """Draw the picture; exits with 1 where there is no Chromium."""
    browser = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if browser is None:
        sys.exit("no Chromium on the PATH; install one to draw the picture")
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pull-request.png"
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(_page(), encoding="utf-8")
        subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--disable-sync", "--no-first-run", "--hide-scrollbars", f"--user-data-dir={folder}/profile",
                "--window-size=920,1500", f"--screenshot={target}", page.as_uri(),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    print(f"drew {target}")


def _page() -> str:
    """Return the sample's pull request as a page."""
    settings = config.load(ROOT / "config" / "keywords.yaml")
    window = (Window(datetime(2024, 9, 1, tzinfo=UTC), NOW),)
    change = run.run(settings, settings.lists[0], SampleSource(), Nowhere(ROOT), NOW, window, dry=True).change
    body = MarkdownIt("gfm-like", {"html": True, "linkify": False, "breaks": True}).render(change.text or "")
    for mark, box in (("[x]", "<input type=checkbox checked disabled>"), ("[ ]", "<input type=checkbox disabled>")):
        body = body.replace(f"<li>{mark}", f"<li>{box}").replace(f"<li>\n<p>{mark}", f"<li><p>{box}")
    page = Template((ROOT / "checks" / "picture.html").read_text("utf-8"))
    return page.substitute(title=change.title, branch=f"arxiv-bot/{change.list}/{change.cycle}", body=body)


if __name__ == "__main__":
    main()
