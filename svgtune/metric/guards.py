"""Guards against drawings that please a judge without showing the caption.

Each looks for one way of cheating that was seen in published reinforcement runs: a zoomed canvas, collapse to
short or growth to long answers, letters, detail that only one view shows, one drawing for every caption. What
is not strictly valid, ``<text>`` among it, never gets as far as a judge.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from svgtune.config.form import NormalForm
from svgtune.config.guards import GuardSection
from svgtune.errors import SvgError
from svgtune.metric.defence import halve
from svgtune.metric.judges import Judges
from svgtune.metric.scorer import Entry, find_vqa
from svgtune.records import Sample
from svgtune.svg.canonical import canonical_svg, write_head

_SAME = 24  # levels by which a pixel may differ from the commonest colour and still be no ink
_AROUND_PX = 15  # of half the render's size
_FAINT = 24  # levels of 255
_FAINT_GAIN = 80
_SHADES = np.maximum(0, 255 - _FAINT_GAIN * np.arange(256)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Flag:
    """One limit that a drawing breaks.

    Attributes:
        guard: Name of the limit in ``GuardSection``.
        detail: A sentence for a person.
    """

    guard: str
    detail: str


class Guards:
    """Checks drawings against limits.

    Args:
        limits: Which guards are on.
        form: The normal form that the model writes.
        judges: Of the questions and of text; only the guards that look through them need them.

    Raises:
        ValueError: A guard that needs judges is on and there are none.
    """

    def __init__(self, limits: GuardSection, form: NormalForm, judges: Judges | None = None) -> None:
        if judges is None and (limits.max_characters is not None or limits.max_view_gap is not None):
            raise ValueError(
                "guards: max_characters and max_view_gap need judges; give them, or set both to null"
            )
        self._limits = limits
        self._form = form
        self._judges = judges

    def check_text(self, svg: str) -> list[Flag]:
        """Checks a strictly valid drawing as text: canvas, length, padding."""
        limits, size = self._limits, len(svg.encode())
        flags = []
        if limits.fixed_canvas and not svg.startswith(write_head(self._form)):
            flags.append(Flag("fixed_canvas", f"begins with {svg[:100]!r}, not {write_head(self._form)!r}"))
        if limits.min_bytes is not None and size < limits.min_bytes:
            flags.append(Flag("min_bytes", f"has {size} bytes, under {limits.min_bytes}"))
        if limits.max_bytes is not None and size > limits.max_bytes:
            flags.append(Flag("max_bytes", f"has {size} bytes, over {limits.max_bytes}"))
        if limits.max_padding is not None:
            try:
                short = len(canonical_svg(svg, self._form).svg.encode())
            except SvgError as error:
                flags.append(Flag("max_padding", f"has no normal form: {error}"))
            else:
                if size > short * limits.max_padding:
                    flags.append(Flag("max_padding", f"has {size} bytes, its normal form {short}"))
        return flags

    def check_picture(self, image: np.ndarray) -> list[Flag]:
        """Checks a render, uint8 of shape [height, width, 3], for enough visible ink."""
        share = float(find_ink(image).mean())
        if self._limits.min_ink is None or share >= self._limits.min_ink:
            return []
        return [Flag("min_ink", f"paints {share:.2%} of the picture, under {self._limits.min_ink:.2%}")]

    def check_repeats(self, prompts: Sequence[str], svgs: Sequence[str]) -> list[list[Flag]]:
        """Checks drawings against each other: the same one for many captions shows none of them."""
        captions: defaultdict[str, set[str]] = defaultdict(set)
        for prompt, svg in zip(prompts, svgs, strict=True):
            captions[svg].add(prompt)
        most = self._limits.max_repeats
        return [
            [Flag("max_repeats", f"was drawn for {len(captions[svg])} captions, over {most}")]
            if most is not None and len(captions[svg]) > most
            else []
            for svg in svgs
        ]

    def check_reading(
        self, ids: Sequence[str], images: Sequence[np.ndarray], characters: Sequence[int]
    ) -> list[list[Flag]]:
        """Checks for text that was read in the drawing, or can be read in what of it is faint.

        Args:
            ids: Of the drawings.
            images: Their renders.
            characters: What was read in them as they are, as ``Score.characters``.
        """
        most = self._limits.max_characters
        if most is None or self._judges is None:
            return [[] for _ in images]
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
            shown = [Image.fromarray(faint) for faint in threads.map(show_faint, images)]
        faint = self._judges.count_characters(ids, shown)
        return [
            [Flag("max_characters", f"{max(pair)} characters can be read in it, over {most}")]
            if max(pair) > most
            else []
            for pair in zip(characters, faint, strict=True)
        ]

    def check_views(
        self, samples: Sequence[Sample | Entry], images: Sequence[np.ndarray], vqa: Sequence[float]
    ) -> list[list[Flag]]:
        """Checks that the questions are answered alike on the plain render.

        Args:
            samples: With questions.
            images: Their renders.
            vqa: What they got for the defended render, as ``Score.vqa``.
        """
        most = self._limits.max_view_gap
        if most is None or self._judges is None:
            return [[] for _ in images]
        # One object a drawing: judges look once at what they are asked several questions about.
        pictures = [Image.fromarray(image) for image in images]
        asked = [
            (sample, picture, question)
            for sample, picture in zip(samples, pictures, strict=True)
            for question in sample.questions
        ]
        answers = iter(
            self._judges.answer(
                [sample.id for sample, _, _ in asked],
                [picture for _, picture, _ in asked],
                [question.text for _, _, question in asked],
                [question.choices for _, _, question in asked],
            )
        )
        flags: list[list[Flag]] = []
        for sample, defended in zip(samples, vqa, strict=True):
            plain = find_vqa(sample.questions, [next(answers) for _ in sample.questions])
            gap = abs(plain - defended)
            detail = f"gets {plain:.2f} as it is and {defended:.2f} through the defences, over {most} apart"
            flags.append([Flag("max_view_gap", detail)] if gap > most else [])
        return flags


def find_ink(image: np.ndarray) -> np.ndarray:
    """Finds the pixels that are not of the commonest colour; bool of shape [height, width]."""
    coarse = (image >> 4).astype(np.uint16)
    codes = (coarse[..., 0] << 8) | (coarse[..., 1] << 4) | coarse[..., 2]
    counts = np.bincount(codes.ravel())
    most = counts.argmax()
    # OpenCV multiplies by the inverse of the count, which may miss a whole number by a hair.
    total = np.round(np.array(cv2.mean(image, (codes == most).view(np.uint8))[:3]) * counts[most])
    commonest = total / counts[most]
    return cv2.inRange(image, np.ceil(commonest - _SAME), np.floor(commonest + _SAME)) == 0


def show_faint(image: np.ndarray) -> np.ndarray:
    """Turns what stands off its surroundings by a few levels only dark on white, at half the size.

    Measured on 60 held-out scenes with the letters of ``svgtune.metric.cheats`` 3, 4 and 17 levels off a grey
    card: the embedded reader, searching at 160 px, finds them in 98 to 100 % of what this shows, and in 77 to
    95 % where they are drawn half as thick; with a gain of 20 instead of 80 in 37, 53 and 100 %, and in 8, 18
    and 92 %. Of 400 scenes without letters, .5 % are taken to have some.
    """
    half = halve(image)
    around = cv2.medianBlur(half, _AROUND_PX)
    off = cv2.threshold(cv2.absdiff(half, around), _FAINT, 0, cv2.THRESH_TOZERO_INV)[1]
    strongest = cv2.max(cv2.max(off[..., 0], off[..., 1]), off[..., 2])
    return cv2.LUT(cv2.merge([strongest] * 3), _SHADES)
