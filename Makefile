# Commands for people and for CI. Nothing here rewrites files; `make help` lists the targets.

PYTHON ?= python3
HUIXUE_PORT ?= 8787
ORDERS ?=
ONCE ?=
TESTS ?=
# Test processes side by side, each with engines of its own.
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DYNAMODB_LOCAL := .dynamodb-local/DynamoDBLocal.jar
# Amazon's DynamoDB Local as it lies inside an npm package: pinned, and checked before it is used
DYNAMODB_LOCAL_NPM := amplify-dynamodb-simulator
DYNAMODB_LOCAL_VERSION := 2.9.30
DYNAMODB_LOCAL_SHA256 := 3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9
OPENAPI := layers/domain/python/huixue/edge/openapi.json
TEMPLATES = $(wildcard template.yaml infra/*.yaml)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check bench prove openapi dynamodb-local

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv with everything in it (only when pyproject.toml changed)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Huixue needs Python 3.11 or newer: make setup PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Installing into $(VENV) (first time: about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

run: setup ## deploy locally, play the walk-through, keep serving (ORDERS=file.csv ONCE=1 HUIXUE_PORT=8787)
	@$(BIN)/huixue demo --port $(HUIXUE_PORT) $(if $(ORDERS),--orders "$(ORDERS)") \
	  $(if $(filter-out 0 no false,$(ONCE)),--once)

test: setup dynamodb-local ## all tests (TESTS=tests/unit for a part, WORKERS=2)
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile $(TESTS)

check: setup ## format, lint, types, import contracts, templates, house rules; reports, never rewrites
	@echo "== ruff format";  $(BIN)/ruff format --check .
	@echo "== ruff";         $(BIN)/ruff check .
	@echo "== mypy";         $(BIN)/mypy
	@echo "== import-linter"; $(BIN)/lint-imports --no-cache
	@echo "== cfn-lint $(TEMPLATES)"; $(BIN)/cfn-lint $(TEMPLATES)
	@echo "== house rules";  $(BIN)/pytest -q tests/house

bench: setup ## what each use case costs against its budget; cold start of each function
	@$(BIN)/python -m tests.bench.costs
	@$(BIN)/python -m tests.bench.cold_start

prove: setup ## seeded slow proofs (SEEDS=n; SEED=n PROOF=name to replay one)
	@$(BIN)/python -m tests.prove.run $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) \
	  $(if $(PROOF),--proof $(PROOF))

openapi: setup ## write the OpenAPI document again from the types at the edge
	@$(BIN)/python -m huixue.edge.openapi > $(OPENAPI).new
	@mv $(OPENAPI).new $(OPENAPI)

dynamodb-local: ## Amazon's DynamoDB Local for the exactness tests, where java and npm are present
	@if [ -f $(DYNAMODB_LOCAL) ]; then :; \
	elif ! command -v java >/dev/null || ! command -v npm >/dev/null; then \
	  echo "Left out: tests on Amazon's DynamoDB Local (they need java and npm on the PATH)."; \
	elif $(MAKE) --no-print-directory $(DYNAMODB_LOCAL); then :; \
	elif [ "$$HUIXUE_REQUIRE_DYNAMODB_LOCAL" = 1 ]; then exit 1; \
	else echo "Left out: tests on Amazon's DynamoDB Local (its download failed, see above)."; fi

$(DYNAMODB_LOCAL):
	@echo "Installing DynamoDB Local into .dynamodb-local (57 MB) ..."
	@rm -rf .dynamodb-local && mkdir -p .dynamodb-local/download
	@npm pack --loglevel=error --pack-destination .dynamodb-local/download \
	  $(DYNAMODB_LOCAL_NPM)@$(DYNAMODB_LOCAL_VERSION) >/dev/null
	@cd .dynamodb-local/download && mv *.tgz package.tgz \
	  && echo "$(DYNAMODB_LOCAL_SHA256)  package.tgz" | sha256sum --check --quiet
	@tar -xzf .dynamodb-local/download/package.tgz -C .dynamodb-local --strip-components=2 package/emulator
	@rm -r .dynamodb-local/download
	@touch $@
