"""A strict GitHub on loopback: one repository in a real bare git repository, GitHub's rules and error shapes.

Every request and answer is held against GitHub's own description of its API (`tests.servers.openapi`); what does not
keep to it is noted in `GitHubServer.violations`, which tests want empty.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from github import Auth, Github

from tests.servers import openapi
from tests.servers.github.git import FILE_MODE, GitStore, Person, TreeChange
from tests.servers.github.model import Account, Answer, Call, Comment, Fault, Issue, Pull, Refused, Right, WorkflowRun
from tests.servers.github.routes import Routes

MAX_PAGE: Final = 100
BUDGET: Final = 5000
"""Requests an hour of a personal token; GITHUB_TOKEN has 1,000."""
_NEVER_SENT: Final = frozenset({"null"})


class GitHubServer:
    """One repository and everything around it. Tests read and change it directly, or through a client."""

    def __init__(self, folder: Path, owner: str, name: str, now: datetime) -> None:
        self.git = GitStore(folder)
        self.owner, self.name = owner, name
        self.now = now
        """The server's clock: tests move it."""
        self.accounts: dict[str, Account] = {}
        self.issues: dict[int, Issue] = {}
        self.comments: dict[int, Comment] = {}
        self.labels: dict[str, str] = {}
        self.default_branch = "main"
        self.protected: set[str] = set()
        self.required: dict[str, list[str]] = {}
        """The checks that classic protection requires on a branch."""
        self.rules: dict[str, list[dict[str, Any]]] = {}
        """The active rules of rulesets, by a pattern of branch names."""
        self.workflows: dict[str, str] = {}
        """The state of each workflow file, by path."""
        self.runs: list[WorkflowRun] = []
        self.private = False
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.signed: set[str] = set()
        """Commits that GitHub shows as verified: an app's, made without author and committer."""
        self.left = BUDGET
        self.fault: Callable[[Call], Fault | None] = lambda call: None
        """Says how a call fails."""
        self.refuse: Callable[[Call], Refused | None] = lambda call: None
        """Says which calls GitHub refuses, for reasons that the server does not know."""
        self.meanwhile: Callable[[Call], None] = lambda call: None
        """Runs before a call is answered: what a person does between two calls of the bot."""
        self.lock = threading.RLock()
        self.url = ""
        self.routes = Routes(self)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    @property
    def writes(self) -> list[Call]:
        """The calls that were meant to change something."""
        return [call for call in self.calls if call.writes]

    def client(self, token: str) -> Github:
        """PyGithub on this server; `close()` it."""
        return Github(
            auth=Auth.Token(token),
            base_url=self.url,
            seconds_between_requests=None,
            seconds_between_writes=None,
            retry=None,
        )

    def account(self, login: str) -> Account | None:
        """Return who has a login."""
        return next((a for a in self.accounts.values() if a.login.lower() == login.lower()), None)

    # What people do without a client

    def push(self, login: str, branch: str, files: Mapping[str, bytes | None], message: str = "Edit by hand") -> str:
        """Commit files on a branch as a person with git would; return the commit."""
        with self.lock:
            sha = self.git.write(branch, files, message, Person(login, f"{login}@example.org"), self.now)
            self.moved(self.account(login))
            return sha

    def read(self, branch: str, path: str) -> bytes:
        """Return a file of a branch."""
        head = self.git.head(branch)
        found = self.git.find(head, path) if head else None
        assert found is not None, f"{branch} has no {path}"
        return self.git.data(found[1])

    def foreign_pull(self, login: str, files: Mapping[str, bytes | None], title: str, mode: int = FILE_MODE) -> Issue:
        """Open a pull request from somebody's fork with files changed."""
        with self.lock:
            user = self.account(login) or self._stranger(login)
            number = self.next_number()
            start = self.git.head(self.default_branch)
            assert start is not None
            changes = {p: None if d is None else self.git.blob(d) for p, d in files.items()}
            tree = self.git.changed_tree(start, [TreeChange(p, s, mode) for p, s in changes.items()])
            sha = self.git.make_commit(tree, [start], title, Person(login, f"{login}@example.org"), self.now)
            self.git.set_ref(f"refs/pull/{number}/head", sha)
            pull = Pull("patch-1", sha, self.default_branch, start, f"{login}/{self.name}")
            issue = Issue(number, title, None, user, self.now, self.now, pull=pull)
            self.issues[number] = issue
            return issue

    def _stranger(self, login: str) -> Account:
        account = Account(login, len(self.accounts) + 1)
        self.accounts[f"token of {login}"] = account
        return account

    # What GitHub does by itself

    def next_number(self) -> int:
        """Return the number of the next issue or pull request."""
        return max(self.issues, default=0) + 1

    def moved(self, by: Account | None) -> None:
        """Let pull requests follow the branches: new heads, merges by push, closes by deletion."""
        for issue in self.issues.values():
            pull = issue.pull
            if pull is None or issue.state != "open" or pull.repository != self.full_name:
                continue
            head, base = self.git.head(pull.head), self.git.head(pull.base)
            if head is None or base is None:
                self.close(issue, by)
                continue
            if head != pull.head_sha:
                pull.head_sha, issue.updated = head, self.now
            if self.git.contains(base, head):
                pull.merged, pull.merged_by, pull.merge_commit = self.now, by, base
                self.close(issue, by)

    def close(self, issue: Issue, by: Account | None) -> None:
        """Close an issue or a pull request."""
        issue.state, issue.closed, issue.closed_by, issue.updated = "closed", self.now, by, self.now

    # One call

    def answer(self, call: Call) -> Answer:
        """Answer a call as GitHub would, and hold both against its description."""
        described = openapi.operation(call.method, call.path)
        if described is None:
            self.violations.append(f"{call.method} {call.path}: GitHub has no such call")
            return self._refusal(Refused(404, "Not Found"))
        if call.body is not None and described.request_schema is not None:
            wrong = openapi.problems(described.request_schema, call.body)
            if wrong:
                self.violations.append(f"{call.method} {call.path}: request {wrong}")
        try:
            if refused := self.refuse(call):
                raise refused
            answer = self.routes.answer(call)
        except Refused as refused:
            answer = self._refusal(refused)
        if answer.status < 300 and answer.body is not None:
            try:
                schema = described.response_schema(answer.status)
            except KeyError:
                self.violations.append(f"{call.method} {call.path}: GitHub never answers {answer.status}")
                return answer
            answer.body = openapi.filled(schema, answer.body)
            wrong = openapi.problems(schema, answer.body) if schema else None
            if wrong:
                self.violations.append(f"{call.method} {call.path}: answer {wrong}")
        return answer

    def _refusal(self, refused: Refused) -> Answer:
        body: dict[str, Any] = {"message": refused.message, "documentation_url": "https://docs.github.com/rest"}
        if refused.errors is not None:
            body["errors"] = refused.errors
        return Answer(refused.status, {**body, "status": str(refused.status)})


