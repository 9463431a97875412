"""What stands in a list: sections, entries, dates. Pure."""
