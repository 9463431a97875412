"""What a list says of itself."""

from __future__ import annotations

import pytest

from bot.judge.relevance.own_text import list_title, own_text


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("# Awesome-LLM-Serving\n", "LLM Serving"),
        ("# AwesomeGraphLearning papers\n", "Graph Learning"),
        ("# Papers\n\n## Robot learning ![](x.png)\n", "Robot learning"),
        ('<h1 align="center">Awesome <b>Image Matching</b></h1>', "Image Matching"),
        ("# Papers\n## Contents\n", ""),
        ("no heading", ""),
    ],
)
def test_title(source: str, title: str) -> None:
    """The title is the first heading that names a topic, without what any list is called."""
    assert list_title(source) == title


def test_text() -> None:
    """Addresses, images, tags and comments are no text; what links say is; the topic stands with the title."""
    own = own_text(
        "# Serving\n<!-- hidden --> [A paper](https://a.org/shown) <img src=x> https://b.org", "language models"
    )
    assert own.text.split() == ["#", "Serving", "[A", "paper]"]
    assert own.title == "Serving . language models"
