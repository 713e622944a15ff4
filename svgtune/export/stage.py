"""The stage: an adapter in; a folder that others can load, its card, and perhaps its upload out."""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel, get_peft_model_state_dict
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from svgtune.assets import find_asset
from svgtune.config.export import ExportRecipe
from svgtune.errors import InputError, OutputExistsError
from svgtune.export.adapter import (
    Source,
    check_servable,
    copy_adapter,
    list_tokenizer_files,
    read_source,
)
from svgtune.export.agreement import check_agreement, compare_logits, draw_greedily, read_logits
from svgtune.export.card import find_licence, read_origin, write_export_card
from svgtune.export.hub import check_hub, check_hub_id, upload_to_hub
from svgtune.export.kaggle import (
    INSTANCE_FILE,
    MODEL_FILE,
    KaggleHandle,
    build_metadata,
    check_kaggle,
    find_hub_licence,
    find_kaggle_licence,
    read_handle,
    upload_to_kaggle,
    write_metadata,
)
from svgtune.export.merge import copy_sentencepiece, find_dtype, merge_adapter, save_merged
from svgtune.generate.chat import ChatEncoder
from svgtune.generate.loading import ModelChoice, attach_adapter
from svgtune.model.card import TRAITS_FILE, Traits, read_traits, write_traits
from svgtune.model.load import check_unquantised, load_base, load_tokenizer, read_dtype
from svgtune.runs import RECIPE_FILE, VERSIONS_FILE, check_output, open_run, write_json_atomic

logger = logging.getLogger(__name__)

REPORT_FILE = "export.json"
OWN_FILES = (RECIPE_FILE, "recipe.*.yaml", VERSIONS_FILE, REPORT_FILE, MODEL_FILE, INSTANCE_FILE)
"""What stays here when the folder is uploaded: notes of the run, and what Kaggle's command line reads."""


