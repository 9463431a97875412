"""Every word of title, body, commit and reply."""
