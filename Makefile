# The one door to Lotse. `make` lists what there is.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ONLY ?=
ARGS ?=
DEMO ?=
FRESH ?=

.PHONY: help run up-local test record-meilisearch faults coverage lint bench docs migrate doctor clean lock env up down

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## set everything up and run Lotse with demo content (stop with Ctrl+C)
	@LOTSE_DEMO=$${LOTSE_DEMO:-1} exec $(BIN)/python -m infra.runtime all

up-local: $(VENV)/.dev ## run Lotse as separate processes, with a PostgreSQL and a RabbitMQ of its own (FRESH=1 begins anew)
	@LOTSE_DEMO=$${LOTSE_DEMO:-1} LOTSE_MEILI_URL=$${LOTSE_MEILI_URL:-$$MEILI_URL} LOTSE_MEILI_KEY=$${LOTSE_MEILI_KEY:-$$MEILI_KEY} \
	  exec $(BIN)/python -m infra.runtime up-local $(if $(FRESH),--fresh)

test: $(VENV)/.dev ## set everything up and run the tests (ARGS="-k offers" for some); skips what needs a server, and says so
	@$(BIN)/python -m pytest $(ARGS)

faults: $(VENV)/.dev ## break every part of an up-local under load, one at a time, and tell how long it takes to heal (ARGS="--seed 7")
	@$(BIN)/python -m tests.faults $(ARGS)

record-meilisearch: $(VENV)/.dev ## play the search engine's suite on a real Meilisearch (MEILI_URL, MEILI_KEY) and keep the exchange for CI
	@test -n "$$MEILI_URL" && test -n "$$MEILI_KEY" || { echo "Name a server: make record-meilisearch MEILI_URL=http://127.0.0.1:7700 MEILI_KEY=…"; exit 1; }
	@rm -f tests/services/search/recordings/*.json
	@MEILI_RECORD=1 $(BIN)/python -m pytest tests/services/search/test_meilisearch.py -n 0 $(ARGS)

coverage: $(VENV)/.dev ## hold the last "make test ARGS=--cov" against the list of exceptions, which may only shrink
	@$(BIN)/python -m tests.coverage_gate

lint: $(VENV)/.dev ## ruff, mypy strict, import contracts, migrations up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@for service in contacts forum newsletter search; do \
	  $(BIN)/python -m infra.db.makemigrations services.$$service --check || { echo "services/$$service: models and migrations differ. Run: $(BIN)/python -m infra.db.makemigrations services.$$service"; exit 1; }; done

bench: $(VENV)/.dev ## measure (make bench ONLY=search for one figure)
	@$(BIN)/python -m bench $(ONLY)

docs: $(VENV)/.dev ## write the generated documents (events, AsyncAPI, OpenAPI, settings, metrics)
	$(BIN)/python -m infra.contracts.asyncapi
	$(BIN)/python -m gateway.api docs/openapi.yaml
	$(BIN)/python -m infra.runtime settings --write
	$(BIN)/python -m infra.runtime metrics --write
	$(BIN)/python -m infra.runtime broker-definitions --write

env: ## write .env with new secrets for docker compose (make env DEMO=1: for trying out, nothing to fill in)
	@$(PYTHON) -m infra.runtime.write_env $(if $(DEMO),--demo)

up: ## run Lotse as separate processes under docker compose, built from here (after make env)
	@docker compose build && docker compose up --detach

down: ## stop what make up has started; the data stay
	@docker compose down

migrate: $(VENV)/.runtime ## bring the databases to the state of the program
	@LOTSE_DEMO=$${LOTSE_DEMO:-1} $(BIN)/python -m infra.runtime migrate

doctor: $(VENV)/.runtime ## check versions, settings, ports, broker, databases and mail; each finding names its cure
	@LOTSE_DEMO=$${LOTSE_DEMO:-1} $(BIN)/python -m infra.runtime doctor

clean: ## remove environment, caches and the demo's data folder
	rm -rf $(VENV) data .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: $(VENV)/.dev ## renew the locks after a change of pyproject.toml
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra otel pyproject.toml -c requirements.lock -o requirements-otel.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra otel --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Lotse needs Python 3.11 to 3.13; this is " + sys.version.split()[0] + ". Name another one: make run PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock | $(BIN)/python
	@echo "Installing what Lotse needs (once; about a minute) …"
	@$(PIP) install --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock requirements.lock | $(BIN)/python
	@echo "Installing what Lotse and its tests need (once; about a minute) …"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime
