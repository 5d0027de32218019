# Two commands are enough: `make run` and `make test`. Nothing is needed but python3 (3.11 or later) and make.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Only what the caller gave: an empty DATABASE_URL is the embedded database.
export DATABASE_URL PORT

.PHONY: run test test-fast bench soak lint messages migrations bill audit clean

run: .venv/run.stamp
	@OMBUD_DEMO=$${OMBUD_DEMO:-1} exec $(BIN)/python -m ombud.project serve --prepare --port $(PORT)

test: .venv/test.stamp
	@$(BIN)/python -m pytest $(ARGS)

# The inner loop: no walks, no full checks of large packs, no browser. Applying every migration takes longer than most
# files of tests, so the database is kept between runs: pytest-django finds it only where its place does not change,
# while `make test` has a new folder each time. After a change of migrations: make test-fast ARGS=--create-db
test-fast: .venv/test.stamp
	@mkdir -p .pytest_cache/fast
	@OMBUD_VAR=$(CURDIR)/.pytest_cache/fast $(BIN)/python -m pytest -m "not slow and not browser" --reuse-db $(ARGS)

bench: .venv/bench.stamp
	@$(BIN)/python -m bench $(ARGS)

# Faults at random under load, so many minutes on each database; not part of CI.
MINUTES ?= 10
soak: .venv/test.stamp
	@$(BIN)/python -m bench.soak --minutes $(MINUTES) $(ARGS)

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Collects what is marked for translation into locale/ and compiles it.
messages: .venv/run.stamp
	@$(BIN)/python -m ombud.project messages

migrations: .venv/run.stamp
	@$(BIN)/python -m ombud.project django makemigrations $(ARGS)

# What an installation is made of: a CycloneDX bill of materials, and the licences.
bill: .venv/run.stamp
	@mkdir -p build
	@$(BIN)/python -m ombud.project bill --sbom > build/sbom.cdx.json
	@$(BIN)/python -m ombud.project bill > build/licences.txt
	@echo "build/sbom.cdx.json and build/licences.txt: $$(wc -l < build/licences.txt) packages"

# Known holes in what is pinned: 1 where there is one, 3 where the advisory database could not be reached.
audit: .venv/test.stamp
	@$(BIN)/python .ci/audit.py

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# An environment of our own. Debian keeps ensurepip in a package apart; pip itself can stand in for it.
.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Ombud needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 \
	  || { rm -rf .venv; $(PYTHON) -m pip --version >/dev/null 2>&1 && $(PYTHON) -m venv --without-pip .venv \
	       && $(PYTHON) -m pip --python .venv/bin/python install -q pip; } \
	  || { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment (ensurepip is missing)."; \
	       echo "On Debian and Ubuntu: apt-get install python3-venv   Then run make again."; exit 1; }
	@touch $@

# pip compiles on one core while the others wait, and what cannot be compiled is nothing that anybody imports.
INSTALL := $(BIN)/python -m pip install -q --no-compile -c constraints.txt
COMPILE := $(BIN)/python -m compileall -qq -j 0 .venv/lib >/dev/null 2>&1 || true

.venv/run.stamp: .venv/made.stamp pyproject.toml constraints.txt front_end/bring.py
	@echo "Installing what Ombud needs ..."
	@$(INSTALL) -e .
	@$(COMPILE)
	@$(BIN)/python front_end/bring.py
	@touch $@

# In one go: what Ombud needs is part of it, and pip would work that out, and build Ombud, twice.
.venv/test.stamp: .venv/made.stamp pyproject.toml constraints.txt front_end/bring.py
	@echo "Installing what Ombud and its tests need ..."
	@$(INSTALL) -e '.[dev]'
	@$(COMPILE)
	@$(BIN)/python front_end/bring.py
	@touch .venv/run.stamp $@

.venv/bench.stamp: .venv/test.stamp
	@echo "Installing what the benchmarks compare with ..."
	@$(INSTALL) -e '.[dev,bench]'
	@$(COMPILE)
	@touch $@
