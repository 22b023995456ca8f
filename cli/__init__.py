"""The `neural-brain` command."""
