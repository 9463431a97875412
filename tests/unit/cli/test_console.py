"""What is printed."""

from __future__ import annotations

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
