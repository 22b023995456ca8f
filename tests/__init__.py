"""Tests; a package, as some distributions install a `tests` of their own."""
