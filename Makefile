# The studio's commands. They need Python 3.11 and make, nothing else, and are safe to run again.

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
DEVELOPING := $(VENV)/.developing
HOME_FOLDER := $(if $(ATELIER_HOME),$(ATELIER_HOME),var)
MODELS_FOLDER := $(if $(ATELIER_MODELS),$(ATELIER_MODELS),$(HOME_FOLDER)/models)
PORT ?= 8000
UP_ARGS ?=
PYTEST_ARGS ?=
# The fast tests use every core, up to eight; those with a browser, a real model or a server keep them busy by themselves.
WORKERS ?= $(if $(MARKS),,auto)
# Where it is set, every process would compile the studio anew: the reader of each file, each worker, each command.
unexport PYTHONDONTWRITEBYTECODE
PYTORCH_CPU := https://download.pytorch.org/whl/cpu

.DEFAULT_GOAL := help
.PHONY: help setup develop run test lint clean models translations migrate

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(INSTALLED) translations models migrate ## Make the environment, fetch the base models, prepare the database

develop: setup $(DEVELOPING) ## The same, and what tests, style and types need

run: setup ## Set up and start the studio at port 8000 (PORT=… for another)
	@exec $(PY) manage.py up --port $(PORT) $(UP_ARGS)

test: develop ## Set up and pass the fast tests (MARKS="slow or not slow" for all)
	$(PY) -m pytest $(if $(MARKS),-m "$(MARKS)") $(if $(WORKERS),-n $(WORKERS) --maxprocesses 8 --dist worksteal) $(PYTEST_ARGS)

lint: $(DEVELOPING) ## Check style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .

clean: ## Remove what tools left behind; the environment and your data stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache test-results screenshots
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# Three ways to an environment: the usual one; without ensurepip, as Debian ships Python; or a sentence that helps.
$(PY):
	@python=$$(for name in $(PYTHON) python3.11 python3.12 python3.13 python3 python; do \
	    "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done); \
	if [ -z "$$python" ]; then \
	    echo "Atelier needs Python 3.11 or newer. Install it, or say where it is: make setup PYTHON=/path/to/python3.11"; \
	    exit 2; fi; \
	echo "Making the environment $(VENV) with $$("$$python" --version)."; \
	"$$python" -m venv $(VENV) >/dev/null 2>&1 \
	|| { "$$python" -m venv --clear --without-pip $(VENV) && "$$python" -m pip --python $(PY) install --quiet pip; } \
	|| { rm -rf $(VENV); \
	    echo "This Python cannot make an environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }

# Packages are compiled when they are first imported: compiling all of them takes as long as installing them.
# On Linux the package index has PyTorch with several gigabytes of GPU libraries. Without a GPU the small build will do.
$(INSTALLED): requirements.lock | $(PY)
	@echo "Installing the packages; the first time takes some minutes."
	@extra=""; \
	if [ "$$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null \
	    && ! $(PY) -c 'import torch' 2>/dev/null \
	    && $(PY) -c 'import urllib.request as u; u.urlopen("$(PYTORCH_CPU)/torch/", timeout=5)' 2>/dev/null; \
	then extra="--extra-index-url $(PYTORCH_CPU)"; fi; \
	$(PY) -m pip install --quiet --no-compile --disable-pip-version-check $$extra -r requirements.lock
	@touch $@

$(DEVELOPING): requirements-dev.lock $(INSTALLED)
	@$(PY) -m pip install --quiet --no-compile --disable-pip-version-check -r requirements-dev.lock
	@touch $@

translations: $(INSTALLED)
	@$(PY) manage.py compile_translations

models: $(INSTALLED)
	@$(PY) -m training.basemodels.fetch --root "$(MODELS_FOLDER)"

migrate: $(INSTALLED)
	@$(PY) manage.py migrate --verbosity 0
