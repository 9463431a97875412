"""The forge: what stands on GitHub for a list now, and the writing of a change that was made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from github import GithubException
from github.Repository import Repository

from bot.config import ListConfig
from bot.errors import PublishError
from bot.forges.github import branches, pulls
from bot.forges.github.branches import Head, ListFile, StateTree, branch_of, cycle_of
from bot.forges.github.client import connect, explained
from bot.forges.github.comments import Said, all_said, said_since
from bot.paperlist.merge import merged
from bot.paperlist.read.document import parse
from bot.pullrequest.board import PullRequest, Snapshot
from bot.pullrequest.change import Change, Publication
from bot.pullrequest.rebuild import rebuilt
from bot.pullrequest.text.replies import CONFLICT, conflict
from bot.state.model import State

MERGE_MESSAGE = "Merge {base} into {branch}"
NO_LIST = "{repository} has no {file} on branch {branch}; set 'file' in the configuration, or bring the file back there"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a list was read from: the bot's branches, the base's head, the state branch, and its blob on its branch.

    `gone` says that the branch has no such file: the list has another place than when the branch began.
    """

    heads: Mapping[str, str]
    main: Head
    state: StateTree
    working: str
    gone: bool


class GithubForge:
    """Publishes to `repository` (`owner/name`) through the REST API at `api_url`.

    A snapshot bears what it was read from. Several lists may be read before the first is written, so that what was
    written on the state branch since is kept, by the head that it was read at.
    """

    def __init__(self, token: str, repository: str, api_url: str) -> None:
        self._github = connect(token, repository, api_url)
        self._name = repository
        self._written: dict[Head | None, StateTree] = {}

    def read(self, settings: ListConfig) -> Snapshot:
        """Return the list at the default branch's head, the open cycle's branch, its pull request and the state."""
        name, file = settings.name, settings.file
        with explained("read", self._name):
            repo = self._repository
            heads = branches.own_heads(repo)
            main = repo.get_branch(repo.default_branch).commit
            base = self._list(repo, main.sha, file, repo.default_branch)
            tree = branches.read_tree(repo, heads.get(branches.STATE_BRANCH))
            state = self._remembered(repo, heads, tree, name, base, file)
            pull, others = pulls.open_pulls(repo, name)
            lapsed = bool(state.open) and pull is None
            ended = pulls.ended(repo, name, state.cycle, heads) if lapsed else None
            cycle = cycle_of(pull.head.ref, name) if pull else None
            cycle = cycle or pulls.next_cycle(repo, name, state, ended, heads)
            head = heads.get(branch_of(name, cycle))
            working = branches.read_list(repo, head, file) if head else base
            gone = working is None
            if working is None and pull is None:
                raise self._no_list(file, branch_of(name, cycle))
            working = working or base
            self._written.pop(tree.head, None)  # what was read just now is newer
            origin = Origin(heads, Head(main.sha, main.commit.tree.sha), tree, working.blob, gone)
            since = state.heard or (pull.created_at if pull else None)
            number = pull.number if pull else None
            said = said_since(repo, name, number, since, tree) if since else Said()
            elsewhere = pulls.elsewhere(repo, file, base.blob, others)
        return Snapshot(
            base.content,
            base.blob,
            working.content,
            state,
            cycle,
            PullRequest(pull.html_url, pull.title, pull.body or "", pull.number) if pull else None,
            ended,
            said.open,
            said.heard or state.heard,
            said.asked,
            stale=gone or (working != base and state.base != base.blob),  # no branch: both are the base
            elsewhere=elsewhere,
            origin=origin,
        )

    def renew(self, settings: ListConfig, snapshot: Snapshot) -> Snapshot:
        """Merge the base into the cycle's branch: by GitHub if it can, else the list alone, line by line.

        A base that moved on between the two looks at it is merged again.
        """
        with explained("write", self._name):
            repo = self._repository
            branch = branch_of(settings.name, snapshot.cycle)
            try:
                repo.merge(branch, repo.default_branch, MERGE_MESSAGE.format(base=repo.default_branch, branch=branch))
            except GithubException as error:
                if error.status != 409:
                    raise
                self._merge_list(repo, snapshot, branch, settings.file)
        after = self.read(settings)
        if _origin(after).gone:
            raise self._no_list(settings.file, branch)
        return after if after.base_id == snapshot.base_id else self.renew(settings, after)

    def write(self, snapshot: Snapshot, change: Change) -> Publication:
        """Commit the list, record the state, open or refresh the pull request; each only if something changes."""
        with explained("write", self._name):
            repo = self._repository
            pulls.check_open(repo, snapshot, change)
            commit = self._commit_list(repo, snapshot, change, change.content) if change.content is not None else None
            self._record(repo, _origin(snapshot).state, change)
            publication = pulls.write_pull(repo, snapshot, change)
            for reply in change.replies:
                repo.get_issue(reply.issue).create_comment(reply.text)
        return replace(publication, commit=commit)

    @cached_property
    def _repository(self) -> Repository:
        return self._github.get_repo(self._name)

    def _list(self, repo: Repository, ref: str, file: str, branch: str) -> ListFile:
        found = branches.read_list(repo, ref, file)
        if found is None:
            raise self._no_list(file, branch)
        return found

    def _no_list(self, file: str, branch: str) -> PublishError:
        return PublishError(NO_LIST.format(repository=self._name, file=file, branch=branch))

    def _remembered(
        self, repo: Repository, heads: Mapping[str, str], tree: StateTree, name: str, base: ListFile, file: str
    ) -> State:
        """Return the state; where there is none, what the bot's pull requests say of it."""
        if tree.holds(name):
            return branches.read_state(repo, tree, name)
        if not (found := pulls.past_pulls(repo, name, heads)):
            return State()
        said = all_said(repo, name, found[0].created_at, tree)
        return rebuilt([pulls.as_past(pull, name) for pull in found], said, parse(base.content, file))

    def _commit_list(self, repo: Repository, snapshot: Snapshot, change: Change, content: bytes) -> str:
        """Write the list on the cycle's branch, which begins at the base that was read."""
        branch, read = branch_of(change.list, change.cycle), _origin(snapshot)
        if branch not in read.heads:
            branches.start(repo, branch, read.main.commit)
        return branches.write_list(repo, branch, change.file, content, read.working, change.message)

    def _record(self, repo: Repository, read: StateTree, change: Change) -> None:
        """Record the state on top of what was written for other lists since it was read."""
        before = read
        while before.head in self._written:
            before = self._written[before.head]
        after = branches.write_state(repo, before, change.list, change.state)
        if after.head != before.head:
            self._written[before.head] = after

    def _merge_list(self, repo: Repository, snapshot: Snapshot, branch: str, file: str) -> None:
        """Merge the list where GitHub sees a conflict; anything else is for people, who are told once."""
        read = _origin(snapshot)
        compared = repo.compare(repo.default_branch, branch)
        others = [changed.filename for changed in compared.files if changed.filename != file]
        old = self._list(repo, compared.merge_base_commit.sha, file, branch)
        content = None if others else merged(parse(old.content, file), parse(snapshot.base, file), snapshot.working)
        if content is None:
            if snapshot.pull and snapshot.pull.number and CONFLICT not in snapshot.asked:
                repo.get_issue(snapshot.pull.number).create_comment(conflict(branch, repo.default_branch))
            raise PublishError(
                f"{branch} and {repo.default_branch} contradict each other; resolve the conflict on GitHub"
            )
        written = branches.element(repo, read.main, file, content)
        message = MERGE_MESSAGE.format(base=repo.default_branch, branch=branch)
        head = read.heads[branch]
        branches.commit(repo, branch, read.main, head, [written], message, also=head)


def _origin(snapshot: Snapshot) -> Origin:
    """Return what a snapshot was read from, which nobody but this forge needs to know."""
    assert isinstance(snapshot.origin, Origin), "the snapshot is not one of this forge"
    return snapshot.origin
