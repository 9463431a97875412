"""Which windows are proven complete, which to ask next, and what is not believed. Pure."""
