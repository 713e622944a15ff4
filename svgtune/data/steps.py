"""The steps between a source and a shard, as datatrove blocks: each keeps a candidate or drops it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeAlias

import cv2
import numpy as np
from datatrove.pipeline.base import PipelineStep
from lxml import etree

from svgtune.assets import find_asset
from svgtune.config.form import NormalForm
from svgtune.config.prepare import Filters, RenderLimits
from svgtune.data.dedup import Signature, sign_picture
from svgtune.data.sources.base import Source, caption_key, read_items
from svgtune.data.split import read_stated_split
from svgtune.errors import MissingInputError, SvgError
from svgtune.records import Drop, Sample
from svgtune.render.pool import RenderPool
from svgtune.svg.canonical import canonical_svg
from svgtune.svg.constraints import check_svg
from svgtune.svg.parse import parse_svg

MAX_KEPT_ASIDE_CHARS = 20_000
ONE_COLOUR_TOLERANCE = 6  # of 255, in each channel

_SVG_NAMESPACE = "{http://www.w3.org/2000/svg}"


@dataclass(slots=True)
class Candidate:
    """A sample on its way, and what the steps have found out about it.

    Attributes:
        sample: Holds the drawing in normal form as soon as that is made.
        original: The drawing as it was collected; empty where we drew it ourselves and nothing is compared.
        image: uint8 [384, 384, 3], between the render step and the signature.
        difference: Mean absolute difference of 255 to the original's picture; None where it is not compared.
        tokens: Tokens of the drawing; None where they are not counted.
    """

    sample: Sample
    original: str = ""
    image: np.ndarray | None = None
    difference: float | None = None
    tokens: int | None = None
    signature: Signature | None = None

    def drop(self, reason: str, detail: str) -> Dropped:
        """Returns this candidate as one that a step refused."""
        sample = self.sample
        record = Drop(sample.id, reason, detail, sample.source, sample.origin)
        return Dropped(record, sample.caption, (self.original or sample.svg)[:MAX_KEPT_ASIDE_CHARS])


@dataclass(frozen=True, slots=True)
class Dropped:
    """A drop with what is kept aside of it; the drawing is cut off at ``MAX_KEPT_ASIDE_CHARS``."""

    record: Drop
    caption: str = ""
    svg: str = ""


Item: TypeAlias = Candidate | Dropped


@dataclass(frozen=True, slots=True)
class Task:
    """What one rank of the executor reads: a part of a source."""

    source: int
    part: int
    parts: int


class ReadSource(PipelineStep):
    """Reads the part of a source that belongs to the rank."""

    type = "read"
    name = "source"

    def __init__(self, sources: Sequence[Source], tasks: Sequence[Task]) -> None:
        super().__init__()
        self.sources = tuple(sources)
        self.tasks = tuple(tasks)

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> Iterator[Item]:
        """Yields the rank's candidates; what the source itself could not read is dropped here."""
        task = self.tasks[rank]
        source = self.sources[task.source]
        for item in read_items(source, task.part, task.parts):
            self.stat_update("collected")
            if isinstance(item, Drop):
                yield Dropped(item)
            else:
                yield Candidate(item, original=item.svg if source.is_foreign else "")


class CandidateStep(PipelineStep):
    """A step over batches of candidates; what is dropped already passes by in its place."""

    type = "step"
    batch_rows = 64

    def open(self) -> AbstractContextManager[Any]:
        """Returns what must be held while the rank runs."""
        return nullcontext()

    def process(self, batch: list[Candidate]) -> list[Item]:
        """Returns one item for each candidate, in order."""
        raise NotImplementedError

    def run(self, data: Any = None, rank: int = 0, world_size: int = 1) -> Iterator[Item]:
        """Processes the stream batch by batch."""
        stream = iter(data)
        with self.open():
            while items := list(islice(stream, self.batch_rows)):
                with self.track_time("batch"):
                    done = iter(self.process([item for item in items if isinstance(item, Candidate)]))
                for item in items:
                    result = next(done) if isinstance(item, Candidate) else item
                    if isinstance(result, Dropped) and isinstance(item, Candidate):
                        self.stat_update(f"dropped_{result.record.reason}")
                    yield result


class NormaliseDrawing(CandidateStep):
    """Brings drawings into normal form and checks the result against the rules."""

    name = "normal form"

    def __init__(self, form: NormalForm) -> None:
        super().__init__()
        self.form = form

    def process(self, batch: list[Candidate]) -> list[Item]:
        """Returns candidates in normal form, and drops what cannot be brought there without a loss."""
        return [self._normalise(candidate) for candidate in batch]

    def _normalise(self, candidate: Candidate) -> Item:
        try:
            canonical = canonical_svg(candidate.sample.svg, self.form)
            violations = [] if canonical.lost else check_svg(canonical.svg, self.form.max_bytes)
        except SvgError as error:
            return candidate.drop(error.reason, str(error))
        except Exception as error:  # noqa: BLE001 (the per-sample boundary: a bug of ours costs one sample, counted)
            return candidate.drop("normal_form_error", f"{type(error).__name__}: {error}")
        if canonical.lost:
            return candidate.drop(
                canonical.lost[0], f"the normal form would lose: {', '.join(canonical.lost)}"
            )
        size = len(canonical.svg.encode())
        if size > self.form.max_bytes:
            return candidate.drop("over_byte_limit", f"{size:,} bytes, over {self.form.max_bytes:,}")
        if violations:
            return candidate.drop("breaks_rules", "; ".join(map(str, violations[:5])))
        candidate.sample = replace(candidate.sample, svg=canonical.svg)
        return candidate


