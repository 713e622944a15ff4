from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny_models
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from trl import GRPOConfig

from svgtune.config.form import NormalForm
from svgtune.errors import TrainingError
from svgtune.model.constrain import Constraint
from svgtune.model.load import find_stop_ids
from svgtune.model.rollouts import can_write, read_constrained, write_completions
from svgtune.svg.repair import Validity, read_drawing


@pytest.fixture(scope="module")
def policy():
    tokenizer = tiny_models.build_tokenizer("qwen", plain_template=True)
    model = tiny_models.build_model("qwen2", len(tokenizer))
    stop_ids = find_stop_ids(tokenizer, model)
    prompts = [tokenizer("a red ball").input_ids, tokenizer("two blue cubes at night").input_ids]
    return model, [prompts[0]] * 4 + [prompts[1]] * 4, stop_ids


def build_args(folder: Path, **values) -> GRPOConfig:
    return GRPOConfig(
        output_dir=str(folder),
        use_cpu=True,
        bf16=False,
        report_to=[],
        **{"max_completion_length": 12, **values},
    )


def write(policy, args: GRPOConfig, batch_size: int, seed: int = 7) -> list[list[int]]:
    torch.manual_seed(seed)
    model, prompts, stop_ids = policy
    return write_completions(model, prompts, stop_ids, args, batch_size)


def test_completions_follow_from_the_random_state_and_not_from_the_batch(policy, tmp_path: Path) -> None:
    args = build_args(tmp_path)
    whole = write(policy, args, 64)
    assert len(whole) == 8
    assert len({tuple(one) for one in whole}) > 4
    assert whole == write(policy, args, 3)
    assert whole != write(policy, args, 64, seed=8)


def test_float32_weights_on_the_cpu_are_not_rounded_to_draw(policy, tmp_path: Path) -> None:
    args = build_args(tmp_path, max_completion_length=48)
    plain = write(policy, args, 64)
    with torch.autocast("cpu", torch.bfloat16):
        assert write(policy, args, 64) == plain
        assert torch.is_autocast_enabled("cpu")


@pytest.fixture
def bf16_accelerator() -> Iterator[Accelerator]:
    AcceleratorState._reset_state(reset_partial_state=True)
    yield Accelerator(cpu=True, mixed_precision="bf16")
    AcceleratorState._reset_state(reset_partial_state=True)


def test_what_accelerate_prepared_draws_unrounded_and_learns_as_before(
    policy, bf16_accelerator: Accelerator, tmp_path: Path
) -> None:
    model = copy.deepcopy(policy[0])
    dtypes: list[torch.dtype] = []
    model.lm_head.register_forward_hook(lambda _module, _inputs, output: dtypes.append(output.dtype))
    prepared = bf16_accelerator.prepare(model)
    write((prepared, *policy[1:]), build_args(tmp_path), 64)
    assert set(dtypes) == {torch.float32}
    prepared(input_ids=torch.tensor([[5, 6, 7]]))
    assert dtypes[-1] is torch.bfloat16


def test_what_accelerate_prepared_twice_draws_unrounded_too(
    policy, bf16_accelerator: Accelerator, tmp_path: Path
) -> None:
    model = copy.deepcopy(policy[0])
    dtypes: list[torch.dtype] = []
    model.lm_head.register_forward_hook(lambda _module, _inputs, output: dtypes.append(output.dtype))
    bf16_accelerator.prepare(model)
    # As svgtune.model.tuning.evaluate_first does before several processes train.
    vars(model).pop("_is_accelerate_prepared")
    prepared = bf16_accelerator.prepare(model)
    write((prepared, *policy[1:]), build_args(tmp_path), 64)
    assert set(dtypes) == {torch.float32}
    prepared(input_ids=torch.tensor([[5, 6, 7]]))
    assert dtypes[-1] is torch.bfloat16


def test_only_the_last_token_may_stop_and_the_longest_is_the_limit(policy, tmp_path: Path) -> None:
    for completion in write(policy, build_args(tmp_path), 64):
        assert 1 <= len(completion) <= 12 + 1
        assert not set(completion[:-1]) & set(policy[2])
        assert len(completion) == 12 or completion[-1] in policy[2]


def test_greedy_equals_generate(policy, tmp_path: Path) -> None:
    model, prompts, stop_ids = policy
    cold = write(policy, build_args(tmp_path, temperature=1e-4), 64)
    for prompt, completion in zip(prompts, cold, strict=True):
        ids = torch.tensor([prompt])
        found = model.generate(ids, max_new_tokens=12, do_sample=False, eos_token_id=list(stop_ids))
        assert completion == found[0, len(prompt) :].tolist()


@pytest.mark.slow
def test_under_a_grammar_only_what_it_leaves_open_is_learned(policy, tmp_path: Path) -> None:
    model, prompts, stop_ids = policy
    tokenizer = tiny_models.build_tokenizer("qwen", plain_template=True)
    form = NormalForm(grid=1.0, path_commands="relative")
    constraint = Constraint(form, tokenizer, stop_ids)
    args = build_args(tmp_path, max_completion_length=constraint.least_tokens + 30, temperature=1.3)
    completions = write_completions(model, prompts[2:6], stop_ids, args, 64, constraint)
    for completion in completions:
        assert completion[-1] in stop_ids
        assert read_drawing(tokenizer.decode(completion[:-1]), form).validity is Validity.STRICT

    left, right = (max(map(len, some)) for some in (prompts, completions))
    ids, mask = torch.zeros(2, 4, left + right, dtype=torch.long)
    for row, (prompt, completion) in enumerate(zip(prompts[2:6], completions, strict=True)):
        ids[row, left - len(prompt) : left + len(completion)] = torch.tensor([*prompt, *completion])
        mask[row, left - len(prompt) : left + len(completion)] = 1
    logps, entropies = read_constrained(model, ids, mask, right, constraint, args)
    forced = 0
    for row, (prompt, completion) in enumerate(zip(prompts[2:6], completions, strict=True)):
        logits = model(torch.tensor([[*prompt, *completion]])).logits[0, len(prompt) - 1 : -1]
        track = constraint.begin(args.max_completion_length)
        for place, token in enumerate(completion):
            choices = track.list_tokens().tolist()
            known = (logits[place, choices] / args.temperature).log_softmax(0)
            assert logps[row, place].item() == pytest.approx(known[choices.index(token)].item(), abs=1e-4)
            entropy = -(known.exp() * known).sum().item()
            assert entropies[row, place].item() == pytest.approx(entropy, abs=1e-4)
            forced += len(choices) == 1
            track.accept(token)
        assert bool((logps[row, len(completion) :] == 0).all())
    assert forced > 4
    logps.sum().backward()
    assert all(bool(p.grad.isfinite().all()) for p in model.parameters() if p.grad is not None)


def test_probabilities_that_are_no_numbers_are_named(policy, tmp_path: Path) -> None:
    model, prompts, stop_ids = policy
    broken = type(model)(model.config).eval()
    with torch.no_grad():
        broken.lm_head.weight.fill_(torch.nan)
    with pytest.raises(TrainingError, match="no numbers"):
        write_completions(broken, prompts, stop_ids, build_args(tmp_path), 64)


def test_what_the_decoder_cannot_do_is_left_to_trl(tmp_path: Path) -> None:
    assert can_write(build_args(tmp_path))
    assert can_write(build_args(tmp_path, min_p=0.1))
    assert not can_write(build_args(tmp_path, repetition_penalty=1.1))
    assert not can_write(SimpleNamespace(use_vllm=True))
