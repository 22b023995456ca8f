"""Navigation to named things in generated homes: episodes, referees, baselines.

Metrics follow Habitat and its benchmarks; the homes do not: numbers are comparable
within one table only.
"""
