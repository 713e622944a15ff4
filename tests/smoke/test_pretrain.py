from __future__ import annotations

import json

SMALL = (
    "--tokenizer.scenes", "60", "--tokenizer.vocab_size", "1536", "--tokenizer.markup", "120",
    "--architecture.hidden_size", "64", "--architecture.layers", "2", "--architecture.mlp_size", "128",
    "--held_out_scenes", "8", "--batch_tokens", "1200", "--trainer.warmup_steps", "1",
    "--trainer.lr_scheduler_kwargs.num_decay_steps", "1", "--trainer.dataloader_num_workers", "0",
    "--trainer.dataloader_prefetch_factor", "null", "--trainer.save_steps", "2", "--trainer.eval_steps", "2",
    "--trainer.logging_steps", "1",
)  # fmt: skip


def test_pretrain_runs_and_goes_on_after_a_stop(run_command, tmp_path):
    output = tmp_path / "nano"
    words = ("scripts/pretrain_nano.py", "--config", "recipes/pretrain/nano.yaml", "--output", output, *SMALL)
    done = run_command(*words, "--trainer.max_steps", "2")
    assert done.returncode == 0, done.stderr
    first = json.loads((output / "metrics.json").read_text())
    assert first["steps"] == 2

    done = run_command(*words, "--trainer.max_steps", "4", "--resume")
    assert done.returncode == 0, done.stderr
    second = json.loads((output / "metrics.json").read_text())
    assert second["steps"] == 4
    assert second["held_out_loss"] < first["held_out_loss"]
    assert (output / "model.safetensors").stat().st_size < 2_000_000
    assert json.loads((output / "svgtune.json").read_text())["prompt_style"] == "caption"

    done = run_command(*words, "--trainer.max_steps", "2")
    assert done.returncode == 2
    assert "--resume" in done.stderr

    deeper = tmp_path / "deeper"
    words = (*words[: -len(SMALL) - 1], deeper, *SMALL, "--start_from", output, "--grow_to_layers")
    done = run_command(*words, "3", "--trainer.max_steps", "2")
    assert done.returncode == 0, done.stderr
    assert json.loads((deeper / "config.json").read_text())["num_hidden_layers"] == 3

    done = run_command(*words, "3", "--trainer.max_steps", "3", "--resume")
    assert done.returncode == 0, done.stderr
    assert json.loads((deeper / "metrics.json").read_text())["steps"] == 3

    done = run_command(*words, "5", "--trainer.max_steps", "2", "--overwrite")
    assert done.returncode == 2
    assert "grow_to_layers: a model of 2 layers grows to at most 4 and not to 5" in done.stderr
