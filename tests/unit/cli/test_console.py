"""What is printed."""

from __future__ import annotations

import json
import logging
import warnings
from dataclasses import fields

import pytest

from bot.cli import console
from bot.cli.main import main
from bot.model import Paper

PAPER_FIELDS = [field.name for field in fields(Paper)]


@pytest.mark.parametrize("text", ["::add-mask::e", "a\n  ::error::x", "so ##[error]x", "\t::stop-commands::t"])
def test_no_title_commands_the_runner(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a workflow no printed line is a command to it; elsewhere text is printed as it is."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    console.say(text)
    assert capsys.readouterr().out == f"{text}\n"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    console.say(text)
    console.note(text)
    printed = capsys.readouterr()
    assert printed.out == printed.err
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in printed.out.splitlines())
    assert printed.out.replace("\u200b", "") == f"{text}\n"


ROOM = logging.getLogger("bot.sources.somewhere")


def test_rooms_speak_through_their_logs(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal each step is a line while work goes on; warnings are always shown, other steps never."""
    console.listen()
    ROOM.info("before")
    with console.working():
        ROOM.info("serving: asking rss and api for papers")
        ROOM.warning("serving: a doubt")
    with console.working("asking arXiv for 2 papers"):
        ROOM.info("again in 30 s")
    ROOM.info("after")
    ROOM.warning("done with a doubt")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "serving: asking rss and api for papers ...",
        "serving: a doubt",
        "asking arXiv for 2 papers ...",
        "asking arXiv for 2 papers: again in 30 s ...",
        "done with a doubt",
    ]


def test_a_terminal_shows_a_spinner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal steps replace each other in one line, which is gone at the end; warnings stay."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    console.listen()
    with console.working("asking [arXiv]"):
        ROOM.info("again in 30 s")
        ROOM.warning("a doubt")
    shown = capsys.readouterr().err
    assert " ..." not in shown
    assert "asking [arXiv]: again in 30 s" in shown
    assert "a doubt\n" in shown
    assert shown.rstrip().endswith("\x1b[2K")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_server_writes_a_log(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Results and warnings of a server are lines with their time on standard error."""
    console.listen()
    with console.logged(as_json=as_json):
        console.say("serving: 2 papers")
        ROOM.warning("a doubt")
    printed = capsys.readouterr()
    lines = printed.err.splitlines()
    assert printed.out == ""
    said = [json.loads(line)["message"] if as_json else line.partition(" ")[2] for line in lines]
    assert said == ["serving: 2 papers", "a doubt"]


COMMANDS = ("::add-mask::e", "x\n::add-mask::e", "x\r::add-mask::e", "so ##[add-mask]e")


def is_command(line: str) -> bool:
    """Whether the runner of GitHub Actions would carry a line out."""
    return line.lstrip().startswith("::") or "##[" in line


@pytest.mark.parametrize("hostile", COMMANDS)
def test_no_other_logger_warning_or_traceback_commands_the_runner(
    hostile: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What packages log or warn of, with the traceback they give, passes through the same handler as the bot's own."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    logging.captureWarnings(False)
    console.listen()
    other = logging.getLogger("feedparser.anything")
    other.warning("%s", hostile)
    other.info("hidden: %s", hostile)
    with warnings.catch_warnings(action="always"):
        warnings.warn(hostile, UserWarning, stacklevel=1)
    try:
        raise ValueError(hostile)
    except ValueError:
        other.exception("failed")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("add-mask") == 3
    assert "hidden" not in printed.err
    assert not any(map(is_command, printed.err.splitlines()))


def test_a_bug_commands_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The traceback of a bug may quote a title; no line of it is a command."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    def fail(name: str) -> None:
        raise ValueError(f"{name}\n::stop-commands::x")

    monkeypatch.setattr("bot.cli.main.import_module", fail)
    with pytest.raises(SystemExit, match="3"):
        main(["status"])
    printed = capsys.readouterr().err
    assert "Traceback" in printed
    assert "stop-commands" in printed
    assert not any(map(is_command, printed.splitlines()))


@pytest.mark.parametrize("hostile", COMMANDS)
def test_no_document_commands_the_runner(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON document reads the same, and no line of it is a command, whatever the fields of a paper hold."""
    value = {"papers": [dict.fromkeys([*PAPER_FIELDS, hostile], hostile)]}
    console.document(value)
    printed = capsys.readouterr().out
    assert json.loads(printed) == value
    assert not any(map(is_command, printed.splitlines()))
