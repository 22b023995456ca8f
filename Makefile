# Every target makes the environment it needs in .venv; the second time at once.
#   PYTHON=python3.12      another interpreter (3.10 to 3.12)
#   ROS=jazzy              other ROS wheels (a sourced ROS 2 is always preferred)
#   TORCH_INDEX=URL        where PyTorch comes from

PYTHON ?= python3
ROS ?= kilted
TORCH_INDEX ?=
VENV ?= .venv
BIN := $(VENV)/bin
ENVIRONMENT = $(PYTHON) scripts/environment.py --venv $(VENV) --ros $(ROS) --torch-index "$(TORCH_INDEX)"
PYTEST_ARGS ?=

export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo ros test check format bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## environment and dependencies only
	@$(ENVIRONMENT)

demo: setup ## watch a robot explore a home, reach for a thing and survive a shove
	@$(BIN)/neural-brain demo $(ARGS)

ros: setup ## the ROS 2 wheels and tf2_msgs, where no ROS 2 is sourced
	@$(BIN)/neural-brain doctor

test: ## environment with all extras, then all tests
	@$(ENVIRONMENT) --all
	-@$(BIN)/neural-brain assets fetch perception
	@$(BIN)/python scripts/run_tests.py $(PYTEST_ARGS)

check: ## formatter, linter, type checker
	@$(ENVIRONMENT) --with test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python scripts/check_types.py

format: ## let the formatter and the linter mend what they can
	@$(ENVIRONMENT) --with test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## the demo over 20 homes it was never tuned on
	@$(BIN)/neural-brain bench demo $(ARGS)

lock: ## resolve the versions in requirements/ anew
	@$(ENVIRONMENT) --with test
	@$(BIN)/python scripts/lock.py

clean: ## remove everything that was made here
	rm -rf $(VENV) build install log dist *.egg-info runs .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
