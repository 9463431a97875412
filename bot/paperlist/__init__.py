"""Markdown in, Markdown out: understood by positions, edited by splices, proven in bytes."""
