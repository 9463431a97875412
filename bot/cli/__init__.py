"""The doors: arguments in, text and exit codes out; one module a command, imported when it is called."""
