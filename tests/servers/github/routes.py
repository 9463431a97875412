"""The calls that the GitHub server answers, with GitHub's rules for each."""

from __future__ import annotations

import base64
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlencode

from tests.servers.github.git import FOLDER_MODE, BadObject, Conflict, Person, TreeChange
from tests.servers.github.model import Account, Answer, Call, Comment, Issue, Pull, Refused, Right, invalid

if TYPE_CHECKING:
    from tests.servers.github.server import GitHubServer

MAX_BODY: Final = 65_536
MAX_TITLE: Final = 256
MAX_CONTENTS: Final = 1_000_000
MAX_PAGE: Final = 100
LARGEST_PATCH: Final = 100_000

Handler = Callable[["Routes", Call, Sequence[str]], Answer]
_ROUTES: list[tuple[str, re.Pattern[str], str, Right, Handler]] = []


def _route(method: str, pattern: str, kind: str, right: Right = Right.READ) -> Callable[[Handler], Handler]:
    """Register a call below the repository's address; `kind` and `right` say what the token must have."""

    def register(handler: Handler) -> Handler:
        _ROUTES.append((method, re.compile(pattern), kind, right, handler))
        return handler

    return register


class Routes:
    """Answers calls on one server."""

    def __init__(self, server: GitHubServer) -> None:
        self.server, self.git = server, server.git

    def answer(self, call: Call) -> Answer:
        """Answer a call; raises Refused."""
        if call.path == "/rate_limit":
            core = {"limit": 5000, "remaining": self.server.left, "reset": 0, "used": 0}
            return Answer(200, {"resources": {"core": core, "search": core}, "rate": core})
        if call.path == "/user":
            if call.account is None or call.account.kind == "Bot":
                raise self._no_right(call.account)
            return Answer(200, self._user(call.account))
        prefix = f"/repos/{self.server.full_name}"
        if not call.path.lower().startswith(prefix.lower()):
            raise Refused(404, "Not Found")
        path = unquote(call.path[len(prefix) :])
        for method, pattern, kind, right, handler in _ROUTES:
            if method == call.method and (found := pattern.fullmatch(path)):
                self._check(call.account, kind, right)
                return handler(self, call, found.groups())
        raise Refused(404, "Not Found")

    def _check(self, account: Account | None, kind: str, right: Right) -> None:
        """Refuse whoever has not the right. The repository is public: all may read."""
        if right is Right.READ:
            return
        if account is None:
            raise Refused(401, "Requires authentication")
        if kind == "talk":  # comments, labels and assignees of pull requests go with either right
            allowed = account.issues.allows(right) or account.pulls.allows(right)
        else:
            allowed = {"contents": account.contents, "pulls": account.pulls, "issues": account.issues}[kind].allows(
                right
            )
        if not allowed:
            raise self._no_right(account)

    def _no_right(self, account: Account | None) -> Refused:
        by = "integration" if account and account.kind == "Bot" else "personal access token"
        return Refused(403, f"Resource not accessible by {by}")

    # What answers look like; the description fills in the rest

    def _url(self, *parts: object) -> str:
        return "/".join((self.server.url, "repos", self.server.full_name, *map(str, parts)))

    def _page(self, *parts: object) -> str:
        return "/".join(("https://github.com", self.server.full_name, *map(str, parts)))

    def _user(self, account: Account) -> dict[str, Any]:
        return {"login": account.login, "id": account.number, "type": account.kind, "site_admin": False}

    def _repository(self, full_name: str | None = None) -> dict[str, Any]:
        full = full_name or self.server.full_name
        owner, name = full.split("/")
        account = self.server.account(owner) or Account(owner, 99)
        return {
            "id": 1 if full == self.server.full_name else 2,
            "name": name,
            "full_name": full,
            "owner": self._user(account),
            "private": self.server.private,
            "fork": full != self.server.full_name,
            "default_branch": self.server.default_branch,
            "url": f"{self.server.url}/repos/{full}",
            "html_url": f"https://github.com/{full}",
            "has_issues": True,
            "archived": False,
        }

    def _commit(self, sha: str) -> dict[str, Any]:
        """Return a commit as the Git Data API shows it."""
        commit = self.git.commit(sha)
        name, _, email = commit.author.decode().partition(" <")
        who = {"name": name, "email": email.rstrip(">"), "date": _time(datetime.fromtimestamp(commit.commit_time))}
        verified = sha in self.server.signed
        return {
            "sha": sha,
            "url": self._url("git/commits", sha),
            "html_url": self._page("commit", sha),
            "author": who,
            "committer": who,
            "message": commit.message.decode(),
            "tree": {"sha": commit.tree.decode(), "url": self._url("git/trees", commit.tree.decode())},
            "parents": [
                {
                    "sha": p.decode(),
                    "url": self._url("git/commits", p.decode()),
                    "html_url": self._page("commit", p.decode()),
                }
                for p in commit.parents
            ],
            "verification": {
                "verified": verified,
                "reason": "valid" if verified else "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        }

    def _repo_commit(self, sha: str) -> dict[str, Any]:
        """Return a commit as lists of commits show it."""
        made = self._commit(sha)
        name = self.git.commit(sha).author.decode().partition(" <")[0]
        account = self.server.account(name)
        user = self._user(account) if account else {}
        return {
            "sha": sha,
            "url": self._url("commits", sha),
            "html_url": self._page("commit", sha),
            "comments_url": self._url("commits", sha, "comments"),
            "author": user,
            "committer": user,
            "commit": {
                "message": made["message"],
                "author": made["author"],
                "committer": made["committer"],
                "tree": made["tree"],
                "url": made["url"],
                "comment_count": 0,
                "verification": made["verification"],
            },
            "parents": [{k: p[k] for k in ("sha", "url", "html_url")} for p in made["parents"]],
        }

    def _ref(self, name: str, sha: str) -> dict[str, Any]:
        target = {"type": "commit", "sha": sha, "url": self._url("git/commits", sha)}
        return {"ref": name, "node_id": "", "url": self._url("git", name), "object": target}

    def _issue(self, issue: Issue) -> dict[str, Any]:
        kind = "pull" if issue.pull else "issues"
        link = {
            "url": self._url("pulls", issue.number),
            "html_url": self._page("pull", issue.number),
            "diff_url": None,
            "patch_url": None,
            "merged_at": _time(issue.pull.merged) if issue.pull else None,
        }
        return {
            "number": issue.number,
            "id": issue.number,
            "title": issue.title,
            "body": issue.body,
            "state": issue.state,
            "user": self._user(issue.user),
            "locked": issue.locked,
            "url": self._url("issues", issue.number),
            "html_url": self._page(kind, issue.number),
            "comments": sum(c.issue == issue.number for c in self.server.comments.values()),
            "created_at": _time(issue.created),
            "updated_at": _time(issue.updated),
            "closed_at": _time(issue.closed) if issue.closed else None,
            "closed_by": self._user(issue.closed_by) if issue.closed_by else None,
            "labels": [self._label(name) for name in issue.labels],
            "assignees": [self._user(a) for a in issue.assignees],
            "author_association": self._association(issue.user),
            **({"pull_request": link} if issue.pull else {}),
        }

    def _pull(self, issue: Issue, *, whole: bool = False) -> dict[str, Any]:
        pull = issue.pull
        assert pull is not None
        base = {
            "label": f"{self.server.owner}:{pull.base}",
            "ref": pull.base,
            "sha": self.git.head(pull.base) or pull.base_sha,
            "user": self._repository()["owner"],
            "repo": self._repository(),
        }
        owner = (pull.repository or "unknown/repository").split("/")[0]
        head = {
            "label": f"{owner}:{pull.head}",
            "ref": pull.head,
            "sha": pull.head_sha,
            "user": self._repository(pull.repository)["owner"] if pull.repository else None,
            "repo": self._repository(pull.repository) if pull.repository else None,
        }
        shown = {
            **{k: v for k, v in self._issue(issue).items() if k not in ("pull_request", "closed_by", "comments")},
            "url": self._url("pulls", issue.number),
            "head": head,
            "base": base,
            "draft": pull.draft,
            "merged_at": _time(pull.merged) if pull.merged else None,
            "merge_commit_sha": pull.merge_commit,
            "requested_reviewers": [self._user(a) for a in pull.reviewers],
            "issue_url": self._url("issues", issue.number),
        }
        if not whole:
            return shown
        mergeable = self._mergeable(issue)
        state = "unknown" if mergeable is None else "clean" if mergeable else "dirty"
        return shown | {
            "merged": pull.merged is not None,
            "mergeable": mergeable,
            "mergeable_state": state,
            "merged_by": self._user(pull.merged_by) if pull.merged_by else None,
            "comments": self._issue(issue)["comments"],
            "commits": len(self.git.between(pull.base_sha, pull.head_sha)),
        }

    def _mergeable(self, issue: Issue) -> bool | None:
        """Return whether it can be merged; None the first time after a change, because GitHub works it out then."""
        pull = issue.pull
        assert pull is not None
        base = self.git.head(pull.base)
        if issue.state != "open" or base is None:
            return None
        asked = (pull.head_sha, base)
        known, pull.judged = pull.judged == asked, asked
        return self._clean(pull.head_sha, base) if known else None

    def _clean(self, head: str, base: str) -> bool:
        try:
            self.git.merged_tree(base, head)
        except Conflict:
            return False
        return True

    def _comment(self, comment: Comment) -> dict[str, Any]:
        kind = "pull" if self.server.issues[comment.issue].pull else "issues"
        return {
            "id": comment.number,
            "url": self._url("issues/comments", comment.number),
            "body": comment.body,
            "user": self._user(comment.user),
            "created_at": _time(comment.created),
            "updated_at": _time(comment.updated),
            "issue_url": self._url("issues", comment.issue),
            "html_url": self._page(kind, f"{comment.issue}#issuecomment-{comment.number}"),
            "author_association": self._association(comment.user),
        }

    def _association(self, account: Account) -> str:
        named = {"admin": "OWNER", "write": "COLLABORATOR"}
        return named.get(account.permission, "NONE")

    def _label(self, name: str) -> dict[str, Any]:
        return {"name": name, "color": self.server.labels.get(name, "ededed"), "default": False, "description": ""}

    def _paged(self, call: Call, found: Iterable[dict[str, Any]]) -> Answer:
        """Return one page of a list, with the links to the others."""
        every = list(found)
        size = min(MAX_PAGE, int(call.query.get("per_page", 30)))
        page = int(call.query.get("page", 1))
        links = []
        if page * size < len(every):
            more = {"next": page + 1, "last": -(-len(every) // size)}
            address = f"{self.server.url}{call.path}"
            links = [f'<{address}?{urlencode({**call.query, "page": n})}>; rel="{rel}"' for rel, n in more.items()]
        headers = {"Link": ", ".join(links)} if links else {}
        return Answer(200, every[(page - 1) * size : page * size], headers)

    def issue(self, number: str) -> Issue:
        """Return an issue or a pull request; raises Refused."""
        found = self.server.issues.get(int(number))
        if found is None:
            raise Refused(404, "Not Found")
        return found

    def pull(self, number: str) -> tuple[Issue, Pull]:
        """Return a pull request; raises Refused."""
        issue = self.issue(number)
        if issue.pull is None:
            raise Refused(404, "Not Found")
        return issue, issue.pull

    def who(self, call: Call) -> Account:
        """Return who asks."""
        assert call.account is not None
        return call.account

    def sign(self, call: Call, sha: str) -> str:
        """Note that GitHub signed a commit it made for an app."""
        if self.who(call).kind == "Bot":
            self.server.signed.add(sha)
        return sha


def _time(when: datetime | None) -> str | None:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}" if when else None


def _fields(call: Call) -> Mapping[str, Any]:
    if not isinstance(call.body, dict):
        raise Refused(400, "Problems parsing JSON")
    return call.body


def _text_limits(resource: str, fields: Mapping[str, Any]) -> None:
    if len(fields.get("body") or "") > MAX_BODY:
        raise invalid("Issue", field="body", message=f"body is too long (maximum is {MAX_BODY} characters)")
    if "title" in fields and not (fields["title"] or "").strip():
        raise invalid(resource, field="title", code="missing_field")
    if len(fields.get("title") or "") > MAX_TITLE:
        raise invalid(resource, field="title", message=f"title is too long (maximum is {MAX_TITLE} characters)")


# The repository and its branches


@_route("GET", "", "contents")
def _get_repository(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    return Answer(200, routes._repository())


@_route("GET", "/branches/(.+)", "contents")
def _get_branch(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    sha = routes.git.head(found[0])
    if sha is None:
        raise Refused(404, "Branch not found")
    required = routes.server.required.get(found[0], [])
    checks = {"enforcement_level": "non_admins" if required else "off", "contexts": required, "checks": []}
    protected = bool(required) or found[0] in routes.server.protected
    return Answer(
        200,
        {
            "name": found[0],
            "commit": routes._repo_commit(sha),
            "protected": protected,
            "protection": {"enabled": protected, "required_status_checks": checks},
        },
    )


@_route("GET", "/collaborators/([^/]+)/permission", "contents")
def _get_permission(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    if call.account is None or not call.account.contents.allows(Right.WRITE):
        raise Refused(403, "Must have push access to view collaborator permission.")
    account = routes.server.account(found[0])
    if account is None:
        raise Refused(404, "Not Found")
    return Answer(
        200,
        {"permission": account.permission, "role_name": account.permission, "user": routes._user(account)},
    )


@_route("GET", "/commits", "contents")
def _list_commits(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    start = call.query.get("sha", routes.server.default_branch)
    head = routes.git.head(start) or start
    return routes._paged(call, (routes._repo_commit(s) for s in routes.git.log(head, call.query.get("path"))))


@_route("GET", "/compare/(.+?)\\.\\.\\.(.+)", "contents")
def _compare(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    base, head = (routes.git.head(name) or name for name in found)
    try:
        middle = routes.git.merge_base(base, head)
    except (KeyError, ValueError):
        raise Refused(404, "Not Found") from None
    if middle is None:
        raise Refused(404, f"No common ancestor between {found[0]} and {found[1]}.")
    ahead, behind = routes.git.between(base, head), routes.git.between(head, base)
    status = {(0, 0): "identical", (1, 0): "ahead", (0, 1): "behind"}.get((bool(ahead), bool(behind)), "diverged")
    return Answer(
        200,
        {
            "url": routes._url("compare"),
            "html_url": routes._page("compare"),
            "permalink_url": routes._page("compare"),
            "diff_url": routes._page("compare"),
            "patch_url": routes._page("compare"),
            "status": status,
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "base_commit": routes._repo_commit(base),
            "merge_base_commit": routes._repo_commit(middle),
            "commits": [routes._repo_commit(s) for s in ahead],
            "files": _files(routes, middle, head),
        },
    )


def _files(routes: Routes, old: str, new: str) -> list[dict[str, Any]]:
    found = []
    for path, blob in routes.git.changes(old, new).items():
        status = "removed" if blob is None else "modified" if routes.git.find(old, path) else "added"
        address = routes._page("blob", new, path)
        found.append(
            {
                "filename": path,
                "sha": blob,
                "status": status,
                "additions": 1,
                "deletions": 0,
                "changes": 1,
                "blob_url": address,
                "raw_url": address,
                "contents_url": address,
                **_patch(routes, old, path, blob),
            }
        )
    return found


def _patch(routes: Routes, old: str, path: str, blob: str | None) -> dict[str, str]:
    """Return a file's change as GitHub tells it, nothing for one that is large or no text."""
    before = routes.git.find(old, path)
    try:
        one, two = (routes.git.data(sha).decode().splitlines() if sha else [] for sha in (before and before[1], blob))
    except (BadObject, UnicodeDecodeError):  # a submodule, or no text
        return {}
    patch = "\n".join(list(difflib.unified_diff(one, two, lineterm=""))[2:])
    return {"patch": patch} if len(patch) <= LARGEST_PATCH else {}


@_route("POST", "/merges", "contents", Right.WRITE)
def _merge(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    fields = _fields(call)
    base, head = routes.git.head(fields["base"]), routes.git.head(fields["head"]) or fields["head"]
    if base is None:
        raise Refused(404, "Base does not exist")
    try:
        routes.git.commit(head)
    except BadObject:
        raise Refused(404, "Head does not exist") from None
    if routes.git.contains(base, head):
        return Answer(204)
    try:
        tree = routes.git.merged_tree(base, head)
    except Conflict:
        raise Refused(409, "Merge conflict") from None
    message = fields.get("commit_message") or f"Merge {fields['head']} into {fields['base']}"
    sha = routes.sign(call, routes.git.make_commit(tree, [base, head], message, _person(call), routes.server.now))
    routes.git.set_ref(f"refs/heads/{fields['base']}", sha)
    routes.server.moved(call.account)
    return Answer(201, routes._repo_commit(sha))


def _person(call: Call) -> Person:
    assert call.account is not None
    return Person(call.account.login, f"{call.account.number}+{call.account.login}@users.noreply.github.com")


# Contents


@_route("GET", "/contents/(.+)", "contents")
def _get_contents(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    ref = call.query.get("ref", routes.server.default_branch)
    head = routes.git.head(ref) or ref
    try:
        entry = routes.git.find(head, found[0])
    except BadObject:
        raise Refused(404, f"No commit found for the ref {ref}") from None
    if entry is None or entry[0] == FOLDER_MODE:
        raise Refused(404, "Not Found")
    data = routes.git.data(entry[1])
    small = len(data) <= MAX_CONTENTS
    links = {"git": None, "html": None, "self": routes._url("contents", found[0])}
    return Answer(
        200,
        {
            "type": "file",
            "encoding": "base64" if small else "none",
            "size": len(data),
            "name": found[0].split("/")[-1],
            "path": found[0],
            "content": base64.encodebytes(data).decode() if small else "",
            "sha": entry[1],
            "url": routes._url("contents", found[0]),
            "git_url": None,
            "html_url": None,
            "download_url": None,
            "_links": links,
        },
    )


@_route("PUT", "/contents/(.+)", "contents", Right.WRITE)
def _put_contents(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    fields = _fields(call)
    branch = fields.get("branch", routes.server.default_branch)
    head = routes.git.head(branch)
    if head is None:
        raise Refused(404, f"Branch {branch} not found")
    old = routes.git.find(head, found[0])
    if old and "sha" not in fields:
        raise Refused(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if old and fields["sha"] != old[1]:
        raise Refused(409, f"{found[0]} does not match {fields['sha']}")
    if branch in routes.server.protected and routes.who(call).permission != "admin":
        raise Refused(409, "Could not update file: Changes must be made through a pull request.")
    data = base64.b64decode(fields["content"])
    sha = routes.git.write(branch, {found[0]: data}, fields["message"], _person(call), routes.server.now)
    routes.sign(call, sha)
    routes.server.moved(call.account)
    entry = routes.git.find(sha, found[0])
    assert entry is not None
    content = {"name": found[0].split("/")[-1], "path": found[0], "sha": entry[1], "size": len(data), "type": "file"}
    return Answer(200 if old else 201, {"content": content, "commit": routes._commit(sha)})


# Git data


@_route("GET", "/git/blobs/(\\w+)", "contents")
def _get_blob(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    try:
        data = routes.git.data(found[0])
    except BadObject:
        raise Refused(404, "Not Found") from None
    text = base64.encodebytes(data).decode()
    return Answer(
        200,
        {
            "content": text,
            "encoding": "base64",
            "sha": found[0],
            "size": len(data),
            "node_id": "",
            "url": routes._url("git/blobs", found[0]),
        },
    )


@_route("POST", "/git/blobs", "contents", Right.WRITE)
def _post_blob(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    fields = _fields(call)
    content = fields["content"]
    data = base64.b64decode(content) if fields.get("encoding") == "base64" else content.encode()
    sha = routes.git.blob(data)
    return Answer(201, {"sha": sha, "url": routes._url("git/blobs", sha)})


@_route("GET", "/git/trees/(.+)", "contents")
def _get_tree(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    sha = routes.git.head(found[0]) or found[0]
    try:
        entries = list(routes.git.entries(sha, recursive="recursive" in call.query))
        tree = routes.git.tree(sha).id.decode()
    except BadObject:
        raise Refused(404, "Not Found") from None
    return Answer(200, _tree(routes, tree, entries))


def _tree(routes: Routes, sha: str, entries: Iterable[tuple[str, int, str]]) -> dict[str, Any]:
    listed = [
        {
            "path": path,
            "mode": f"{mode:06o}",
            "type": "tree" if mode == FOLDER_MODE else "blob",
            "sha": one,
            "url": routes._url("git/trees" if mode == FOLDER_MODE else "git/blobs", one),
        }
        for path, mode, one in entries
    ]
    return {"sha": sha, "url": routes._url("git/trees", sha), "tree": listed, "truncated": False}


@_route("POST", "/git/trees", "contents", Right.WRITE)
def _post_tree(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    fields = _fields(call)
    changes = []
    for one in fields["tree"]:
        if "content" in one and "sha" in one:
            raise Refused(422, "Must supply either tree.sha or tree.content")
        if one["path"].startswith(".github/workflows/") and not routes.who(call).workflows:
            raise Refused(404, "Not Found") if routes.who(call).kind == "User" else routes._no_right(call.account)
        sha = routes.git.blob(one["content"].encode()) if "content" in one else one["sha"]
        changes.append(TreeChange(one["path"], sha, int(one.get("mode", "100644"), 8)))
    try:
        sha = routes.git.changed_tree(fields.get("base_tree"), changes)
    except BadObject as error:
        named = str(error)
        raise Refused(
            422,
            f"tree.sha {named} is not a valid blob"
            if re.fullmatch("[0-9a-f]{40}", named)
            else "GitRPC::BadObjectState",
        ) from None
    return Answer(201, _tree(routes, sha, routes.git.entries(sha)))


@_route("GET", "/git/commits/(\\w+)", "contents")
def _get_commit(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    try:
        return Answer(200, routes._commit(found[0]))
    except BadObject:
        raise Refused(404, "Not Found") from None


@_route("POST", "/git/commits", "contents", Right.WRITE)
def _post_commit(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    fields = _fields(call)
    try:
        routes.git.tree(fields["tree"])
        for parent in fields.get("parents", []):
            routes.git.commit(parent)
    except BadObject as error:
        raise Refused(422, f"Tree SHA or parent {error} does not exist") from None
    named = fields.get("author") or fields.get("committer")
    who = Person(named["name"], named["email"]) if named else _person(call)
    sha = routes.git.make_commit(fields["tree"], fields.get("parents", []), fields["message"], who, routes.server.now)
    if not named:
        routes.sign(call, sha)
    return Answer(201, routes._commit(sha))


@_route("GET", "/git/ref/(.+)", "contents")
def _get_ref(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    sha = routes.git.ref(f"refs/{found[0]}")
    if sha is None:
        raise Refused(404, "Not Found")
    return Answer(200, routes._ref(f"refs/{found[0]}", sha))


@_route("GET", "/git/matching-refs/(.+)", "contents")
def _matching_refs(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    return routes._paged(call, (routes._ref(n, s) for n, s in routes.git.refs(f"refs/{found[0]}").items()))


@_route("POST", "/git/refs", "contents", Right.WRITE)
def _post_ref(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    fields = _fields(call)
    name, sha = fields["ref"], fields["sha"]
    if not re.fullmatch("refs/[^/]+/.+", name):
        raise Refused(422, "Reference name must start with 'refs/' and contain at least two slashes")
    if routes.git.ref(name):
        raise Refused(422, "Reference already exists")
    if not routes.git.good_name(name):
        raise Refused(422, "Reference update failed")
    _known_commit(routes, sha)
    routes.git.set_ref(name, sha)
    routes.server.moved(call.account)
    return Answer(201, routes._ref(name, sha))


def _known_commit(routes: Routes, sha: str) -> None:
    try:
        routes.git.commit(sha)
    except BadObject:
        raise Refused(422, "Object does not exist") from None


@_route("PATCH", "/git/refs/(.+)", "contents", Right.WRITE)
def _patch_ref(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    fields, name = _fields(call), f"refs/{found[0]}"
    old = routes.git.ref(name)
    if old is None:
        raise Refused(422, "Reference does not exist")
    if found[0].removeprefix("heads/") in routes.server.protected and routes.who(call).permission != "admin":
        raise Refused(422, "Protected branch update failed for " + name)
    _known_commit(routes, fields["sha"])
    if not routes.git.contains(fields["sha"], old) and not fields.get("force"):
        raise Refused(422, "Update is not a fast forward")
    if fields.get("force"):
        routes.server.violations.append(f"{name} was force-pushed")
    routes.git.set_ref(name, fields["sha"])
    routes.server.moved(call.account)
    return Answer(200, routes._ref(name, fields["sha"]))


@_route("DELETE", "/git/refs/(.+)", "contents", Right.WRITE)
def _delete_ref(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    if routes.git.ref(f"refs/{found[0]}") is None:
        raise Refused(422, "Reference does not exist")
    routes.git.delete_ref(f"refs/{found[0]}")
    routes.server.moved(call.account)
    return Answer(204)


# Pull requests


@_route("GET", "/pulls", "pulls")
def _list_pulls(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    query = call.query
    wanted = query.get("state", "open")
    found = [i for i in routes.server.issues.values() if i.pull and wanted in ("all", i.state)]
    if "head" in query:
        found = [
            i for i in found if i.pull and f"{(i.pull.repository or '').split('/')[0]}:{i.pull.head}" == query["head"]
        ]
    if "base" in query:
        found = [i for i in found if i.pull and i.pull.base == query["base"]]
    by = query.get("sort", "created")
    found.sort(
        key=lambda i: (i.updated if by == "updated" else i.created, i.number),
        reverse=query.get("direction", "desc") == "desc",
    )
    return routes._paged(call, (routes._pull(i) for i in found))


@_route("POST", "/pulls", "pulls", Right.WRITE)
def _post_pull(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    fields, who = _fields(call), routes.who(call)
    if not who.may_open_pulls:
        raise Refused(403, "GitHub Actions is not permitted to create or approve pull requests.")
    _text_limits("PullRequest", fields)
    head, base = routes.git.head(fields["head"]), routes.git.head(fields["base"])
    for field, sha in (("base", base), ("head", head)):
        if sha is None:
            raise invalid("PullRequest", field=field, code="invalid")
    assert head is not None
    assert base is not None
    if any(
        i.state == "open" and i.pull and (i.pull.head, i.pull.base) == (fields["head"], fields["base"])
        for i in routes.server.issues.values()
    ):
        said = f"A pull request already exists for {routes.server.owner}:{fields['head']}."
        raise invalid("PullRequest", message=said)
    if routes.git.contains(base, head):
        raise invalid("PullRequest", message=f"No commits between {fields['base']} and {fields['head']}")
    number, now = routes.server.next_number(), routes.server.now
    pull = Pull(fields["head"], head, fields["base"], base, routes.server.full_name, bool(fields.get("draft")))
    issue = Issue(number, fields["title"], fields.get("body"), who, now, now, pull=pull)
    routes.server.issues[number] = issue
    return Answer(201, routes._pull(issue, whole=True))


@_route("GET", "/pulls/(\\d+)", "pulls")
def _get_pull(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    return Answer(200, routes._pull(routes.pull(found[0])[0], whole=True))


@_route("PATCH", "/pulls/(\\d+)", "pulls", Right.WRITE)
def _patch_pull(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    issue, pull = routes.pull(found[0])
    fields = _fields(call)
    _text_limits("PullRequest", fields)
    if fields.get("state") == "open" and issue.state == "closed":
        if pull.merged or routes.git.head(pull.head) is None:
            raise invalid("PullRequest", message="state cannot be changed. The branch was deleted or merged.")
        issue.state, issue.closed, issue.closed_by = "open", None, None
    elif fields.get("state") == "closed" and issue.state == "open":
        routes.server.close(issue, call.account)
    issue.title, issue.body = fields.get("title", issue.title), fields.get("body", issue.body)
    pull.base = fields.get("base", pull.base)
    issue.updated = routes.server.now
    return Answer(200, routes._pull(issue, whole=True))


@_route("GET", "/pulls/(\\d+)/files", "pulls")
def _pull_files(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    _, pull = routes.pull(found[0])
    base = routes.git.merge_base(routes.git.head(pull.base) or pull.base_sha, pull.head_sha) or pull.base_sha
    return routes._paged(call, _files(routes, base, pull.head_sha))


@_route("GET", "/pulls/(\\d+)/commits", "pulls")
def _pull_commits(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    _, pull = routes.pull(found[0])
    base = routes.git.head(pull.base) or pull.base_sha
    return routes._paged(call, (routes._repo_commit(s) for s in routes.git.between(base, pull.head_sha)))


@_route("PUT", "/pulls/(\\d+)/merge", "contents", Right.WRITE)
def _merge_pull(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    issue, pull = routes.pull(found[0])
    fields = call.body or {}
    base = routes.git.head(pull.base)
    if issue.state != "open" or pull.draft or base is None or not routes._clean(pull.head_sha, base):
        raise Refused(405, "Pull Request is not mergeable")
    if fields.get("sha", pull.head_sha) != pull.head_sha:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    method, who, now = fields.get("merge_method", "merge"), _person(call), routes.server.now
    message = fields.get("commit_title") or f"{issue.title} (#{issue.number})"
    if method == "rebase":
        commits = [s for s in routes.git.between(base, pull.head_sha) if len(routes.git.commit(s).parents) < 2]
        try:
            sha = routes.git.replayed(base, commits, who, now)
        except Conflict:
            raise Refused(405, "This branch can't be rebased") from None
    else:
        parents = [base] if method == "squash" else [base, pull.head_sha]
        sha = routes.git.make_commit(routes.git.merged_tree(base, pull.head_sha), parents, message, who, now)
    routes.git.set_ref(f"refs/heads/{pull.base}", sha)
    pull.merged, pull.merged_by, pull.merge_commit = now, call.account, sha
    routes.server.close(issue, call.account)
    routes.server.moved(call.account)
    return Answer(200, {"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


@_route("PUT", "/pulls/(\\d+)/update-branch", "pulls", Right.WRITE)
def _update_branch(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    _, pull = routes.pull(found[0])
    base = routes.git.head(pull.base)
    assert base is not None
    try:
        tree = routes.git.merged_tree(pull.head_sha, base)
    except Conflict:
        raise Refused(422, "merge conflict between base and head") from None
    message = f"Merge branch '{pull.base}' into {pull.head}"
    sha = routes.git.make_commit(tree, [pull.head_sha, base], message, _person(call), routes.server.now)
    routes.git.set_ref(f"refs/heads/{pull.head}", sha)
    routes.server.moved(call.account)
    return Answer(202, {"message": "Updating pull request branch.", "url": routes._url("pulls", found[0])})


@_route("POST", "/pulls/(\\d+)/requested_reviewers", "pulls", Right.WRITE)
def _request_reviewers(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    issue, pull = routes.pull(found[0])
    for login in _fields(call).get("reviewers", []):
        account = routes.server.account(login)
        if account is None or account.permission == "none":
            said = "Reviews may only be requested from collaborators. One or more of the users or teams you specified"
            raise Refused(422, f"{said} is not a collaborator of the {routes.server.full_name} repository.")
        if account is issue.user:
            raise Refused(422, "Review cannot be requested from pull request author.")
        if account not in pull.reviewers:
            pull.reviewers.append(account)
    return Answer(201, routes._pull(issue))


@_route("GET", "/commits/(.+)/check-runs", "contents")
def _check_runs(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    return Answer(200, {"total_count": 0, "check_runs": []})


# Settings


@_route("GET", "/actions/permissions/workflow", "contents")
def _workflow_permissions(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    if call.account is None or call.account.permission != "admin":
        raise routes._no_right(call.account)
    allowed = all(account.may_open_pulls for account in routes.server.accounts.values())
    return Answer(200, {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": allowed})


@_route("GET", "/actions/workflows", "contents")
def _list_workflows(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    if call.account is not None and not call.account.actions.allows(Right.READ):
        raise routes._no_right(call.account)
    found = [
        {"id": number, "name": path, "path": path, "state": state}
        for number, (path, state) in enumerate(routes.server.workflows.items(), 1)
    ]
    return Answer(200, {"total_count": len(found), "workflows": found})


@_route("GET", "/actions/workflows/([^/]+)/runs", "contents")
def _list_runs(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    if call.account is not None and not call.account.actions.allows(Right.READ):
        raise routes._no_right(call.account)
    if found[0] not in {path.rsplit("/", 1)[1] for path in routes.server.workflows}:
        raise Refused(404, "Not Found")
    wanted = call.query.get("event")
    runs = [
        {
            "id": run.number,
            "run_number": run.number,
            "path": run.path,
            "event": run.event,
            "status": "completed" if run.conclusion else "in_progress",
            "conclusion": run.conclusion,
            "created_at": _time(run.begun),
            "html_url": routes._page("actions", "runs", run.number),
        }
        for run in sorted(routes.server.runs, key=lambda run: -run.number)
        if run.path.rsplit("/", 1)[1] == found[0] and wanted in (None, run.event)
    ][: int(call.query.get("per_page", 30))]
    return Answer(200, {"total_count": len(runs), "workflow_runs": runs})


@_route("GET", "/rules/branches/(.+)", "contents")
def _branch_rules(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    rules = routes.server.rules.items()
    return Answer(200, [rule for pattern, some in rules if fnmatch(found[0], pattern) for rule in some])


# Issues, comments, labels


@_route("GET", "/issues", "issues")
def _list_issues(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    wanted, labels = call.query.get("state", "open"), set(filter(None, call.query.get("labels", "").split(",")))
    found = [i for i in routes.server.issues.values() if wanted in ("all", i.state) and labels <= set(i.labels)]
    if "creator" in call.query:
        found = [i for i in found if i.user.login == call.query["creator"]]
    found.sort(key=lambda i: i.number, reverse=call.query.get("direction", "desc") == "desc")
    return routes._paged(call, (routes._issue(i) for i in found))


@_route("POST", "/issues", "issues", Right.WRITE)
def _post_issue(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    fields, now = _fields(call), routes.server.now
    _text_limits("Issue", fields)
    number = routes.server.next_number()
    issue = Issue(number, fields["title"], fields.get("body"), routes.who(call), now, now)
    routes.server.issues[number] = issue
    _add_labels(routes, issue, fields.get("labels", []))
    return Answer(201, routes._issue(issue))


@_route("GET", "/issues/(\\d+)", "issues")
def _get_issue(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    return Answer(200, routes._issue(routes.issue(found[0])))


@_route("PATCH", "/issues/(\\d+)", "talk", Right.WRITE)
def _patch_issue(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    issue, fields = routes.issue(found[0]), _fields(call)
    _text_limits("Issue", fields)
    issue.title, issue.body = fields.get("title", issue.title), fields.get("body", issue.body)
    if fields.get("state") == "closed" and issue.state == "open":
        routes.server.close(issue, call.account)
    elif fields.get("state") == "open":
        issue.state, issue.closed, issue.closed_by = "open", None, None
    _add_labels(routes, issue, fields.get("labels", []))
    _assign(routes, issue, fields.get("assignees", []))
    issue.updated = routes.server.now
    return Answer(200, routes._issue(issue))


@_route("PUT", "/issues/(\\d+)/lock", "talk", Right.WRITE)
def _lock_issue(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    routes.issue(found[0]).locked = True
    return Answer(204)


@_route("GET", "/issues/comments", "issues")
def _all_comments(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    return routes._paged(call, _since(routes, call, list(routes.server.comments.values())))


@_route("GET", "/issues/(\\d+)/comments", "issues")
def _issue_comments(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    issue = routes.issue(found[0])
    mine = [c for c in routes.server.comments.values() if c.issue == issue.number]
    return routes._paged(call, _since(routes, call, mine))


def _since(routes: Routes, call: Call, comments: list[Comment]) -> list[dict[str, Any]]:
    since = call.query.get("since")
    kept = [c for c in comments if since is None or (_time(c.updated) or "") >= since.replace("+00:00", "Z")]
    by = call.query.get("sort")
    kept.sort(key=lambda c: ((c.updated if by == "updated" else c.created), c.number))
    return [routes._comment(c) for c in kept]


@_route("POST", "/issues/(\\d+)/comments", "talk", Right.WRITE)
def _post_comment(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    issue, fields, now = routes.issue(found[0]), _fields(call), routes.server.now
    _text_limits("IssueComment", fields)
    number = max(routes.server.comments, default=1000) + 1
    comment = Comment(number, issue.number, fields["body"], routes.who(call), now, now)
    routes.server.comments[number] = comment
    issue.updated = now
    return Answer(201, routes._comment(comment))


@_route("GET", "/issues/comments/(\\d+)", "issues")
def _get_comment(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    comment = routes.server.comments.get(int(found[0]))
    if comment is None:
        raise Refused(404, "Not Found")
    return Answer(200, routes._comment(comment))


@_route("PATCH", "/issues/comments/(\\d+)", "talk", Right.WRITE)
def _patch_comment(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    comment, fields = routes.server.comments.get(int(found[0])), _fields(call)
    if comment is None:
        raise Refused(404, "Not Found")
    _text_limits("IssueComment", fields)
    comment.body, comment.updated = fields["body"], routes.server.now
    return Answer(200, routes._comment(comment))


@_route("GET", "/labels/([^/]+)", "issues")
def _get_label(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    if found[0] not in routes.server.labels:
        raise Refused(404, "Not Found")
    return Answer(200, routes._label(found[0]))


@_route("GET", "/labels", "issues")
def _list_labels(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    return routes._paged(call, (routes._label(name) for name in sorted(routes.server.labels)))


@_route("POST", "/labels", "talk", Right.WRITE)
def _post_label(routes: Routes, call: Call, _: Sequence[str]) -> Answer:
    fields = _fields(call)
    if fields["name"] in routes.server.labels:
        raise invalid("Label", field="name", code="already_exists")
    routes.server.labels[fields["name"]] = fields.get("color", "ededed")
    return Answer(201, routes._label(fields["name"]))


@_route("POST", "/issues/(\\d+)/labels", "talk", Right.WRITE)
def _label_issue(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    issue, body = routes.issue(found[0]), call.body
    _add_labels(routes, issue, body["labels"] if isinstance(body, dict) else body)
    return Answer(200, [routes._label(name) for name in issue.labels])


def _add_labels(routes: Routes, issue: Issue, names: Iterable[str]) -> None:
    for name in names:
        routes.server.labels.setdefault(name, "ededed")
        if name not in issue.labels:
            issue.labels.append(name)
            issue.updated = routes.server.now


@_route("POST", "/issues/(\\d+)/assignees", "talk", Right.WRITE)
def _assign_issue(routes: Routes, call: Call, found: Sequence[str]) -> Answer:
    issue = routes.issue(found[0])
    _assign(routes, issue, _fields(call).get("assignees", []))
    return Answer(201, routes._issue(issue))


def _assign(routes: Routes, issue: Issue, logins: Iterable[str]) -> None:
    """Assign people; GitHub passes over those who cannot be assigned."""
    for login in logins:
        account = routes.server.account(login)
        if account and account.permission in ("admin", "write") and account not in issue.assignees:
            issue.assignees.append(account)
            issue.updated = routes.server.now
