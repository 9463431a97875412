"""What a paper's record says for the columns of a list."""