class FilterText(CandidateStep):
    """Drops captions that say nothing and drawings with too many tokens; comes before rendering."""

    name = "captions and tokens"

    def __init__(self, filters: Filters) -> None:
        super().__init__()
        self.filters = filters
        self._tokenizer: Any = None
        if filters.tokenizer is not None:
            load_tokenizer(filters)

    def open(self) -> AbstractContextManager[Any]:
        """Loads the tokenizer in the worker."""
        if self.filters.tokenizer is not None:
            self._tokenizer = load_tokenizer(self.filters)
        return nullcontext()

    def process(self, batch: list[Candidate]) -> list[Item]:
        """Returns candidates with their token count, and drops the others."""
        return [self._filter(candidate) for candidate in batch]

    def _filter(self, candidate: Candidate) -> Item:
        problem = check_caption(candidate.sample.caption, self.filters)
        if problem is not None:
            return candidate.drop(*problem)
        try:
            read_stated_split(candidate.sample)
        except ValueError as error:
            return candidate.drop("bad_split_name", str(error))
        if self._tokenizer is not None:
            candidate.tokens = len(self._tokenizer.encode(candidate.sample.svg).ids)
            if self.filters.max_tokens is not None and candidate.tokens > self.filters.max_tokens:
                return candidate.drop(
                    "over_token_limit", f"{candidate.tokens} tokens, over {self.filters.max_tokens}"
                )
        return candidate


def load_tokenizer(filters: Filters) -> Any:
    """Loads ``tokenizer.json`` without torch or transformers.

    Raises:
        MissingInputError: It is not there.
    """
    from tokenizers import Tokenizer

    path = find_asset(filters.tokenizer or "")
    path = path / "tokenizer.json" if path.is_dir() else path
    if not path.is_file():
        raise MissingInputError(
            f"{path}: there is no tokenizer; give a folder with a tokenizer.json in filters.tokenizer"
        )
    return Tokenizer.from_file(str(path))


def check_caption(caption: str, filters: Filters) -> tuple[str, str] | None:
    """Returns reason and detail of what is wrong with a caption; None where it is good."""
    letters = len(caption_key(caption).replace(" ", ""))
    if letters < filters.min_caption_chars:
        return (
            "caption_too_short",
            f"{caption!r} has {letters} letters, fewer than {filters.min_caption_chars}",
        )
    if len(caption) > filters.max_caption_chars:
        return (
            "caption_too_long",
            f"{len(caption)} characters, over {filters.max_caption_chars}: {caption[:60]!r}...",
        )
    for pattern in filters.boilerplate:
        if re.fullmatch(pattern, caption, re.IGNORECASE):
            return "caption_boilerplate", f"{caption!r} says nothing about the picture"
    return None


_pools: dict[RenderLimits, RenderPool] = {}


def share_pool(limits: RenderLimits) -> RenderPool:
    """Returns this process's pool of one render worker; ranks share it, for a start takes half a second."""
    if limits not in _pools:
        _pools[limits] = RenderPool(1, timeout_s=limits.timeout_s, memory_mib=limits.memory_mib)
    return _pools[limits]


def close_pools() -> None:
    """Ends this process's render workers; those of other processes end with them."""
    while _pools:
        _pools.popitem()[1].close()


class RenderDrawing(CandidateStep):
    """Draws every candidate, and its original beside it where the two are to be compared."""

    name = "render"

    def __init__(self, form: NormalForm, limits: RenderLimits, compare: bool) -> None:
        super().__init__()
        self.form = form
        self.limits = limits
        self.compare = compare
        self.batch_rows = limits.chunk_rows

    def process(self, batch: list[Candidate]) -> list[Item]:
        """Returns candidates with their picture, and drops what cannot be drawn."""
        pool = share_pool(self.limits)
        references = [self._reference(candidate) for candidate in batch]
        pictures = pool.render([candidate.sample.svg for candidate in batch])
        originals = iter(pool.render([text for text in references if isinstance(text, str)]))
        results: list[Item] = []
        for candidate, reference, picture in zip(batch, references, pictures, strict=True):
            original = next(originals) if isinstance(reference, str) else None
            if isinstance(reference, Dropped):
                results.append(reference)
            elif picture.image is None:
                results.append(candidate.drop(picture.reason or "render_error", picture.detail))
            elif original is not None and original.image is None:
                results.append(
                    candidate.drop(original.reason or "render_error", f"original: {original.detail}")
                )
            else:
                candidate.image = picture.image
                if original is not None:
                    candidate.difference = compare_pictures(picture.image, original.image)
                results.append(candidate)
        return results

    def _reference(self, candidate: Candidate) -> str | Dropped | None:
        if not self.compare or not candidate.original:
            return None
        try:
            return build_reference(candidate.original, self.form)
        except (SvgError, ValueError) as error:
            return candidate.drop("not_comparable", f"the original cannot be framed: {error}")


