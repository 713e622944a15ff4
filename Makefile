# make demo   prepare, tune and draw on this machine, from nothing
# make test   lint, types and every test
# make check  lint and types only          make fix  what can be mended by itself
# make bench  the speed figures            make help this list
#
# Each target first sets up .venv, unless it is there already. PYTHON names the interpreter it is made with.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CONSTRAINTS := requirements/constraints.txt
DEMO_DIR ?= runs/demo
PROMPTS ?=
PYTEST_FLAGS ?=
# A test file stays in one process, because its tests share pools and tuned models.
PYTEST := -m pytest -q -n 2 --dist loadfile

export OMP_WAIT_POLICY ?= PASSIVE
export TOKENIZERS_PARALLELISM ?= false
export PYTHONUNBUFFERED ?= 1
export PROMPTS DEMO_DIR

.PHONY: demo test check fix bench help install

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | head -n 4

install: $(STAMP)

$(STAMP): pyproject.toml $(CONSTRAINTS) scripts/check_install.py
	@command -v $(PYTHON) >/dev/null || { echo "make: there is no $(PYTHON); install Python 3.11 or newer, or set PYTHON"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than 3.11; set PYTHON to a newer one"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "make: venv failed; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --no-deps rapidocr-onnxruntime
	@if nvidia-smi -L >/dev/null 2>&1; then \
	  grep -v '^numpy==' $(CONSTRAINTS) > $(VENV)/constraints-gpu.txt; \
	  $(BIN)/python -m pip install --quiet --constraint $(VENV)/constraints-gpu.txt --editable '.[dev,gpu]' \
	  || echo "make: vLLM could not be installed beside these versions; drawing goes through transformers"; fi
	$(BIN)/python scripts/check_install.py
	@touch $@

demo: $(STAMP)
	HF_HUB_OFFLINE=1 $(BIN)/python scripts/demo.py

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	HF_HUB_OFFLINE=1 $(BIN)/python $(PYTEST) -m 'unit and not slow and not network' $(PYTEST_FLAGS)
	HF_HUB_OFFLINE=1 $(BIN)/python $(PYTEST) -m '(slow or not unit) and not network' --durations=10 $(PYTEST_FLAGS)

fix: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)
	@for script in scripts/bench_*.py; do echo "== $$script"; $(BIN)/python $$script; done
