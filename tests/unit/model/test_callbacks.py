from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from svgtune.config.form import NormalForm
from svgtune.model.callbacks import DrawingCallback, DrawnPrompt, generate_greedily, summarise_drawings
from svgtune.model.data import Wording
from svgtune.model.decoder import Decoder, Written
from svgtune.model.load import load_base, load_tokenizer
from svgtune.prompts import PromptStyle
from svgtune.svg.repair import Validity


@pytest.fixture(scope="module")
def wording(tiny_base):
    return Wording(load_tokenizer(tiny_base()), PromptStyle.CAPTION, NormalForm(), 512)


def build_drawn(validity, *, finished=True, tokens=10, image=None):
    return DrawnPrompt("a cat", "<svg/>", tokens, finished, validity, image)


def test_shares_and_lengths_are_summed_up():
    drawn = [build_drawn(Validity.STRICT), build_drawn(Validity.INVALID, finished=False, tokens=30)]
    figures = summarise_drawings(drawn)
    assert figures == {
        "strict": 0.5, "lenient": 0.0, "repaired": 0.0, "invalid": 0.5, "finished": 0.5, "tokens": 20.0,
    }  # fmt: skip


def test_generation_leaves_mode_and_random_state_alone(tiny_base, wording):
    model = load_base(tiny_base())
    model.train()
    before = torch.get_rng_state()
    first = generate_greedily(model, wording, ["a red circle", "a much longer caption about a cat"], 6)
    assert model.training
    assert torch.equal(before, torch.get_rng_state())
    alone = generate_greedily(model, wording, ["a red circle"], 6)
    assert first[0] == alone[0]


def test_a_finished_answer_ends_before_its_end_mark(tiny_base, wording, monkeypatch):
    model = load_base(tiny_base())
    spoken = wording.tokenizer("<svg>", add_special_tokens=False)["input_ids"]

    def write(self, jobs, options):
        assert (options.heat, [job.limit for job in jobs]) == (0, [len(spoken) + 3] * 2)
        yield Written(1, 0, tokens=[*spoken, *spoken[:1] * 3])
        yield Written(0, 0, tokens=spoken, stop=wording.tokenizer.eos_token_id)

    monkeypatch.setattr(Decoder, "write", write)
    answers = generate_greedily(model, wording, ["a", "b"], len(spoken) + 3)
    assert answers[0] == ("<svg>", len(spoken), True)
    assert answers[1][1:] == (len(spoken) + 3, False)


@pytest.mark.parametrize("logger", ["wandb", "trackio"])
def test_pictures_go_to_other_loggers(monkeypatch, tmp_path, wording, logger):
    logged = {}
    monkeypatch.setitem(
        sys.modules, logger, SimpleNamespace(log=logged.update, Image=lambda image: image.shape)
    )
    callback = DrawingCallback(["a cat"], wording, tmp_path, max_new_tokens=4, size_px=16, report_to=[logger])
    callback._log_pictures([build_drawn(Validity.STRICT, image=np.zeros((16, 16, 3), np.uint8))], 3)
    assert logged == {"drawings/0_a cat": (16, 16, 3)}
