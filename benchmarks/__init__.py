"""One script a benchmark; `results/` holds their JSON."""
