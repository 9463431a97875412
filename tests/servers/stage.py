"""A repository on the strict GitHub server, with the bot and a curator at work on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from github.Repository import Repository

from bot.config import Config, ListConfig
from bot.forges.github import GithubForge
from bot.model import NO_EXPECTATION, Answer, Batch, Expectation, Paper, Query, Window
from bot.pipeline import Job, Outcome
from tests.servers.github import GitHubServer, Issue, github_server
from tests.servers.whole import job, review_list, run_list

Edit = Callable[[bytes], bytes]
"""Turns the content of a file into what a person makes of it."""


@dataclass
class PaperSource:
    """A stand-in for the API that holds papers, and returns those submitted inside the windows."""

    papers: Sequence[Paper]
    name: str = "api"
    proves: bool = True

    def fetch(self, query: Query, windows: Sequence[Window], expected: Expectation = NO_EXPECTATION) -> Batch:
        """Return the papers inside the windows, whatever their words, and one answer for each window."""
        inside = [[p for p in self.papers if p.published in w] for w in windows]
        answers = (
            Answer(self.name, w, len(found), len(found), proves=True) for w, found in zip(windows, inside, strict=True)
        )
        return Batch(tuple({p.id: p for found in inside for p in found}.values()), tuple(answers))

    def fetch_by_id(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Return the papers that it has."""
        return tuple(paper for paper in self.papers if paper.id in ids)


@dataclass
class Stage:
    """The first list of `settings` in the repository of `server`. `now` is the time on both sides."""

    server: GitHubServer
    settings: Config
    papers: Sequence[Paper]
    now: datetime

    @property
    def task(self) -> ListConfig:
        """The list."""
        return self.settings.lists[0]

    # The bot

    def run(self) -> Outcome:
        """Run the scheduled job."""
        return run_list(self._job(), PaperSource(self.papers))

    def review(self) -> Outcome:
        """Run the job that an event wakes."""
        return review_list(self._job(), PaperSource(self.papers).fetch_by_id)

    def _job(self) -> Job:
        github = GithubForge("bot-token", self.server.full_name, self.server.url)
        return job(self.settings, github, self.now)

    # The repository

    def pulls(self) -> list[Issue]:
        """Return the bot's open pull requests."""
        prefix, here = f"arxiv-bot/{self.task.name}/", self.server.full_name
        pulls = ((issue, issue.pull) for issue in self.server.issues.values() if issue.pull and issue.state == "open")
        return [issue for issue, pull in pulls if pull.head.startswith(prefix) and pull.repository == here]

    def branch(self) -> str | None:
        """Return the branch of the open pull request."""
        return next((issue.pull.head for issue in self.pulls() if issue.pull), None)

    def list_on(self, branch: str) -> bytes:
        """Return the list's bytes on a branch."""
        return self.server.read(branch, self.task.file)

    # The curator

    @contextmanager
    def as_curator(self) -> Iterator[Repository]:
        """Act through GitHub's API as the owner."""
        with self.server.client("curator-token") as client:
            yield client.get_repo(self.server.full_name)

    def edit(self, branch: str, change: Edit) -> None:
        """Commit another version of the list on a branch."""
        self.server.push("curator", branch, {self.task.file: change(self.list_on(branch))})

    def delete(self, branch: str) -> None:
        """Delete a branch; GitHub closes its pull request."""
        self.server.git.delete_ref(f"refs/heads/{branch}")
        self.server.moved(self.server.account("curator"))

    def click(self, paper: str) -> None:
        """Click the box of a paper; like GitHub's page, this sends the whole text."""
        (pull,) = self.pulls()
        assert pull.body is not None
        line = next(line for line in pull.body.splitlines() if f"<!-- arxiv-bot:paper {paper} " in line)
        flipped = line.replace("- [x]", "- [ ]", 1) if "- [x]" in line else line.replace("- [ ]", "- [x]", 1)
        with self.server.lock:
            pull.body = pull.body.replace(line, flipped)

    def say(self, text: str) -> None:
        """Comment on the open pull request, a minute later."""
        (pull,) = self.pulls()
        self.server.now += timedelta(minutes=1)
        with self.as_curator() as repo:
            repo.get_issue(pull.number).create_comment(text)


@contextmanager
def stage(folder: Path, settings: Config, content: bytes, papers: Sequence[Paper], now: datetime) -> Iterator[Stage]:
    """Serve a repository whose list has this content."""
    with github_server(folder, {settings.lists[0].file: content, "src/other.txt": b"kept"}, now=now) as server:
        yield Stage(server, settings, papers, now)
