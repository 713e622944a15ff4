from __future__ import annotations

import dataclasses
import json

import pyarrow as pa
import pyarrow.parquet
import pytest
import tiny_models

from svgtune.config.form import NormalForm
from svgtune.config.sft import SftDataSection
from svgtune.errors import InputError, MissingInputError
from svgtune.model.data import Wording, load_corpus
from svgtune.prompts import PromptStyle
from svgtune.svg.constraints import check_svg


@pytest.fixture(scope="module")
def wording():
    return Wording(tiny_models.build_tokenizer("qwen"), PromptStyle.CAPTION, NormalForm(), 512)


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_prepared_folder_becomes_conversations(toy_data, wording):
    corpus = load_corpus(SftDataSection(path=toy_data), wording)
    first = tiny_models.build_rows(1)[0]
    assert corpus.train[0] == {
        "prompt": [{"role": "user", "content": first["caption"]}],
        "completion": [{"role": "assistant", "content": first["svg"]}],
    }
    assert corpus.counts == {"in": 40, "dropped": {}, "train": 32, "held_out": 8}
    assert corpus.licences == {"toy: CC0-1.0": 32}


def test_what_cannot_be_learnt_from_is_dropped_and_counted(tmp_path, wording):
    rows = tiny_models.build_rows(40)
    rows[0]["caption"] = "  "
    rows[1]["svg"] = None
    rows[2]["svg"] = rows[2]["svg"].replace("</svg>", "<circle r='5'/>" * 200 + "</svg>")
    corpus = load_corpus(SftDataSection(path=write_jsonl(tmp_path / "all.jsonl", rows)), wording)
    counts = corpus.counts
    assert counts["dropped"] == {"empty_caption": 1, "empty_svg": 1, "too_many_tokens": 1}
    assert counts["in"] == counts["train"] + counts["held_out"] + sum(counts["dropped"].values())


def test_one_file_is_split_by_family(tmp_path, wording):
    rows = tiny_models.build_rows(60)
    for row in rows:
        row["family"] = row["caption"]
    section = SftDataSection(path=write_jsonl(tmp_path / "all.jsonl", rows), held_out_share=0.3)
    corpus = load_corpus(section, wording)
    train, held_out = (
        {row["prompt"][0]["content"] for row in part} for part in (corpus.train, corpus.held_out)
    )
    assert train
    assert held_out
    assert not train & held_out


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_a_missing_column_names_the_near_match(tmp_path, wording, suffix):
    rows = [{"captions": "a cat", "svg": "<svg/>"}]
    path = tmp_path / f"rows.{suffix}"
    if suffix == "parquet":
        pyarrow.parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        write_jsonl(path, rows)
    with pytest.raises(
        MissingInputError,
        match=r"no column 'caption', only captions, svg; did you mean 'captions'\? set data\.caption_column",
    ):
        load_corpus(SftDataSection(path=path), wording)


def test_columns_of_other_names_are_read(tmp_path, wording):
    rows = [{"prompt": row["caption"], "code": row["svg"]} for row in tiny_models.build_rows(40)]
    section = SftDataSection(
        path=write_jsonl(tmp_path / "rows.jsonl", rows),
        caption_column="prompt",
        svg_column="code",
        held_out_share=0.3,
    )
    corpus = load_corpus(section, wording)
    assert corpus.train[0]["prompt"][0]["content"].startswith("a ")
    assert set(corpus.licences) == {"unknown source: unknown"}


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda folder: folder / "absent", MissingInputError, r"data\.path: there is no .*absent"),
        (lambda folder: folder, MissingInputError, r"holds no train/\*\.parquet"),
        (lambda folder: write_jsonl(folder / "x.jsonl", []), InputError, "cannot be read as jsonl"),
    ],
)
def test_bad_paths_are_explained(tmp_path, wording, make, error, message):
    with pytest.raises(error, match=message):
        load_corpus(SftDataSection(path=make(tmp_path)), wording)


def test_nothing_left_is_an_error(tmp_path, wording):
    rows = [{**row, "caption": ""} for row in tiny_models.build_rows(9)]
    with pytest.raises(InputError, match=r"no train sample is left.*empty_caption"):
        load_corpus(SftDataSection(path=write_jsonl(tmp_path / "x.jsonl", rows), held_out_share=0.3), wording)


def test_limits_take_the_first_samples(toy_data, wording):
    corpus = load_corpus(SftDataSection(path=toy_data, max_samples=5, max_held_out=3), wording)
    assert (len(corpus.train), len(corpus.held_out)) == (5, 3)
    assert corpus.train[4]["completion"][0]["content"] == tiny_models.build_rows(5)[4]["svg"]


def test_without_a_path_scenes_are_drawn_by_seed(wording):
    wording = dataclasses.replace(wording, max_length=None)
    section = SftDataSection(count=12, seed=7, max_held_out=6)
    first, again = load_corpus(section, wording), load_corpus(section, wording)
    other = load_corpus(section.model_copy(update={"seed": 8}), wording)
    assert first.counts == {"in": 18, "dropped": {}, "train": 12, "held_out": 6}
    assert first.train["completion"] == again.train["completion"]
    assert first.train["completion"] != other.train["completion"]
    for row in first.held_out:
        assert not check_svg(row["completion"][0]["content"])
