"""The embedded judge of text in pictures: PP-OCRv4 by rapidocr-onnxruntime, on the CPU."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import compress
from typing import Any

import cv2
import numpy as np
from PIL.Image import Image

from svgtune.errors import MachineError
from svgtune.metric.text_gate.network import TextGate

PACKAGE = "rapidocr-onnxruntime"
_MIN_SURE = 0.5


class EmbeddedOcr:
    """Reads text. The package and its models are loaded at the first picture.

    Each picture is searched by itself in one thread, several pictures at a time: a batch of 8 falls out of
    the processor's caches and takes 1.8 times as much of its time, two threads in one picture 2.5 times.

    Args:
        search_px: Longer side of the pictures in which lines are searched; they are read at full size. The
            time of the search goes with its square.
        threads: Pictures that are read at the same time; None for one a core.
        gate: Says which pictures are worth it, nothing is read in the others; None searches all.
    """

    def __init__(
        self, *, search_px: int = 256, threads: int | None = None, gate: TextGate | None = None
    ) -> None:
        self._search_px = search_px
        self._gate = gate
        self._threads = threads or len(os.sched_getaffinity(0))
        self._engine: Any = None

    def read(self, images: Sequence[Image]) -> list[str]:
        """Returns the text of each picture: its lines from the top down, with nothing between them."""
        if self._engine is None:
            self._engine = _load_engine()
        wanted = [True] * len(images) if self._gate is None else self._gate.find(images)
        with ThreadPoolExecutor(self._threads) as threads:
            texts = threads.map(self._read_one, compress(images, wanted))
            return [next(texts) if each else "" for each in wanted]

    def _read_one(self, image: Image) -> str:
        pixels = np.asarray(image)
        return self._read_lines(pixels, self._find_lines(pixels))

    def _find_lines(self, pixels: np.ndarray) -> np.ndarray:
        """Returns the corners of a picture's lines, of shape [lines, 4, 2]."""
        detector = self._engine.text_det
        height, width = pixels.shape[:2]
        scale = self._search_px / max(height, width)
        size = (max(32, round(width * scale)), max(32, round(height * scale)))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        # The models were trained on OpenCV's order of channels.
        (found,) = detector.infer(detector.get_preprocess(self._search_px)(small[:, :, ::-1]))
        boxes, _ = detector.postprocess_op(found, (height, width))
        return detector.filter_tag_det_res(boxes, (height, width))

    def _read_lines(self, image: np.ndarray, boxes: np.ndarray) -> str:
        if not len(boxes):
            return ""
        pixels = np.ascontiguousarray(image[:, :, ::-1])
        crops = self._engine.get_crop_img_list(pixels, self._engine.sorted_boxes(boxes))
        lines, _ = self._engine.text_rec(crops, False)
        return "".join(text for text, sure in lines if float(sure) >= _MIN_SURE)


def _load_engine() -> Any:
    try:
        from rapidocr_onnxruntime import RapidOCR
    except ImportError as error:
        raise MachineError(
            f"OCR judge: {PACKAGE} is not installed or cannot be loaded ({error}); "
            f"pip install 'svgtune[judges]', then pip install --no-deps {PACKAGE}"
        ) from error
    return RapidOCR(
        use_cls=False,
        # By default the package enlarges pictures to 736 px for the search.
        det_limit_side_len=32,
        det_limit_type="min",
        # One line at a time needs no filling up to a common width, 320 px by default. With less, what is no
        # text takes .4 of the time; of 205 such, 2.4 % were read as more than four characters, before 2.9 %.
        rec_batch_num=1,
        rec_img_shape=[3, 48, 96],
        intra_op_num_threads=1,
        inter_op_num_threads=1,
    )
