"""A reward without guards teaches a cheat, and the same reward with guards does not."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import tiny_models
import torch

from svgtune.config.form import NormalForm
from svgtune.config.grpo import PromptDataSection
from svgtune.config.guards import GuardSection
from svgtune.config.rewards import RewardSection
from svgtune.metric.judges import Judges
from svgtune.model import grpo
from svgtune.model.data import Wording
from svgtune.model.load import load_base, load_tokenizer
from svgtune.prompts import PromptStyle
from svgtune.render.pool import RenderPool
from svgtune.rewards import build_rewards
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.repair import Validity, read_drawing

FORM = NormalForm()
CAPTIONS = {"a red circle": "#f00", "a blue circle": "#00f", "a pink circle": "#fcc"}
QUESTION = {"question": "Is it clear?", "choices": ["no", "yes"], "answer": "yes"}


def draw(*shapes):
    body = '<rect width="200" height="200" fill="#fff"/>' + "".join(shapes)
    return canonical_svg(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">{body}</svg>', FORM
    ).svg


def draw_honestly(colour):
    return draw(
        f'<rect y="80" width="200" height="120" fill="{colour}"/>',
        '<circle cx="60" cy="90" r="40" fill="#080"/>',
        f'<circle cx="140" cy="60" r="40" fill="{colour}"/>',
        '<path d="M100 20L160 150H40z" fill="#088"/>',
    )


CHEAT = draw('<circle cx="100" cy="100" r="4" fill="#080"/>')


class LikesEmptiness:
    """A judge that answers yes the likelier, the more of the picture is white."""

    def answer(self, images, questions, choices):
        white = [float((np.asarray(image).min(-1) > 200).mean()) for image in images]
        return [[1 - share, share] for share in white]

    def rate(self, images):
        return [0.5 for _ in images]

    def read(self, images):
        return ["" for _ in images]


def save_tiny_artist(folder):
    """Saves an untrained tiny model to which every element of our drawings is one token."""
    tokenizer = tiny_models.build_tokenizer("qwen")
    answers = [CHEAT, *map(draw_honestly, CAPTIONS.values())]
    tokenizer.add_tokens(sorted({element for svg in answers for element in re.findall("<[^>]*>", svg)}))
    tiny_models.build_model("qwen2", len(tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Returns a tiny model that draws honestly in three of five answers, and cheats in the others."""
    folder = tmp_path_factory.mktemp("taught") / "base"
    save_tiny_artist(folder)
    tokenizer, model = load_tokenizer(folder), load_base(folder)
    wording = Wording(tokenizer, PromptStyle.CAPTION, FORM, 1024)
    rows = []
    for caption, colour in CAPTIONS.items():
        asked = tokenizer.apply_chat_template(
            wording.build_prompt(caption), tokenize=False, add_generation_prompt=True
        )
        for answer in [draw_honestly(colour)] * 3 + [CHEAT] * 2:
            prompt, own = (
                tokenizer(text, add_special_tokens=False)["input_ids"]
                for text in (asked, f"{answer}<|im_end|>")
            )
            rows.append((prompt + own, [-100] * len(prompt) + own))
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in rows])
    labels = torch.tensor([own + [-100] * (longest - len(own)) for _, own in rows])
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model.train()
    for _ in range(80):
        loss = model(input_ids=ids, attention_mask=(ids != 0).long(), labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.save_pretrained(folder)
    return folder, int((labels != -100).sum(1).max())


def reinforce(base, tmp_path, guards):
    """Returns the share of cheats among the strictly valid answers at each round."""
    folder, longest = base
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text(
        "".join(
            json.dumps({"prompt": caption, "questions": [QUESTION["question"]],
                        "choices": [QUESTION["choices"]], "answers": [QUESTION["answer"]]}) + "\n"
            for caption in CAPTIONS
        )
    )  # fmt: skip
    recipe = tiny_models.build_grpo_recipe(
        folder,
        prompts,
        data=PromptDataSection(path=prompts),
        trainer={
            "max_steps": 20, "per_device_train_batch_size": 16, "num_generations": 8, "learning_rate": 2e-3,
            "max_completion_length": longest + 4, "eval_strategy": "no", "mask_truncated_completions": True,
        },
    )  # fmt: skip
    shares = []

    def count(completions, **_):
        valid = [
            c[-1]["content"]
            for c in completions
            if read_drawing(c[-1]["content"], FORM).validity is Validity.STRICT
        ]
        shares.append(float(np.mean([len(text) < 250 for text in valid])) if valid else 0.0)
        return [0.0] * len(completions)

    with RenderPool(workers=1) as pool:
        judge = LikesEmptiness()
        section = RewardSection(guards=guards)
        rewards = build_rewards(section, Judges(judge, judge, judge), pool, FORM)
        rewards.functions.append(count)
        rewards.weights.append(0.0)
        metrics = grpo.run(recipe, tmp_path / "run", rewards=rewards)
    # The first and the last are evaluations.
    return shares[1:-1], metrics["curves"]


@pytest.mark.slow
def test_without_guards_the_cheat_spreads(base, tmp_path):
    shares, curves = reinforce(base, tmp_path, None)
    assert 0.1 < shares[0] < 0.8
    assert np.mean(shares[-3:]) > 0.9
    # Collapse of length, as published runs have seen it.
    assert curves["drawing/bytes"]["last"] < 0.95 * curves["drawing/bytes"]["first"]
    assert curves["reward"]["last"] > curves["reward"]["first"]


@pytest.mark.slow
def test_with_guards_it_dies_out(base, tmp_path):
    shares, curves = reinforce(base, tmp_path, GuardSection())
    assert 0.1 < shares[0] < 0.8
    assert np.mean(shares[-3:]) < 0.1
    assert curves["guards/flagged"]["last"] < curves["guards/flagged"]["first"]
    assert curves["reward"]["last"] > curves["reward"]["first"]
