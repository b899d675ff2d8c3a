# Everything a fresh machine needs: `make demo` and `make test` set themselves up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export TF_CPP_MIN_LOG_LEVEL ?= 3
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# Where the problems of bench-strategies lie: tasks.py and its data.
TASKS ?= ../shared/bench

# How long soak lasts.
MINUTES ?= 60

.PHONY: help demo lab test test-all check chromium pictures matrix bench bench-strategies soak binder clean
.DEFAULT_GOAL := help

help: ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# One stamp for each set of extras: nothing is installed twice, everything is again when pyproject.toml changes.
$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/pip install -q -e '.[keras,labs]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/pip install -q -e '.[keras,labs,test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.bench: pyproject.toml | $(BIN)/python
	$(BIN)/pip install -q -e '.[keras,labs,test,bench]'
	@touch $@ $(VENV)/.test $(VENV)/.demo

demo: $(VENV)/.demo ## run the quickstart: a background Hyperband search, its best model, build/quickstart.html
	$(BIN)/python notebooks/run.py notebooks/00_quickstart.ipynb build/quickstart.html

lab: $(VENV)/.demo ## open JupyterLab on the quickstart
	$(BIN)/jupyter lab notebooks/00_quickstart.ipynb

chromium: ## install Debian's Chromium where that can be done, for the browser tests
	@sh tests/browser/chromium.sh

check: $(VENV)/.test ## the static gate: lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Much of the time is spent waiting for processes and pages: the two halves at once take little more than one of them.
test: $(VENV)/.test chromium ## the test gate, browser journeys included
	@$(MAKE) --no-print-directory --jobs=2 --keep-going --output-sync=target test-pages test-rest

.PHONY: test-pages test-rest
test-pages: # a browser's driver keeps an event loop in its thread, which tests of loops of their own cannot bear
	$(BIN)/python -m pytest tests/browser tests/notebooks
test-rest:
	$(BIN)/python -m pytest --ignore=tests/browser --ignore=tests/notebooks

test-all: check test binder ## everything that gives evidence

pictures: $(VENV)/.test chromium ## take the pictures of README and docs anew, from real searches in a real browser
	$(BIN)/python -m pytest -q tests/browser -k from_its_first_line
	cp build/screenshots/keras-light.png docs/images/dashboard-light.png
	cp build/screenshots/keras-dark.png docs/images/dashboard-dark.png
	$(BIN)/python tests/browser/gallery.py docs/images/cards

matrix: chromium ## the dashboard's main journeys on older kernels (ipykernel 6.31 and 7.3)
	PYTHON=$(PYTHON) sh tests/browser/matrix.sh 6.31.0 7.3.0

bench: $(VENV)/.bench ## the figures of docs/benchmarks.md
	$(BIN)/python -m benchmarks

bench-strategies: $(VENV)/.bench ## the regrets of docs/strategies.md beside the peers' (FLAGS=--quick: 5 minutes)
	$(BIN)/python -m benchmarks.strategies --tasks $(TASKS) $(FLAGS)

soak: $(VENV)/.bench chromium ## use a dashboard in a browser for an hour, or MINUTES=15: its memory must stay flat
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

binder: ## build the binder environment afresh and run the quickstart in it
	sh binder/check.sh

clean: ## remove what was built, not the environment
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
