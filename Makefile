# Every target sets up .venv by itself when it is missing or older than the lock.
.DEFAULT_GOAL := help
.PHONY: help sweep test check bench lock

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV_VERSION := 0.13.8

$(READY): requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sweeper needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	@touch $@

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

sweep: $(READY)  ## the demo: a real sweep on real data, a leaderboard and an HTML report
	$(BIN)/python -m sweeper -m +experiment=demo

test: $(READY)  ## the tests
	$(BIN)/python -m pytest -m 'not kill'

check: $(READY)  ## what CI runs: format, lint, types, tests, kill tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) test
	$(BIN)/python -m pytest -m kill

bench: $(READY)  ## benchmarks, each printing its ratios
	$(BIN)/python -m benchmarks

lock:  ## resolve pyproject.toml anew into requirements.lock
	uv=$$(mktemp -d) && $(PYTHON) -m venv $$uv && $$uv/bin/python -m pip install --quiet uv==$(UV_VERSION) && \
	$$uv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --upgrade \
	    --custom-compile-command 'make lock' --group dev pyproject.toml -o requirements.lock && rm -r $$uv
