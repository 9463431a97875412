"""What keeps the job going where nobody starts it by hand."""
