"""What the commands share: the clock, the environment, the configuration, the chosen source and forge."""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.parser import DEFAULT_CONFIG
from bot.errors import BotError, ConfigError, PublishError, UsageError

if TYPE_CHECKING:
    from bot.config import Config, ListConfig
    from bot.forges.base import Forge
    from bot.model import Paper, Window
    from bot.paperlist.read.document import Document
    from bot.pipeline import Job
    from bot.sources.api import ApiSource
    from bot.sources.base import FetchById, Source
    from bot.sources.cache import ResponseCache
    from bot.sources.http import Pace, PoliteSession

LONGEST_WINDOW = timedelta(days=31)


# The configuration and the files beside it


def lists(
    config_path: Path | None, name: str | None = None, max_open: int | None = None
) -> tuple[Config, tuple[ListConfig, ...]]:
    """Return the configuration and its lists, or the one named, with the command line's limit."""
    from bot.config import load
    from bot.config.model import HARD_MAX_OPEN

    config = load(config_path or Path(DEFAULT_CONFIG))
    chosen = (config.list_named(name),) if name else config.lists
    if max_open is None:
        return config, chosen
    if not 1 <= max_open <= HARD_MAX_OPEN:
        raise UsageError(f"--max-open must be from 1 to {HARD_MAX_OPEN}")
    limit = {"max_open": max_open}
    return config, tuple(one.model_copy(update={"limits": one.limits.model_copy(update=limit)}) for one in chosen)


def list_or_alone(config_path: Path | None, file: Path | None) -> tuple[Config, ListConfig]:
    """Return the configuration and its list in a file, else its first list.

    Without a configuration at the default place, the list's file is all there is.
    """
    from bot.config import Config, ListConfig

    if file is None or config_path is not None or Path(DEFAULT_CONFIG).exists():
        config, all_lists = lists(config_path)
        here = (one for one in all_lists if file and (root(config) / one.file).resolve() == file.resolve())
        return config, next(here, all_lists[0])
    alone = ListConfig(name="list", file="LIST.md", keywords=())
    return Config(str(file), (alone,)), alone


def kept_records(options: argparse.Namespace) -> Mapping[str, Paper]:
    """Return the records that earlier runs kept on disk of the papers of a configured list, by id."""
    from bot.state.files import DiskStore

    config, settings = list_or_alone(options.config, options.file)
    return {paper.id: paper for paper in DiskStore(root(config) / "state").read(settings.name).library}


def root(config: Config) -> Path:
    """Return the folder that files of the configuration are relative to: beside it, above a folder `config/`."""
    folder = Path(config.path).absolute().parent
    return folder.parent if folder.name == "config" else folder


def record(config: Config) -> Path:
    """Return the file in which `serve` remembers how the lists fared."""
    from bot.state.files import inside

    return inside(root(config), "state/serve.json")


def read_document(path: Path) -> Document:
    """Return a list that lies on disk."""
    from bot.paperlist.read.document import parse
    from bot.state.files import read_list

    if not path.exists():
        raise ConfigError("there is no such file; check the path of the list", path=str(path))
    place = path.resolve()  # a person who names a link means what it points to
    return parse(read_list(place.parent, place.name), str(path))


def check_targets(*paths: Path | None) -> None:
    """Raise `UsageError` for files that a folder or a file makes impossible to write, before there is work to lose."""
    for path in paths:
        if path is not None and (path.is_dir() or (path.parent.exists() and not path.parent.is_dir())):
            raise UsageError(f"{path} cannot be written: {path if path.is_dir() else path.parent} is in the way")


# The clock


def now(options: argparse.Namespace) -> datetime:
    """Return the one time of this run: the clock's, or the end of the day given."""
    from bot.model import ARXIV_BEGAN

    if options.today:
        return datetime.combine(options.today, time(23, 59), UTC)
    if (today := datetime.now(UTC)) < ARXIV_BEGAN:
        raise BotError(f"this machine's clock says {today:%Y-%m-%d}, before arXiv began; set it, or use --today")
    return today


def windows(options: argparse.Namespace, until: datetime) -> tuple[Window, ...]:
    """Return the windows asked for; none means what is not proven yet. A file is read whole unless one is given.

    A long one comes in months: each is proven, and recorded, on its own.
    """
    from bot.coverage.windows import months
    from bot.model import ARXIV_BEGAN, Window
    from bot.sources import factory

    asking = factory.is_arxiv(options.source)
    if options.since is None and options.until is None:
        return () if asking else (Window(ARXIV_BEGAN, until),)
    if options.since is None:
        raise UsageError("--until needs --since")
    tomorrow = until.date() + timedelta(days=1)
    for name, day in (("--since", options.since), ("--until", options.until)):
        if day and not ARXIV_BEGAN.date() <= day <= tomorrow:
            raise UsageError(f"{name} {day} must be from {ARXIV_BEGAN:%Y-%m-%d}, when arXiv began, to {tomorrow}")
    since = datetime.combine(options.since, time(), UTC)
    if options.until:
        until = datetime.combine(options.until, time(), UTC)
    if since >= until:
        raise UsageError(f"--since {options.since} must be before {until:%Y-%m-%d}")
    window = Window(since, until)
    return tuple(months(window)) if asking and until - since > LONGEST_WINDOW else (window,)


