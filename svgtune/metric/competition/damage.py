"""Says of weights that were loaded whether they came whole."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from safetensors import SafetensorError

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.competition.weights import first_line

# What torch, pickle and safetensors raise at weights that are cut off, empty, or a pointer of Git LFS.
DAMAGE_ERRORS = (RuntimeError, EOFError, pickle.UnpicklingError, SafetensorError)


@contextmanager
def explain_damage(judge: str, where: str, remedy: str) -> Iterator[None]:
    """Says of damaged weights which ones they are, in place of a library's own error.

    Args:
        judge: Whose weights are loaded inside.
        where: They are.
        remedy: How to get them anew.

    Raises:
        InputError: A file is damaged, or is no file of weights.
    """
    try:
        yield
    except (torch.OutOfMemoryError, torch.AcceleratorError):
        raise  # RuntimeErrors, but not the fault of a file
    except DAMAGE_ERRORS as error:
        raise InputError(
            f"{judge}: the weights in {where} are damaged, or are a Git LFS pointer "
            f"({first_line(error)}); {remedy}"
        ) from error


def check_loaded(report: Mapping[str, Any], judge: str, where: str, remedy: str) -> None:
    """Checks that a model got all its weights.

    Args:
        report: That ``from_pretrained`` gives with ``output_loading_info`` and ``ignore_mismatched_sizes``.
        judge: Whose model it is.
        where: Its weights are.
        remedy: How to get them anew.

    Raises:
        InputError: A weight has another shape than the model.
        MissingInputError: A weight is not there.
    """
    if report["mismatched_keys"]:
        name, found, wanted = min(report["mismatched_keys"], key=lambda entry: entry[0])
        raise InputError(
            f"{judge}: {where} has {name} of shape {tuple(found)}, and its config.json asks for "
            f"{tuple(wanted)}; {remedy}"
        )
    if report["missing_keys"]:
        raise MissingInputError(
            f"{judge}: {where} lacks {len(report['missing_keys'])} weights, such as "
            f"{min(report['missing_keys'])}; {remedy}"
        )
