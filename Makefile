# `make run` and `make test` need Python 3.11 or later with venv, and make; the rest they set up themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test check lint screenshots clean

run: $(STAMP)
	$(BIN)/dpma-harness run
	@echo
	@echo "The same road once more, in real time over loopback sockets:"
	@$(BIN)/dpma-harness run --time real --ladder --only "The page's example" --report reports/real

test: $(STAMP)
	$(BIN)/python -m pytest -q -n auto

check: $(STAMP) lint test

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy

# needs chromium and chromium-driver; writes to reports/pictures and the pictures that are shown elsewhere
screenshots: $(STAMP)
	$(BIN)/python -m tests.browser.pictures

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