def job(options: argparse.Namespace, *, dry: bool) -> Job:
    """Return what a command is to do: for which lists, where they are, at what time, and for which windows."""
    from bot.pipeline import Job

    config, chosen = lists(options.config, options.list, getattr(options, "max_open", None))
    time = now(options)
    asked = windows(options, time) if "since" in options else ()
    return Job(config, chosen, forges(options, config, dry=dry), time, asked, dry)


# Where repositories live


def github() -> tuple[str, str]:
    """Return the address of GitHub's API, without a final slash, and the token for it, without a line ending."""
    address = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    return address.rstrip("/"), os.environ.get("GITHUB_TOKEN", "").strip()


def repository(settings: ListConfig) -> str:
    """Return where a list lies on GitHub, the empty string for nowhere."""
    return settings.repository or os.environ.get("GITHUB_REPOSITORY", "")


def forges(options: argparse.Namespace, config: Config, *, dry: bool) -> Callable[[ListConfig], Forge]:
    """Return what finds the forge of a list; a dry run without GitHub reads the files on disk."""

    @cache
    def on_github(name: str) -> Forge:
        from bot.forges.github import GithubForge

        api_url, token = github()
        return GithubForge(token, name, api_url)

    def forge(settings: ListConfig) -> Forge:
        from bot.forges.local import LocalForge, ReadOnlyForge

        name = repository(settings)
        place = options.place or ("github" if name else "local")
        if place == "github" or (place == "none" and settings.repository):
            if not name:
                raise PublishError("GITHUB_REPOSITORY is not set; set it to owner/name, or use --publish local")
            return on_github(name)
        if settings.repository:
            raise PublishError(f"{settings.name} lies in {settings.repository}, so it cannot be published locally")
        return ReadOnlyForge(root(config)) if dry or place == "none" else LocalForge(root(config))

    return forge


# Where papers come from


def source(options: argparse.Namespace, config: Config, lists: Sequence[ListConfig], now: datetime) -> Source:
    """Return the source that is named, or those of the configuration; several lists share what is asked."""
    from bot.sources import factory
    from bot.sources.combined import SharedSource

    if not factory.is_arxiv(options.source):
        return factory.offline(options.source)
    today = min(now, datetime.now(UTC))
    session = _session(config.contact, config.time_budget_s, _answers_of_the_day(config, today, fresh=options.fresh))
    asked = factory.arxiv((options.source,) if options.source else config.sources, session, now, os.environ)
    if len(lists) == 1:
        return asked
    everything = (one.everything() for one in lists)
    return SharedSource(asked, [*(one.query() for one in lists), *(query for query in everything if query)])


def query_api(contact: str | None = None, budget_s: float = 900) -> ApiSource:
    """Return the query API behind a polite session of its own."""
    from bot.sources import factory

    return factory.api_source(_session(contact, budget_s, None), os.environ)


def fetch_by_id(config: Config) -> FetchById:
    """Return what asks arXiv for papers by their ids."""
    return lambda ids: query_api(config.contact, config.time_budget_s).lookup(ids)


def _session(contact: str | None, budget_s: float, kept: ResponseCache | None) -> PoliteSession:
    """Return the one HTTP client of a run."""
    from bot.sources.http import Manners, PoliteSession, user_agent

    server, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    home = f"{server}/{name}" if server and name else None
    return PoliteSession(user_agent(home, contact), Manners(budget_s=budget_s), pace=_pace(), cache=kept)


@cache
def _pace() -> Pace:
    """Return the one pace of this process and of those beside it: a session waits for the last request of them all."""
    from bot.sources.http import Pace
    from bot.sources.turn import Turn

    return Pace(Turn(_cache() / "turn"))


def _cache() -> Path:
    """Return the folder of what may be deleted."""
    place = os.environ.get("XDG_CACHE_HOME")
    return (Path(place) if place else Path.home() / ".cache") / "arxiv-list-bot"


def _answers_of_the_day(config: Config, now: datetime, *, fresh: bool) -> ResponseCache:
    """Return where the answers of the day are kept for a second run of the same configuration; `fresh` empties it."""
    from bot.sources.cache import ResponseCache

    of_config = hashlib.sha256(str(Path(config.path).absolute()).encode()).hexdigest()[:16]
    return ResponseCache(_cache() / of_config, now.date(), fresh=fresh)
