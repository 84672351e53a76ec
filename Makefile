# Everything a user or a developer runs. Needs Debian's make, python3 (3.11 or later) and
# python3-venv; all else is installed into .venv from the lock files in requirements/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

export PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
TESTS ?=
DEMO ?=
CHAOS ?=
BENCH ?=
FAULTS ?= everywhere

.PHONY: help
help: ## Say what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

.PHONY: demo
demo: runtime ## Run the whole path on a sample contact centre: export, seal, download, open, check
	@$(BIN)/cxport demo $(DEMO)

.PHONY: runtime
runtime: ## Install CXPort and what it needs to run into .venv
	@tools/setup.sh runtime

.PHONY: dev
dev: ## Install what tests, lint and docs need as well
	@tools/setup.sh runtime dev

.PHONY: test
test: dev ## Run the tests (TESTS=tests/sealing runs some, WORKERS=4 uses more cores)
	@tools/system-packages.sh
	@tools/setup.sh runtime dev
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(TESTS)

.PHONY: lint
lint: dev ## Check style and layout of the code
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

.PHONY: types
types: dev ## Check types, of the tests too
	@$(BIN)/mypy

.PHONY: imports
imports: dev ## Check which package imports which, and which library belongs to whom
	@$(BIN)/lint-imports --no-logo

.PHONY: docs
docs: dev ## Build the documentation into site/, refusing broken links
	@$(BIN)/zensical build --clean --strict

.PHONY: reference
reference: dev ## Write the parts of docs/reference that are made from the code
	@$(BIN)/python -m tools.reference

.PHONY: pictures
pictures: dev ## Take the pictures of README and docs anew, from a demo in a real browser
	@$(BIN)/python -m tools.pictures

.PHONY: wheel
wheel: dev ## Build the wheel into dist/; the same commit gives the same bytes
	@$(BIN)/python -m hatchling build -t wheel -d dist

.PHONY: check
check: lint types imports docs wheel test ## Do everything that a change must pass

.PHONY: bench
bench: dev ## Measure all and write docs/benchmarks.md (BENCH="postgresql memory" runs some)
	@$(BIN)/python -m bench --write $(BENCH)

.PHONY: peers
peers: ## Install dlt and sling into build/peers, for make bench to race them
	@$(PYTHON) -m venv build/peers
	@build/peers/bin/pip install --quiet --requirement bench/peers.txt

.PHONY: fuzz-c
fuzz-c: dev ## Throw malformed rows at the compiled code, under AddressSanitizer, for a minute
	@FUZZ_SECONDS=60 $(BIN)/python -m pytest tests/formats/test_fuzz.py

.PHONY: soak
soak: dev ## Export 2 GB of rows and print the peak of memory
	@$(BIN)/python -m bench.soak

.PHONY: ticks
ticks: dev ## Race three tickers under kills and database restarts over 10,000 ticks
	@$(BIN)/python -m bench.ticks

.PHONY: chaos
chaos: dev ## Kill, stop and restart for two minutes while nine runs go on (CHAOS="--seconds 600")
	@tools/system-packages.sh
	@$(BIN)/python -m bench.chaos $(CHAOS)

.PHONY: faults
faults: dev ## Kill a run at each named point, with each store and storage (FAULTS=once: with one)
	@tools/system-packages.sh
	@FAULTS=$(FAULTS) $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup tests/scenarios/test_fault_points.py

.PHONY: fuzz
fuzz: dev ## Send 500 made-up requests to each operation of the API
	@CXPORT_FUZZ_EXAMPLES=500 $(BIN)/python -m pytest tests/api/test_schemathesis.py

.PHONY: lock
lock: dev ## Write the lock files anew; releases younger than a week wait
	@tools/lock.sh $(LOCK)

.PHONY: sbom
sbom: dev ## Write what a release is made of into dist/cxport.cdx.json (CycloneDX)
	@mkdir -p dist
	@$(BIN)/python -m tools.sbom > dist/cxport.cdx.json

.PHONY: clean
clean: ## Remove all that was built, and the environment
	rm -rf .venv build dist site demo .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
