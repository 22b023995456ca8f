"""Lists of free-text names for the benchmark `words`."""
