"""Which section of the list a paper belongs to."""
