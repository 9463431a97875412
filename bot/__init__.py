"""Keeps a curated Markdown list of arXiv papers up to date through one rolling pull request."""

__version__ = "0.1.0"
