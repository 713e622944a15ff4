"""Fixtures and gates that every test may use. Nothing here imports torch when it is loaded."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import run_python

from svgtune.threads import set_waiting

# Hub clients read these when they are imported.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
set_waiting()
if "PYTEST_XDIST_WORKER" in os.environ:
    # Test processes share the cores, and torch would start a thread for every core in each of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parent.parent

RunCommand = Callable[..., subprocess.CompletedProcess[str]]


@pytest.hookimpl(tryfirst=True)  # before -m looks at the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks unit tests; skips GPU tests without a GPU, and network tests unless ``-m`` names them."""
    asked = str(config.getoption("-m"))
    no_gpu = pytest.mark.skip(reason="needs a CUDA device, and this machine has none")
    no_network = pytest.mark.skip(reason="fetches packages; run it with -m network")
    gpu: bool | None = None
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "unit"):
            item.add_marker("unit")
        if item.get_closest_marker("gpu"):
            gpu = _has_gpu() if gpu is None else gpu
            if not gpu:
                item.add_marker(no_gpu)
        if item.get_closest_marker("network") and ("network" not in asked or "not network" in asked):
            item.add_marker(no_network)


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture
def run_command(tmp_path: Path) -> RunCommand:
    """Runs a Python script of the checkout as a command, from the checkout's root.

    ``run_command("infer/generate.py", "--help")`` returns the finished process with its text; it never raises
    for an exit status, so that a test can look at the status and the words together.
    """

    def run(
        *words: str | Path, timeout_s: float = 120, cwd: Path = ROOT, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), **environment}
        return run_python(
            [*map(str, words)], cwd=cwd, environment=variables, timeout_s=timeout_s, folder=tmp_path
        )

    return run


@pytest.fixture(scope="session")
def vllm() -> None:
    """Skips where vLLM cannot be imported; with CI=true that is a failure."""
    from svgtune.errors import MachineError
    from svgtune.generate.vllm_engine import import_vllm

    try:
        import_vllm("cuda" if _has_gpu() else "cpu")
    except MachineError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


def _has_gpu() -> bool:
    if shutil.which("nvidia-smi") is None:
        return False
    import torch

    return torch.cuda.is_available()


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Returns a function that gives the folder of a tiny model of an architecture, made once a session."""
    import tiny_models  # imports torch

    made: dict[str, Path] = {}

    def find(architecture: str = "qwen2") -> Path:
        if architecture not in made:
            folder = tmp_path_factory.mktemp("base") / architecture
            made[architecture] = tiny_models.save_tiny_model(folder, architecture)
        return made[architecture]

    return find


@pytest.fixture(scope="session")
def toy_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a folder of toy drawings as ``prepare`` writes them."""
    import tiny_models  # imports torch

    return tiny_models.save_toy_data(tmp_path_factory.mktemp("toy"), train=32, held_out=8)
