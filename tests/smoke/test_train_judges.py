from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("sentence_transformers")

TINY = (
    "--lessons.scenes", "16", "--lessons.calibration_scenes", "8", "--lessons.test_scenes", "8",
    "--lessons.pairs", "2",
    "--lessons.looks_pairs", "6", "--training.batch_scenes", "8", "--training.warmup_steps", "1",
    "--training.log_every_steps", "1", "--training.checkpoint_every_steps", "2", "--encoder.image_px", "32",
    "--encoder.widths", "8", "12", "16", "--encoder.reader_width", "16", "--encoder.colour_width", "8",
    "--workers", "1", "--threads", "1", "--publish", "null",
    "--training.start_from", "null",
)  # fmt: skip


@pytest.fixture(scope="module")
def text_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random sentence model of one narrow layer."""
    from sentence_transformers import SentenceTransformer, models
    from tokenizers import Tokenizer, pre_tokenizers
    from tokenizers.models import WordLevel
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("text")
    words = {word: place for place, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklm"])}
    core = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    core.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=256,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder / "bert")
    tokenizer.save_pretrained(folder / "bert")
    bert = models.Transformer(str(folder / "bert"), max_seq_length=128)
    SentenceTransformer(modules=[bert, models.Pooling(16)], device="cpu").save(str(folder / "sentences"))
    return folder / "sentences"


@pytest.fixture
def checked(run_command, tmp_path) -> Path:
    """A folder of checked drawings: of eight captions the scene, which is right, and the next one's."""
    folder = tmp_path / "checked"
    (folder / "drawn").mkdir(parents=True)
    prompts = folder / "prompts.jsonl"
    words = ("--make-prompts", "8", "--split", "train", "--output", prompts)
    done = run_command("scripts/check_drawings.py", *words)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in prompts.read_text().splitlines()]
    drawings, marks = [], []
    for row, other in zip(rows, [*rows[1:], rows[0]], strict=True):
        for sample, mark in ((row, 1.0), (other, 0.0)):
            key = f"{row['id']}-{mark}"
            subjects = {f"{sample['category']}/{part['subject']}": 1.0 for part in sample["facts"]["parts"]}
            colours = [colour for part in row["facts"]["parts"] for colour in part["colours"]]
            drawings.append({"id": key, "svg": sample["svg"]})
            marks.append({"id": key, "prompt": row["id"], "mark": mark, "strict": True, "shown": subjects,
                          "painted": colours if mark else [None] * len(colours)})  # fmt: skip
    for file, content in (("drawn/drawings.jsonl", drawings), ("marks.jsonl", marks)):
        (folder / file).write_text("".join(json.dumps(row) + "\n" for row in content))
    return folder


def test_train_judges_runs_goes_on_and_serves_invert(run_command, tmp_path, text_model, checked):
    output = tmp_path / "judge"
    words = ("scripts/train_judges.py", "--output", output, "--text.source", text_model, *TINY,
             "--lessons.checked", checked)  # fmt: skip
    done = run_command(*words, "--training.steps", "2", timeout_s=300)
    assert done.returncode == 0, done.stderr
    assert "pictures/s" in done.stderr
    first = json.loads((output / "metrics.json").read_text())
    assert "16 drawings: 8 right, 8 wrong" in done.stderr
    assert first["pictures_of_drawings"] == 16
    assert set(first["pairs"]) == {"recoloured", "exchanged", "missing", "bare"}
    assert first["defended"]["questions"]["choices"]["accuracy"]["count"] > 0
    assert len(json.loads((output / "pairs.json").read_text())) == 6
    assert "What it cannot judge" in (output / "README.md").read_text()
    assert (output / "judge.safetensors").stat().st_size < 200_000

    done = run_command(*words, "--training.steps", "4", "--resume", timeout_s=300)
    assert done.returncode == 0, done.stderr
    assert "going on from step 2" in done.stderr
    assert json.loads((output / "metrics.json").read_text())["steps"] == 4

    done = run_command(*words)
    assert done.returncode == 2
    assert "--resume" in done.stderr

    started = ("--training.start_from", "models/judges", "--output", tmp_path / "other")
    done = run_command(*words, *started)
    assert done.returncode == 2
    assert "training.start_from: the judge in models/judges has another shape" in done.stderr
    assert "making lessons" not in done.stderr

    pictures = tmp_path / "pictures"
    pictures.mkdir()
    from PIL import Image

    Image.new("RGB", (64, 64), "red").save(pictures / "one.png")
    table = tmp_path / "table.csv"
    done = run_command("infer/invert.py", "--images", pictures, "--judge", output, "--output", table)
    assert done.returncode == 0, done.stderr
    lines = table.read_text().splitlines()
    assert lines[0] == "imgId_eId,val"
    assert [line.split(",")[0] for line in lines[1:]] == [f"one_{k}" for k in range(16)]
