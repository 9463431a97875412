"""The doors: parse arguments, call one function, print, exit.

Only here does the program end, look at the clock, or read the environment. Heavy packages are imported in
the command that needs them, so that `--help` costs nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from bot import __version__, console
from bot.errors import BotError, ConfigError, DuplicateError, PublishError

if TYPE_CHECKING:
    from bot.config import Config, ListConfig
    from bot.model import Paper, Window
    from bot.paperlist.document import Document
    from bot.proposal import Proposal
    from bot.publish import Publisher
    from bot.run import Outcome
    from bot.sources import Source
    from bot.sources.api import ApiSource

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

DONE, FAILED, WRONG_USAGE, BUG, INCOMPLETE = range(5)

DEFAULT_CONFIG = "config/keywords.yaml"
ARXIV_BEGAN = datetime(1991, 8, 1, tzinfo=UTC)
NEW_ISSUE = "This is a bug in arxiv-list-bot. Please report it with the lines above to its issue tracker."


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit: 0 done, 1 expected failure, 2 wrong usage, 3 a bug, 4 done but coverage incomplete."""
    options = _parser().parse_args(_without_empty(sys.argv[1:] if arguments is None else arguments))
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        code = command(options)
    except BotError as error:
        console.note(f"arxiv-bot: {error}")
        code = FAILED
    except KeyboardInterrupt:
        console.note("arxiv-bot: stopped; nothing half-written is left behind")
        code = FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    except Exception:
        traceback.print_exc()
        console.note(f"arxiv-bot {__version__}: {NEW_ISSUE}")
        code = BUG
    sys.exit(code)


def _without_empty(arguments: Sequence[str]) -> list[str]:
    """Drop options given as an empty string: a workflow passes inputs that were left out so."""
    kept: list[str] = []
    for argument in arguments:
        if argument == "" and kept and kept[-1].startswith("--"):
            kept.pop()
        else:
            kept.append(argument)
    return kept


# Arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="arxiv-bot",
        description="Keeps a curated Markdown list of arXiv papers up to date through one rolling pull request.",
        epilog="Exit status: 0 done, 1 failed with a message, 2 wrong usage, 3 a bug, 4 done but coverage incomplete.",
    )
    parser.add_argument("--version", action="version", version=f"arxiv-bot {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    run = _command(commands, "run", run_command, "find new papers and propose them")
    _window_options(run)
    _publish_options(run)
    run.add_argument(
        "--dry-run", action="store_true", help="print the diff and the pull request's text, change nothing"
    )
    run.add_argument("--report", type=Path, metavar="FILE", help="write what happened as JSON")

    discover = _command(commands, "discover", discover_command, "the half of run that only reads")
    _window_options(discover)
    _publish_options(discover)
    discover.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the proposal goes")
    discover.add_argument("--report", type=Path, metavar="FILE", help="write what happened as JSON")

    publish = _command(commands, "publish", publish_command, "the half of run that writes")
    publish.add_argument("proposal", type=Path, help="what discover wrote")
    _publish_options(publish)
    publish.add_argument("--report", type=Path, metavar="FILE", help="write what happened as JSON")
    publish.add_argument(
        "--max-gap-days", type=int, metavar="N", help="fail, after publishing, when a coverage gap is older"
    )

    show = _command(commands, "show", show_command, "print a list as the bot understands it")
    show.add_argument("file", type=Path, metavar="LIST.md")

    add = _command(commands, "add", add_command, "add papers to a list by hand")
    add.add_argument("file", type=Path, metavar="LIST.md")
    add.add_argument("ids", nargs="*", metavar="ID", help="ids or links of papers; their metadata is asked of arXiv")
    add.add_argument("--paper", type=Path, metavar="FILE.json", help="a paper's metadata instead of an id")
    add.add_argument("--section", metavar="S", help="heading, or JSON array of the heading path")
    add.add_argument("--dry-run", action="store_true", help="print the diff, change nothing")

    judge = _command(commands, "judge", judge_command, "say what belongs in a list, where, and why")
    judge.add_argument("--papers", type=Path, required=True, metavar="FILE.jsonl")
    judge.add_argument(
        "--list", type=Path, metavar="LIST.md", dest="file", help="instead of the configured list's file"
    )
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    function: Callable[[argparse.Namespace], int],
    what: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
    parser.set_defaults(command=function)
    parser.add_argument("--config", type=Path, default=None, metavar="FILE", help=f"default: {DEFAULT_CONFIG}")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--today", type=_day, metavar="DATE", help="run as if at the end of this day, UTC")
    return parser


def _window_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", type=_day, metavar="DATE", help="first day of submission to ask about, UTC")
    parser.add_argument("--until", type=_day, metavar="DATE", help="day to stop before (default: now)")
    parser.add_argument("--source", default="api", metavar="S", help="api (default), sample, or a FILE.jsonl")


def _publish_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--list", metavar="NAME", help="only this list of the configuration")
    parser.add_argument("--max-open", type=int, metavar="N", help="most papers in the pull request")
    parser.add_argument(
        "--publish",
        choices=("github", "local", "none"),
        help="default: github where GITHUB_REPOSITORY is set, else local",
        dest="place",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2025-11-03") from None


# Commands


def run_command(options: argparse.Namespace) -> int:
    """Do the whole job for every list, or the one named."""
    config, tasks = _tasks(options)
    now, windows = _now(options), _windows(options)
    dry = options.dry_run or options.place == "none"
    publisher = _publisher(options, config, dry=dry)
    source = _source(options, config)
    outcomes, errors = _each(tasks, lambda task: _run(config, task, source, publisher, now, windows, dry))
    _tell(options, config, outcomes, errors)
    return _exit_code([o.proposal for o in outcomes], errors)


def discover_command(options: argparse.Namespace) -> int:
    """Find and judge papers and write the proposal."""
    from bot import proposal, run
    from bot.report import discover_report
    from bot.store import write_atomically

    config, tasks = _tasks(options)
    now, windows = _now(options), _windows(options)
    publisher = _publisher(options, config, dry=True)
    source = _source(options, config)

    def discover(task: ListConfig) -> Proposal:
        with console.working(f"{task.name}: asking {source.name} for papers"):
            return run.discover(config, task, publisher.current(task.name, task.file), source, now, windows)

    proposals, errors = _each(tasks, discover)
    write_atomically(options.out, proposal.dumps(tuple(proposals)).encode())
    report = discover_report(proposals, errors)
    _write_report(options, report)
    if options.json:
        console.document(report)
    else:
        for found in proposals:
            console.say(f"{found.list}: {len(found.candidates)} candidates, written to {options.out}")
    return _exit_code(proposals, errors)


def publish_command(options: argparse.Namespace) -> int:
    """Publish a proposal that discover wrote."""
    from bot import coverage, proposal, run

    config, tasks = _tasks(options)
    now = _now(options)
    try:
        text = options.proposal.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise PublishError(f"{options.proposal} cannot be read: {error}") from None
    proposals = proposal.loads(text, str(options.proposal))
    by_name = {task.name: task for task in tasks}
    for found in proposals:
        config.list_named(found.list)
    publisher = _publisher(options, config, dry=options.place == "none")

    def publish(found: Proposal) -> Outcome:
        task = by_name[found.list]
        with console.working(f"{task.name}: publishing"):
            return run.publish(config, task, publisher.current(task.name, task.file), found, publisher, now)

    outcomes, errors = _each([p for p in proposals if p.list in by_name], publish)
    _tell(options, config, outcomes, errors)
    if options.max_gap_days is not None:
        for outcome in outcomes:
            for gap in coverage.open_gaps(outcome.change.state.coverage, outcome.proposal.query):
                if now - gap.noticed > timedelta(days=options.max_gap_days):
                    raise PublishError(
                        f"{outcome.proposal.list}: not known to be complete since {gap.noticed:%Y-%m-%d} "
                        f"({gap.why}); what was found is published; see whether arXiv can be reached from here"
                    )
    return _exit_code([o.proposal for o in outcomes], errors)


def show_command(options: argparse.Namespace) -> int:
    """Print the sections and entries of a list."""
    from bot.report import show_report

    document = _read_document(options.file)
    if options.json:
        console.document(show_report(document))
        return DONE
    line = document.date_line
    console.say(
        f"{options.file}: {len(document.entries)} entries in {sum(bool(s.entries) for s in document.sections)} sections"
    )
    console.say(f"  last update: {line.date} in line {line.line}" if line else "  no date line")
    for section in document.sections:
        columns = ", ".join(section.tables[0].columns) if section.tables else "no table"
        console.say(f"  {section.line:5}  {' > '.join(section.path)}: {len(section.entries)} entries ({columns})")
    return DONE


def add_command(options: argparse.Namespace) -> int:
    """Add papers to a list in place."""
    from bot.judge.cells import known_cells
    from bot.judge.duplicates import Known
    from bot.paperlist.edit import Addition, add_entries
    from bot.store import write_atomically

    if bool(options.ids) == bool(options.paper):
        console.note("arxiv-bot add: name papers by id, or one by --paper FILE.json, not both")
        return WRONG_USAGE
    document = _read_document(options.file)
    papers = _papers(options)
    known = Known(document)
    for paper in papers:
        if duplicate := known.duplicate(paper):
            raise DuplicateError(
                f"{paper.id} is already {duplicate.why}", path=str(options.file), line=duplicate.line or 0
            )
    additions = [Addition(p, _section_for(options, document, p), known_cells(p)) for p in papers]
    edit = add_entries(document, additions, _now(options).date())
    if not options.dry_run:
        write_atomically(options.file, edit.after)
    if options.json:
        rows = [{"id": e.id, "section": list(e.path), "row": e.row.decode()} for e in edit.entries]
        console.document({"file": str(options.file), "written": not options.dry_run, "added": rows})
    elif options.dry_run:
        console.say(_diff(edit.before, edit.after, str(options.file)))
    else:
        for entry in edit.entries:
            console.say(f"{options.file}: added {entry.id} to {' > '.join(entry.path)}")
    return DONE


def judge_command(options: argparse.Namespace) -> int:
    """Judge the papers of a file against a list."""
    from bot import run
    from bot.judge.duplicates import Known
    from bot.report import verdict_report
    from bot.sources.jsonl import read_papers

    config, tasks = _tasks(argparse.Namespace(**vars(options) | {"list": None, "max_open": None}))
    task = tasks[0]
    document = _read_document(options.file or _root(config) / task.file)
    papers = read_papers(options.papers)
    known = Known(document)
    verdicts = run.judge_for(config, task, document).judge(papers)
    rows = []
    for paper, verdict in zip(papers, verdicts, strict=True):
        duplicate = known.duplicate(paper)
        rows.append(
            {
                "id": paper.id,
                "duplicate_of": {"id": duplicate.id, "line": duplicate.line, "why": duplicate.why}
                if duplicate
                else None,
                "proposed": not duplicate and verdict.relevance >= task.limits.propose_at,
                **verdict_report(verdict),
            }
        )
    if options.json:
        console.document({"papers": rows})
        return DONE
    for paper, verdict in zip(papers, verdicts, strict=True):
        where = " > ".join(verdict.section.path) if verdict.section else "unsorted"
        console.say(f"{verdict.relevance:.2f}  {paper.id}  {where}  {paper.title}")
    return DONE


# What the commands share


def _tasks(options: argparse.Namespace) -> tuple[Config, tuple[ListConfig, ...]]:
    """Return the configuration and the lists that are meant, with the command line's limits."""
    from bot import config as configuration

    config = configuration.load(options.config or Path(DEFAULT_CONFIG))
    tasks = (config.list_named(options.list),) if options.list else config.lists
    if options.max_open is not None:
        if not 1 <= options.max_open <= configuration.HARD_MAX_OPEN:
            raise ConfigError(f"--max-open must be from 1 to {configuration.HARD_MAX_OPEN}", path="command line")
        tasks = tuple(
            task.model_copy(update={"limits": task.limits.model_copy(update={"max_open": options.max_open})})
            for task in tasks
        )
    return config, tasks


def _root(config: Config) -> Path:
    """Return the folder that files of the configuration are relative to: beside it, above a folder `config/`."""
    folder = Path(config.path).absolute().parent
    return folder.parent if folder.name == "config" else folder


def _now(options: argparse.Namespace) -> datetime:
    """Return the one time of this run: the clock's, or the end of the day given."""
    if options.today:
        return datetime.combine(options.today, time(23, 59), UTC)
    return datetime.now(UTC)


def _windows(options: argparse.Namespace) -> tuple[Window, ...]:
    """Return the window asked for; none means what is not proven yet. A file is read whole unless one is given."""
    from bot.model import Window

    now = _now(options)
    if options.since is None and options.until is None:
        return () if options.source == "api" else (Window(ARXIV_BEGAN, now),)
    if options.since is None:
        raise ConfigError("--until needs --since", path="command line")
    since = datetime.combine(options.since, time(), UTC)
    until = datetime.combine(options.until, time(), UTC) if options.until else now
    if since >= until:
        raise ConfigError(f"--since {options.since} must be before {until:%Y-%m-%d}", path="command line")
    return (Window(since, until),)


def _publisher(options: argparse.Namespace, config: Config, *, dry: bool) -> Publisher:
    """Return where to read and write; a dry run without GitHub reads the files on disk."""
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    place = options.place or ("github" if repository else "local")
    if place == "github":
        if not repository:
            raise PublishError("GITHUB_REPOSITORY is not set; set it to owner/name, or use --publish local")
        from bot.publish.github import GithubPullRequests

        api_url = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
        return GithubPullRequests(os.environ.get("GITHUB_TOKEN", ""), repository, api_url)
    from bot.publish.local import LocalBranch, Nowhere

    return Nowhere(_root(config)) if dry or place == "none" else LocalBranch(_root(config))


def _source(options: argparse.Namespace, config: Config) -> Source:
    if options.source == "api":
        return _api(config.contact, config.time_budget_s)
    if options.source == "sample":
        from bot.sources.sample import SampleSource

        return SampleSource()
    if options.source.endswith(".jsonl"):
        from bot.sources.jsonl import JsonlSource

        return JsonlSource(Path(options.source))
    raise ConfigError(f"--source must be api, sample or a FILE.jsonl, not {options.source!r}", path="command line")


def _api(contact: str | None = None, budget_s: float = 900) -> ApiSource:
    from bot.sources.api import API_URL, ApiSource
    from bot.sources.polite import Manners, PoliteSession, user_agent

    server, repository = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    home = f"{server}/{repository}" if server and repository else None
    session = PoliteSession(user_agent(home, contact), Manners(budget_s=budget_s))
    return ApiSource(session, os.environ.get("ARXIV_API_URL") or API_URL)


def _run(
    config: Config,
    task: ListConfig,
    source: Source,
    publisher: Publisher,
    now: datetime,
    windows: tuple[Window, ...],
    dry: bool,
) -> Outcome:
    from bot.run import run

    with console.working(f"{task.name}: asking {source.name} for papers"):
        return run(config, task, source, publisher, now, windows, dry=dry)


def _each(tasks: Sequence[_Task], do: Callable[[_Task], _Result]) -> tuple[list[_Result], list[str]]:
    """Do something for each list; one that fails does not stop the others."""
    results: list[_Result] = []
    errors: list[str] = []
    for task in tasks:
        try:
            results.append(do(task))
        except BotError as error:
            errors.append(str(error))
            console.note(f"arxiv-bot: {error}")
    return results, errors


def _exit_code(proposals: Sequence[Proposal], errors: Sequence[str]) -> int:
    return FAILED if errors else DONE if all(p.complete for p in proposals) else INCOMPLETE


def _tell(options: argparse.Namespace, config: Config, outcomes: Sequence[Outcome], errors: Sequence[str]) -> None:
    """Print what happened, write the report, and add to the step summary of a workflow."""
    from bot.publish import message
    from bot.report import run_report

    report = run_report(outcomes, errors)
    _write_report(options, report)
    for outcome in outcomes:
        task = config.list_named(outcome.proposal.list)
        where = outcome.publication.where if outcome.publication else "dry run: nothing was written"
        _summarise(message.summary(task, outcome.board, outcome.proposal, where))
        if not options.json:
            _print_outcome(outcome, task, where, dry=getattr(options, "dry_run", False))
    if options.json:
        console.document(report)


def _print_outcome(outcome: Outcome, task: ListConfig, where: str, *, dry: bool) -> None:
    board, proposal = outcome.board, outcome.proposal
    if dry:
        console.say(_diff(outcome.edit.before, outcome.edit.after, task.file))
        if outcome.change.text:
            console.say(f"# {outcome.change.title}\n\n{outcome.change.text}")
    received = sum(a.received for a in proposal.answers)
    console.say(
        f"{task.name}: {received} papers received, {len(proposal.duplicates)} known already, "
        f"{len(board.proposed)} proposed ({len(board.new)} new), {len(board.near_misses)} near misses, "
        f"{len(board.backlog)} waiting, {proposal.irrelevant} not relevant"
    )
    console.say(f"{task.name}: {where}")
    for answer in proposal.answers:
        if answer.unknown:
            console.note(
                f"{task.name}: {answer.window.since:%Y-%m-%d} to {answer.window.until:%Y-%m-%d}: {answer.unknown}"
            )


def _summarise(markdown: str) -> None:
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as summary:
            summary.write(markdown)


def _write_report(options: argparse.Namespace, report: object) -> None:
    import json

    from bot.store import write_atomically

    if options.report:
        write_atomically(options.report, (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode())


def _read_document(path: Path) -> Document:
    from bot.paperlist.document import parse
    from bot.publish.local import read_list

    return parse(read_list(path.parent, path.name), str(path))


def _papers(options: argparse.Namespace) -> list[Paper]:
    """Return the papers to add: from a file, or asked of arXiv."""
    from bot import paper_json

    if options.paper:
        try:
            text = options.paper.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot be read: {error}", path=str(options.paper)) from None
        return [paper_json.loads(text, str(options.paper))]
    with console.working(f"asking arXiv for {len(options.ids)} papers"):
        found = _api().lookup(options.ids)
    if found.missing:
        raise PublishError(f"arXiv knows no paper {', '.join(found.missing)}; check the ids")
    return list(found.papers)


def _section_for(options: argparse.Namespace, document: Document, paper: Paper) -> tuple[str, ...]:
    """Return the section asked for, or the one the configuration's keywords choose."""
    import json

    if options.section:
        if options.section.startswith("["):
            try:
                path = json.loads(options.section)
            except ValueError:
                path = options.section
            if isinstance(path, list) and all(isinstance(part, str) for part in path) and path:
                return tuple(path)
        return (options.section,)
    from bot import run

    config, tasks = _tasks(argparse.Namespace(config=options.config, list=None, max_open=None))
    verdict = run.judge_for(config, tasks[0], document).judge([paper])[0]
    if verdict.section is None:
        raise PublishError(f"no section fits {paper.id}; name one with --section")
    return verdict.section.path


def _diff(before: bytes, after: bytes, name: str) -> str:
    """Return the unified diff of a list, with the mark git sets where a final newline is missing."""
    import difflib

    def lines(content: bytes) -> list[str]:
        found = [line.decode(errors="replace") for line in content.splitlines(keepends=True)]
        return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found]

    return "".join(difflib.unified_diff(lines(before), lines(after), f"a/{name}", f"b/{name}", n=1))
