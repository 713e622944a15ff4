"""The embedded judge of questions: which choice's statement fits the picture best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL.Image import Image

from svgtune.metric.embedded.calibration import Temperatures, find_yes, share_out
from svgtune.metric.embedded.statements import is_yes_no, state_choice
from svgtune.metric.inversion.network import PictureReader, Seen, shrink
from svgtune.metric.inversion.text import TextCache


class EmbeddedVqa:
    """Answers questions by a picture reader.

    Args:
        model: In evaluation mode.
        texts: Embeds statements, with the text model that the reader was trained with.
        temperatures: Fitted on held-out scenes.
        batch_size: Pictures that the model sees together.
        in_bf16: Whether the model computes in bf16.
    """

    def __init__(
        self,
        model: PictureReader,
        texts: TextCache,
        temperatures: Temperatures,
        *,
        batch_size: int = 32,
        in_bf16: bool = False,
    ) -> None:
        self._model = model
        self._texts = texts
        self._temperatures = temperatures
        self._batch_size = batch_size
        self._in_bf16 = in_bf16

    def answer(
        self, images: Sequence[Image], questions: Sequence[str], choices: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        """Returns, for each question, the probability of each of its choices; they sum to 1."""
        pictures = {id(image): image for image in images}
        places = {key: place for place, key in enumerate(pictures)}
        asked: list[list[int]] = [[] for _ in pictures]
        for number, image in enumerate(images):
            asked[places[id(image)]].append(number)
        statements = [_list_statements(*pair) for pair in zip(questions, choices, strict=True)]
        side = self._model.shape.image_px
        pixels = np.stack([shrink(np.asarray(image), side) for image in pictures.values()])
        wanted = [[text for number in numbers for text in statements[number]] for numbers in asked]
        with torch.autocast(self._model.place.device.type, torch.bfloat16, enabled=self._in_bf16):
            logits = fit_statements(self._model, self._texts, pixels, wanted, batch_size=self._batch_size)
        results: list[list[float]] = [[] for _ in images]
        for row, numbers in zip(logits, asked, strict=True):
            start = 0
            for number in numbers:
                end = start + len(statements[number])
                results[number] = self._share_out(row[start:end], questions[number], choices[number])
                start = end
        return results

    def _share_out(self, logits: np.ndarray, question: str, choices: Sequence[str]) -> list[float]:
        if not is_yes_no(list(choices)):
            return [float(p) for p in share_out(logits, self._temperatures.choices)]
        yes = find_yes(float(logits[0]), self._temperatures.yes_no)
        return [1 - yes if state_choice(question, choice).negated else yes for choice in choices]


def _list_statements(question: str, choices: Sequence[str]) -> list[str]:
    if is_yes_no(list(choices)):
        return [state_choice(question, "yes").text]
    return [state_choice(question, choice).text for choice in choices]


def fit_statements(
    model: PictureReader,
    texts: TextCache,
    pixels: np.ndarray,
    statements: Sequence[Sequence[str]],
    *,
    batch_size: int = 32,
) -> list[np.ndarray]:
    """Says how well each picture's statements fit it.

    Args:
        model: In evaluation mode.
        texts: Embeds the statements.
        pixels: uint8 of shape [pictures, side, side, 3], of the model's side.
        statements: For each picture, at least one.
        batch_size: Pictures that the model sees together.

    Returns:
        For each picture the log-odds of its statements against "none of them".
    """
    results: list[np.ndarray] = []
    texts.find_rows([text for row in statements for text in row])
    for start in range(0, len(pixels), batch_size):
        some = statements[start : start + batch_size]
        vectors = np.zeros((len(some), max(map(len, some)), model.text_width), np.float32)
        for row, own in enumerate(some):
            vectors[row, : len(own)] = texts.encode(own)
        with torch.inference_mode():
            seen = see_pictures(model, pixels[start : start + batch_size])
            device = seen.whole.device
            logits = model.fit(seen, torch.from_numpy(vectors).to(device)).cpu().numpy()
        results += [logits[row, : len(own)] for row, own in enumerate(some)]
    return results


def see_pictures(model: PictureReader, pixels: np.ndarray) -> Seen:
    """Encodes one batch of pictures, uint8 of shape [pictures, side, side, 3]."""
    device = next(model.parameters()).device
    with torch.inference_mode():
        return model.see(torch.from_numpy(np.ascontiguousarray(pixels)).to(device))
