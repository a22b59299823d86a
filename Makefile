# make up      both programs on this machine, with a demo
# make test    everything; sets up what it needs
# make check   the quick part: format, lint, types, import contracts, unit tests
# make bench   the benchmarks

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# Unit tests need nothing but Python; the others go through a surface, a PostgreSQL, a client or a browser.
UNIT := tests/core tests/spec tests/kit tests/store tests/flows tests/cli
SURFACES := $(filter-out $(UNIT:%=%/),$(wildcard tests/*/))
# Two workers, whatever the machine has: tests wait for hashes and browsers more than for cores.
PYTEST := $(BIN)/pytest -n 2
# The JavaScript clients that tests drive; npm writes this file when it is done.
JS := tests/clients/js
CLIENTS := $(JS)/node_modules/.package-lock.json
PEERS := benchmarks/peers/node_modules/.package-lock.json

.PHONY: up test check bench docs format clean static unit surfaces browser system

up: $(VENV)/runtime
	$(BIN)/poolhouse up $(ARGS)

test: system check surfaces browser

check: static unit

static: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/spec.py --check
	$(BIN)/python tools/reference.py --check
	$(BIN)/python tools/languages.py --check
	$(BIN)/python tools/modules.py

unit: $(VENV)/dev
	$(PYTEST) -m "not postgres and not browser and not client" $(UNIT)

surfaces: $(VENV)/dev system $(CLIENTS)
	$(PYTEST) -m "postgres or client" $(UNIT)
	$(PYTEST) -m "not browser" $(SURFACES)

browser: $(VENV)/dev system $(CLIENTS)
	$(PYTEST) --dist loadfile -m browser tests

bench: $(VENV)/dev system $(PEERS)
	command -v wrk >/dev/null || tools/system.sh wrk || true
	$(BIN)/python benchmarks/run.py $(ARGS)
	$(BIN)/python benchmarks/peers.py
	$(BIN)/python benchmarks/oauth_peers.py

# The servers that the benchmark measures beside us, which nothing else needs.
$(PEERS): benchmarks/peers/requirements.txt benchmarks/peers/package-lock.json | system
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check -r benchmarks/peers/requirements.txt
	npm ci --prefix benchmarks/peers --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

docs: $(VENV)/dev
	$(BIN)/python tools/reference.py
	$(BIN)/mkdocs build --strict

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What pip cannot bring: Chromium, PostgreSQL, Node, Apache with mod_auth_openidc, nginx, Caddy and pebble.
system:
	tools/system.sh

$(CLIENTS): $(JS)/package-lock.json | system
	npm ci --prefix $(JS) --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Poolhouse needs Python 3.11 or newer."; exit 1; }
	$(PYTHON) -m venv $(VENV) || { tools/system.sh python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/runtime: requirements/runtime.lock pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/dev: requirements/dev.lock $(VENV)/runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	touch $@

clean:
	rm -rf $(VENV) .venv-peers $(JS)/node_modules benchmarks/peers/node_modules site artifacts .mypy_cache .ruff_cache .pytest_cache .hypothesis
