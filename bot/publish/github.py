"""Publishing on GitHub: one atomic commit on the cycle's branch, one pull request, the state on its own branch.

Order is what makes a crash harmless: first the branch, then the state, then the pull request. A branch that no state
knows is adopted by the next run, one without pull request gets it then. Nothing is ever force-pushed.

Importing this module imports PyGithub (0.9 s of CPU): import it where it is used.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests
from github import Auth, Github, GithubException, UnknownObjectException
from github.GitTreeElement import GitTreeElement
from github.IssueComment import IssueComment
from github.PullRequest import PullRequest as GithubPullRequest
from github.Repository import Repository
from urllib3 import Retry

from bot import arxiv_id
from bot.comments import Comment, lines
from bot.console import note
from bot.errors import PublishError
from bot.paperlist.document import parse
from bot.paperlist.merge import merged
from bot.publish import Change, Publication
from bot.publish.message import ANSWER, CONFLICT, QUESTION, conflict, same_text, with_notes
from bot.review import Elsewhere, Ended, PullRequest, Snapshot
from bot.state import State
from bot.store import from_files, to_files

PREFIX = "arxiv-bot"
STATE_BRANCH = f"{PREFIX}/state"
STATE_MESSAGE = "Record what arxiv-list-bot knows\n\nArxiv-Bot-State: {name}"
MERGE_MESSAGE = "Merge {base} into {branch}"
MOST_OTHERS = 20
"""People's open pull requests that are looked into, the newest first: each costs a request."""
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


TreeElement = Mapping[str, str | None]
"""One file of a tree to be made, as the Git Data API takes it."""


