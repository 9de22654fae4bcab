# Needs make and Python 3.10 or later. Everything else is installed into .venv, the versions pinned by constraints.txt.
#
#   make demo   people and 5,000 issues into ESM, incidents into Jira, comments both ways, through a real Airflow, in ten
#               chapters, all of it checked; no account, no configuration
#   make test   all tests, and the coverage gate
#   make up     the demo's world with Airflow's pages to look at, until Ctrl-C
#   make bench  how long runs take, what they ask of both sides and what memory they need, into the README's tables;
#               BENCH_ARGS=--quick tries it with a few records, BENCH_ARGS=--help tells what else there is

PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= constraints.txt
DEMO_ARGS ?=
BENCH_ARGS ?=
PYTEST_ARGS ?=
SLOW ?= airflow or browser
BIN := $(VENV)/bin
RUN := $(BIN)/python -m
COVERED := model jira esm sync activities

.DEFAULT_GOAL := help
.PHONY: help demo up bench test test-fast test-plain test-airflow lint format types contract lock clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/.ready-sandbox
	@$(RUN) airflow_provider_jira.sandbox demo $(DEMO_ARGS)

up: $(VENV)/.ready-sandbox
	@$(RUN) airflow_provider_jira.sandbox up $(DEMO_ARGS)

bench: $(VENV)/.ready-sandbox
	@$(RUN) benchmarks $(BENCH_ARGS)

test: test-fast test-airflow

# Everything that needs no running Airflow; measured, and the gate looks at what these tests alone reach.
test-fast: $(VENV)/.ready-dev
	@rm -f .coverage .coverage.*
	$(RUN) pytest --exitfirst -m "not airflow and not browser" -n 2 --cov --cov-report= $(PYTEST_ARGS)
	$(BIN)/python .ci/branches.py 90 $(COVERED)

# The same tests unmeasured, for the versions that are not developed on; runs are killed at fewer points.
test-plain: $(VENV)/.ready-dev
	KILL_EVERY=$${KILL_EVERY:-15} $(RUN) pytest --exitfirst -m "not airflow and not browser" -n 2 $(PYTEST_ARGS)

# What starts Airflow, or a browser besides: slow, one after the other.
test-airflow: $(VENV)/.ready-dev
	$(RUN) pytest --exitfirst -m "$(SLOW)" $(PYTEST_ARGS)

lint: $(VENV)/.ready-dev
	$(RUN) ruff check .
	$(RUN) ruff format --check .

format: $(VENV)/.ready-dev
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

types: $(VENV)/.ready-dev
	$(RUN) mypy

contract: $(VENV)/.ready-dev
	$(BIN)/lint-imports

# Pins anew: the newest of everything; and for the lowest leg the lowest that pyproject.toml allows, with everything else
# as it was when the lowest Airflow was new, which is what its own constraints hold. Newer libraries break it.
LOCK = $(BIN)/uv pip compile -q pyproject.toml --extra dev --universal --python-version 3.10 \
	--no-emit-index-url --no-annotate --no-header --upgrade
lock: $(VENV)/.ready-dev
	$(LOCK) -o constraints.txt
	$(LOCK) --resolution lowest-direct --exclude-newer 2026-04-20 -o constraints-lowest.txt

clean:
	rm -rf .demo .up .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache dist

# .ready-sandbox: what the demo needs. .ready-dev: what the tests and the checks need as well.
# uv installs in seconds what pip takes a minute for; where uv cannot be had, or not reach the registry, pip does the same.
$(VENV)/.ready-%: pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "$(PYTHON) is older than Python 3.10: name a newer one, as in 'make demo PYTHON=python3.12'." >&2; exit 1; }
	@test -x $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing into $(VENV) ..."
	@$(RUN) pip install -q --disable-pip-version-check -c $(CONSTRAINTS) uv \
	  && $(BIN)/uv pip install -q --python $(BIN)/python -c $(CONSTRAINTS) -e '.[$*]' \
	  || $(RUN) pip install -q --disable-pip-version-check -c $(CONSTRAINTS) -e '.[$*]'
	@touch $@
