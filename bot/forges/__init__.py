"""Where repositories live: GitHub, or a local git repository."""
