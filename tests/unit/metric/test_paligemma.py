"""The PaliGemma judge against a second way to its numbers: a prompt at a time, tensors made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from transformers import PaliGemmaForConditionalGeneration

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.competition.paligemma import PaliGemmaJudge, build_prompt, load_paligemma
from svgtune.metric.competition.precision import list_load_options
from tests.unit.metric import tiny_judges
from tests.unit.metric.damage import DAMAGES, copy_damaged, copy_reshaped

ASKED = [
    ("What colour is the coat?", ("black", "blue", "grey", "red")),
    ("Is there a moon?", ("no", "yes")),
    (
        "What is the main setting of the picture, as far as one can tell?",
        ("beach", "desert", "forest", "sea"),
    ),
    ("Hm?", ("no", "yes")),
    ("Is there anything purple in it?", ("no", "yes")),
]


@pytest.fixture(scope="module")
def processor():
    return tiny_judges.build_processor()


@pytest.fixture(scope="module")
def model(processor):
    return tiny_judges.build_paligemma(processor)


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(3)
    shades = rng.integers(0, 256, (len(ASKED), 4, 4, 3), np.uint8)
    return [Image.fromarray(shade).resize((384, 384), Image.Resampling.BICUBIC) for shade in shades]


def encode_by_hand(processor, image: Image.Image, prompt: str) -> dict[str, torch.Tensor]:
    """What PaliGemma is trained on: the picture, <bos>, the words, a newline; pixels between -1 and 1."""
    words = prompt.removeprefix("<image>") + "\n"
    tokens = processor.tokenizer.encode(words, add_special_tokens=False)
    ids = [processor.image_token_id] * tiny_judges.IMAGE_TOKENS + [processor.tokenizer.bos_token_id, *tokens]
    small = image.resize((tiny_judges.IMAGE_PX,) * 2, Image.Resampling.BICUBIC)
    pixels = np.asarray(small, np.float64).transpose(2, 0, 1) / 255 * 2 - 1
    return {
        "input_ids": torch.tensor([ids]),
        "token_type_ids": torch.zeros((1, len(ids)), dtype=torch.long),
        "pixel_values": torch.tensor(pixels[None], dtype=torch.float32),
    }


def answer_by_hand(processor, model, image, question, choices, cap=None) -> list[float]:
    letters = "ABCDEFGH"[: len(choices)]
    prompt = f"<image>answer en Question: {question}\nChoices:\n"
    prompt += "".join(f"{letter}. {choice}\n" for letter, choice in zip(letters, choices, strict=True))
    with torch.no_grad():
        logits = model(**encode_by_hand(processor, image, prompt)).logits[0, -1].double()
    if cap:
        logits = cap * torch.tanh(logits / cap)
    vocabulary = processor.tokenizer.get_vocab()
    names = [name for letter in letters for name in (letter, f"▁{letter}")]
    masked = torch.full_like(logits, -torch.inf)
    for name in names:
        masked[vocabulary[name]] = logits[vocabulary[name]]
    shares = torch.softmax(masked, 0)
    sums = [float(shares[vocabulary[letter]] + shares[vocabulary[f"▁{letter}"]]) for letter in letters]
    return [value / sum(sums) for value in sums]


def test_prompt_is_byte_exact():
    assert build_prompt("What is it?", ("a cat", "two dogs")).encode() == (
        b"<image>answer en Question: What is it?\nChoices:\nA. a cat\nB. two dogs\n"
    )
    assert build_prompt("x", [str(k) for k in range(26)]).endswith("\nZ. 25\n")
    with pytest.raises(InputError, match=r"^question 'x': has 27 choices; give at most 26"):
        build_prompt("x", [str(k) for k in range(27)])


@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_answers_are_those_of_each_question_alone(processor, model, images, batch_size):
    judge = PaliGemmaJudge(model, processor, batch_size=batch_size)
    found = judge.answer(images, *zip(*ASKED, strict=True))
    for row, image, asked in zip(found, images, ASKED, strict=True):
        assert row == pytest.approx(answer_by_hand(processor, model, image, *asked), abs=1e-6)
        assert sum(row) == pytest.approx(1, abs=1e-6)
    # Were all alike, padding on the wrong side would go unnoticed.
    assert len({round(row[0], 2) for row in found}) == len(found)


def test_several_questions_about_one_picture(processor, model, images):
    judge = PaliGemmaJudge(model, processor, batch_size=4)
    questions, choices = zip(*ASKED, strict=True)
    together = judge.answer([images[0]] * 5, questions, choices)
    for row, asked in zip(together, ASKED, strict=True):
        assert row == pytest.approx(judge.answer([images[0]], [asked[0]], [asked[1]])[0], abs=1e-6)
    other = judge.answer([images[1]] * 5, questions, choices)
    assert np.abs(np.array(together[0]) - other[0]).max() > 0.01


def test_padding_and_picture_reach_the_model_as_meant(processor, model, images):
    given = PaliGemmaJudge(model, processor)._encode(
        images[:2], [build_prompt(*asked) for asked in ASKED[:2]]
    )
    for place, asked in enumerate(ASKED[:2]):
        by_hand = encode_by_hand(processor, images[place], build_prompt(*asked))
        length = by_hand["input_ids"].shape[1]
        assert given["input_ids"][place, -length:].tolist() == by_hand["input_ids"][0].tolist()
        assert given["attention_mask"][place].sum() == length
        assert given["attention_mask"][place, -length:].all()
        assert torch.allclose(given["pixel_values"][place], by_hand["pixel_values"][0], atol=1e-6)
    assert not given["token_type_ids"].any()
    assert "labels" not in given


class Stub:
    """Stands for a model that always thinks the same."""

    device, dtype = torch.device("cpu"), torch.float32

    def __init__(self, logits: torch.Tensor) -> None:
        self.logits = logits

    def __call__(self, input_ids, **rest):
        return SimpleNamespace(logits=self.logits.expand(len(input_ids), 1, -1))


def test_each_prompt_has_the_positions_that_it_has_alone(processor, images):
    class Recorder(Stub):
        def __call__(self, input_ids, **rest):
            self.seen = rest
            return super().__call__(input_ids)

    recorder = Recorder(torch.zeros(len(processor.tokenizer)))
    PaliGemmaJudge(recorder, processor).answer(images[:2], *zip(*ASKED[:2], strict=True))
    mask, positions = recorder.seen["attention_mask"], recorder.seen["position_ids"]
    for row, own in zip(mask, positions, strict=True):
        assert own[row == 1].tolist() == list(range(1, int(row.sum()) + 1))  # PaliGemma counts from 1
    assert mask.sum() < mask.numel()


def test_only_the_letters_of_the_choices_count(processor, images):
    vocabulary = processor.tokenizer.get_vocab()
    logits = torch.full((len(vocabulary),), 50.0)
    for name, value in {"A": 1.0, "▁A": 2.0, "B": 0.0, "▁B": 3.0, "C": 9.0, "▁C": 9.0}.items():
        logits[vocabulary[name]] = value
    judge = PaliGemmaJudge(Stub(logits), processor)
    e = np.exp
    right = (e(1) + e(2)) / (e(1) + e(2) + e(0) + e(3))
    assert judge.answer(images[:1], ["?"], [("no", "yes")]) == [pytest.approx([right, 1 - right], abs=1e-6)]
    capped = PaliGemmaJudge(Stub(logits), processor, logit_cap=2.0)
    a, b = (sum(e(2 * np.tanh(x / 2)) for x in pair) for pair in ((1, 2), (0, 3)))
    assert capped.answer(images[:1], ["?"], [("no", "yes")])[0][0] == pytest.approx(a / (a + b), abs=1e-6)


def test_text_is_read_greedily_as_alone(processor, model, images):
    found = PaliGemmaJudge(model, processor, batch_size=2).read(images[:3])
    for text, image in zip(found, images, strict=False):
        inputs = encode_by_hand(processor, image, "<image>ocr\n")
        new: list[int] = []
        while len(new) < 32 and processor.tokenizer.eos_token_id not in new:
            with torch.no_grad():
                new.append(int(model(**inputs).logits[0, -1].argmax()))
            inputs["input_ids"] = torch.cat([inputs["input_ids"], torch.tensor([[new[-1]]])], 1)
            # What is written sees only what is before it.
            inputs["token_type_ids"] = torch.cat([inputs["token_type_ids"], torch.ones((1, 1), dtype=int)], 1)
        assert text == processor.tokenizer.decode(new, skip_special_tokens=True)
        assert len(text) > 4
    assert len(set(found)) > 1


def test_white_space_that_is_read_is_kept(processor, images):
    class Writer(Stub):
        def generate(self, input_ids, **rest):
            assert (rest["max_new_tokens"], rest["do_sample"]) == (32, False)
            new = processor.tokenizer.encode(" A\n\n", add_special_tokens=False)
            new += [processor.tokenizer.eos_token_id, processor.tokenizer.pad_token_id]
            return torch.cat([input_ids, torch.tensor([new] * len(input_ids))], 1)

    assert PaliGemmaJudge(Writer(torch.zeros(1)), processor).read(images[:2]) == [" A\n\n"] * 2


def test_a_saved_model_is_loaded_with_gemma_2s_cap(tiny_paligemma, processor, model, images):
    judge = load_paligemma(tiny_paligemma, device="cpu")
    for row, image, asked in zip(judge.answer(images, *zip(*ASKED, strict=True)), images, ASKED, strict=True):
        assert row == pytest.approx(answer_by_hand(processor, model, image, *asked, cap=30.0), abs=1e-6)
    plain = load_paligemma(tiny_paligemma, device="cpu", cap_logits=False)
    (row,) = plain.answer(images[:1], *zip(*ASKED[:1], strict=True))
    assert row == pytest.approx(answer_by_hand(processor, model, images[0], *ASKED[0]), abs=1e-6)


def test_transformers_itself_does_not_cap(processor, model, images):
    # Where this fails, logits are bent twice: load_paligemma must stop doing it.
    inputs = encode_by_hand(processor, images[0], build_prompt(*ASKED[0]))
    with torch.no_grad():
        plain = model.lm_head(model.model(**inputs).last_hidden_state)
        assert torch.equal(model(**inputs).logits, plain)


def test_nf4_is_the_competitions():
    options = list_load_options("nf4", "cuda:1")
    found = options["quantization_config"].to_dict()
    assert found["load_in_4bit"] is True
    assert (found["bnb_4bit_quant_type"], found["bnb_4bit_use_double_quant"]) == ("nf4", True)
    assert found["bnb_4bit_compute_dtype"] == "float16"
    assert (options["dtype"], options["device_map"]) == (torch.float16, {"": "cuda:1"})


@pytest.mark.gpu
def test_answers_in_fp16_on_a_gpu_are_close(tiny_paligemma, images):
    questions, choices = zip(*ASKED, strict=True)
    exact = load_paligemma(tiny_paligemma, device="cpu").answer(images, questions, choices)
    rough = load_paligemma(tiny_paligemma, device="cuda", precision="fp16").answer(images, questions, choices)
    for row, other in zip(exact, rough, strict=True):
        assert other == pytest.approx(row, abs=0.02)


def test_a_missing_model_says_where_and_how(tmp_path):
    with pytest.raises(
        MissingInputError, match=r"^VQA judge: no PaliGemma can be loaded from .*hf download google/"
    ):
        load_paligemma(tmp_path, device="cpu")


def test_an_incomplete_model_is_refused(tmp_path, processor, model):
    state = {name: value for name, value in model.state_dict().items() if "multi_modal_projector" not in name}
    PaliGemmaForConditionalGeneration.save_pretrained(model, tmp_path, state_dict=state)
    processor.save_pretrained(tmp_path)
    with pytest.raises(
        MissingInputError, match=r"^VQA judge: .* lacks 2 weights, such as model\.multi_modal"
    ):
        load_paligemma(tmp_path, device="cpu")


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_weights_say_where_and_how_to_get_them_anew(tiny_paligemma, tmp_path, damage):
    folder = copy_damaged(tiny_paligemma, tmp_path / "paligemma", damage)
    with pytest.raises(
        InputError,
        match=rf"^VQA judge: the weights in {folder} are damaged, .*'hf download --force-download google/",
    ):
        load_paligemma(folder, device="cpu")


def test_a_weight_of_another_shape_is_named(tiny_paligemma, tmp_path):
    name = next(name for name in load_file(tiny_paligemma / "model.safetensors") if "linear.weight" in name)
    folder = copy_reshaped(tiny_paligemma, tmp_path / "paligemma", name)
    with pytest.raises(
        InputError,
        match=rf"^VQA judge: {folder} has .*linear\.weight of shape \(7, 5\), and its config\.json asks for "
        r"\(32, 16\); fetch it again",
    ):
        load_paligemma(folder, device="cpu")
