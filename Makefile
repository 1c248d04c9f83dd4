# One command each. The virtual environment is made once, and again when pyproject.toml changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: serve test check lint types kill-matrix example-reports bench bench-peers soak fuzz build clean

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

serve: $(STAMP)  ## the four mocks on http://127.0.0.1:8900
	$(BIN)/testcard serve $(ARGS)

test: $(STAMP)  ## the tests, on every core; ARGS="-k name" narrows them, ARGS="-n 0" keeps to one process
	$(BIN)/python -m pytest -n auto $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

check: lint types test

bench: $(STAMP)  ## ourselves against our limits
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m benchmarks $(ARGS)

bench-peers: $(STAMP)  ## ourselves beside moto, Prism, Mockoon and json-server, installed on the way
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m benchmarks --peers $(ARGS)

soak: $(STAMP)  ## eight workers, 10,000 worlds, no leaks
	PYTHONPATH=tests $(BIN)/python tests/soak.py $(ARGS)

fuzz: $(STAMP)  ## the property tests, forty times as deep
	$(BIN)/python -m pytest -n auto --hypothesis-profile=deep -k "properties or machine" $(ARGS)

kill-matrix: $(STAMP)  ## every wrong client and every right one against the suite; writes docs/kill-matrix.md
	$(BIN)/python tests/kill_matrix.py $(ARGS)

example-reports: $(STAMP)  ## docs/reports: what verify says of one wrong client, in every format
	PYTHONPATH=tests $(BIN)/python tests/example_reports.py

build: $(STAMP)
	$(BIN)/python -m pip install --quiet build
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
