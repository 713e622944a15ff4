"""PaliGemma as the judge of questions and the reader of text."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from PIL.Image import Image
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    PaliGemmaForConditionalGeneration,
    PaliGemmaProcessor,
)

from svgtune.errors import InputError, MissingInputError
from svgtune.metric.competition.damage import check_loaded, explain_damage
from svgtune.metric.competition.precision import Precision, choose_precision, find_device, list_load_options
from svgtune.metric.competition.weights import find_weights, first_line

DEFAULT_SOURCE = "google/paligemma2-10b-mix-448"
OCR_PROMPT = "<image>ocr\n"
OCR_TOKENS = 32
_LETTERS = string.ascii_uppercase


def build_prompt(question: str, choices: Sequence[str]) -> str:
    """Returns the words of a question, byte for byte the competition's.

    Raises:
        InputError: There are more choices than letters.
    """
    if len(choices) > len(_LETTERS):
        raise InputError(f"question {question!r}: has {len(choices)} choices; give at most {len(_LETTERS)}")
    lines = "".join(f"{letter}. {choice}\n" for letter, choice in zip(_LETTERS, choices, strict=False))
    return f"<image>answer en Question: {question}\nChoices:\n{lines}"


class PaliGemmaJudge:
    """Answers questions by the letter that the model would write next, and reads text greedily.

    Args:
        model: In evaluation mode.
        processor: With images prepared by PIL, as at the competition.
        batch_size: Pictures with one prompt each that the model sees together; the competition took 4. The
            numbers do not depend on it beyond rounding.
        logit_cap: Bends logits as Gemma 2's own head does, ``cap * tanh(logit / cap)``; None takes them as
            the model returns them. See ``load_paligemma``.
    """

    def __init__(
        self,
        model: PaliGemmaForConditionalGeneration,
        processor: PaliGemmaProcessor,
        *,
        batch_size: int = 4,
        logit_cap: float | None = None,
    ) -> None:
        self._model = model
        self._processor = processor
        self._batch_size = batch_size
        self._logit_cap = logit_cap
        self._letter_tokens = _find_letter_tokens(processor.tokenizer)

    def answer(
        self, images: Sequence[Image], questions: Sequence[str], choices: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        """Returns, for each question, the probability of each of its choices; they add up to 1."""
        prompts = [build_prompt(*pair) for pair in zip(questions, choices, strict=True)]
        results = []
        for some_images, some_prompts, some_choices in self._split(images, prompts, choices):
            logits = self._find_next_logits(some_images, some_prompts)
            results += [self._weigh(row, len(own)) for row, own in zip(logits, some_choices, strict=True)]
        return results

    def read(self, images: Sequence[Image]) -> list[str]:
        """Returns the text that is read in each picture, white space included."""
        texts: list[str] = []
        for (some,) in self._split(images):
            inputs = self._encode(some, [OCR_PROMPT] * len(some))
            with torch.inference_mode():
                tokens = self._model.generate(
                    **inputs, max_new_tokens=OCR_TOKENS, do_sample=False, num_beams=1
                )
            new = tokens[:, inputs["input_ids"].shape[1] :]
            texts += self._processor.tokenizer.batch_decode(new, skip_special_tokens=True)
        return texts

    def _find_next_logits(self, images: Sequence[Image], prompts: Sequence[str]) -> torch.Tensor:
        """Returns what follows each prompt, float32 of shape [prompts, vocabulary]."""
        inputs = self._encode(images, prompts)
        # The model would count padding too. Its positions are relative, so that this changes rounding only,
        # but it makes a prompt's numbers those that it has alone.
        positions = inputs["attention_mask"].cumsum(-1).clamp(min=1)
        with torch.inference_mode():
            output = self._model(**inputs, position_ids=positions, logits_to_keep=1, use_cache=False)
        logits = output.logits[:, -1].float()
        if self._logit_cap is not None:
            logits = self._logit_cap * torch.tanh(logits / self._logit_cap)
        return logits

    def _weigh(self, logits: torch.Tensor, count: int) -> list[float]:
        """Returns the share of each of the first letters, written with and without a space before it."""
        tokens = torch.tensor(self._letter_tokens[:count], device=logits.device)
        shares = torch.softmax(logits[tokens].flatten(), dim=0).reshape(count, 2).sum(dim=1)
        return (shares / shares.sum()).tolist()

    def _encode(self, images: Sequence[Image], prompts: Sequence[str]) -> dict[str, torch.Tensor]:
        inputs = self._processor(
            images=list(images),
            text=list(prompts),
            return_tensors="pt",
            padding="longest",
            padding_side="left",  # the last position must be each prompt's own last token
        )
        # Labels would cost a loss over all positions. Without token types, attention would be causal.
        names = ("input_ids", "attention_mask", "token_type_ids")
        encoded = {name: inputs[name].to(self._model.device) for name in names}
        encoded["pixel_values"] = inputs["pixel_values"].to(self._model.device, self._model.dtype)
        return encoded

    def _split(self, *columns: Sequence[Any]) -> Iterator[tuple[Sequence[Any], ...]]:
        for start in range(0, len(columns[0]), self._batch_size):
            yield tuple(column[start : start + self._batch_size] for column in columns)


def load_paligemma(
    source: str | Path = DEFAULT_SOURCE,
    *,
    device: str = "auto",
    precision: Precision = "auto",
    batch_size: int = 4,
    cap_logits: bool = True,
) -> PaliGemmaJudge:
    """Loads a PaliGemma 1 or 2.

    Gemma 2's own head bends logits. PaliGemma 2 did so too in the transformers of the competition's time
    (before 4.52), and does not any more; so the judge does it here.

    Args:
        source: As ``find_weights`` takes it.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        precision: See ``choose_precision``.
        batch_size: As of ``PaliGemmaJudge``.
        cap_logits: Whether to bend logits as the model's configuration says; False takes them as today's
            transformers returns them.

    Raises:
        MissingInputError: The model is not there, or not complete.
        InputError: Its weights are damaged, or of another shape than its configuration says.
        MachineError: This machine cannot run it as asked.
    """
    where = find_weights(source)
    device = find_device(device)
    options = list_load_options(choose_precision(precision, device), device)
    # Gemma 2 bends attention scores as well, which sdpa does not compute.
    options["attn_implementation"] = {"text_config": "eager", "vision_config": "sdpa"}
    remedy = f"fetch it again with 'hf download --force-download {DEFAULT_SOURCE}' and give the folder"
    with explain_damage("VQA judge", where, remedy):
        try:
            model, report = PaliGemmaForConditionalGeneration.from_pretrained(
                where, output_loading_info=True, ignore_mismatched_sizes=True, **options
            )
            processor = PaliGemmaProcessor(
                AutoImageProcessor.from_pretrained(where, backend="pil"), AutoTokenizer.from_pretrained(where)
            )
        except (OSError, ValueError) as error:
            raise MissingInputError(
                f"VQA judge: no PaliGemma can be loaded from {where} ({first_line(error)}); accept its "
                f"licence, fetch it with 'hf download {DEFAULT_SOURCE}' and give the folder"
            ) from error
    check_loaded(report, "VQA judge", where, remedy)
    cap = getattr(model.config.get_text_config(), "final_logit_softcapping", None) if cap_logits else None
    return PaliGemmaJudge(model.eval(), processor, batch_size=batch_size, logit_cap=cap)


def _find_letter_tokens(tokenizer: Any) -> list[tuple[int, int]]:
    """Finds the first token of each letter, alone and after a space."""

    def find(text: str) -> int:
        return int(tokenizer.encode(text, add_special_tokens=False)[0])

    return [(find(letter), find(f" {letter}")) for letter in _LETTERS]
