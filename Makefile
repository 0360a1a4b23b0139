# Every target sets up .venv by itself when it is missing or older than the lock.
.DEFAULT_GOAL := help
.PHONY: help sweep serve docs test every-test check bench bench-gate bench-rollout operate-demo lock lock-peers release

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV_VERSION := 0.13.8
PEERS := .venv-peers
PEERS_READY := $(PEERS)/.ready

$(READY): requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sweeper needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	$(BIN)/python -m sweeper.checkout
	@echo 'compiling the kernels, once for this version: about half a minute'
	@$(BIN)/python -m sweeper strategy=sma output=none hydra.run.dir=. hydra.output_subdir=null hydra/job_logging=none
	@touch $@

$(PEERS_READY): benchmarks/requirements-peers.lock $(READY)
	$(PYTHON) -m venv --clear $(PEERS)
	$(BIN)/uv pip sync --quiet --require-hashes --python $(PEERS)/bin/python $<
	@touch $@

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

sweep: $(READY)  ## the demo: a real sweep on real data, a leaderboard and an HTML report
	$(BIN)/python -m sweeper -m +experiment=demo

serve: $(READY)  ## API and pages over results/ on this machine; prints a link that works once
	@test -d results/experiments || $(BIN)/python -m sweeper -m +experiment=demo
	$(BIN)/python -m serve

docs: $(READY)  ## the pages as a static site with the reference of Python, in site/
	$(BIN)/python -m sphinx -W --keep-going -q -b html -c docs/site docs site
	@echo "open site/index.html"

test: $(READY)  ## the tests, but for those that walk whole pages and kill processes
	$(BIN)/python -m tests -m 'not kill and not slow'

check: $(READY)  ## what CI runs: format, lint, types, all tests, and how long each took
	@took=; for stage in format lint types every-test; do begun=$$(date +%s); \
	    $(MAKE) --no-print-directory $$stage || exit 1; \
	    took="$$took $$stage $$(($$(date +%s) - begun)) s,"; done; echo "Took:$${took%,}"

coverage: $(READY)  ## branch coverage of store and promote by their tests, line by line
	$(BIN)/python -m pytest -q -m 'not kill' --cov=store --cov=promote --cov-branch --cov-report=term-missing:skip-covered \
	    tests/store tests/promote

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

every-test: $(READY)  # kill tests wait for most of their time, while the others use the cores
	$(BIN)/python -m tests --processes 3

kill: $(READY)
	$(BIN)/python -m tests -m kill --processes 3

bench: $(READY) $(PEERS_READY)  ## benchmarks, each printing its ratios
	$(BIN)/python -m benchmarks

bench-gate: $(READY)  ## measure the gate on sweeps without skill and with an edge, into docs/gate.md
	$(BIN)/python -m benchmarks.gate --write

bench-rollout: $(READY)  ## measure rollout plans on real edges and on none, into docs/benchmarks.md
	$(BIN)/python -m benchmarks.rollout --write

operate-demo: $(READY)  ## the demo of operation: from a sweep to full capital, faults named by cause
	$(BIN)/python -m examples.operate_demo

lock:  ## resolve pyproject.toml anew into requirements.lock
	$(call COMPILE,lock,--all-extras --group dev --group docs pyproject.toml,requirements.lock)

lock-peers:  ## resolve the engines that benchmarks compare with anew
	$(call COMPILE,lock-peers,--python-version 3.11 benchmarks/requirements-peers.in,benchmarks/requirements-peers.lock)

release: $(READY)  ## VERSION=1.2.0: version, changelog, commit and tag
	$(BIN)/python .ci/release.py $(VERSION)

# $(call COMPILE,target,sources,lock): exact versions with hashes and no addresses
define COMPILE
	uv=$$(mktemp -d) && $(PYTHON) -m venv $$uv && $$uv/bin/python -m pip install --quiet uv==$(UV_VERSION) && \
	$$uv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --upgrade \
	    --custom-compile-command 'make $(1)' $(2) -o $(3) && rm -r $$uv
endef
