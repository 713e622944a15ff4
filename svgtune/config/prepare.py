"""The recipe of ``data_prep/prepare.py``: where drawings come from, what is kept, how it is split."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator, model_validator

from svgtune.config.base import Section
from svgtune.config.form import NormalForm
from svgtune.config.scenes import ScenesOptions

TRAIN_SPLIT = "train"

_PACKAGE_NAME = re.compile(r"(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*")
_EXACT_VERSION = re.compile(r"\d+\.\d+\.\d+[0-9A-Za-z.+-]*")
_SPLIT_NAME = re.compile(r"[a-z][a-z0-9_]*")

DEFAULT_BOILERPLATE = (
    r"(untitled|unnamed|unknown|none|null|n/?a|todo|test|lorem ipsum.*)",
    r"(icon|image|img|vector|layer|group|shape|path|svg|file|drawing|asset|artboard|frame)s?[ _#-]*\d*",
    r"[\W\d_]+",
    r"(u\+?)?[0-9a-f]{4,6}([ _-][0-9a-f]{4,6})*",
    r".*https?://.*",
)


def _check_patterns(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    return patterns


Patterns = Annotated[tuple[str, ...], AfterValidator(_check_patterns)]


class FileNameCaptions(Section):
    """Captions from file names: ``red-fox_2.svg`` becomes ``red fox``.

    Attributes:
        remove: Regular expressions whose matches are cut from the name first, such as a size or style suffix.
    """

    kind: Literal["file_names"] = "file_names"
    remove: Patterns = ()


class CodePointCaptions(Section):
    """Captions from file names that are Unicode code points: ``1f98a.svg`` becomes ``fox face``."""

    kind: Literal["code_points"]


class TableCaptions(Section):
    """Captions from a CSV, JSON or JSONL file with one row for each drawing.

    Attributes:
        file: Path of the table; inside the package for ``npm``, else as written or relative to the folder.
        key: Column that names the drawing: its path inside the folder, its file name, or its stem.
        caption: Template of column names, such as ``{annotation}``.
        family: Columns of which the first that is not empty names the family; none: made from the caption.
        category: Column with the coarse subject group; None: left empty.
        licence: Column with the licence; None: the source's.
        facts: Columns that go into the sample's facts as they are.
    """

    kind: Literal["table"]
    file: str
    key: str = "file"
    caption: str = "{caption}"
    family: tuple[str, ...] = ()
    category: str | None = None
    licence: str | None = None
    facts: tuple[str, ...] = ()


class MetadataCaptions(Section):
    """Captions from a JSON file in the drawing's folder or in one above it.

    Attributes:
        file: Name of the JSON file, such as ``metadata.json``.
        caption: Template of its keys, such as ``{cldr}``.
        category: Key with the coarse subject group; None: left empty.
    """

    kind: Literal["metadata"]
    file: str = "metadata.json"
    caption: str = "{cldr}"
    category: str | None = None


Captions = Annotated[
    FileNameCaptions | CodePointCaptions | TableCaptions | MetadataCaptions, Field(discriminator="kind")
]


class ScenesSource(Section):
    """Drawings made by the procedural scene generator.

    Attributes:
        name: What the samples are counted under.
        count: Scenes to draw.
        seed: Another seed draws other scenes.
        options: Which scenes are drawn.
    """

    kind: Literal["scenes"] = "scenes"
    name: str = "scenes"
    count: int = Field(default=4000, ge=1)
    seed: int = Field(default=0, ge=0)
    options: ScenesOptions = ScenesOptions()


class FolderSource(Section):
    """SVG files below a folder.

    Attributes:
        path: The folder.
        name: What the samples are counted under; empty takes the folder's name.
        pattern: Which files, by their path below the folder; ``*`` crosses folders.
        captions: Where the captions come from.
        category: Coarse subject group of all of them.
        licence: SPDX identifier that holds for all files; ``unknown`` where none is stated.
        max_file_bytes: Larger files are dropped without being read.
    """

    kind: Literal["folder"]
    path: Path
    name: str = ""
    pattern: str = "*.svg"
    captions: Captions = FileNameCaptions()
    licence: str = "unknown"
    category: str = ""
    max_file_bytes: int = Field(default=2_000_000, ge=1)


class NpmSource(Section):
    """SVG files of one package at one version, fetched by the npm client.

    Attributes:
        package: Name of the package, such as ``openmoji``.
        version: Exact version, such as ``15.1.0``.
        name: What the samples are counted under; empty takes ``package@version``.
        captions: Where the captions come from.
        category: Coarse subject group of all of them.
        max_file_bytes: Larger files are dropped without being read.
        max_files: A package with more wanted files is refused.
        timeout_s: How long the npm client may take.
        files: Patterns of the files inside the package, matched against the whole path.
        skip: Patterns of files that are left out.
        licence: None takes the one that package.json states.
        max_unpacked_mib: A package that unpacks to more is refused.
    """

    kind: Literal["npm"]
    package: str
    version: str
    name: str = ""
    files: tuple[str, ...] = ("*.svg",)
    skip: tuple[str, ...] = ()
    captions: Captions = FileNameCaptions()
    licence: str | None = None
    category: str = ""
    max_file_bytes: int = Field(default=2_000_000, ge=1)
    max_unpacked_mib: int = Field(default=2048, ge=1)
    max_files: int = Field(default=100_000, ge=1)
    timeout_s: float = Field(default=600, gt=0)

    @field_validator("package")
    @classmethod
    def _check_package(cls, package: str) -> str:
        if not _PACKAGE_NAME.fullmatch(package):
            raise ValueError(f"{package!r} is not an npm package name; addresses and tags are not taken")
        return package

    @field_validator("version", mode="before")
    @classmethod
    def _check_version(cls, version: object) -> object:
        if not isinstance(version, str) or not _EXACT_VERSION.fullmatch(version):
            raise ValueError(f"{version!r} is not an exact version; write it like '15.1.0'")
        return version


class HubColumns(Section):
    """Which column holds what; None: there is none."""

    caption: str = "caption"
    svg: str = "svg"
    licence: str | None = None
    category: str | None = None
    family: str | None = None
    id: str | None = None


class HubSource(Section):
    """Rows of a data set: an id that ``datasets.load_dataset`` takes, or a local table.

    Attributes:
        name: What the samples are counted under; empty takes the id or the file's name.
        subset: Configuration of the data set; None: its only one.
        split: Split of the data set that is read; not for local tables.
        revision: Commit or tag of the data set; None: the newest.
        columns: Which column holds what.
        max_rows: Read no more rows than these; None: all.
        path: Data set id, or a local ``.parquet``, ``.jsonl`` or ``.csv`` file, or a folder of parquet files.
        licence: What holds where the rows have no licence column.
    """

    kind: Literal["hub"]
    path: str
    name: str = ""
    subset: str | None = None
    split: str = "train"
    revision: str | None = None
    columns: HubColumns = HubColumns()
    licence: str = "unknown"
    max_rows: int | None = Field(default=None, ge=1)


def _source_kind(value: Any) -> str:
    """Returns the kind of a source section; ``scenes`` where none is written."""
    kind = value.get("kind", "scenes") if isinstance(value, dict) else getattr(value, "kind", "scenes")
    return str(kind)


SourceSection = Annotated[
    Annotated[ScenesSource, Tag("scenes")]
    | Annotated[FolderSource, Tag("folder")]
    | Annotated[NpmSource, Tag("npm")]
    | Annotated[HubSource, Tag("hub")],
    Discriminator(
        _source_kind,
        custom_error_type="source_kind",
        custom_error_message="its kind is none of scenes, folder, npm and hub",
    ),
]


class Filters(Section):
    """What a sample must be like to be kept.

    Attributes:
        min_caption_chars: Shorter captions are dropped, spaces and punctuation not counted.
        max_caption_chars: Longer captions are dropped; the competition's have at most 200.
        boilerplate: Regular expressions; a caption that one of them matches whole, any case, is dropped.
        max_tokens: Upper limit of the drawing's tokens; needs ``tokenizer``.
        tokenizer: Folder with a ``tokenizer.json``, or that file; None: tokens are not counted.
        max_one_colour_share: A picture with more of it within a hair of one colour is dropped.
        max_difference: Mean absolute difference (of 255) between the pictures of the normal form and of the
            original above which the sample is dropped; None: the original is not rendered. Our own scenes are
            never compared.
    """

    min_caption_chars: int = Field(default=3, ge=1)
    max_caption_chars: int = Field(default=200, ge=1)
    boilerplate: Patterns = DEFAULT_BOILERPLATE
    max_tokens: int | None = Field(default=None, ge=1)
    tokenizer: Path | None = None
    max_one_colour_share: float = Field(default=0.995, gt=0, le=1)
    max_difference: float | None = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _check_tokens(self) -> Filters:
        if self.max_tokens is not None and self.tokenizer is None:
            raise ValueError("max_tokens needs a tokenizer; set filters.tokenizer to its folder")
        return self


class Dedup(Section):
    """Which samples count as the same picture.

    Attributes:
        captions_per_picture: How many samples with different captions may share a picture.
        near: Whether pictures that only look the same are found too, not only identical drawings.
        max_bits: Largest Hamming distance of two 64-bit perceptual hashes (up to 3 are always found).
        max_mean_difference: Largest mean difference (of 255) of two 16 x 16 thumbnails.
        max_cell_difference: Largest difference (of 255) of one thumbnail cell's channel.
    """

    captions_per_picture: int = Field(default=1, ge=1)
    near: bool = True
    max_bits: int = Field(default=3, ge=0, le=16)
    max_mean_difference: float = Field(default=1.5, ge=0)
    max_cell_difference: int = Field(default=24, ge=0, le=255)


class Split(Section):
    """How families are dealt out; a sample that states its own split keeps it.

    Attributes:
        fractions: Share of the families for each split but ``train``, which gets the rest.
        seed: Another seed deals them out differently.
    """

    fractions: dict[str, float] = {"held_out": 0.05}
    seed: int = 0

    @field_validator("fractions")
    @classmethod
    def _check_fractions(cls, fractions: dict[str, float]) -> dict[str, float]:
        for name, share in fractions.items():
            if not _SPLIT_NAME.fullmatch(name) or name == TRAIN_SPLIT:
                raise ValueError(
                    f"{name!r} cannot name a split; use lower-case words such as held_out, not train"
                )
            if not 0 <= share < 1:
                raise ValueError(f"{name}: {share} is not a share from 0 to below 1")
        if sum(fractions.values()) >= 1:
            raise ValueError(f"{fractions} leaves nothing to train on; the sum must be below 1")
        return fractions


class RenderLimits(Section):
    """Limits of one drawing in the render pool.

    Attributes:
        timeout_s: Wall-clock time after which a drawing is dropped.
        memory_mib: Memory above which a drawing is dropped.
        chunk_rows: Drawings that are rendered in one go.
    """

    timeout_s: float = Field(default=2.0, gt=0)
    memory_mib: int = Field(default=512, ge=64)
    chunk_rows: int = Field(default=64, ge=1, le=1024)


class PrepareRecipe(Section):
    """Collects drawings and captions and writes training data.

    Attributes:
        source: One source; ``scenes`` where nothing is written.
        sources: Several sources, in order; instead of ``source``.
        normal_form: What the drawings are brought into.
        filters: What a sample must be like to be kept.
        dedup: Which samples count as the same picture.
        split: How the samples are dealt out.
        render: Limits of one drawing in the render pool.
        workers: Processes that work at the same time; None: one for each core.
        rows_per_task: Rows a worker does in one go; what is lost when the run is killed.
        shard_rows: Rows in one parquet file.
        sheet_drawings: Drawings on the contact sheet; 0: no sheet.
    """

    source: SourceSection | None = None
    sources: tuple[SourceSection, ...] = ()
    normal_form: NormalForm = NormalForm()
    filters: Filters = Filters()
    dedup: Dedup = Dedup()
    split: Split = Split()
    render: RenderLimits = RenderLimits()
    workers: int | None = Field(default=None, ge=1)
    rows_per_task: int = Field(default=1000, ge=1)
    shard_rows: int = Field(default=10_000, ge=1)
    sheet_drawings: int = Field(default=96, ge=0, le=1000)

    @model_validator(mode="after")
    def _check_sources(self) -> PrepareRecipe:
        if self.source is not None and self.sources:
            raise ValueError("source and sources are both written; keep one of them")
        return self

    def list_sources(self) -> tuple[SourceSection, ...]:
        """Returns the source sections to collect, in order; the scenes where none is written."""
        if self.sources:
            return self.sources
        return (self.source if self.source is not None else ScenesSource(),)
