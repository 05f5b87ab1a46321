# Waymark. `make` alone prints this menu. Needs python3, python3-venv and make; everything else comes from hashed locks.
.DEFAULT_GOAL := help
.PHONY: help run test fast fast-core fast-law lint law bench lock clean
PYTHON ?= python3
BIN := .venv/bin
PURE := $(BIN)/python -m pytest -q -m "not stored and not durable and not thorough"

help: ## print this menu
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: .venv/run.stamp ## start the whole stack here, play one EHC plan case on it, and go on serving
	@exec $(BIN)/waymark up --demo

test: .venv/test.stamp ## everything, on real Postgres and real Temporal
	$(BIN)/python -m pytest

fast: .venv/test.stamp ## the pure parts, in under 10 seconds
	@$(MAKE) --no-print-directory -j2 --output-sync fast-core fast-law

OVERLAYS := $(wildcard tests/statute/test_overlay*.py tests/statute/test_planted.py tests/statute/test_pilots.py)

fast-core:
	HYPOTHESIS_PROFILE=brief $(PURE) tests/statute tests/test_house.py $(OVERLAYS:%=--ignore=%)

fast-law:
	HYPOTHESIS_PROFILE=brief $(PURE) tests/workflows tests/law tests/tenants $(OVERLAYS) --ignore=tests/workflows/durable

lint: .venv/test.stamp ## style, types, layers and every definition
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/waymark check

law: .venv/test.stamp ## the pages under docs/law, from the definitions
	$(BIN)/python -m bootstrap.law_docs

bench: .venv/test.stamp ## speed, as ratios in one run
	$(BIN)/python -m benchmarks && $(BIN)/python -m benchmarks.noisy && $(BIN)/python -m benchmarks.hostile

lock: .venv/uv.stamp ## lock the dependencies anew, with hashes and without addresses
	$(BIN)/uv pip compile pyproject.toml $(LOCKED) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group test $(LOCKED) -c requirements.lock -o requirements-test.lock
LOCKED := --extra embedded --group build --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --universal --custom-compile-command "make lock"

clean: ## remove what is made: the environment and the data of the embedded stack
	rm -rf .venv .waymark

.venv/uv.stamp: bootstrap.lock
	@test -d .venv || $(PYTHON) -m venv .venv || { echo "python3 -m venv does not work here: install python3-venv" >&2; exit 3; }
	@$(BIN)/python -m pip install --quiet --require-hashes -r bootstrap.lock
	@touch $@

.venv/run.stamp: requirements.lock pyproject.toml .venv/uv.stamp
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock || $(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/test.stamp: requirements-test.lock .venv/run.stamp
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-test.lock || $(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.lock
	@touch $@