@dataclass(frozen=True, slots=True)
class Export:
    """What an export holds, and where it goes.

    Attributes:
        base: The base's portable name.
        licence: Of the weights; None where nobody knows it.
        place: Hub id or Kaggle handle; empty for an export that stays here.
        files: Bytes of each file that is, or would be, uploaded.
        checks: What was compared with the adapter on its base.
    """

    folder: str
    kind: str
    base: str
    licence: str | None
    place: str
    files: dict[str, int]
    checks: dict[str, Any]
    uploaded: bool = False

    @property
    def place_licence(self) -> str:
        """What the place calls the licence."""
        if self.place.count("/") == 3:
            return find_kaggle_licence(self.licence)
        return self.licence or "unknown"

    def __str__(self) -> str:
        checks = ", ".join(
            f"{name.replace('_', ' ')} {_format(value)}" for name, value in self.checks.items()
        )
        lines = [
            f"{self.folder}: {self.kind} for {self.base}; licence {self.licence or 'unknown'}",
            f"  checks: {checks or 'files only'}",
            *(f"  {size:>13,}  {name}" for name, size in self.files.items()),
            f"  {sum(self.files.values()):>13,}  bytes in {len(self.files)} files",
        ]
        if self.place:
            state = "uploaded to" if self.uploaded else "dry run: nothing was uploaded; it would go to"
            lines.append(f"  {state} {self.place} under the licence {self.place_licence}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an export goes: to Kaggle, to the hub, or nowhere."""

    kaggle: KaggleHandle | None = None
    hub: str = ""

    @property
    def name(self) -> str:
        return str(self.kaggle) if self.kaggle is not None else self.hub


def run(
    recipe: ExportRecipe,
    output: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    dry_run: bool = False,
) -> Export:
    """Makes an export, checks it, and uploads it where the recipe says so.

    ``output`` is then what PEFT, or transformers for merged weights, loads. With ``resume`` an export that is
    there, from a dry run or an upload that failed, is uploaded without being made again.

    Args:
        recipe: What to export, and where to.
        output: The export's folder.
        resume: Go on with what is there.
        overwrite: Delete what is there first.
        dry_run: Make and check the export, show what would be uploaded, and upload nothing.

    Raises:
        InputError: The adapter, its base, the handle or the licence cannot be used.
        UploadError: The upload could not begin or was refused; the export is in ``output`` all the same.
    """
    place = _find_place(recipe)
    if not dry_run:
        _check_place(place)
    source = read_source(recipe)
    licence = recipe.licence or find_licence(source.base, revision=recipe.revision)
    licence = None if licence is None else find_hub_licence(licence)
    if place.kaggle is not None:
        find_kaggle_licence(licence)  # before hours of work
    check_output(output, resume=resume, overwrite=overwrite)
    export = _read_export(output, recipe, source, licence, place) if resume else None
    if export is None:
        output = open_run(output, recipe, resume=resume, overwrite=overwrite)
        export = _make_export(recipe, source, output, licence, place)
        write_json_atomic(output / REPORT_FILE, asdict(export))
    if dry_run or not place.name:
        return export
    _upload(export, recipe, output, place)
    export = replace(export, uploaded=True)
    write_json_atomic(output / REPORT_FILE, asdict(export))
    return export


def _find_place(recipe: ExportRecipe) -> _Place:
    if recipe.kaggle is not None:
        return _Place(kaggle=read_handle(recipe.kaggle))
    return _Place(hub=check_hub_id(recipe.hub)) if recipe.hub is not None else _Place()


def _check_place(place: _Place) -> None:
    if place.kaggle is not None:
        check_kaggle()
    elif place.hub:
        check_hub()


def _read_export(
    output: Path, recipe: ExportRecipe, source: Source, licence: str | None, place: _Place
) -> Export | None:
    """Reads the export that is there; None where it was never finished."""
    try:
        export = Export(**json.loads((output / REPORT_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    now = (_name_kind(recipe), source.base_name, licence, place.name)
    then = (export.kind, export.base, export.licence, export.place)
    if now != then or _list_files(output) != export.files:
        raise OutputExistsError(
            f"{output}: holds another export, or one that was changed ({', '.join(map(str, then))}); make it "
            "again with --overwrite"
        )
    return export


def _name_kind(recipe: ExportRecipe) -> str:
    return "merged model" if recipe.merged else "adapter"


def _make_export(
    recipe: ExportRecipe, source: Source, output: Path, licence: str | None, place: _Place
) -> Export:
    aside = output / ".making"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    own = load_tokenizer(source.base, revision=recipe.revision)
    tokenizer = _place_tokenizer(source, own, aside)
    traits = _find_traits(source)
    encoder = ChatEncoder(tokenizer, traits)
    if recipe.merged:
        checks = _make_merged(recipe, source, encoder, aside)
    else:
        check_servable(source, tokenizer, own)
        checks = _make_adapter(recipe, source, encoder, aside)
    origin = read_origin(source.folder)
    write_traits(
        aside, replace(traits, base="" if recipe.merged else source.base_name), data_licences=origin.licences
    )
    title = recipe.title or origin.title
    usage = write_export_card(
        aside,
        source,
        origin,
        title=title,
        licence=licence,
        merged=recipe.merged,
        traits=traits,
        place=place.hub or output.name,
        kaggle=str(place.kaggle or ""),
        checks=checks,
    )
    if place.kaggle is not None:
        metadata = build_metadata(
            place.kaggle,
            title=title,
            merged=recipe.merged,
            licence=find_kaggle_licence(licence),
            base=source.base_name,
            card=(aside / "README.md").read_text(encoding="utf-8").split("---\n", 2)[-1].strip(),
            usage=usage,
            sources=sorted(origin.licences),
            private=recipe.private,
        )
        write_metadata(aside, metadata)
    for path in sorted(aside.iterdir()):
        path.replace(output / path.name)
    aside.rmdir()
    return Export(
        folder=str(output),
        kind=_name_kind(recipe),
        base=source.base_name,
        licence=licence,
        place=place.name,
        files=_list_files(output),
        checks=checks,
    )


def _place_tokenizer(source: Source, own: PreTrainedTokenizerBase, aside: Path) -> PreTrainedTokenizerBase:
    """Puts the adapter's tokenizer into the export, or the base's where it has none, and loads it there."""
    files = list_tokenizer_files(source.folder)
    for path in files:
        shutil.copyfile(path, aside / path.name)
    if not files:
        own.save_pretrained(aside)
    try:
        return AutoTokenizer.from_pretrained(aside)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"adapter: the tokenizer in {source.folder} cannot be loaded ({error}); remove it, and "
            "the base's is taken"
        ) from error


def _find_traits(source: Source) -> Traits:
    for folder in (source.folder, find_asset(source.base)):
        if (folder / TRAITS_FILE).is_file():
            return read_traits(folder)
    return Traits()


def _load_tuned(recipe: ExportRecipe, source: Source, dtype: torch.dtype) -> Any:
    """Loads the base with the adapter on it, every tensor of which must find its place."""
    model = load_base(source.base, dtype=dtype, revision=recipe.revision)
    rows = source.embedding_rows
    if rows is not None and rows != model.get_input_embeddings().weight.shape[0]:
        model.resize_token_embeddings(rows, mean_resizing=False)
    return _attach(model, source, source.folder)


def _attach(model: Any, source: Source, folder: Path) -> PeftModel:
    tuned = attach_adapter(model, ModelChoice(source.base, str(folder)), merge=False)
    # PEFT passes over tensors that the base has no place for, with no more than a warning.
    placed = set(get_peft_model_state_dict(tuned, save_embedding_layers=False))
    lost = sorted(name for name in source.shapes if ".lora_" in name and name not in placed)
    missing = sorted(name for name in placed if name not in source.shapes)
    if lost or missing:
        what = f"has no place for {lost[0]}" if lost else f"wants {missing[0]}, which the adapter lacks"
        raise InputError(
            f"adapter: {source.folder} does not fit {source.base}, which {what}; give the base model that it "
            "was trained on"
        )
    return tuned


def _make_adapter(recipe: ExportRecipe, source: Source, encoder: ChatEncoder, aside: Path) -> dict[str, Any]:
    copy_adapter(source, aside)
    dtype = find_dtype(recipe.precision, read_dtype(source.base, revision=recipe.revision))
    tuned = _load_tuned(recipe, source, dtype)
    before = draw_greedily(tuned, encoder, recipe.check)
    again = _attach(tuned.unload(), source, aside)
    after = draw_greedily(again, encoder, recipe.check)
    if before != after:
        raise InputError(
            f"adapter: the export of {source.folder} draws something else than the adapter itself; copy the "
            "adapter again, for its files are being changed"
        )
    return {"drawings_compared": len(before), "same_drawings": len(after)}


def _make_merged(recipe: ExportRecipe, source: Source, encoder: ChatEncoder, aside: Path) -> dict[str, Any]:
    check_unquantised(source.base, revision=recipe.revision)
    dtype = find_dtype(recipe.precision, read_dtype(source.base, revision=recipe.revision))
    tuned = _load_tuned(recipe, source, dtype)
    drawn = draw_greedily(tuned, encoder, recipe.check)
    expected = read_logits(tuned, drawn)
    model = merge_adapter(tuned)
    save_merged(model, encoder.tokenizer, aside, recipe.max_shard_gb)
    copy_sentencepiece(source.base, aside, revision=recipe.revision)
    # Both at once would need twice the memory.
    del tuned, model
    merged = load_base(aside, dtype=dtype)
    checks: dict[str, Any] = {"precision": str(dtype).removeprefix("torch.")}
    if drawn:
        agreement = compare_logits(expected, read_logits(merged, drawn))
        check_agreement(agreement, dtype)
        again = draw_greedily(merged, encoder, recipe.check)
        same = sum(one == other for one, other in zip(drawn, again, strict=True))
        checks |= {**asdict(agreement), "drawings_compared": len(drawn), "same_drawings": same}
    return checks


def _list_files(folder: Path) -> dict[str, int]:
    """Lists what is uploaded of a folder, with bytes."""
    return {
        path.name: path.stat().st_size
        for path in sorted(folder.iterdir())
        if path.is_file() and not any(path.match(pattern) for pattern in OWN_FILES)
    }


def _upload(export: Export, recipe: ExportRecipe, output: Path, place: _Place) -> None:
    if place.kaggle is not None:
        upload_to_kaggle(
            output,
            place.kaggle,
            licence=find_kaggle_licence(export.licence),
            notes=recipe.notes,
            left_out=OWN_FILES,
        )
    else:
        upload_to_hub(output, place.hub, files=list(export.files), private=recipe.private, notes=recipe.notes)


def _format(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
