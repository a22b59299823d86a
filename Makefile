# make up      both programs on this machine, with a demo
# make test    everything; sets up what it needs
# make check   the quick part: format, lint, types, import contracts, unit tests
# make bench   the benchmarks

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: up test check bench docs format clean unit browser clients system

up: $(VENV)/runtime
	$(BIN)/poolhouse up $(ARGS)

test: $(VENV)/dev system check browser

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/spec.py --check
	$(BIN)/python tools/modules.py
	$(MAKE) unit

# PostgreSQL, a browser and other clients are for the rest of `make test`; these run anywhere.
unit: $(VENV)/dev
	$(BIN)/pytest -n auto -m "not postgres and not browser and not client" tests

browser: $(VENV)/dev system
	$(BIN)/pytest -n 2 -m "postgres or client" tests
	$(BIN)/pytest -m browser tests

bench: $(VENV)/dev system
	$(BIN)/python benchmarks/run.py $(ARGS)

docs: $(VENV)/dev
	$(BIN)/python tools/reference.py
	$(BIN)/mkdocs build --strict

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What pip cannot bring: Chromium and PostgreSQL.
system:
	tools/system.sh

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Poolhouse needs Python 3.11 or newer."; exit 1; }
	$(PYTHON) -m venv $(VENV) || tools/system.sh python3-venv && $(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements/runtime.lock pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/dev: requirements/dev.lock $(VENV)/runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	touch $@

clean:
	rm -rf $(VENV) site artifacts .mypy_cache .ruff_cache .pytest_cache .hypothesis
