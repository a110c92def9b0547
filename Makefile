# Everything a person or CI runs. `make` alone lists it. ARGS goes to the command: make serve ARGS="--port 5000"
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
export VENV

LOCKS := requirements/runtime.txt requirements/build.txt requirements/dev.txt
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed

.PHONY: help setup serve demo dev test test-servers test-api endurance fuzz mutation check bench clients clients-smoke browser screenshots pages lock image-check clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A stamp is older than what it was made from only when a lock or the project's metadata changed.
$(RUNTIME): requirements/runtime.txt requirements/build.txt pyproject.toml
	@scripts/setup runtime

$(DEV): $(LOCKS) pyproject.toml
	@scripts/setup dev

setup: $(DEV) ## Create .venv with every locked dependency, development tools included

serve: $(RUNTIME) ## Start the gateway on 127.0.0.1:4141
	@exec $(BIN)/copilot-api serve $(ARGS)

demo: $(RUNTIME) ## Start the gateway against the built-in simulator: no account needed
	@exec $(BIN)/copilot-api serve --demo $(ARGS)

dev: $(DEV) ## Start the gateway and restart it when a source file changes
	@exec $(BIN)/python scripts/dev $(ARGS)

test: $(DEV) ## Run the whole quick suite and the coverage gates
	@$(BIN)/python -m pytest tests --ignore=tests/clients --ignore=tests/perf --ignore=tests/api --ignore=tests/browser --ignore=tests/endurance --numprocesses=auto \
		--cov --cov-report=json:coverage.json --cov-report= $(ARGS)
	@$(BIN)/python scripts/coverage_gates.py coverage.json

test-api: $(DEV) ## Make requests from the admin API's own description: minutes; API_EXAMPLES=100 for more
	@$(BIN)/python -m pytest tests/api $(ARGS)

endurance: $(DEV) ## Kill a gateway two hundred times while it writes: minutes
	@$(BIN)/python -m pytest tests/endurance $(ARGS)

fuzz: $(DEV) ## Feed every reader and writer between bytes and bytes with hurt streams: minutes; FUZZ_EXAMPLES=9000 for more
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-1000} $(BIN)/python -m pytest tests/laws/fuzz --numprocesses=auto $(ARGS)

mutation: $(DEV) ## Change the pure rooms in small ways and count what the tests notice: an hour
	@$(BIN)/python scripts/mutation $(ARGS)

test-servers: $(DEV) ## Run the suites of ledger and shared limits on real servers (Debian: postgresql, and valkey or redis-server); fails without them
	@test -x "$$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1)" || \
		{ echo "test-servers: no PostgreSQL server here (Debian: apt-get install postgresql)" >&2; exit 1; }
	@{ command -v valkey-server || command -v redis-server; } >/dev/null || \
		{ echo "test-servers: neither a Valkey nor a Redis server here (Debian: apt-get install valkey-server, or redis-server)" >&2; exit 1; }
	@$(BIN)/python -m pytest tests/store/ledger tests/exchange/limits/test_shared.py $(ARGS)

check: $(DEV) ## Lint, types, import contracts, budget, unit and law tests: under a minute
	@scripts/check $(ARGS)

bench: $(DEV) ## Measure cost per request and per streamed event, beside nginx
	@$(BIN)/python -m tests.perf $(ARGS)

clients: $(DEV) ## Drive the real command-line clients through the gateway; ARGS=-rP tells each scene
	@$(BIN)/python -m pytest tests/clients -rs $(ARGS)

clients-smoke: $(DEV) ## One real client end to end, as CI does
	@$(BIN)/python -m pytest tests/clients -rs -k smoke $(ARGS)

browser: $(DEV) ## Try every control of the admin page in Chromium, which has to be installed
	@$(BIN)/python -m pytest tests/browser -rs -m "not screenshots" $(ARGS)

screenshots: $(DEV) ## Make docs/images anew: each tab, in both themes, at a desk and on a phone
	@$(BIN)/python -m pytest tests/browser -rs -m screenshots $(ARGS)

pages: $(DEV) ## Make docs/quirks.md, docs/losses.md and the ledger's sqlite.sql anew from the code
	@scripts/pages $(ARGS)

lock: $(DEV) ## Refresh requirements/*.txt; ARGS=--upgrade moves to the newest versions
	@scripts/lock $(ARGS)
	@scripts/setup dev

image-check: $(DEV) ## Lint the Dockerfile and run the image's steps in a clean directory
	@$(BIN)/python -m pytest tests/project/test_container.py $(ARGS)

clean: ## Remove caches, reports and builds; .venv and your data stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage coverage.json htmlcov dist build
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
