"""The embedded judge of text in pictures: PP-OCRv4 by rapidocr-onnxruntime, on the CPU."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from PIL.Image import Image

from svgtune.errors import MachineError

PACKAGE = "rapidocr-onnxruntime"
_MIN_SURE = 0.5


class EmbeddedOcr:
    """Reads text. The package and its models are loaded at the first picture.

    Pictures of one size are searched for text together; each line that is found is read by itself, because
    lines that are read together are padded to the longest and would change each other's reading.

    Args:
        batch_size: Pictures that are searched together.
        search_px: Longer side of the pictures in which lines are searched; they are read at full size. The
            time of the search goes with its square.
        threads: Of the models' own; None for one a core.
    """

    def __init__(self, *, batch_size: int = 8, search_px: int = 256, threads: int | None = None) -> None:
        self._batch_size = batch_size
        self._search_px = search_px
        self._threads = threads or len(os.sched_getaffinity(0))
        self._engine: Any = None

    def read(self, images: Sequence[Image]) -> list[str]:
        """Returns the text of each picture: its lines from the top down, with nothing between them."""
        if self._engine is None:
            self._engine = _load_engine(self._threads)
        texts: list[str] = []
        for start in range(0, len(images), self._batch_size):
            # The models were trained on OpenCV's order of channels.
            some = [np.asarray(image)[:, :, ::-1] for image in images[start : start + self._batch_size]]
            if len({image.shape for image in some}) > 1:
                found = [boxes for image in some for boxes in self._find_lines(image[None])]
            else:
                found = self._find_lines(np.stack(some))
            texts += [self._read_lines(image, boxes) for image, boxes in zip(some, found, strict=True)]
        return texts

    def _find_lines(self, pixels: np.ndarray) -> list[np.ndarray]:
        """Returns the corners of each picture's lines, of shape [lines, 4, 2]."""
        detector = self._engine.text_det
        height, width = pixels.shape[1:3]
        prepare = detector.get_preprocess(self._search_px)
        scale = self._search_px / max(height, width)
        size = (max(32, round(width * scale)), max(32, round(height * scale)))
        small = [cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in pixels]
        maps = detector.infer(np.concatenate([prepare(image) for image in small]))[0]
        found = []
        for row in maps:
            boxes, _ = detector.postprocess_op(row[None], (height, width))
            found.append(detector.filter_tag_det_res(boxes, (height, width)))
        return found

    def _read_lines(self, image: np.ndarray, boxes: np.ndarray) -> str:
        if not len(boxes):
            return ""
        crops = self._engine.get_crop_img_list(np.ascontiguousarray(image), self._engine.sorted_boxes(boxes))
        lines, _ = self._engine.text_rec(crops, False)
        return "".join(text for text, sure in lines if float(sure) >= _MIN_SURE)


def _load_engine(threads: int) -> Any:
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
        rec_batch_num=1,
        intra_op_num_threads=threads,
        inter_op_num_threads=1,
    )
