# The commands that a newcomer needs are `make run` and `make test`; `make help` lists the rest.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
# pip and the tests keep their temporary files inside the clone.
export TMPDIR := $(CURDIR)/.venv/tmp
# botkit is started many times by its tests, and takes half again as long when Python may not keep what it has compiled.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run test endurance bench check format docs picture strangers clean

help:
	@echo "make run        start the bot of bot.yaml.example on the sandbox"
	@echo "make test       run the tests"
	@echo "make endurance  run the tests of kills, troubles and long days at full length (BOTKIT_SEED=N repeats a run)"
	@echo "make bench      measure echo bots beside each other (needs Linux and Node.js; see docs/performance.md)"
	@echo "make check      formatting, lint and types"
	@echo "make format     put the code in the house's format"
	@echo "make docs       write the generated parts of the documents"
	@echo "make picture    take the README's pictures of the chat page (needs Chromium)"
	@echo "make strangers  let other projects' clients use the sandbox (needs Node.js)"
	@echo "make clean      remove .venv and .botkit"

run: .venv/run.stamp
	@exec $(BIN)/botkit run bot.yaml.example

# A file's tests stay together, as some share what they have set up; in the order of the folders, the slow ones are not
# left for the end.
test: .venv/test.stamp
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

endurance: .venv/test.stamp
	$(BIN)/python -m pytest tests/endurance --long -rP --show-capture=stdout

bench: .venv/run.stamp
	PYTHONPATH=$(CURDIR)/tests/strangers $(BIN)/python benchmarks/run.py

check: .venv/check.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/check.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/run.stamp
	$(BIN)/python -m tools.api_docs
	$(BIN)/python -m tools.cli_docs
	$(BIN)/python -m tools.hook_docs
	$(BIN)/python -m tools.plugin_docs

picture: .venv/run.stamp
	$(BIN)/python tools/picture.py

strangers: .venv/run.stamp
	$(BIN)/python tests/strangers/run.py

clean:
	rm -rf .venv .botkit

.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "botkit needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv
	mkdir -p .venv/tmp
	touch $@

.venv/run.stamp: .venv/made.stamp pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/test.stamp: .venv/made.stamp pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@ .venv/run.stamp

.venv/check.stamp: .venv/made.stamp pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test,check]'
	touch $@ .venv/test.stamp .venv/run.stamp
