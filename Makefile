# Every command a developer types; `make help` lists them.
#
# What they need is installed into a virtual environment of the checkout, pinned by
# dev/requirements/constraints.txt, and again when one of the files that say what is needed changes.

VENV ?= .venv
PYTHON ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
CONSTRAINTS := dev/requirements/constraints.txt
CATALOGUES := $(wildcard warehouse_mfa/locale/*/LC_MESSAGES/*.po)
RUFF := $(BIN)/ruff
RUFF_OPTIONS := --config dev/ruff.toml

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help serve tests browser check format lint types translations check-format check-style \
	check-imports check-translations bench faults migrate revision routes matrix requirements wheel clean \
	chromium screenshots

# `make help` prints what stands after the two signs.
help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

serve: $(VENV)/.main ## Serve the site on http://localhost:8000/ (port=8001 for another port)
	$(BIN)/warehouse-mfa serve $(if $(port),--port $(port)) $(args)

tests: $(VENV)/.all chromium ## Run all tests (args="-k name" or args=tests/unit for some of them)
	@echo "== Tests"
	$(BIN)/python -m pytest -n 2 --dist loadfile $(args)

browser: $(VENV)/.all chromium ## Run the tests that need a browser
	$(BIN)/python -m pytest tests/browser $(args)

check: check-format check-style types check-imports check-translations tests ## Run all that must pass

format: $(VENV)/.all ## Format the code, and repair what lint can repair
	$(RUFF) check $(RUFF_OPTIONS) --fix-only --quiet .
	$(RUFF) format $(RUFF_OPTIONS) .

lint: check-format check-style check-imports ## Check format, style, and which way imports point

types: $(VENV)/.all ## Check the types
	@echo "== Types"
	$(BIN)/mypy

check-format: $(VENV)/.all
	@echo "== Format"
	$(RUFF) format $(RUFF_OPTIONS) --check .

check-style: $(VENV)/.all
	@echo "== Style"
	$(RUFF) check $(RUFF_OPTIONS) .

check-imports: $(VENV)/.all
	@echo "== Imports"
	@$(BIN)/lint-imports > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }
	@tail -n 3 $(VENV)/imports.log

check-translations: $(VENV)/.all
	@echo "== Translations"
	$(BIN)/python -m dev.translations check

bench: $(VENV)/.all ## Measure the speed of a login and of single pages
	@$(MAKE) --no-print-directory VENV=$(VENV)-production $(VENV)-production/.fast
	$(BIN)/python -m dev.bench --serving $(VENV)-production/bin/python $(args)

faults: $(VENV)/.all ## Break one thing after another under load, and compare (args="killing --rounds 5")
	$(BIN)/python -m dev.faults $(args)

migrate: $(VENV)/.main ## Bring the development database up to date
	$(BIN)/warehouse-mfa db upgrade $(args)

revision: $(VENV)/.all ## Write a migration from what changed in the models (message="add things")
	@test -n "$(message)" || { echo 'Say what it does: make revision message="add things"'; exit 1; }
	$(BIN)/python -m dev.revision "$(message)"
	@$(RUFF) check $(RUFF_OPTIONS) --fix-only --quiet migrations
	@$(RUFF) format $(RUFF_OPTIONS) --quiet migrations

translations: $(VENV)/.all ## Collect the sentences to translate, bring the catalogues up to date
	$(BIN)/python -m dev.translations update
	@$(MAKE) --no-print-directory $(VENV)/.main

screenshots: $(VENV)/.all chromium ## Photograph every page into var/screenshots/ (args="login* --looks phone-dark")
	$(BIN)/python -m dev.screenshots $(args)

routes: $(VENV)/.main ## List every address: method, path, route, view, permission
	@$(BIN)/python -m dev.routes

matrix: $(VENV)/.main ## Run the tests on each Python that is installed
	$(BIN)/python -m dev.matrix $(args)

requirements: $(VENV)/.main ## Pin the newest release of every package that setup.cfg admits
	$(BIN)/python -m dev.requirements

wheel: $(VENV)/.main ## Build the wheel into dist/
	rm -rf build
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove all that these commands made, except the development database
	rm -rf .venv .venv-* build dist *.egg-info .*_cache .hypothesis

# Commands that need settings run with those of development.
serve migrate: export WAREHOUSE_MFA_ENVIRONMENT = development

# Not needed for what args chooses: tests outside of tests/browser.
chromium:
	@$(if $(filter tests/unit% tests/functional%,$(args)),:,sh dev/chromium.sh)

$(VENV)/.made: dev/venv.sh
	@sh dev/venv.sh $(VENV) $(PYTHON)
	@touch $@

# The packages that build the project come first, so that the build takes the pinned ones.
$(VENV)/.main: $(VENV)/.made setup.cfg setup.py pyproject.toml $(CONSTRAINTS) $(CATALOGUES)
	@echo "Installing what the site needs into $(VENV)/."
	@$(PIP) install --constraint $(CONSTRAINTS) setuptools Babel
	@$(PIP) install --constraint $(CONSTRAINTS) --no-build-isolation --editable .
	@$(PIP) check
	@touch $@

$(VENV)/.fast: $(VENV)/.main
	@$(PIP) install --constraint $(CONSTRAINTS) --no-build-isolation --editable '.[fast]'
	@touch $@

$(VENV)/.all: $(VENV)/.main
	@echo "Installing what the tests and checks need into $(VENV)/."
	@$(PIP) install --constraint $(CONSTRAINTS) --no-build-isolation --editable '.[test,dev]'
	@$(PIP) check
	@touch $@
