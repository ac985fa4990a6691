# The habits of this project, one line each. `make` lists them. Nothing but Python 3.11 or newer is needed.

VENV     ?= .venv
PY       := $(VENV)/bin/python
# The first of these that runs; the names come before python3 because that is often the system's own.
PYTHON   ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
              $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && command -v $$p && break; done)
# What is installed is remembered by the content of the lock: a second run with the same lock installs nothing.
KEY       = $(shell cksum < $(1) | cut -d' ' -f1)
RUNTIME  := $(VENV)/.installed-$(call KEY,requirements.txt)
TESTING  := $(VENV)/.installed-$(call KEY,tests/requirements.txt)
PIP      := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
# Tests keep their databases and doorbells out of the demo's data. Where Python shall write no bytecode beside the code, it is kept
# apart: without any, every worker compiles every test anew.
APART    := ROLLCALL_DATA_DIR=$${ROLLCALL_DATA_DIR:-$(CURDIR)/.data/tests} \
            PYTHONPYCACHEPREFIX=$${PYTHONDONTWRITEBYTECODE:+$(CURDIR)/.pytest_cache/bytecode} PYTHONDONTWRITEBYTECODE=
PYTEST   := $(APART) $(PY) -m pytest -n auto --dist worksteal

.PHONY: help demo test check bench soak lock docs screenshots clean
.DEFAULT_GOAL := help

help:            ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo: $(RUNTIME) ## install, fill with demo data, run everything on http://127.0.0.1:8000 (PORT=… for another)
	@exec $(PY) -m config.supervisor

test: $(TESTING) ## all tests this machine can run; what it cannot is listed at the end as NOT RUN
	@$(PYTEST) -m "not soak" $(ARGS)

check: $(TESTING) ## about a minute: format, lint, types, layers, migrations, generated pages, unit tests
	@$(APART) $(PY) -m tests.check $(ARGS)

bench: $(TESTING) ## measure on PostgreSQL and Redis (DATABASE_URL, REDIS_URL); prints JSON with the hardware
	@$(PY) -m tests.benchmarks $(ARGS)

soak: $(TESTING) ## an hour: 20 and more kills among 5,000 people, four histories; a file of a gigabyte
	@$(PY) -m pytest -m soak --timeout 0 $(ARGS)

lock: $(TESTING) ## write both requirements files anew from pyproject.toml, with hashes, for every platform
	$(PY) -m uv pip compile pyproject.toml --generate-hashes --universal --python-version 3.11 -o requirements.txt
	$(PY) -m uv pip compile pyproject.toml --group dev --generate-hashes --universal --python-version 3.11 -o tests/requirements.txt

docs: $(RUNTIME) ## write the pages of docs/ that come from the code
	@$(PY) manage.py write_docs

screenshots: $(TESTING) ## photograph every screen of a demo of its own into .screenshots/
	@$(PY) -m tests.browser.screenshots $(ARGS)

clean:           ## remove the virtual environment and caches; the data in .data stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@test -n "$(PYTHON)" || { echo "Rollcall needs Python 3.11 or newer, and found none (python3.13, python3.12, python3.11, python3)." >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The venv module is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(RUNTIME): | $(PY)
	@echo "Installing requirements.txt (once)"
	@$(PIP) -r requirements.txt
	@touch $@

$(TESTING): | $(PY)
	@echo "Installing tests/requirements.txt (once)"
	@$(PIP) -r tests/requirements.txt
	@touch $@ $(RUNTIME)
