"""What is printed."""

from __future__ import annotations

import json
import logging

import pytest

from bot.cli import console


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
