"""The same job without GitHub Actions: a process that runs on a schedule."""
