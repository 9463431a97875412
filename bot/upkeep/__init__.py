"""What became of listed papers, as changes of their rows."""
