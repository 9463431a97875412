"""Publishing on GitHub: one atomic commit on the cycle's branch, one pull request, the state on its own branch.

Order is what makes a crash harmless: first the branch, then the state, then the pull request. A branch that no state
knows is adopted by the next run, one without pull request gets it then. Nothing is ever force-pushed.

Importing this module imports PyGithub (0.9 s of CPU): import it where it is used.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests
from github import Auth, Github, GithubException, InputGitTreeElement, UnknownObjectException
from github.GitCommit import GitCommit
from github.GitTreeElement import GitTreeElement
from github.IssueComment import IssueComment
from github.PullRequest import PullRequest as GithubPullRequest
from github.Repository import Repository
from urllib3 import Retry

from bot.comments import Comment, lines
from bot.console import note
from bot.errors import PublishError
from bot.paperlist.document import parse
from bot.paperlist.merge import merged
from bot.publish import Change, Publication
from bot.publish.message import ANSWER, CONFLICT, QUESTION, conflict, same_text, with_notes
from bot.review import Ended, PullRequest, Snapshot
from bot.state import State
from bot.store import from_files, to_files

PREFIX = "arxiv-bot"
STATE_BRANCH = f"{PREFIX}/state"
STATE_MESSAGE = "Record what arxiv-list-bot knows\n\nArxiv-Bot-State: {name}"
MERGE_MESSAGE = "Merge {base} into {branch}"
TIMEOUT_S = 30
RETRY = Retry(total=3, backoff_factor=1, status_forcelist=(500, 502, 503, 504), allowed_methods={"GET"})
"""Only reading is repeated: a write that seemed to fail may have been carried out."""

NO_TOKEN = "there is no GitHub token; set GITHUB_TOKEN, or use --publish local"
BAD_TOKEN = "GitHub does not accept the token; set GITHUB_TOKEN to one that is valid"
NO_RIGHT = (
    "the token may not {doing} in {repository}; it needs contents: write and pull-requests: write "
    "(in a workflow: the job's permissions)"
)
NO_PULLS = (
    "GitHub Actions may not create pull requests here; allow it under Settings > Actions > General > Workflow "
    "permissions, then run again. The branch {branch} is ready and will be used"
)
NO_REPOSITORY = "there is no repository {repository}, or the token may not see it; check GITHUB_REPOSITORY"
BUSY = "GitHub asks to wait (rate limit); run again later"


@dataclass(frozen=True, slots=True)
class _Said:
    """Commands that wait for an answer, the time of the newest comment read, the papers asked about."""

    open: tuple[Comment, ...]
    heard: datetime | None
    asked: frozenset[str]


class GithubPullRequests:
    """Publishes to `repository` (`owner/name`) through the REST API at `api_url`."""

    def __init__(self, token: str, repository: str, api_url: str) -> None:
        if not token:
            raise PublishError(NO_TOKEN)
        if repository.count("/") != 1 or not all(repository.split("/")):
            raise PublishError(f"GITHUB_REPOSITORY must be owner/name, not {repository!r}")
        self._github = Github(
            auth=Auth.Token(token),
            base_url=api_url,
            timeout=TIMEOUT_S,
            retry=RETRY,
            seconds_between_requests=None,  # a run makes some twenty requests: far below GitHub's limits
            seconds_between_writes=None,
        )
        self._name = repository
        self._found: Repository | None = None

    def current(self, name: str, file: str) -> Snapshot:
        """Return the list at the default branch's head, the open cycle's branch, its pull request and the state."""
        with self._explained("read"):
            repo = self._repository()
            base, base_id = self._list(repo, repo.default_branch, file)
            lock = self._head(repo, STATE_BRANCH)
            state = self._state(repo, name, lock)
            pull = self._open_pull(repo, name)
            ended = self._ended(repo, name, state.cycle) if state.open and pull is None else None
            cycle = (_cycle_of(pull.head.ref, name) if pull else None) or self._next_cycle(repo, name, state, ended)
            working = base
            if self._head(repo, _branch(name, cycle)):
                working, _ = self._list(repo, _branch(name, cycle), file)
            since = state.heard or (pull.created_at if pull else None)
            said = self._comments(repo, name, pull, since) if since else _Said((), None, frozenset())
        shown = PullRequest(pull.html_url, pull.title, pull.body or "", pull.number) if pull else None
        stale = working != base and pull is not None and state.base != base_id
        heard = said.heard or state.heard
        return Snapshot(base, base_id, working, state, cycle, shown, ended, lock, said.open, heard, said.asked, stale)

    def renew(self, snapshot: Snapshot, name: str, file: str) -> Snapshot:
        """Merge the base into the cycle's branch: by GitHub if it can, else the list alone, line by line."""
        with self._explained("write"):
            repo = self._repository()
            branch = _branch(name, snapshot.cycle)
            try:
                repo.merge(branch, repo.default_branch, MERGE_MESSAGE.format(base=repo.default_branch, branch=branch))
            except GithubException as error:
                if error.status != 409:
                    raise
                self._merge_list(repo, snapshot, branch, file)
        return self.current(name, file)

    def _merge_list(self, repo: Repository, snapshot: Snapshot, branch: str, file: str) -> None:
        """Merge the list where GitHub sees a conflict; anything else is for people, who are told once."""
        compared = repo.compare(repo.default_branch, branch)
        others = [changed.filename for changed in compared.files if changed.filename != file]
        old, _ = self._list(repo, compared.merge_base_commit.sha, file)
        content = None if others else merged(parse(old, file), parse(snapshot.base, file), snapshot.working)
        if content is None:
            if snapshot.pull and snapshot.pull.number and CONFLICT not in snapshot.asked:
                repo.get_issue(snapshot.pull.number).create_comment(conflict(branch, repo.default_branch))
            raise PublishError(
                f"{branch} and {repo.default_branch} contradict each other; resolve the conflict on GitHub"
            )
        head, base = self._head(repo, branch), repo.get_branch(repo.default_branch).commit.sha
        element = self._find(repo, base, file)
        assert head is not None
        assert element is not None
        blob = repo.create_git_blob(base64.b64encode(content).decode(), "base64")
        written = InputGitTreeElement(file, element.mode, "blob", sha=blob.sha)
        message = MERGE_MESSAGE.format(base=repo.default_branch, branch=branch)
        self._commit(repo, branch, base, head, [written], message, also=head)

    def publish(self, snapshot: Snapshot, change: Change) -> Publication:
        """Commit the list, record the state, open or refresh the pull request; each only if something changes."""
        with self._explained("write"):
            repo = self._repository()
            commit = self._commit_list(repo, snapshot, change) if change.content is not None else None
            if to_files(change.state) != to_files(snapshot.state):
                self._commit_state(repo, snapshot, change)
            pull, opened, edited = self._pull_request(repo, snapshot, change)
            for reply in change.replies:
                repo.get_issue(reply.issue).create_comment(reply.text)
        return Publication(pull.html_url if pull else "nothing to propose", commit, opened, edited)

    # Reading

    def _repository(self) -> Repository:
        if self._found is None:
            self._found = self._github.get_repo(self._name)
        return self._found

    def _list(self, repo: Repository, ref: str, file: str) -> tuple[bytes, str]:
        """Return a file's bytes and blob id at a branch or commit.

        The contents API leaves out the bytes of what is larger than 1 MB: these come from the blob.
        """
        try:
            found = repo.get_contents(quote(file), ref=ref)
        except UnknownObjectException:
            found = []
        if isinstance(found, list):
            raise PublishError(f"{self._name} has no {file} on branch {ref}; set 'file' in the configuration")
        content = found.content if found.encoding == "base64" else repo.get_git_blob(found.sha).content
        return base64.b64decode(content), found.sha

    def _find(self, repo: Repository, commit: str, file: str) -> GitTreeElement | None:
        """Return the blob of a path, walking its folders so that no huge tree is fetched."""
        tree = commit
        *folders, last = file.split("/")
        for part in folders:
            found = next((e for e in repo.get_git_tree(tree).tree if e.path == part and e.type == "tree"), None)
            if found is None:
                return None
            tree = found.sha
        return next((e for e in repo.get_git_tree(tree).tree if e.path == last and e.type == "blob"), None)

    def _state(self, repo: Repository, name: str, head: str | None) -> State:
        files: dict[str, bytes] = {}
        if head:
            tree = repo.get_git_tree(head, recursive=True).tree
            for element in tree:
                folder, _, file = element.path.rpartition("/")
                if element.type == "blob" and folder == f"state/{name}":
                    files[file] = base64.b64decode(repo.get_git_blob(element.sha).content)
        return from_files(files, f"{STATE_BRANCH}:state/{name}")

    def _head(self, repo: Repository, branch: str) -> str | None:
        try:
            return repo.get_git_ref(f"heads/{branch}").object.sha
        except UnknownObjectException:
            return None

    def _open_pull(self, repo: Repository, name: str) -> GithubPullRequest | None:
        """Return the open pull request of this list: from a cycle's branch of this very repository.

        Its base and its text do not matter: people may change both.
        """
        for pull in repo.get_pulls(state="open", sort="created", direction="desc"):
            own = pull.head.repo is not None and pull.head.repo.full_name == repo.full_name
            if own and _cycle_of(pull.head.ref, name):
                return pull
        return None

    def _ended(self, repo: Repository, name: str, cycle: int) -> Ended | None:
        """Say how the cycle ended that has no open pull request; None when it never had one and its branch waits."""
        owner = repo.full_name.split("/")[0]
        for pull in repo.get_pulls(state="all", head=f"{owner}:{_branch(name, cycle)}"):
            if pull.merged_at is not None:
                return Ended.MERGED
            by_person = self._closed_by_person(pull) and self._head(repo, _branch(name, cycle)) is not None
            return Ended.CLOSED if by_person else Ended.LOST
        return None if self._head(repo, _branch(name, cycle)) else Ended.LOST

    def _closed_by_person(self, pull: GithubPullRequest) -> bool:
        """Tell whether a person closed a pull request; where that cannot be seen, it counts as one."""
        try:
            closer = pull.as_issue().closed_by
        except UnknownObjectException:
            return True
        return closer is None or closer.type != "Bot"

    def _next_cycle(self, repo: Repository, name: str, state: State, ended: Ended | None) -> int:
        """Return the number of an orphan branch that a stopped run left, else one that was never used."""
        refs = repo.get_git_matching_refs(f"heads/{PREFIX}/{name}/")
        used = (_cycle_of(ref.ref.removeprefix("refs/heads/"), name) for ref in refs)
        newest = max((number for number in used if number), default=0)
        if newest and newest >= state.cycle and not ended and not self._had_pull(repo, name, newest):
            return newest
        number = max(state.cycle, newest) + 1
        while self._had_pull(repo, name, number):  # the state was lost and the branches deleted
            number += 1
        return number

    def _had_pull(self, repo: Repository, name: str, cycle: int) -> bool:
        owner = repo.full_name.split("/")[0]
        return any(True for _ in repo.get_pulls(state="all", head=f"{owner}:{_branch(name, cycle)}"))

    def _comments(self, repo: Repository, name: str, pull: GithubPullRequest | None, since: datetime) -> _Said:
        """Return the commands since a time that have no answer yet, of people with write access.

        They may stand on this list's pull requests, closed ones too, and on issues.
        """
        found = list(repo.get_issues_comments(since=since, sort="updated", direction="asc"))
        heard = max((c.updated_at for c in found), default=None)
        may: dict[str, bool] = {}
        pulls = {pull.number: True} if pull else {}
        answers: set[int] = set()
        asked: set[str] = set()
        commands: list[Comment] = []
        for comment in found:
            issue = int(comment.issue_url.rsplit("/", 1)[1])
            login = comment.user.login
            if comment.user.type == "Bot" or self._may_decide(repo, comment, may):
                answers |= {int(number) for number in ANSWER.findall(comment.body)}
                asked |= set(QUESTION.findall(comment.body))
            if not any(True for _ in lines(comment.body)):
                continue
            if not self._may_decide(repo, comment, may):
                note(f"{comment.html_url}: {login} has no write access here, so the command is passed over")
            elif self._concerns(repo, name, comment.html_url, issue, pulls):
                commands.append(Comment(comment.id, issue, comment.html_url, login, comment.body, comment.created_at))
        return _Said(tuple(c for c in commands if c.number not in answers), heard, frozenset(asked))

    def _may_decide(self, repo: Repository, comment: IssueComment, known: dict[str, bool]) -> bool:
        """Tell whether a comment's author may write here; its association alone would not say so."""
        login = comment.user.login
        if comment.raw_data.get("author_association") not in ("OWNER", "MEMBER", "COLLABORATOR"):
            return False
        if login not in known:
            try:
                known[login] = repo.get_collaborator_permission(login) in ("admin", "write")
            except GithubException as error:
                if error.status != 403:
                    raise
                known[login] = False  # a token that only reads may not ask; the job that writes will
        return known[login]

    def _concerns(self, repo: Repository, name: str, url: str, issue: int, known: dict[int, bool]) -> bool:
        """Tell whether an issue is none, or a pull request of this list."""
        if "/pull/" in url and issue not in known:
            known[issue] = _cycle_of(repo.get_pull(issue).head.ref, name) is not None
        return known.get(issue, True)

    # Writing

    def _commit_list(self, repo: Repository, snapshot: Snapshot, change: Change) -> str:
        """Write blob, tree and commit on the cycle's branch; the branch moves only fast-forward."""
        branch = _branch(change.list, change.cycle)
        head = self._head(repo, branch)
        parent = head or repo.get_branch(repo.default_branch).commit.sha
        element = self._find(repo, parent, change.file)
        found = base64.b64decode(repo.get_git_blob(element.sha).content) if element else None
        if element is None or found != snapshot.working:
            raise PublishError(
                f"{change.file} changed on {branch if head else repo.default_branch} meanwhile; run again"
            )
        assert change.content is not None
        blob = repo.create_git_blob(base64.b64encode(change.content).decode(), "base64")
        written = InputGitTreeElement(change.file, element.mode, "blob", sha=blob.sha)
        return self._commit(repo, branch, parent, head, [written], change.message)

    def _commit_state(self, repo: Repository, snapshot: Snapshot, change: Change) -> None:
        """Record the state on its branch: a fast-forward from the commit that was read is the lock."""
        head = snapshot.lock
        if self._head(repo, STATE_BRANCH) != head:
            raise PublishError(f"{STATE_BRANCH} changed meanwhile; run again")
        folder = f"state/{change.list}"
        files: dict[str, bytes | None] = {
            f"{folder}/{name}": content for name, content in to_files(change.state).items()
        }
        if head:
            for element in repo.get_git_tree(head, recursive=True).tree:
                if element.type == "blob" and element.path.startswith(f"{folder}/") and element.path.endswith(".jsonl"):
                    files.setdefault(element.path, None)  # a kind of which no record is left
        elements = [_state_file(path, content) for path, content in sorted(files.items())]
        self._commit(repo, STATE_BRANCH, head, head, elements, STATE_MESSAGE.format(name=change.list))

    def _commit(
        self,
        repo: Repository,
        branch: str,
        parent: str | None,
        head: str | None,
        elements: list[InputGitTreeElement],
        message: str,
        also: str | None = None,
    ) -> str:
        """Commit files on top of `parent`, without author, so that GitHub can sign it; `also` is the first parent."""
        before: GitCommit | None = repo.get_git_commit(parent) if parent else None
        tree = repo.create_git_tree(elements, before.tree) if before else repo.create_git_tree(elements)
        parents = [repo.get_git_commit(also)] if also else []
        commit = repo.create_git_commit(message, tree, [*parents, before] if before else parents)
        if head is None:
            repo.create_git_ref(f"refs/heads/{branch}", commit.sha)
        else:
            repo.requester.requestJsonAndCheck(
                "PATCH", f"{repo.url}/git/refs/heads/{branch}", input={"sha": commit.sha, "force": False}
            )
        return commit.sha

    def _pull_request(
        self, repo: Repository, snapshot: Snapshot, change: Change
    ) -> tuple[GithubPullRequest | None, bool, bool]:
        """Open the pull request, or refresh the open one where its text says something else.

        A text that a person changed since it was read is left as it is: the next run starts from it.
        """
        if change.text is None or change.title is None:
            return None, False, False
        pull = self._open_pull(repo, change.list)
        if pull is None:
            return self._open(repo, change), True, True
        edits: dict[str, Any] = {}
        if pull.title != change.title and re.fullmatch(r".+: \d+ new papers?", pull.title):  # else a person named it
            edits["title"] = change.title
        body = pull.body or ""
        if not same_text(body, change.text) and (snapshot.pull is None or body == snapshot.pull.text):
            edits["body"] = with_notes(body, change.text)
        if edits:
            pull.edit(**edits)
        return pull, False, bool(edits)

    def _open(self, repo: Repository, change: Change) -> GithubPullRequest:
        branch = _branch(change.list, change.cycle)
        assert change.title is not None
        assert change.text is not None
        try:
            return repo.create_pull(base=repo.default_branch, head=branch, title=change.title, body=change.text)
        except GithubException as error:
            if "not permitted to create or approve pull requests" in str(error.data):
                raise PublishError(NO_PULLS.format(branch=branch), status=error.status) from None
            raise

    @contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        """Turn what GitHub says into what a person can do about it."""
        try:
            yield
        except GithubException as error:
            raise PublishError(_advice(error, doing, self._name), status=error.status) from None
        except requests.RequestException as error:
            raise PublishError(
                f"GitHub cannot be reached ({type(error).__name__}); check the network and run again"
            ) from None