def build_reference(original: str, form: NormalForm) -> str:
    """Returns the original set up to be drawn as the normal form frames it: square, on the same background.

    The drawing itself is not touched. Without this the judge's renderer would paint the background black and
    stretch a drawing that is not square.
    """
    root = parse_svg(original, skip_doctype=True)
    view_box = [float(number) for number in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if number]
    if len(view_box) != 4:
        view_box = [0, 0, _read_length(root.get("width")), _read_length(root.get("height"))]
    x, y, width, height = view_box
    side = max(width, height)
    for name in ("width", "height"):
        root.set(name, str(form.width_px or form.canvas))
    root.set("viewBox", f"{x:g} {y:g} {width:g} {height:g}")
    root.attrib.pop("preserveAspectRatio", "")
    # A style sheet or an inherited paint of the original must not reach it.
    paint = {"fill": form.background, "stroke": "none", "opacity": "1", "fill-opacity": "1"}
    style = ";".join(f"{name}:{value}!important" for name, value in paint.items())

    def build_cover(left: float, top: float) -> etree._Element:
        size = f"{3 * side:g}"
        place = {"x": f"{left:g}", "y": f"{top:g}", "width": size, "height": size}
        return etree.Element(f"{_SVG_NAMESPACE}rect", {**place, "fill": form.background, "style": style})

    root.insert(0, build_cover(x - side, y - side))
    # What the original's own canvas cuts off must not show in the bars beside it.
    if width < height:
        root.extend([build_cover(x - 3 * side, y - side), build_cover(x + width, y - side)])
    elif height < width:
        root.extend([build_cover(x - side, y - 3 * side), build_cover(x - side, y + height)])
    return etree.tostring(root, encoding="unicode")


def _read_length(text: str | None) -> float:
    match = re.match(r"\s*([0-9.]+(?:e[-+]?\d+)?)", text or "", re.IGNORECASE)
    return float(match[1]) if match and not (text or "").strip().endswith("%") else 100.0


def compare_pictures(one: np.ndarray, other: np.ndarray | None) -> float:
    """Returns the mean absolute difference of two pictures, from 0 to 255."""
    return float(cv2.absdiff(one, other).mean())


class FilterPicture(CandidateStep):
    """Drops pictures with nothing on them or that differ from the original, and signs the others."""

    name = "pictures"

    def __init__(self, filters: Filters) -> None:
        super().__init__()
        self.filters = filters

    def process(self, batch: list[Candidate]) -> list[Item]:
        """Returns candidates with a signature in the place of their picture."""
        return [self._filter(candidate) for candidate in batch]

    def _filter(self, candidate: Candidate) -> Item:
        image, limit = candidate.image, self.filters.max_difference
        if image is None:
            raise ValueError("FilterPicture: the candidate has no picture; put RenderDrawing before it")
        if limit is not None and candidate.difference is not None and candidate.difference > limit:
            detail = f"mean difference {candidate.difference:.2f} of 255, over {limit:g}"
            return candidate.drop("changed_by_normal_form", detail)
        share = measure_one_colour(image)
        if share == 1.0:
            return candidate.drop("blank", "the whole picture has one colour")
        if share > self.filters.max_one_colour_share:
            return candidate.drop("nearly_one_colour", f"{share:.2%} of the picture has one colour")
        candidate.signature = sign_picture(image, candidate.sample.svg)
        candidate.image = None
        return candidate


def measure_one_colour(image: np.ndarray) -> float:
    """Returns the share of pixels within a hair of the most frequent colour, between 0 and 1."""
    # A regular sample of pixels finds the colour that covers nearly everything.
    few = image[::8, ::8].astype(np.uint32)
    colours, counts = np.unique(few[..., 0] << 16 | few[..., 1] << 8 | few[..., 2], return_counts=True)
    common = int(colours[counts.argmax()])
    channels = [common >> 16, common >> 8 & 255, common & 255]
    low = np.array([max(c - ONE_COLOUR_TOLERANCE, 0) for c in channels], np.float64)
    high = np.array([min(c + ONE_COLOUR_TOLERANCE, 255) for c in channels], np.float64)
    return cv2.countNonZero(cv2.inRange(image, low, high)) / (image.shape[0] * image.shape[1])
