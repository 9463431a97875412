"""What the pull request shows, what people made of it, and what is written next. Pure."""