def _advice(error: GithubException, doing: str, repository: str) -> str:
    said = str(error.data.get("message", "")) if isinstance(error.data, dict) else str(error.data)
    limited = "rate limit" in said.lower() or "abuse detection" in said.lower()
    advice: Mapping[int, Callable[[], str]] = {
        401: lambda: BAD_TOKEN,
        403: lambda: BUSY if limited else NO_RIGHT.format(doing=doing, repository=repository),
        404: lambda: NO_REPOSITORY.format(repository=repository),
        429: lambda: BUSY,
    }
    words = advice[error.status]() if error.status in advice else "run again; if it stays, the answer tells why"
    return f"GitHub answered {error.status}" + (f" “{said}”" if said else "") + f": {words}"


def _state_file(path: str, content: bytes | None) -> InputGitTreeElement:
    """Return a file of the state, whose text goes with the tree; None deletes it."""
    if content is None:
        return InputGitTreeElement(path, "100644", "blob", sha=None)
    return InputGitTreeElement(path, "100644", "blob", content=content.decode())


def _branch(name: str, cycle: int) -> str:
    return f"{PREFIX}/{name}/{cycle}"


def _cycle_of(ref: str, name: str) -> int | None:
    """Return the cycle of a branch of this list, None for any other branch."""
    prefix, _, number = ref.rpartition("/")
    return int(number) if prefix == f"{PREFIX}/{name}" and number.isdecimal() else None