def _handler(server: GitHubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet for each answer: two would wait for each other

        def do_any(self) -> None:
            """Read, let faults and people act, answer."""
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            parts = urlsplit(self.path)
            token = (self.headers.get("Authorization") or "").split(" ")[-1]
            account = server.accounts.get(token)
            path = unquote(parts.path) if "%2F" not in parts.path else parts.path
            with server.lock:
                call = Call(
                    len(server.calls) + 1,
                    self.command,
                    path,
                    dict(parse_qsl(parts.query)),
                    json.loads(raw) if raw and raw.decode() not in _NEVER_SENT else None,
                    account,
                )
                server.calls.append(call)
            server.meanwhile(call)
            fault = server.fault(call)
            if fault is Fault.LOST_BEFORE:
                self.close_connection = True
                return
            with server.lock:
                answer = self._allowed(call, token) or _failed(fault) or server.answer(call)
            if fault is Fault.LOST_AFTER:
                self.close_connection = True
                return
            self._send(call, answer)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_any

        def _allowed(self, call: Call, token: str) -> Answer | None:
            """Refuse unknown tokens, missing user agents and whoever asked too much."""
            if not self.headers.get("User-Agent"):
                return Answer(403, {"message": "Request forbidden by administrative rules."})
            if token and call.account is None:
                return server._refusal(Refused(401, "Bad credentials"))
            if server.left <= 0:
                said = f"API rate limit exceeded for installation ID {server.owner}."
                return server._refusal(Refused(403, said))
            server.left -= 1
            return None

        def _send(self, call: Call, answer: Answer) -> None:
            data = b"" if answer.body is None else json.dumps(answer.body).encode()
            tag = f'W/"{hashlib.sha256(data).hexdigest()}"'
            unchanged = call.method == "GET" and self.headers.get("If-None-Match") == tag
            data = b"" if unchanged else data
            self.send_response(304 if unchanged else answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("ETag", tag)
            self.send_header("X-RateLimit-Limit", str(BUDGET))
            self.send_header("X-RateLimit-Remaining", str(server.left))
            self.send_header("X-RateLimit-Reset", str(int(server.now.timestamp()) + 3600))
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def date_time_string(self, timestamp: float | None = None) -> str:
            """Return the server's time for the header."""
            return super().date_time_string(server.now.timestamp())

        def log_message(self, *args: object) -> None:
            """Log nothing."""

    return Handler


def _failed(fault: Fault | None) -> Answer | None:
    if fault is Fault.SERVER_ERROR:
        return Answer(500, {"message": "Server Error"})
    if fault is Fault.SECONDARY_LIMIT:
        said = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        return Answer(403, {"message": said, "documentation_url": "https://docs.github.com/"}, {"Retry-After": "1"})
    return None


@contextmanager
def github_server(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    now: datetime | None = None,
    owner: str = "curator",
    name: str = "papers",
) -> Iterator[GitHubServer]:
    """Serve `owner/name`, whose branch `main` has one commit with `files`, with its git repository in `folder`.

    Tokens: `bot-token` (the app of Actions, as the update workflow's job has it), `curator-token` (the owner),
    `helper-token` (another with write access), `reader-token` (a stranger).
    """
    server = GitHubServer(folder, owner, name, now or datetime(2026, 3, 4, 6, 37, tzinfo=UTC))
    write, read = Right.WRITE, Right.READ
    server.accounts |= {
        "bot-token": Account("github-actions[bot]", 41898282, "Bot", "none", write, write, read),
        "curator-token": Account(owner, 1, "User", "admin", write, write, write),
        "helper-token": Account("helper", 2, "User", "write", write, write, write),
        "reader-token": Account("stranger", 3, "User", "read", read, read, write),
    }
    server.push(owner, "main", files, "Start")
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
