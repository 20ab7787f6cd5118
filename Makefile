# Needs Python 3.11+, make and pip. Everything else is installed into .venv, in the versions of requirements/*.txt.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
# One more than there are cores: half of what the tests do is waiting.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
COVERAGE ?= 95
IMAGE ?= birge
DOCKER ?= docker
RUN_INSTALLED := $(VENV)/.run-installed
DEV_INSTALLED := $(VENV)/.dev-installed
CATALOGUES := locales/*/LC_MESSAGES/birge.po
LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options $(UPGRADE)

# The tests start the bot hundreds of times: its modules are compiled once.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check bench torture strings image lock clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(RUN_INSTALLED) ## The bot and an example school in a browser page, with no token (ARGS="…")
	@$(BIN)/python -m locales.strings compile
	$(BIN)/python -m bot demo $(ARGS)

test: $(DEV_INSTALLED) ## All tests (ARGS="-k meetings", WORKERS=4, COVERAGE=0 leaves coverage out)
	@$(BIN)/python -m locales.strings compile
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(COVERING) $(ARGS)

check: $(DEV_INSTALLED) ## Style, types, layers and catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m locales.strings compile
	$(BIN)/python -m locales.check
	$(BIN)/dennis-cmd lint --quiet --errorsonly --varformat python-format $(CATALOGUES)

bench: $(DEV_INSTALLED) ## How fast it is, side by side with bots that only echo (ARGS="--quick", docs/performance.md)
	@$(BIN)/python -m locales.strings compile
	$(BIN)/python -m tests.bench $(ARGS)

torture: $(DEV_INSTALLED) ## Kill it 200 times, feed it 100,000 malformed updates (ARGS="--seed 7")
	@$(BIN)/python -m locales.strings compile
	$(BIN)/python -m tests.torture $(ARGS)

strings: $(RUN_INSTALLED) ## After changing a sentence: bring it into the five catalogues
	$(BIN)/python -m locales.strings update

image: ## The container image (IMAGE=birge, DOCKER=podman)
	@command -v $(DOCKER) >/dev/null || { echo "make image needs Docker or Podman (DOCKER=podman)."; exit 1; }
	$(DOCKER) build --tag $(IMAGE) .

lock: $(DEV_INSTALLED) ## Lock requirements/*.in again (UPGRADE=--upgrade takes the newest versions)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		|| { echo "Lock with Python 3.11, the oldest we support: rm -rf .venv && make lock PYTHON=python3.11"; exit 1; }
	$(LOCK) --output-file requirements/run.txt requirements/run.in
	$(LOCK) --output-file requirements/dev.txt requirements/dev.in

clean: ## Remove what was built (.venv stays)
	rm -rf build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*
	rm -f locales/*/LC_MESSAGES/*.mo
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

ifneq ($(COVERAGE),0)
COVERING := --cov --cov-fail-under=$(COVERAGE)
endif

# --- .venv ----------------------------------------------------------------------------------------------------------

# Debian's Python has no ensurepip: then the system's pip installs into the environment from outside.
define install
	@echo "Installing $(1) into $(VENV) …"
	@pip="$(BIN)/python -m pip"; $$pip --version >/dev/null 2>&1 || pip="$(PYTHON) -m pip --python $(BIN)/python"; \
		$$pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1)
endef

$(BIN)/python:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Birge needs Python 3.11 or newer. Install it, or say where it is: make demo PYTHON=/path/to/python3.11"; \
		exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip $(VENV)

$(RUN_INSTALLED): requirements/run.txt | $(BIN)/python
	$(call install,$<)
	@touch $@

$(DEV_INSTALLED): requirements/dev.txt requirements/run.txt | $(BIN)/python
	$(call install,$<)
	@touch $(RUN_INSTALLED) $@
