from __future__ import annotations

import sys
from types import ModuleType

import pytest
import torch

from svgtune.errors import MachineError, MissingInputError
from svgtune.metric.competition import precision
from svgtune.metric.competition.weights import find_weights

MODEL = "google/paligemma-2/transformers/paligemma2-10b-mix-448"
DATA_SET = "kaggle:metric/sac-logos-ava1-l14-linearmse"


@pytest.fixture
def kagglehub(monkeypatch):
    """Stands for the package of this name, which need not be installed."""
    module = ModuleType("kagglehub")
    module.model_download = lambda handle: f"/models/{handle}"
    module.dataset_download = lambda handle: f"/datasets/{handle}"
    monkeypatch.setitem(sys.modules, "kagglehub", module)
    return module


def test_a_folder_is_taken_as_it_is_and_a_hub_id_left_alone(tmp_path):
    assert find_weights(tmp_path) == str(tmp_path)
    assert find_weights("google/paligemma2-10b-mix-448") == "google/paligemma2-10b-mix-448"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (MODEL, f"/models/{MODEL}"),
        (f"{MODEL}/1", f"/models/{MODEL}/1"),
        (f"kaggle:{MODEL}", f"/models/{MODEL}"),
        (DATA_SET, "/datasets/metric/sac-logos-ava1-l14-linearmse"),
        (f"{DATA_SET}/versions/2", "/datasets/metric/sac-logos-ava1-l14-linearmse/versions/2"),
    ],
)
def test_kaggle_handles_are_fetched(kagglehub, source, found):
    assert find_weights(source) == found


def test_kaggle_handles_need_kagglehub(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(
        MachineError, match=r"^judge: metric/sac-.* kagglehub is not installed; pip install kagglehub"
    ):
        find_weights(DATA_SET)


def test_a_failed_fetch_names_the_handle(kagglehub):
    def fail(handle: str) -> str:
        raise PermissionError("403 Client Error\nmore")

    kagglehub.model_download = fail
    with pytest.raises(
        MissingInputError, match=r"paligemma2-10b-mix-448 cannot be fetched .*\(403 Client Error\);"
    ):
        find_weights(MODEL)


@pytest.mark.parametrize("source", ["/none/such", "./none/such", "~/none/of/these/here", "none", "models/pg"])
def test_a_missing_path_says_where_it_looked(source):
    with pytest.raises(
        MissingInputError, match=r"^judge: looked for /.*, and it is not there; give a file or"
    ):
        find_weights(source)


@pytest.mark.parametrize(
    ("requested", "device", "bitsandbytes", "capability", "expected"),
    [
        ("auto", "cpu", True, None, "fp32"),
        ("auto", "cuda", True, (7, 5), "nf4"),
        ("auto", "cuda:1", False, (8, 0), "bf16"),
        ("auto", "cuda", False, (7, 5), "fp16"),
        ("fp16", "cuda", True, (7, 5), "fp16"),
        ("bf16", "cpu", True, None, "bf16"),
    ],
)
def test_precision_is_the_competitions_where_it_can_be(
    monkeypatch, requested, device, bitsandbytes, capability, expected
):
    monkeypatch.setattr(precision.importlib.util, "find_spec", lambda name: bitsandbytes or None)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert precision.choose_precision(requested, device) == expected


def test_what_this_machine_lacks_is_named(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert precision.find_device() == "cpu"
    with pytest.raises(
        MachineError, match=r"^judge: device is cuda:0, but torch finds no CUDA device; set it to"
    ):
        precision.find_device("cuda:0")
    with pytest.raises(
        MachineError, match=r"^judge: precision is nf4, but the device is cpu; set it to auto"
    ):
        precision.choose_precision("nf4", "cpu")