@dataclass(frozen=True, slots=True)
class Head:
    """A commit to build on, and its tree."""

    commit: str
    tree: str


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
        self._heads: Mapping[str, str] = {}
        self._main: Head | None = None
        self._state_tree: tuple[str, frozenset[str]] | None = None

    def current(self, name: str, file: str) -> Snapshot:
        """Return the list at the default branch's head, the open cycle's branch, its pull request and the state."""
        with self._explained("read"):
            repo = self._repository()
            self._heads = self._read_heads(repo)
            main = repo.get_branch(repo.default_branch).commit
            self._main = Head(main.sha, main.commit.tree.sha)
            base, base_id = self._list(repo, main.sha, file, repo.default_branch)
            lock = self._heads.get(STATE_BRANCH)
            state = self._state(repo, name, lock)
            pull, others = self._open_pulls(repo, name)
            ended = self._ended(repo, name, state.cycle) if state.open and pull is None else None
            cycle = (_cycle_of(pull.head.ref, name) if pull else None) or self._next_cycle(repo, name, state, ended)
            head = self._heads.get(_branch(name, cycle))
            working = self._list(repo, head, file, _branch(name, cycle))[0] if head else base
            since = state.heard or (pull.created_at if pull else None)
            said = self._comments(repo, name, pull, since) if since else _Said((), None, frozenset())
            elsewhere = self._elsewhere(repo, file, base_id, others)
        return Snapshot(
            base,
            base_id,
            working,
            state,
            cycle,
            PullRequest(pull.html_url, pull.title, pull.body or "", pull.number) if pull else None,
            ended,
            lock,
            said.open,
            said.heard or state.heard,
            said.asked,
            stale=working != base and pull is not None and state.base != base_id,
            elsewhere=elsewhere,
        )

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
        old, _ = self._list(repo, compared.merge_base_commit.sha, file, branch)
        content = None if others else merged(parse(old, file), parse(snapshot.base, file), snapshot.working)
        if content is None:
            if snapshot.pull and snapshot.pull.number and CONFLICT not in snapshot.asked:
                repo.get_issue(snapshot.pull.number).create_comment(conflict(branch, repo.default_branch))
            raise PublishError(
                f"{branch} and {repo.default_branch} contradict each other; resolve the conflict on GitHub"
            )
        assert self._main is not None
        written = self._element(repo, self._main, file, content)
        message = MERGE_MESSAGE.format(base=repo.default_branch, branch=branch)
        self._commit(repo, branch, self._main, self._heads[branch], [written], message, also=self._heads[branch])

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
        return Publication(pull or "nothing to propose", commit, opened, edited)

    # Reading

    def _read_heads(self, repo: Repository) -> dict[str, str]:
        """Return the heads of all the bot's branches, by name."""
        refs = repo.get_git_matching_refs(f"heads/{PREFIX}/")
        return {ref.ref.removeprefix("refs/heads/"): ref.object.sha for ref in refs}

    def _repository(self) -> Repository:
        if self._found is None:
            self._found = self._github.get_repo(self._name)
        return self._found

    def _list(self, repo: Repository, ref: str, file: str, branch: str) -> tuple[bytes, str]:
        """Return a file's bytes and blob id at a commit of a branch.

        The contents API leaves out the bytes of what is larger than 1 MB: these come from the blob.
        """
        try:
            found = repo.get_contents(quote(file), ref=ref)
        except UnknownObjectException:
            found = []
        if isinstance(found, list):
            raise PublishError(f"{self._name} has no {file} on branch {branch}; set 'file' in the configuration")
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
        self._state_tree = None
        if head:
            tree = repo.get_git_tree(head, recursive=True)
            self._state_tree = tree.sha, frozenset(e.path for e in tree.tree if e.type == "blob")
            for element in tree.tree:
                folder, _, file = element.path.rpartition("/")
                if element.type == "blob" and folder == f"state/{name}":
                    files[file] = base64.b64decode(repo.get_git_blob(element.sha).content)
        return from_files(files, f"{STATE_BRANCH}:state/{name}")

    def _open_pulls(self, repo: Repository, name: str) -> tuple[GithubPullRequest | None, list[GithubPullRequest]]:
        """Return the open pull request of this list, from a cycle's branch of this very repository, and people's.

        Base and text of the own one do not matter: people may change both.
        """
        own: GithubPullRequest | None = None
        others: list[GithubPullRequest] = []
        for pull in repo.get_pulls(state="open", sort="created", direction="desc"):
            here = pull.head.repo is not None and pull.head.repo.full_name == repo.full_name
            if here and _cycle_of(pull.head.ref, name):
                own = own or pull
            elif not (here and pull.head.ref.startswith(f"{PREFIX}/")):
                others.append(pull)
        return own, others

    def _elsewhere(
        self, repo: Repository, file: str, base_id: str, pulls: Sequence[GithubPullRequest]
    ) -> dict[str, Elsewhere]:
        """Return the papers that people's open pull requests add to the list, by id."""
        found: dict[str, Elsewhere] = {}
        for pull in pulls[:MOST_OTHERS]:
            blob = next((f.sha for f in pull.get_files() if f.filename == file), None)
            if blob and blob != base_id:
                content = base64.b64decode(repo.get_git_blob(blob).content)
                for line in content.decode(errors="replace").splitlines():
                    for mention in arxiv_id.find_all(line):
                        found.setdefault(mention.id.base, Elsewhere(pull.number, pull.html_url))
        return found

    def _ended(self, repo: Repository, name: str, cycle: int) -> Ended | None:
        """Say how the cycle ended that has no open pull request; None when it never had one and its branch waits."""
        owner = repo.full_name.split("/")[0]
        for pull in repo.get_pulls(state="all", head=f"{owner}:{_branch(name, cycle)}"):
            if pull.merged_at is not None:
                return Ended.MERGED
            by_person = self._closed_by_person(pull) and _branch(name, cycle) in self._heads
            return Ended.CLOSED if by_person else Ended.LOST
        return None if _branch(name, cycle) in self._heads else Ended.LOST

    def _closed_by_person(self, pull: GithubPullRequest) -> bool:
        """Tell whether a person closed a pull request; where that cannot be seen, it counts as one."""
        try:
            closer = pull.as_issue().closed_by
        except UnknownObjectException:
            return True
        return closer is None or closer.type != "Bot"

    def _next_cycle(self, repo: Repository, name: str, state: State, ended: Ended | None) -> int:
        """Return the number of an orphan branch that a stopped run left, else one that was never used."""
        used = (_cycle_of(branch, name) for branch in self._heads)
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
        """Write tree and commit on the cycle's branch, on top of what was read; the branch moves only fast-forward."""
        branch = _branch(change.list, change.cycle)
        head = self._heads.get(branch)
        assert self._main is not None
        assert change.content is not None
        below = Head(head, repo.get_git_commit(head).tree.sha) if head else self._main
        return self._commit(
            repo, branch, below, head, [self._element(repo, below, change.file, change.content)], change.message
        )

    def _element(self, repo: Repository, below: Head, file: str, content: bytes) -> TreeElement:
        """Return the list as it goes into a tree, with the mode that it has."""
        old = self._find(repo, below.tree, file)
        if old is None:
            raise PublishError(f"{self._name} has no {file} any more; set 'file' in the configuration")
        return {"path": file, "mode": old.mode, "type": "blob", "content": content.decode()}

    def _commit_state(self, repo: Repository, snapshot: Snapshot, change: Change) -> None:
        """Record the state on its branch: a fast-forward from the commit that was read is the lock."""
        folder = f"state/{change.list}"
        files: dict[str, bytes | None] = {
            f"{folder}/{name}": content for name, content in to_files(change.state).items()
        }
        tree, paths = self._state_tree or (None, frozenset())
        for path in paths:
            if path.startswith(f"{folder}/") and path.endswith(".jsonl"):
                files.setdefault(path, None)  # a kind of which no record is left
        elements = [_state_file(path, content) for path, content in sorted(files.items())]
        below = Head(snapshot.lock, tree) if snapshot.lock and tree else None
        self._commit(repo, STATE_BRANCH, below, snapshot.lock, elements, STATE_MESSAGE.format(name=change.list))

    def _commit(
        self,
        repo: Repository,
        branch: str,
        below: Head | None,
        head: str | None,
        elements: Sequence[TreeElement],
        message: str,
        also: str | None = None,
    ) -> str:
        """Commit files on top of `below`, without author, so that GitHub can sign it, and move the branch from `head`.

        `also` is the first parent of a merge. Raises `PublishError` when the branch is not where it was read.
        """
        base = {"base_tree": below.tree} if below else {}
        tree = self._post(repo, "trees", {"tree": elements, **base})
        parents = [sha for sha in (also, below.commit if below else None) if sha]
        commit = self._post(repo, "commits", {"message": message, "tree": tree, "parents": parents})
        try:
            if head is None:
                self._post(repo, "refs", {"ref": f"refs/heads/{branch}", "sha": commit}, answer="ref")
            else:
                repo.requester.requestJsonAndCheck(
                    "PATCH", f"{repo.url}/git/refs/heads/{branch}", input={"sha": commit, "force": False}
                )
        except GithubException as error:
            if error.status == 422:
                raise PublishError(f"{branch} changed meanwhile; run again", status=422) from None
            raise
        self._heads = {**self._heads, branch: commit}
        return commit

    def _post(self, repo: Repository, kind: str, what: Mapping[str, Any], answer: str = "sha") -> str:
        """Create a git object or ref; return its name. PyGithub would read the parents first."""
        _, made = repo.requester.requestJsonAndCheck("POST", f"{repo.url}/git/{kind}", input=what)
        return str(made[answer])

    def _pull_request(self, repo: Repository, snapshot: Snapshot, change: Change) -> tuple[str | None, bool, bool]:
        """Open the pull request, or refresh the open one where its text says something else.

        A text that a person changed since it was read is left as it is: the next run starts from it.
        """
        if change.text is None or change.title is None:
            return None, False, False
        if snapshot.pull is None or snapshot.pull.number is None:
            return self._open(repo, change), True, True
        if same_text(snapshot.pull.text, change.text) and snapshot.pull.title == change.title:
            return snapshot.pull.where, False, False
        pull = repo.get_pull(snapshot.pull.number)
        edits: dict[str, Any] = {}
        if pull.title != change.title and re.fullmatch(r".+: \d+ new papers?", pull.title):  # else a person named it
            edits["title"] = change.title
        body = pull.body or ""
        if not same_text(body, change.text) and body == snapshot.pull.text:
            edits["body"] = with_notes(body, change.text)
        if edits:
            pull.edit(**edits)
        return pull.html_url, False, bool(edits)

    def _open(self, repo: Repository, change: Change) -> str:
        branch = _branch(change.list, change.cycle)
        assert change.title is not None
        assert change.text is not None
        try:
            made = repo.create_pull(base=repo.default_branch, head=branch, title=change.title, body=change.text)
        except GithubException as error:
            if "not permitted to create or approve pull requests" in str(error.data):
                raise PublishError(NO_PULLS.format(branch=branch), status=error.status) from None
            raise
        return made.html_url

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


def _state_file(path: str, content: bytes | None) -> TreeElement:
    """Return a file of the state, whose text goes with the tree; None deletes it."""
    found = {"sha": None} if content is None else {"content": content.decode()}
    return {"path": path, "mode": "100644", "type": "blob", **found}


def _branch(name: str, cycle: int) -> str:
    return f"{PREFIX}/{name}/{cycle}"


def _cycle_of(ref: str, name: str) -> int | None:
    """Return the cycle of a branch of this list, None for any other branch."""
    prefix, _, number = ref.rpartition("/")
    return int(number) if prefix == f"{PREFIX}/{name}" and number.isdecimal() else None
