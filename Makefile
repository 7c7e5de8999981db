# Every target does its own set-up: Python 3.11 or newer and make are all a machine needs. Done once, it is not done again.
BIN := .venv/bin
SETUP := pyproject.toml constraints.txt tools/make-venv

# The versions that the tests ran with, for what is installed and for what builds it
export PIP_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check browser bench pictures docs-reference clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1 - /'

demo: .venv/.installed  ## play the bank's weekday with its contingents: a table here, a picture and the figures as CSV in out/
	$(BIN)/ccsim run scenarios/us-bank-weekday.yaml --chart out/us-bank-weekday.png --csv out/us-bank-weekday
	$(BIN)/python examples/textbook_trap.py

test: check browser  ## style, types, layers, then every quick test
	$(BIN)/pytest -q -n auto --dist worksteal -m "not slow"

test-all: check browser  ## the same with the slow statistical tests
	$(BIN)/pytest -q -n auto --dist worksteal

browser:
	@tools/get-chromium

check: .venv/.installed-dev
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: .venv/.installed-dev  ## speed, measured on this machine; nothing fails on it
	set -e; for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python $$file; done

pictures: .venv/.installed-dev browser  ## look at every view of the page again, and keep the pictures in docs/images/
	$(BIN)/python tools/pictures.py

docs-reference: .venv/.installed  ## write the generated pages of docs/ again
	$(BIN)/python -m ccsim.inputs.key_table docs/reference/scenario-file.md ccsim/inputs/scenario.schema.json
	$(BIN)/python -m ccsim.measures.page docs/reference/measures.md

clean:  ## take away all that the other targets made
	rm -rf .venv out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: $(SETUP)
	tools/make-venv .venv
	$(BIN)/python -m pip install --quiet -e .
	$(BIN)/python -m compileall -q ccsim
	touch $@

.venv/.installed-dev: $(SETUP)
	tools/make-venv .venv
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	$(BIN)/python -m compileall -q ccsim
	touch $@ .venv/.installed
